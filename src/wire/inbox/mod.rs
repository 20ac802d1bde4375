//! The mailbox that foreign apps send to and tests read from.
//!
//! A [`Mailbox`] serves SMTP and stores messages in an [`Inbox`], byte for byte and with their envelopes
//! and SMTP transcripts. If it belongs to a world, messages to people of its story also reach the world, and
//! appear here when the world delivers them. [`Inbox::wait`] waits for a message that has not arrived yet.
//! [`router`] serves an inbox over HTTP: Mailpit's API version 1, and an API for waiting under a prefix.
//!
//! Each message has a sequence number. A cursor is such a number: messages with a higher number are newer,
//! whatever the clock says.
//!
//! ```
//! use lostkey::wire::inbox::{Inbox, InboxLimits, Query, Receipt};
//!
//! let inbox = Inbox::new(InboxLimits::default(), 1);
//! let raw = "Subject: Hello\r\n\r\nYour code is 123456\r\n".into();
//! inbox.add(Receipt { raw, to: vec!["ana@a.test".to_owned()], ..Receipt::default() });
//! let found = inbox.search(&Query::parse("subject:hello 123456")?);
//! assert_eq!(found[0].to(), ["ana@a.test"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arrivals;
mod content;
mod control;
mod filter;
mod id;
mod intake;
mod mail;
mod mailbox;
mod mailpit;
mod message;
mod part;
mod query;
mod respond;
mod routes;
mod shown;
mod store;
mod transcript;
mod wait;
mod webhook;

#[cfg(test)]
mod tests;

pub use self::content::{Contact, Summary};
pub use self::intake::{Accepts, Now};
pub use self::mailbox::Mailbox;
pub use self::message::{Receipt, StoredMessage};
pub use self::query::{BadQuery, Query};
pub(crate) use self::routes::operations;
pub use self::routes::{RouterSettings, WAITS_MAX, router};
pub(crate) use self::shown::Code as ShownCode;
pub use self::store::{BYTES_MAX, Counts, Inbox, InboxLimits, MESSAGES_MAX};
pub use self::transcript::Transcript;
pub use self::wait::{NoMessage, Wanted};
