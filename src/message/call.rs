//! Call orders and webhooks, modelled on Twilio's API.

use std::fmt;

use crate::base::number::Number;
use crate::base::secret::{Code, Digest};
use crate::base::time::Span;
use crate::event::{AnsweredBy, CallStatus, WebhookKind};
use crate::message::{Authenticity, DocId, Events, Hook, Opening, Place, Recorded, Twiml};

/// A call SID: `CA` and 32 hexadecimal digits on the wire.
// Packed, because the alignment of `u128` would make crossings larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(8))]
pub struct Sid(pub u128);

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CA{:032x}", { self.0 })
    }
}

impl Sid {
    /// Parses a SID; `None` unless `text` is `CA` and 32 hexadecimal digits.
    pub fn read(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("CA").filter(|hex| hex.len() == 32)?;
        hex.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
        u128::from_str_radix(hex, 16).ok().map(Self)
    }
}

/// `POST /2010-04-01/Accounts/{AC}/Calls.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallCreate {
    /// `To`.
    pub to: Number,
    /// `From`.
    pub from: Number,
    /// `Url` and `Method`, or `Twiml`.
    pub opening: Opening,
    /// `FallbackUrl` and `FallbackMethod`: requested if a document cannot be fetched or run.
    pub fallback: Option<Hook>,
    /// `StatusCallback`, its method, and `StatusCallbackEvent`; `None` disables status callbacks.
    pub status: Option<(Hook, Events)>,
    /// `TimeLimit`: maximum duration from the pick-up; whole seconds on the wire.
    pub time_limit: Option<Span>,
    /// `Timeout`: maximum ringing time; whole seconds on the wire.
    pub ring_timeout: Span,
    /// `MachineDetection=Enable`.
    pub machine_detection: bool,
}

impl CallCreate {
    /// Whether a foreign service ordered the call: its document is inline or has a URL.
    pub const fn is_foreign(&self) -> bool {
        !matches!(self.opening, Opening::Fetch(Hook { at: Place::Console(..), .. }))
    }
}

/// A change of an active call: `POST …/Calls/{sid}.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallUpdate {
    /// `Status=canceled`: before the pick-up.
    Cancel,
    /// `Status=completed`: at any time.
    Complete,
    /// `Url` and `Method`: after the pick-up.
    Redirect(Hook),
    /// `Twiml`: after the pick-up.
    Document(DocId),
}

/// The phone company's response to an order or to a change of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallReply {
    /// 201: the call is queued; 200: it was changed.
    Created {
        /// The call's SID.
        sid: Sid,
    },
    /// 4xx: Twilio's error code, for example 21211.
    Refused {
        /// HTTP status.
        http: u16,
        /// Twilio's code.
        code: u32,
    },
    /// 5xx: the company failed; a call may or may not have been placed.
    Failed {
        /// HTTP status.
        http: u16,
    },
}

/// A telephone key: `0` to `9`, `*`, `#`, `A` to `D`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u8);

impl Key {
    /// `#`.
    pub const HASH: Self = Self(b'#');
    /// `*`.
    pub const STAR: Self = Self(b'*');

    /// The key with this character; `None` if there is no such key.
    pub const fn of(sign: char) -> Option<Self> {
        match sign {
            '0'..='9' | '*' | '#' | 'A'..='D' => Some(Self(sign as u8)),
            _ => None,
        }
    }

    /// The key for the last decimal digit of `digit`.
    pub const fn digit(digit: u8) -> Self {
        Self(b'0' + digit % 10)
    }

    /// The character on the key.
    pub const fn sign(self) -> char {
        self.0 as char
    }
}

/// The keys that a call listens for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysWanted {
    /// `numDigits`: the number of keys that completes the input; `None` for any number.
    pub num_digits: Option<u8>,
    /// Whether the call speaks a prompt while it listens.
    pub prompted: bool,
}

/// The keys collected by a Gather: at most 32.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    keys: [u8; Self::MAX],
    len: u8,
}

impl Digits {
    /// Maximum number of keys kept by one Gather; more are dropped.
    pub const MAX: usize = 32;
    /// No keys.
    pub const EMPTY: Self = Self { keys: [0; Self::MAX], len: 0 };

    /// Appends `key`. Returns false if the collection is full.
    pub fn push(&mut self, key: Key) -> bool {
        let Some(place) = self.keys.get_mut(usize::from(self.len)) else { return false };
        *place = key.0;
        self.len += 1;
        true
    }

    /// Parses keys; `None` for an invalid character, or more than [`Digits::MAX`].
    pub fn read(text: &str) -> Option<Self> {
        let mut digits = Self::EMPTY;
        text.chars().all(|sign| Key::of(sign).is_some_and(|key| digits.push(key))).then_some(digits)
    }

    /// The keys that spell this code, including leading zeros.
    pub fn of_code(code: Code) -> Self {
        let (mut keys, len) = ([0; Self::MAX], usize::from(code.digits()));
        let mut rest = code.reveal();
        for key in keys[..len].iter_mut().rev() {
            *key = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Self { keys, len: code.digits() }
    }

    /// The characters on the keys, for display and comparison only.
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.keys[..usize::from(self.len)]).unwrap_or_default()
    }

    /// The key at `place`, from zero.
    pub fn key(&self, place: u8) -> Option<Key> {
        self.keys[..usize::from(self.len)].get(usize::from(place)).copied().map(Key)
    }

    /// The number of keys.
    pub const fn len(&self) -> u8 {
        self.len
    }

    /// Whether there are no keys.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The fingerprint that represents the keys in a trace.
    pub fn digest(&self) -> Digest {
        // FNV-1a over the keys: cheap, and only equality matters.
        let start = 0xcbf2_9ce4_8422_2325_u64;
        Digest(
            self.reveal()
                .bytes()
                .fold(start, |hash, key| (hash ^ u64::from(key)).wrapping_mul(0x0100_0000_01b3)),
        )
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digits(••••••)")
    }
}

/// A webhook: a request of a call to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The address and method.
    pub hook: Hook,
    /// `From`.
    pub from: Number,
    /// `CallSid`.
    pub sid: Sid,
    /// `To`.
    pub to: Number,
    /// Whether `X-Twilio-Signature` is valid.
    pub signature: Authenticity,
    /// `CallStatus`.
    pub status: CallStatus,
    /// `AnsweredBy`, if machine detection is enabled.
    pub answered_by: Option<AnsweredBy>,
    /// The part specific to the kind of webhook.
    pub body: WebhookBody,
}

/// The kind-specific part of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookBody {
    /// Requests a document.
    Fetch,
    /// Submits these keys.
    Action(Digits),
    /// Submits a recording.
    Recorded(Recorded),
    /// Reports a change of status.
    Status(StatusReport),
    /// Reports the result of asynchronous machine detection, which took this many milliseconds.
    Detected(u32),
}

impl WebhookBody {
    /// The kind of webhook.
    pub const fn kind(&self) -> WebhookKind {
        match self {
            Self::Fetch => WebhookKind::Fetch,
            Self::Action(_) | Self::Recorded(_) => WebhookKind::Action,
            Self::Status(_) | Self::Detected(_) => WebhookKind::Status,
        }
    }
}

/// The parameters of a status callback besides the status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusReport {
    /// `SequenceNumber`, from 0.
    pub sequence: u8,
    /// `Timestamp`: Unix time in whole seconds.
    pub unix_secs: u64,
    /// `CallDuration` in seconds, once the call has ended.
    pub duration: Option<u32>,
    /// `SipResponseCode`, once the call has ended, if there was one.
    pub sip: Option<u16>,
}

/// The service's response to a webhook.
#[derive(Clone, Debug, PartialEq)]
pub enum HookReply {
    /// Any response except a redirect.
    Answered {
        /// HTTP status.
        http: u16,
        /// The body.
        body: Body,
    },
    /// A 3xx response with an address, which is requested next, without digits (TW-webhook).
    Redirected(Hook),
}

/// The body of a response, as far as a call needs it.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Empty.
    Empty,
    /// A TwiML document.
    Document(Twiml),
    /// Any other body; holds Twilio's error code (12100, 12102, …).
    NotTwiml(u32),
}

impl HookReply {
    /// 204: acknowledged.
    pub const HEARD: Self = Self::bare(204);

    /// This HTTP status with an empty body.
    pub const fn bare(http: u16) -> Self {
        Self::Answered { http, body: Body::Empty }
    }

    /// 200 with this document.
    pub const fn document(document: Twiml) -> Self {
        Self::Answered { http: 200, body: Body::Document(document) }
    }

    /// 200 with a body that is not a document; `code` is Twilio's error code.
    pub const fn not_twiml(code: u32) -> Self {
        Self::Answered { http: 200, body: Body::NotTwiml(code) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_reads_back_as_it_prints() {
        let sid = Sid(0xdead_beef);
        assert_eq!(Sid::read(&sid.to_string()), Some(sid));
        for text in ["", "CA", "CB000000000000000000000000deadbeef", "CAg00000000000000000000000deadbeef"] {
            assert_eq!(Sid::read(text), None, "{text}");
        }
    }

    #[test]
    fn digits_keep_their_zeros_and_have_a_limit() {
        assert_eq!(Digits::read("000042").unwrap().reveal(), "000042");
        assert_eq!(Digits::of_code(Code::new(42, 6)), Digits::read("000042").unwrap());
        assert_eq!(Digits::of_code(Code::new(12_345_678, 8)).reveal(), "12345678");
        let five = Digits::read("12#*A").unwrap();
        assert_eq!(five.len(), 5);
        assert_eq!((five.key(2), five.key(5)), (Some(Key::HASH), None));
        assert!(Digits::read("12x").is_none());
        assert!(Digits::read(&"1".repeat(33)).is_none());
        assert_eq!(format!("{:?}", Digits::read("123456").unwrap()), "Digits(••••••)");
    }
}
