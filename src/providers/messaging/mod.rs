//! A messaging provider modelled on Twilio's Programmable Messaging: it accepts orders for text messages,
//! sends them, reports their status, and passes on texts from handsets.
//!
//! [`Messaging`] is a state machine without sockets, clocks or people, like the
//! [phone company](crate::providers::phone). Faults arrive as a verdict on each order. The behaviour follows
//! Twilio's documentation (TW-message, TW-optout); where it says nothing, the code marks a decision.

#![warn(clippy::wildcard_enum_match_arm)]

mod habit;
mod inbound;
mod keyword;
mod progress;
mod provider;
mod receipt;
mod segment;
mod text;
pub mod twiml;

#[cfg(test)]
mod tests;

pub use self::inbound::InboundHooks;
pub use self::provider::{Arrival, Messaging, TEXT_BYTES_MAX, TEXTS_MAX};
pub use self::text::{Direction, Text};
use std::sync::Arc;

use crate::base::id::TextId;
use crate::base::number::Number;
use crate::event::{EventKind, NoReply};
use crate::fault::TextVerdict;
use crate::message::{TextHookReply, TextOrder, TextReply, TextSender, TextWebhook};

/// One request of the messaging provider to the service. A retry keeps the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextWebhookId(pub u32);

/// Inputs of the messaging provider.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The service orders a text.
    Create {
        /// The order.
        order: TextOrder,
        /// The faults of the text.
        verdict: TextVerdict,
    },
    /// The service cancels a scheduled text.
    Cancel(TextId),
    /// The service removes the body of a text.
    Redact(TextId),
    /// A handset sends a text to one of the provider's senders.
    Receive {
        /// The number of the handset.
        handset: Number,
        /// The sender of the provider that it writes to.
        at: TextSender,
        /// The text.
        body: Arc<str>,
    },
    /// Sets, or removes, the addresses that get the texts that handsets send to this sender.
    Configure(TextSender, Option<InboundHooks>),
    /// The response to a webhook, or its loss.
    Answered {
        /// The webhook.
        webhook: TextWebhookId,
        /// The response.
        reply: Result<TextHookReply, NoReply>,
    },
    /// The time returned by [`Messaging::poll_timeout`] was reached.
    Timeout,
}

/// Outputs, in the order in which they happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A fact for the trace.
    Fact(EventKind),
    /// The response to [`Input::Create`], [`Input::Cancel`] or [`Input::Redact`], or its loss.
    Reply(Result<TextReply, NoReply>),
    /// A request to the service.
    Webhook {
        /// The id that the response refers to.
        id: TextWebhookId,
        /// The request.
        webhook: TextWebhook,
    },
}
