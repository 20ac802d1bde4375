//! Timing of the mail provider.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::time::Span;

/// The mail provider's habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "MailHabits")]
pub struct Habits {
    /// How long after taking an email the provider delivers it.
    pub delay: Span,
    /// How long after taking an email the provider bounces it, if it bounces.
    pub bounces_after: Span,
}

impl Default for Habits {
    fn default() -> Self {
        Self { delay: Span::from_secs(20), bounces_after: Span::from_mins(5) }
    }
}
