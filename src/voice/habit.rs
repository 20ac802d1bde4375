//! How the phone company is.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::time::Span;

/// The phone company's habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "PhoneHabits")]
pub struct Habits {
    /// From taking a call to dialling it.
    pub queue: Span,
    /// From dialling to the first ring.
    pub dial: Span,
    /// How long a spoken sentence takes.
    pub sentence: Span,
    /// How long after dialling a call that never rings is given up (SIP 32016).
    pub post_dial_delay: Span,
    /// How many retries a request to the service gets when nobody listens there (TW-webhook).
    pub webhook_retries: u8,
    /// From one try of a request to the next.
    pub webhook_retry_after: Span,
    /// How long an answer of the service may take.
    pub webhook_timeout: Span,
    /// How long a call may last from the pick-up on: Twilio's `TimeLimit`.
    pub time_limit: Span,
    /// How long machine detection takes, where it is on.
    pub detects_after: Span,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            queue: Span::SECOND,
            dial: Span::from_secs(4),
            sentence: Span::from_secs(6),
            post_dial_delay: Span::from_secs(30),
            webhook_retries: 1,
            webhook_retry_after: Span::SECOND,
            webhook_timeout: Span::from_secs(15),
            time_limit: Span::from_hours(4),
            detects_after: Span::from_secs(4),
        }
    }
}
