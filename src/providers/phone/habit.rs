//! Configurable timing of the phone company.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::time::{Span, Time};
use crate::event::NoReply;
use crate::message::{HookReply, Retries};

/// Timing and retries of the phone company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "PhoneHabits")]
pub struct Habits {
    /// Delay from accepting a call to dialling it.
    pub queue: Span,
    /// Delay from dialling to the first ring.
    pub dial: Span,
    /// Duration of a spoken sentence.
    pub sentence: Span,
    /// Delay from dialling until a call that never rings is given up (SIP 32016).
    pub post_dial_delay: Span,
    /// Number of retries of a webhook whose connection failed (TW-webhook).
    pub webhook_retries: u8,
    /// Delay between two attempts of a webhook.
    pub webhook_retry_after: Span,
    /// Timeout for the response to a webhook.
    pub webhook_timeout: Span,
    /// Maximum duration of a call from the pick-up: Twilio's `TimeLimit`.
    pub time_limit: Span,
    /// Duration of machine detection, if enabled.
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

impl Habits {
    /// When a webhook is sent again after this reply; `None` if the reply is final. `tried` is the number
    /// of retries so far, and `sent` the time of the first attempt.
    ///
    /// Decision: after a time-out it is sent again only within the time that the whole request may take
    /// (TW-webhook).
    pub(super) fn again(
        &self,
        retries: Retries,
        reply: &Result<HookReply, NoReply>,
        tried: u8,
        sent: Time,
        now: Time,
    ) -> Option<Time> {
        let again = now + self.webhook_retry_after;
        let in_time = *reply != Err(NoReply::TimedOut) || again < sent + self.webhook_timeout;
        (in_time && retries.again(reply, tried, self.webhook_retries)).then_some(again)
    }
}
