//! Emails sent by the service, and letters in a mailbox.

use crate::event::Folder;
use crate::event::MailKind;
use crate::id::AddressId;
use crate::id::MailId;
use crate::secret::Token;

/// An email sent by the service to the mail provider (RFC 5321: one recipient per transaction).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The forward-path.
    pub to: AddressId,
    /// The kind of email: its subject and text.
    pub kind: MailKind,
    /// The link in the email, if any.
    pub link: Option<Token>,
}

/// The mail provider's reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailReply {
    /// 250: the provider has accepted responsibility.
    Taken,
    /// A 4xx reply is transient: try again later. A 5xx reply is permanent.
    Refused {
        /// The SMTP reply code (RFC 5321 section 4.2).
        code: u16,
    },
}

/// An email in a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The id of the email.
    pub mail: MailId,
    /// The kind of email.
    pub kind: MailKind,
    /// The link in the email, if any.
    pub link: Option<Token>,
    /// Whether the link was wrapped in transit, so that only its first half is clickable.
    pub truncated: bool,
    /// The folder.
    pub folder: Folder,
}
