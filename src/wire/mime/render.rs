//! Renders an email: headers, a plain and an HTML part, with reproducible bytes.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use crate::base::secret::Token;
use crate::event::MailKind;
use crate::wire::mime::words::{Letter, SUPPORT_PATH};
use crate::wire::reference::paths;

/// The sender address of the service's emails.
pub const SENDER: &str = "no-reply@console.test";

/// The latest date that both date formatters below can write, in Unix seconds.
const LATEST: u64 = 253_402_207_200;

/// The text is not an email address that can receive a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an email address; write for example `ana@example.test`")]
pub struct BadAddress(pub String);

/// Renders `mail` for the address `to_text`.
///
/// Pass the time when the email entered the outbox as `date_unix_secs` (whole seconds, UTC), and its index
/// there as `sequence`, so that a retry has the same bytes and the same `Message-ID`. `origin` is the
/// service's scheme and host, without a trailing slash.
///
/// # Errors
/// If `to_text` is not an address.
pub fn render(
    kind: MailKind,
    link: Option<Token>,
    to_text: &str,
    date_unix_secs: u64,
    origin: &str,
    sequence: u64,
) -> Result<Vec<u8>, BadAddress> {
    let bad = || BadAddress(to_text.to_owned());
    let to = to_text.parse::<Address>().map_err(|_| bad())?;
    let from = SENDER.parse::<Address>().map_err(|_| bad())?;
    let seconds = date_unix_secs.min(LATEST);
    let when = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let when = when.unwrap_or(Timestamp::MAX).strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let link = link.map(|token| format!("{origin}{}", paths::of_link(token)));
    let support = format!("{origin}{SUPPORT_PATH}");
    let letter = Letter { kind, when: &when, link: link.as_deref(), support: &support };

    // Without these values the builder reads a clock for the date and draws the boundary and message id.
    let parts = MultiPart::alternative()
        // "=_" cannot occur in quoted-printable text (RFC 2045 section 6.7), nor does it in these texts.
        .boundary(format!("=_outbox-{sequence}"))
        .singlepart(SinglePart::plain(letter.text()))
        .singlepart(SinglePart::html(letter.html()));
    let message = Message::builder()
        .from(Mailbox::new(None, from))
        .to(Mailbox::new(None, to))
        .subject(kind.label())
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(format!("<outbox-{sequence}@console.test>")))
        // RFC 3834 section 5: suppresses automatic replies.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(parts)
        .map_err(|_| bad())?;
    Ok(message.formatted())
}
