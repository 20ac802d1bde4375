//! One text message: what was ordered, and what has become of it.

use std::sync::Arc;

use crate::base::id::TextId;
use crate::base::number::Number;
use crate::base::time::Time;
use crate::event::TextStatus;
use crate::fault::TextVerdict;
use crate::message::{Hook, MessagingServiceSid, TextOrder, TextSender, TextSid};
use crate::providers::messaging::segment;

/// The direction of a text, as named by Twilio's Messaging API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a handset.
    Inbound,
    /// Ordered through the REST API.
    Api,
    /// Sent in response to a text from a handset.
    Reply,
}

impl Direction {
    /// Twilio's name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Api => "outbound-api",
            Self::Reply => "outbound-reply",
        }
    }
}

/// A text message.
#[derive(Clone, Debug)]
pub struct Text {
    id: TextId,
    sid: TextSid,
    direction: Direction,
    pub(super) order: TextOrder,
    pub(super) verdict: TextVerdict,
    /// The number of parts; 0 until the sender is known.
    pub(super) segments: u16,
    pub(super) status: TextStatus,
    pub(super) error: Option<u32>,
    pub(super) log: Vec<(Time, TextStatus)>,
}

impl Text {
    pub(super) fn new(
        (id, sid): (TextId, TextSid),
        direction: Direction,
        order: TextOrder,
        verdict: TextVerdict,
    ) -> Self {
        let segments = if order.from.is_some() { count(&order.body) } else { 0 };
        let status = TextStatus::Queued;
        Self { id, sid, direction, order, verdict, segments, status, error: None, log: Vec::new() }
    }

    /// Its id.
    pub const fn id(&self) -> TextId {
        self.id
    }

    /// Its SID.
    pub const fn sid(&self) -> TextSid {
        self.sid
    }

    /// Its direction.
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// The number of the handset: the recipient, or the sender of an inbound text.
    pub const fn handset(&self) -> Number {
        self.order.to
    }

    /// The provider's end: the sender, or the recipient of an inbound text. `None` until the messaging
    /// service has chosen it.
    pub const fn sender(&self) -> Option<&TextSender> {
        self.order.from.as_ref()
    }

    /// The messaging service that sends it.
    pub const fn service(&self) -> Option<MessagingServiceSid> {
        self.order.service
    }

    /// The text; empty once it is redacted.
    pub fn body(&self) -> &str {
        &self.order.body
    }

    /// The addresses of its media.
    pub fn media(&self) -> &[Arc<str>] {
        &self.order.media
    }

    /// The number of parts on the air.
    pub const fn segments(&self) -> u16 {
        self.segments
    }

    /// The current status.
    pub const fn status(&self) -> TextStatus {
        self.status
    }

    /// The error code of a text that was not delivered.
    pub const fn error(&self) -> Option<u32> {
        self.error
    }

    /// Each status with its time, oldest first.
    pub fn log(&self) -> &[(Time, TextStatus)] {
        &self.log
    }

    /// Whether the answer to the order waits for the first status callback, by a fault.
    pub const fn is_answered_late(&self) -> bool {
        self.verdict.answered_late
    }

    pub(super) const fn callback(&self) -> Option<Hook> {
        self.order.status
    }

    /// Chooses the sender, as a messaging service does when it takes the text from its queue.
    pub(super) fn send_from(&mut self, sender: TextSender) {
        self.order.from = Some(sender);
        self.segments = count(&self.order.body);
    }

    /// What arrives at the handset: all parts, or without the last one if the fault says so.
    pub(super) fn arriving(&self) -> Arc<str> {
        let parts = segment::parts(&self.order.body);
        match parts.split_last() {
            Some((_, most)) if self.verdict.truncated && !most.is_empty() => most.concat().into(),
            _ => Arc::clone(&self.order.body),
        }
    }

    /// The bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        self.order.body.len() + self.order.media.iter().map(|url| url.len()).sum::<usize>()
    }
}

fn count(body: &str) -> u16 {
    u16::try_from(segment::parts(body).len()).unwrap_or(u16::MAX)
}
