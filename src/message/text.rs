//! Text messages, modelled on Twilio's Messaging API.

use std::fmt;
use std::sync::Arc;

use crate::base::id::TextId;
use crate::base::number::Number;
use crate::base::time::{Span, Time};
use crate::event::TextStatus;
use crate::message::{Hook, Place};

/// A message SID: `SM` and 32 hexadecimal digits, or `MM` for a message with media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextSid {
    /// The hexadecimal digits.
    pub id: u128,
    /// Whether the message has media.
    pub media: bool,
}

impl fmt::Display for TextSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:032x}", if self.media { "MM" } else { "SM" }, self.id)
    }
}

impl TextSid {
    /// Parses a SID; `None` unless `text` is `SM` or `MM` and 32 hexadecimal digits.
    pub fn read(text: &str) -> Option<Self> {
        let (media, hex) = match text.split_at_checked(2)? {
            ("SM", hex) => (false, hex),
            ("MM", hex) => (true, hex),
            _ => return None,
        };
        if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        u128::from_str_radix(hex, 16).ok().map(|id| Self { id, media })
    }
}

/// The sender of a text, as the recipient sees it: a number, a short code, or an alphanumeric name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextSender(Arc<str>);

impl TextSender {
    /// Longest alphanumeric name.
    pub const NAME_MAX: usize = 11;

    /// The sender with this number.
    pub fn of_number(number: Number) -> Self {
        Self(number.to_string().into())
    }

    /// Parses a sender: E.164, a short code of 3 to 8 digits, or a name of at most 11 letters, digits and
    /// spaces with at least one letter. `None` if it is none of these.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(number) = Number::read(text)
            && number.is_e164()
        {
            return Some(Self::of_number(number));
        }
        let is_short_code = (3..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let is_name = text.len() <= Self::NAME_MAX
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
            && text.bytes().any(|b| b.is_ascii_alphabetic());
        (is_short_code || is_name).then(|| Self(text.into()))
    }

    /// The number, if the sender is one.
    pub fn number(&self) -> Option<Number> {
        Number::read(&self.0).ok().filter(|number| number.is_e164())
    }

    /// Whether the sender is a name, which cannot receive replies.
    pub fn is_name(&self) -> bool {
        self.0.bytes().any(|b| b.is_ascii_alphabetic())
    }

    /// The text that the recipient sees.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TextSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The SID of a messaging service: `MG` and 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessagingServiceSid(pub u128);

impl MessagingServiceSid {
    /// Parses a SID; `None` unless `text` is `MG` and 32 hexadecimal digits.
    pub fn read(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("MG").filter(|hex| hex.len() == 32)?;
        hex.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
        u128::from_str_radix(hex, 16).ok().map(Self)
    }
}

impl fmt::Display for MessagingServiceSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MG{:032x}", self.0)
    }
}

/// `POST /2010-04-01/Accounts/{AC}/Messages.json`.
#[derive(Clone, PartialEq, Eq)]
pub struct TextOrder {
    /// `To`.
    pub to: Number,
    /// `From`; `None` leaves the choice to the messaging service.
    pub from: Option<TextSender>,
    /// `MessagingServiceSid`.
    pub service: Option<MessagingServiceSid>,
    /// `Body`; empty if the message has media only.
    pub body: Arc<str>,
    /// `MediaUrl`, which is not fetched.
    pub media: Vec<Arc<str>>,
    /// `StatusCallback`; always requested with POST.
    pub status: Option<Hook>,
    /// `ValidityPeriod`: how long it may wait in the queue; whole seconds on the wire.
    pub validity: Span,
    /// `SendAt`.
    pub send_at: Option<Time>,
}

impl TextOrder {
    /// Twilio's default `ValidityPeriod`.
    pub const VALIDITY: Span = Span::from_hours(10);

    /// A text with Twilio's defaults: no messaging service, no media, no status callback, sent at once.
    pub fn new(to: Number, from: TextSender, body: impl Into<Arc<str>>) -> Self {
        Self {
            to,
            from: Some(from),
            service: None,
            body: body.into(),
            media: Vec::new(),
            status: None,
            validity: Self::VALIDITY,
            send_at: None,
        }
    }
}

impl fmt::Debug for TextOrder {
    /// Shows no body, because bodies hold codes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextOrder")
            .field("to", &self.to)
            .field("from", &self.from)
            .field("service", &self.service)
            .field("body", &"••••••")
            .finish_non_exhaustive()
    }
}

/// The messaging provider's response to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextReply {
    /// 201: the text is accepted.
    Created(TextId),
    /// 4xx: Twilio's error code, for example 21610.
    Refused {
        /// HTTP status.
        http: u16,
        /// Twilio's code.
        code: u32,
    },
    /// 5xx: the provider failed; the text may have been sent.
    Failed {
        /// HTTP status.
        http: u16,
    },
}

/// A request of the messaging provider to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextWebhook {
    /// The address and method.
    pub hook: Hook,
    /// The text that it is about.
    pub text: TextId,
    /// The kind of request.
    pub body: TextWebhookBody,
}

impl TextWebhook {
    /// A number that is the same for each attempt of a request about one text, and another one for its other
    /// requests.
    pub fn ordinal(&self) -> u64 {
        let place = match self.hook.at {
            Place::Url(url) => u64::from(url.0),
            Place::Console(order, _) => order.0,
        };
        let kind = match self.body {
            TextWebhookBody::Inbound => 0,
            TextWebhookBody::Status { status, .. } => 1 + status as u64,
        };
        place.wrapping_mul(16) + kind
    }
}

/// The kind-specific part of a messaging webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextWebhookBody {
    /// Reports this status of a text that the service has sent.
    Status {
        /// `MessageStatus`.
        status: TextStatus,
        /// `ErrorCode`.
        error: Option<u32>,
        /// `RawDlrDoneDate`: the time of the delivery receipt.
        done: Option<Time>,
    },
    /// Passes a text from a handset to the service, which may respond with texts.
    Inbound,
}

/// The service's response to a messaging webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextHookReply {
    /// Any response except a redirect.
    Answered {
        /// HTTP status.
        http: u16,
        /// The texts to send, or Twilio's error code for an unusable body.
        body: Result<Box<Replies>, u32>,
    },
    /// A 3xx response with an address, which is requested next.
    Redirected(Hook),
}

impl TextHookReply {
    /// This HTTP status without a document.
    pub fn bare(http: u16) -> Self {
        Self::Answered { http, body: Ok(Box::default()) }
    }
}

/// A messaging TwiML document: `<Response>` with `<Message>` and `<Redirect>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replies {
    /// The texts to send, in order.
    pub messages: Vec<Reply>,
    /// `<Redirect>`: the document that follows.
    pub redirect: Option<Hook>,
}

/// `<Message>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// `to`; the sender of the inbound text by default.
    pub to: Option<Number>,
    /// `from`; the number that received the inbound text by default.
    pub from: Option<TextSender>,
    /// The text, or `<Body>`.
    pub body: Arc<str>,
    /// `<Media>`.
    pub media: Vec<Arc<str>>,
    /// `statusCallback`, or `action`.
    pub status: Option<Hook>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("to", &self.to).field("body", &"••••••").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sids_read_back_as_they_print() {
        for media in [false, true] {
            let sid = TextSid { id: 0xdead_beef, media };
            assert_eq!(TextSid::read(&sid.to_string()), Some(sid));
        }
        let service = MessagingServiceSid(7);
        assert_eq!(MessagingServiceSid::read(&service.to_string()), Some(service));
        for text in
            ["", "S", "SM", "CA000000000000000000000000deadbeef", "SMg00000000000000000000000deadbeef", "é"]
        {
            assert_eq!(TextSid::read(text), None, "{text}");
            assert_eq!(MessagingServiceSid::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_sender_is_a_number_a_short_code_or_a_name() {
        for (text, shown, name) in [
            ("+1 500 555 0006", Some("+15005550006"), false),
            ("12345", Some("12345"), false),
            ("LostKey", Some("LostKey"), true),
            ("My App 2", Some("My App 2"), true),
            ("12", None, false),
            ("123456789", None, false),
            ("A name too long", None, false),
            ("Ünder", None, false),
            ("", None, false),
        ] {
            let sender = TextSender::read(text);
            assert_eq!(sender.as_ref().map(TextSender::as_str), shown, "{text}");
            assert_eq!(sender.is_some_and(|sender| sender.is_name()), name, "{text}");
        }
    }

    #[test]
    fn bodies_are_not_printed() {
        let body: Arc<str> = "Your code is 123456".into();
        let order = TextOrder::new(Number::NONE, TextSender::of_number(Number::NONE), Arc::clone(&body));
        let reply = Reply { to: None, from: None, body, media: Vec::new(), status: None };
        assert!(!format!("{order:?} {reply:?}").contains("123456"));
    }
}
