//! A mail written out: headers, a plain and an HTML part, byte for byte the same each time.

use std::time::Duration;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Address;
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::MultiPart;
use lettre::message::SinglePart;
use lettre::message::header::HeaderName;
use lettre::message::header::HeaderValue;

use crate::event::MailKind;
use crate::secret::Token;
use crate::wire::console::paths;
use crate::wire::mime::words::Letter;
use crate::wire::mime::words::SUPPORT_PATH;

/// Who the console's mails are from.
pub const SENDER: &str = "no-reply@console.test";

/// The latest date that the calendars of both crates below can write, in Unix seconds.
const LATEST: u64 = 253_402_207_200;

/// The text is no e-mail address that a mail can be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an email address; write for example `ana@example.test`")]
pub struct BadAddress(pub String);

/// The wire form of a mail of this kind, with the link that has this token, to the address `to_text`.
///
/// `date_unix_secs` (whole seconds, UTC) should be when the mail was put into the outbox and
/// `sequence` its place there: then a mail that is sent again is the same bytes again, with the
/// same `Message-ID`. `origin` is the console's scheme and host, without a slash at the end.
///
/// # Errors
/// When `to_text` is no address.
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

    // The builder would read a clock for the date, and draw the boundary and the message id.
    let parts = MultiPart::alternative()
        // "=_" cannot stand in quoted-printable text (RFC 2045 section 6.7), nor in our own.
        .boundary(format!("=_outbox-{sequence}"))
        .singlepart(SinglePart::plain(letter.text()))
        .singlepart(SinglePart::html(letter.html()));
    let message = Message::builder()
        .from(Mailbox::new(None, from))
        .to(Mailbox::new(None, to))
        .subject(kind.label())
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(format!("<outbox-{sequence}@console.test>")))
        // RFC 3834 section 5: so that no autoresponder answers.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(parts)
        .map_err(|_| bad())?;
    Ok(message.formatted())
}
