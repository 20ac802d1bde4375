//! The points where faults strike.

use crate::event::WebhookKind;
use crate::fault::{Around, FaultKind};

/// A kind of delivery that faults strike; occurrences are counted per fault at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// An email that the service sends.
    Mail,
    /// A call that the service orders.
    Call,
    /// A webhook request.
    Webhook(WebhookKind),
    /// A text message that the service orders.
    Text,
    /// A status callback of a text message.
    Receipt,
    /// The start of a verification by the verification provider.
    Verify,
    /// A ticket that the service sends.
    Ticket,
    /// A delivery of this kind, around which the service crashes.
    Crash(Around),
}

impl Point {
    /// The bit of this point in a bit set.
    pub(super) const fn bit(self) -> u32 {
        1 << match self {
            Self::Mail => 0,
            Self::Call => 1,
            Self::Text => 2,
            Self::Receipt => 3,
            Self::Verify => 4,
            Self::Ticket => 5,
            Self::Webhook(webhook) => 6 + webhook as u32,
            Self::Crash(around) => 9 + around as u32,
        }
    }

    /// The unit of the occurrences, in words.
    pub const fn counts(self) -> &'static str {
        match self {
            Self::Mail => "emails",
            Self::Call => "calls",
            Self::Webhook(WebhookKind::Status) => "status callbacks",
            Self::Webhook(WebhookKind::Fetch | WebhookKind::Action) => "requests of that kind",
            Self::Text => "text messages",
            Self::Receipt => "status callbacks of text messages",
            Self::Verify => "starts of verifications",
            Self::Ticket => "tickets",
            Self::Crash(_) => "crossings of that kind",
        }
    }

    /// Whether such a delivery requires a call.
    pub const fn needs_a_phone(self) -> bool {
        match self {
            Self::Call | Self::Webhook(_) | Self::Crash(Around::Call | Around::Webhook) => true,
            // Only external services send texts and verify, and any number.
            Self::Mail
            | Self::Text
            | Self::Receipt
            | Self::Verify
            | Self::Ticket
            | Self::Crash(Around::Page | Around::Mail | Around::Ticket | Around::Reset) => false,
        }
    }
}

impl FaultKind {
    /// The unit in which the occurrences of this fault are counted, in words.
    pub const fn counts(self) -> &'static str {
        self.point().counts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_point_has_a_bit_of_its_own() {
        let webhooks = [WebhookKind::Fetch, WebhookKind::Action, WebhookKind::Status].map(Point::Webhook);
        let crashes =
            [Around::Page, Around::Mail, Around::Call, Around::Webhook, Around::Ticket, Around::Reset];
        let others = [Point::Mail, Point::Call, Point::Text, Point::Receipt, Point::Verify, Point::Ticket];
        let all: Vec<Point> = others.into_iter().chain(webhooks).chain(crashes.map(Point::Crash)).collect();
        let bits = all.iter().fold(0, |bits, point| bits | point.bit());
        assert_eq!(bits.count_ones() as usize, all.len());
    }
}
