//! Where faults strike.

use crate::event::WebhookKind;
use crate::fault::Around;
use crate::fault::FaultKind;

/// A kind of delivery at which faults strike, and by which their occurrences are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A mail that the app hands over.
    Mail,
    /// A call that the app orders.
    Call,
    /// A request of a call to the app.
    Webhook(WebhookKind),
    /// A ticket that the app hands over.
    Ticket,
    /// Something that the app sends or gets, around which it crashes.
    Crash(Around),
}

impl Point {
    /// What is counted here, in words.
    pub const fn counts(self) -> &'static str {
        match self {
            Self::Mail => "mails",
            Self::Call => "calls",
            Self::Webhook(WebhookKind::Status) => "status callbacks",
            Self::Webhook(WebhookKind::Fetch | WebhookKind::Action) => "requests of that kind",
            Self::Ticket => "tickets",
            Self::Crash(_) => "crossings of that kind",
        }
    }

    /// Whether only a call leads to such a delivery.
    pub const fn needs_a_phone(self) -> bool {
        match self {
            Self::Call | Self::Webhook(_) | Self::Crash(Around::Call | Around::Webhook) => true,
            Self::Mail
            | Self::Ticket
            | Self::Crash(Around::Page | Around::Mail | Around::Ticket | Around::Reset) => false,
        }
    }
}

impl FaultKind {
    /// What the occurrences of this fault are counted by.
    pub const fn counts(self) -> &'static str {
        self.point().counts()
    }
}
