//! The interface shared by all machines: the context of an input, and the reason for a timeout.
//!
//! ```text
//! fn handle_input(&mut self, cx: &mut Cx<'_>, input: Input);   // never fails: a refusal is an output
//! fn take_outputs(&mut self, into: &mut Vec<Output>);          // swaps buffers; drain before the next input
//! fn poll_timeout(&self) -> Option<(Time, Reason)>;            // when to call back, and why
//! ```

use std::fmt;

use crate::base::rng::Rng;
use crate::base::time::Time;

/// The context of an input. Machines read no clock and use no other randomness, so the same inputs give the
/// same outputs.
#[derive(Debug)]
pub struct Cx<'a> {
    /// The time of the input.
    pub now: Time,
    /// Seeded randomness, in named streams.
    pub rng: &'a mut Rng,
}

impl<'a> Cx<'a> {
    /// A context for one input at `now`.
    pub const fn new(now: Time, rng: &'a mut Rng) -> Self {
        Self { now, rng }
    }
}

/// The reason why a machine requests a timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The service sends an outbox entry, for the first time or again.
    OutboxRetry,
    /// The service gives up on a silent call.
    CallDeadline,
    /// The mail provider delivers, loses or bounces an email.
    MailDelivery,
    /// A call proceeds: it rings, speaks, or stops waiting.
    CallProgress,
    /// The network cuts a call.
    CallDrops,
    /// The phone company cancels a call.
    CallCanceled,
    /// The phone company retries a status callback.
    CallbackRetry,
    /// A text message proceeds: it is sent, arrives, or its status callback is retried.
    TextProgress,
    /// The desk proceeds with a ticket.
    TicketStep,
    /// A person starts to act.
    PersonStarts,
    /// A person continues a task.
    TaskStep,
    /// A person acts by habit.
    Habit,
    /// A person uses the phone: picks up, presses a key, hangs up.
    Handset,
    /// A person reloads a page.
    PageReload,
}

impl Reason {
    /// A description that completes "woken for …".
    pub const fn label(self) -> &'static str {
        match self {
            Self::OutboxRetry => "an outbox entry of the service",
            Self::CallDeadline => "the deadline of a silent call",
            Self::MailDelivery => "the delivery of an email",
            Self::CallProgress => "the next step of a call",
            Self::CallDrops => "a call that drops",
            Self::CallCanceled => "a call that is canceled",
            Self::CallbackRetry => "the retry of a status callback",
            Self::TextProgress => "the next step of a text message",
            Self::TicketStep => "the next step of a ticket",
            Self::PersonStarts => "a person who starts to act",
            Self::TaskStep => "a person's task",
            Self::Habit => "a person's habit",
            Self::Handset => "a person's phone",
            Self::PageReload => "a page that is reloaded",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// The earlier of two timeouts; the first if both are due at the same time.
pub(crate) fn earlier(a: Option<(Time, Reason)>, b: Option<(Time, Reason)>) -> Option<(Time, Reason)> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
        (a, b) => a.or(b),
    }
}
