//! TwiML as text: a document read from XML, and written as XML.
//!
//! Inside, a document is a [`Twiml`](crate::crossing::Twiml); only the wire knows it as text. What
//! cannot be run is refused with Twilio's code for it, the same for a document that was read and
//! for one that was never text: so both stages tell the same story.
//!
//! A document of a foreign service is read in the [`Dialect::Lenient`]: what Twilio runs and this
//! phone company does not is skipped, with a warning. Addresses are resolved by whoever reads, since
//! only the stage knows where a document came from; [`parse`] alone knows no address but the
//! document's own.
//!
//! ```
//! use lostkey::voice::twiml;
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

pub use self::error::BadTwiml;
pub use self::error::TwimlError;
pub use self::parse::Dialect;
pub use self::parse::Reading;
pub use self::parse::Resolve;
pub use self::parse::parse;
pub use self::parse::read;
pub use self::rule::check;
pub use self::write::write;
pub use self::write::write_with;

/// How long a document may be, in bytes (Twilio's 11750: 64 kB).
pub const BODY_MAX: usize = 64 * 1024;

/// How many warnings a reading keeps; more are dropped.
pub const WARNINGS_MAX: usize = 64;

/// How many verbs a document may hold, nested ones and the rounds of a `loop` included.
pub const VERBS_MAX: usize = 256;

#[cfg(test)]
mod tests;
