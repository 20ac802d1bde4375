//! The order to call, and the requests that a call makes to the service, as Twilio has them.

use std::fmt;

use crate::crossing::DocId;
use crate::crossing::Events;
use crate::crossing::Hook;
use crate::crossing::Opening;
use crate::crossing::Place;
use crate::crossing::Proof;
use crate::crossing::Twiml;
use crate::event::AnsweredBy;
use crate::event::CallStatus;
use crate::event::WebhookKind;
use crate::number::Number;
use crate::secret::Code;
use crate::secret::Digest;
use crate::time::Span;

/// The phone company's name for a call: `CA` and 32 hexadecimal digits on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid(pub u128);

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CA{:032x}", self.0)
    }
}

impl Sid {
    /// The sid that `text` shows; `None` unless it is `CA` and 32 hexadecimal digits.
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
    /// `FallbackUrl` and `FallbackMethod`: asked for a document where there is none to go on with.
    pub fallback: Option<Hook>,
    /// `StatusCallback`, its method, and `StatusCallbackEvent`; without it nothing is reported.
    pub status: Option<(Hook, Events)>,
    /// `TimeLimit`: how long the call may last from the pick-up on; whole seconds on the wire.
    pub time_limit: Option<Span>,
    /// `Timeout`: how long it may ring; whole seconds on the wire.
    pub ring_timeout: Span,
    /// `MachineDetection=Enable`.
    pub machine_detection: bool,
}

impl CallCreate {
    /// Whether a foreign service has ordered it: one whose documents came along or have a URL.
    pub const fn is_foreign(&self) -> bool {
        !matches!(self.opening, Opening::Fetch(Hook { at: Place::Console(..), .. }))
    }
}

/// A change of a call that is under way: `POST …/Calls/{sid}.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallUpdate {
    /// `Status=canceled`: of a call that nobody has picked up.
    Cancel,
    /// `Status=completed`: of any call.
    Complete,
    /// `Url` and `Method`: of a call that was picked up.
    Redirect(Hook),
    /// `Twiml`: of a call that was picked up.
    Document(DocId),
}

/// How the phone company answered an order, or a change of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallReply {
    /// 201: the call is queued; 200: it is changed.
    Created {
        /// Its sid.
        sid: Sid,
    },
    /// 4xx: Twilio's error code, for example 21211.
    Refused {
        /// HTTP status.
        http: u16,
        /// Twilio's code.
        code: u32,
    },
    /// 5xx: the company failed; whether a call was placed is not known.
    Failed {
        /// HTTP status.
        http: u16,
    },
}

/// One key of a telephone: `0` to `9`, `*`, `#`, `A` to `D`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u8);

impl Key {
    /// `#`.
    pub const HASH: Self = Self(b'#');
    /// `*`.
    pub const STAR: Self = Self(b'*');

    /// The key with this sign on it, if a telephone has it.
    pub const fn of(sign: char) -> Option<Self> {
        match sign {
            '0'..='9' | '*' | '#' | 'A'..='D' => Some(Self(sign as u8)),
            _ => None,
        }
    }

    /// The key of a digit; the last digit of `digit` if it has more.
    pub const fn digit(digit: u8) -> Self {
        Self(b'0' + digit % 10)
    }

    /// The sign on it.
    pub const fn sign(self) -> char {
        self.0 as char
    }
}

/// What a call listens for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysWanted {
    /// `numDigits`: how many keys end it; `None` if any number may come.
    pub num_digits: Option<u8>,
    /// Whether it says something while it listens.
    pub prompted: bool,
}

/// The keys that a Gather collected: at most 32.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    keys: [u8; Self::MAX],
    len: u8,
}

impl Digits {
    /// How many keys one Gather keeps; more are dropped.
    pub const MAX: usize = 32;
    /// No key.
    pub const EMPTY: Self = Self { keys: [0; Self::MAX], len: 0 };

    /// Adds `key` at the end; says no when it is full.
    pub fn push(&mut self, key: Key) -> bool {
        let Some(place) = self.keys.get_mut(usize::from(self.len)) else { return false };
        *place = key.0;
        self.len += 1;
        true
    }

    /// The keys that `text` shows; `None` if one is no key of a telephone, or there are too many.
    pub fn read(text: &str) -> Option<Self> {
        let mut digits = Self::EMPTY;
        text.chars().all(|sign| Key::of(sign).is_some_and(|key| digits.push(key))).then_some(digits)
    }

    /// The keys that show this code, leading zeros and all.
    pub fn of_code(code: Code) -> Self {
        let (mut keys, len) = ([0; Self::MAX], usize::from(code.digits()));
        let mut rest = code.reveal();
        for key in keys[..len].iter_mut().rev() {
            *key = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Self { keys, len: code.digits() }
    }

    /// The signs on the keys, for the one place that has to show or compare them.
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.keys[..usize::from(self.len)]).unwrap_or_default()
    }

    /// The key at this place, from zero; `None` beyond the last.
    pub fn key(&self, place: u8) -> Option<Key> {
        self.keys[..usize::from(self.len)].get(usize::from(place)).copied().map(Key)
    }

    /// How many keys.
    pub const fn len(&self) -> u8 {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What stands for them in a trace.
    pub fn digest(&self) -> Digest {
        // FNV-1a over the keys: cheap, and only sameness matters.
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

/// A request of a call to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Where it goes.
    pub hook: Hook,
    /// `From`.
    pub from: Number,
    /// `CallSid`.
    pub sid: Sid,
    /// `To`.
    pub to: Number,
    /// Whether `X-Twilio-Signature` is right.
    pub signature: Proof,
    /// `CallStatus`.
    pub status: CallStatus,
    /// `AnsweredBy`, where machine detection is on.
    pub answered_by: Option<AnsweredBy>,
    /// What it is about.
    pub body: WebhookBody,
}

/// What tells the three webhooks apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookBody {
    /// The document, please.
    Fetch,
    /// These keys were pressed.
    Action(Digits),
    /// The call's status changed.
    Status(StatusReport),
}

impl WebhookBody {
    /// Which of the three it is.
    pub const fn kind(&self) -> WebhookKind {
        match self {
            Self::Fetch => WebhookKind::Fetch,
            Self::Action(_) => WebhookKind::Action,
            Self::Status(_) => WebhookKind::Status,
        }
    }
}

/// What a status callback tells besides the status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusReport {
    /// `SequenceNumber`, from 0.
    pub sequence: u8,
    /// `Timestamp`: Unix time in whole seconds.
    pub unix_secs: u64,
    /// `CallDuration` in seconds, once the call is over.
    pub duration: Option<u32>,
    /// `SipResponseCode`, once the call is over and there was one.
    pub sip: Option<u16>,
}

/// How the service answered a request of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum HookReply {
    /// Any answer but a redirect.
    Answered {
        /// HTTP status.
        http: u16,
        /// What the answer holds.
        body: Body,
    },
    /// A 3xx answer with an address: the request is made again there, without its digits
    /// (TW-webhook).
    Redirected(Hook),
}

/// What an answer holds, as far as it matters to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// A document.
    Document(Twiml),
    /// Anything else; the code is Twilio's (12100, 12102, …).
    NotTwiml(u32),
}

impl HookReply {
    /// 204: heard.
    pub const HEARD: Self = Self::bare(204);

    /// This status without a body.
    pub const fn bare(http: u16) -> Self {
        Self::Answered { http, body: Body::Empty }
    }

    /// 200 with this document.
    pub const fn document(document: Twiml) -> Self {
        Self::Answered { http: 200, body: Body::Document(document) }
    }

    /// 200 with a body that is no document; the code is Twilio's.
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
