//! TwiML as text: a document read from XML, and written as XML.
//!
//! Inside, a document is a [`Twiml`](crate::crossing::Twiml); only the wire knows it as text. What
//! cannot be run is refused with Twilio's code for it, the same for a document that was read and
//! for one that was never text: so both stages tell the same story.
//!
//! What is absent: addresses. A `Gather` posts its digits, and a `Redirect` leads, to the
//! document's own address, which belongs to the stage; a document that names another one is
//! refused, since going on at the wrong address would be worse.
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
mod parse;
mod rule;
mod write;

pub use self::error::BadTwiml;
pub use self::error::TwimlError;
pub use self::parse::parse;
pub use self::rule::check;
pub use self::write::write;

/// How long a document may be, in bytes (Twilio's 11750: 64 kB).
pub const BODY_MAX: usize = 64 * 1024;

/// How many verbs a document may hold, nested ones and the rounds of a `loop` included.
pub const VERBS_MAX: usize = 256;

#[cfg(test)]
mod tests;
