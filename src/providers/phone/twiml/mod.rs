//! TwiML as text: documents read from and written as XML.
//!
//! The rest of the crate uses [`Twiml`](crate::message::Twiml); only the wire uses text. A document that
//! cannot run is refused with Twilio's code, whether or not it was ever text, so that both stages report
//! the same errors.
//!
//! A foreign service's document is read in the [`Dialect::Lenient`]: features that Twilio supports and this
//! phone company does not are skipped with a warning. The caller resolves addresses, because only the stage
//! knows where a document came from; [`parse`] only knows the document's own address.
//!
//! ```
//! use lostkey::providers::phone::twiml;
//!
//! let text = r#"<Response><Gather numDigits="1"><Say>Press any key.</Say></Gather></Response>"#;
//! let document = twiml::parse(text)?;
//! assert_eq!(twiml::parse(&twiml::write(&document))?, document);
//!
//! let error = twiml::parse("<Response><say>Hello.</say></Response>").unwrap_err();
//! assert_eq!((error.code(), error.line, error.column), (12200, 1, 11));
//! # Ok::<(), twiml::TwimlError>(())
//! ```

mod attribute;
mod error;
mod gather;
mod parse;
mod rule;
mod write;
mod xml;

pub use self::error::{BadTwiml, TwimlError};
pub use self::parse::{Dialect, Reading, Resolve, parse, read};
pub use self::rule::check;
pub use self::write::{write, write_with};

/// Maximum size of a document in bytes (Twilio's 11750: 64 kB).
pub const BODY_MAX: usize = 64 * 1024;

/// Maximum number of warnings kept per document; more are dropped.
pub const WARNINGS_MAX: usize = 64;

/// Maximum number of verbs in a document, including nested ones and each round of a `loop`.
pub const VERBS_MAX: usize = 256;

#[cfg(test)]
mod tests;
