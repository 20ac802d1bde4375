//! How the support desk is.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::time::Span;

/// The support desk's habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "SupportHabits")]
pub struct Habits {
    /// From taking a ticket to an agent's reading it.
    pub reads_after: Span,
    /// From reading a ticket to calling back.
    pub calls_after: Span,
    /// How long an agent lets it ring.
    pub rings_for: Span,
    /// How often an agent calls before the ticket is closed.
    pub calls: u8,
    /// From one call to the next.
    pub calls_again_after: Span,
    /// How long the check of who answers takes.
    pub checks_for: Span,
    /// How long it takes to establish by documents who asked, where there is no number to call.
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
