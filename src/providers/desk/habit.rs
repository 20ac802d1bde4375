//! Timing and persistence of the support desk.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::time::Span;

/// The support desk's habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "SupportHabits")]
pub struct Habits {
    /// How long after taking a ticket an agent reads it.
    pub reads_after: Span,
    /// How long after reading a ticket an agent calls back.
    pub calls_after: Span,
    /// How long an agent lets the phone ring.
    pub rings_for: Span,
    /// How many times an agent calls before asking for documents.
    pub calls: u8,
    /// How long an agent waits between two calls.
    pub calls_again_after: Span,
    /// How long the identity check on the phone takes.
    pub checks_for: Span,
    /// How long the identity check by documents takes, where a phone call is not possible.
    pub documents_take: Span,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            reads_after: Span::from_hours(2),
            calls_after: Span::HOUR,
            rings_for: Span::from_secs(40),
            calls: 3,
            calls_again_after: Span::from_hours(4),
            checks_for: Span::from_mins(3),
            documents_take: Span::from_hours(20),
        }
    }
}
