//! The mail that leaves the console, and the letter that lies in a mailbox.

use crate::event::Folder;
use crate::event::MailKind;
use crate::id::AddressId;
use crate::id::MailId;
use crate::secret::Token;

/// One mail, as the console hands it to the mail provider (RFC 5321: one recipient a transaction).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The forward-path.
    pub to: AddressId,
    /// What it is about: the subject and the text.
    pub kind: MailKind,
    /// The link in it, if it holds one.
    pub link: Option<Token>,
}

/// How the mail provider answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailReply {
    /// 250: it is the provider's from now on.
    Taken,
    /// A 4xx reply: try again later. A 5xx reply: never.
    Refused {
        /// The SMTP reply code (RFC 5321 section 4.2).
        code: u16,
    },
}

/// A mail in a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Which mail it is.
    pub mail: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The link in it.
    pub link: Option<Token>,
    /// The link was wrapped on its way: what opens is its first half.
    pub truncated: bool,
    /// Where it lies.
    pub folder: Folder,
}
