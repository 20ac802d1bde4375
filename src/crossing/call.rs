//! The order to call, and the requests that a call makes to the service, as Twilio has them.

use std::fmt;

use crate::crossing::Proof;
use crate::crossing::Twiml;
use crate::event::AnsweredBy;
use crate::event::CallStatus;
use crate::event::WebhookKind;
use crate::number::Number;
use crate::secret::Code;
use crate::secret::Digest;
use crate::time::Span;

/// The console's own name for one order, in the webhook URLs that it gives along: callbacks can
/// come for a call whose creation was never answered, and then no sid is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallRef(pub u64);

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
    /// In the webhook URLs.
    pub reference: CallRef,
    /// `Timeout`: how long it may ring; whole seconds on the wire.
    pub ring_timeout: Span,
    /// `MachineDetection=Enable`.
    pub machine_detection: bool,
}

/// How the phone company answered the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallReply {
    /// 201: the call is queued.
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
    /// From the URL.
    pub reference: CallRef,
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

/// How the service answered.
#[derive(Clone, Debug, PartialEq)]
pub enum WebhookReply {
    /// 200 with a document.
    Document(Twiml),
    /// 204: heard.
    Heard,
    /// 403: the signature is missing or wrong.
    Forbidden,
    /// 404: no such call.
    NotFound,
    /// Another 4xx or 5xx answer.
    Failed {
        /// HTTP status.
        http: u16,
    },
    /// A 200 answer whose body is no document; the code is Twilio's (12100, 12102, …).
    Unreadable {
        /// Twilio's debugger code.
        error: u32,
    },
    /// A 3xx answer to the same URL: it is asked again without its digits (TW-webhook).
    Redirected,
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
