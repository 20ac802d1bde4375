//! Verifications, modelled on version 2 of Twilio's Verify API.

use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;

use crate::base::id::VerificationId;
use crate::base::number::Number;
use crate::base::time::Span;
use crate::event::VerifyChannel;

macro_rules! sids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl $name {
            /// Parses a SID; `None` unless `text` is its prefix and 32 hexadecimal digits.
            pub fn read(text: &str) -> Option<Self> {
                let hex = text.strip_prefix($prefix).filter(|hex| hex.len() == 32)?;
                hex.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
                u128::from_str_radix(hex, 16).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{:032x}"), self.0)
            }
        }
    )*};
}

sids! {
    /// The SID of a Verify service: `VA` and 32 hexadecimal digits.
    VerifyServiceSid, "VA";
    /// The SID of a verification: `VE` and 32 hexadecimal digits.
    VerificationSid, "VE";
    /// The SID of one sending of a code: `VL` and 32 hexadecimal digits.
    AttemptSid, "VL";
}

/// The recipient of a verification: a phone number or an email address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VerifyTo {
    /// A number in E.164.
    Number(Number),
    /// An email address.
    Email(Arc<str>),
}

impl VerifyTo {
    /// Longest email address, in bytes (RFC 5321 section 4.5.3.1.3).
    pub const EMAIL_MAX: usize = 254;

    /// Parses a number in E.164 or an email address; `None` if it is neither.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((local, domain)) = text.rsplit_once('@') {
            let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;\"".contains(c);
            let fits = text.len() <= Self::EMAIL_MAX && !local.is_empty() && !domain.is_empty();
            return (fits && text.chars().all(is_plain)).then(|| Self::Email(text.into()));
        }
        Number::read(text).ok().filter(|number| number.is_in_a_plan()).map(Self::Number)
    }

    /// The number, if it is one.
    pub const fn number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Email(_) => None,
        }
    }
}

impl fmt::Display for VerifyTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Email(address) => f.pad(address),
        }
    }
}

/// The code of a verification: 4 to 10 ASCII letters and digits.
#[derive(Clone, Eq)]
pub struct VerifyCode(Arc<str>);

impl VerifyCode {
    /// Fewest characters.
    pub const LEN_MIN: usize = 4;

    /// Most characters.
    pub const LEN_MAX: usize = 10;

    /// Parses a code; `None` if its length or a character is not allowed.
    pub fn read(text: &str) -> Option<Self> {
        let fits = (Self::LEN_MIN..=Self::LEN_MAX).contains(&text.len());
        (fits && text.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| Self(text.into()))
    }

    /// The characters, for the recipient only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl PartialEq for VerifyCode {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl fmt::Debug for VerifyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyCode(••••••)")
    }
}

/// `Amount` and `Payee` of a payment (PSD2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// `Amount`, as text.
    pub amount: Arc<str>,
    /// `Payee`.
    pub payee: Arc<str>,
}

/// The settings of a Verify service. Those without a comment are stored and shown only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields without a comment have the names of Twilio's parameters")]
pub struct ServiceSettings {
    /// `FriendlyName`: who sends the codes, at most 32 characters.
    pub name: Arc<str>,
    /// `CodeLength`: 4 to 10 digits.
    pub code_length: u8,
    /// `CustomCodeEnabled`: whether a request may bring its own code.
    pub custom_codes: bool,
    /// `Psd2Enabled`: whether a verification is about a payment.
    pub psd2: bool,
    /// `DoNotShareWarningEnabled`: whether texts warn against sharing the code.
    pub warns: bool,
    pub lookup: bool,
    pub skip_sms_to_landlines: bool,
    pub dtmf_input_required: bool,
    pub tts_name: Option<Arc<str>>,
    pub default_template: Option<Arc<str>>,
    pub event_subscription: bool,
    pub totp_issuer: Option<Arc<str>>,
    pub totp_time_step: Option<u8>,
    pub totp_code_length: Option<u8>,
    pub totp_skew: Option<u8>,
}

impl ServiceSettings {
    /// The default length of a code.
    pub const CODE_LENGTH: u8 = 6;

    /// The settings of a service with this name and Twilio's defaults.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.into(),
            code_length: Self::CODE_LENGTH,
            custom_codes: false,
            psd2: false,
            warns: false,
            lookup: false,
            skip_sms_to_landlines: false,
            dtmf_input_required: false,
            tts_name: None,
            default_template: None,
            event_subscription: false,
            totp_issuer: None,
            totp_time_step: None,
            totp_code_length: None,
            totp_skew: None,
        }
    }
}

/// `POST /v2/Services/{VA}/Verifications`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationOrder {
    /// The account that asks.
    pub account: Arc<str>,
    /// The service.
    pub service: VerifyServiceSid,
    /// `To`.
    pub to: VerifyTo,
    /// `Channel`.
    pub channel: VerifyChannel,
    /// `CustomFriendlyName`.
    pub name: Option<Arc<str>>,
    /// `CustomCode`.
    pub custom_code: Option<VerifyCode>,
    /// `Amount` and `Payee`.
    pub transaction: Option<Transaction>,
    /// `AppHash`: the last line of the text, which lets an Android app read it.
    pub app_hash: Option<Arc<str>>,
    /// Whether emails can be sent. Twilio needs an integration of the account for that.
    pub sends_emails: bool,
}

/// Which verification a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyBy {
    /// The latest one of this recipient.
    To(VerifyTo),
    /// The one with this SID.
    Sid(VerificationSid),
}

/// `POST /v2/Services/{VA}/VerificationCheck`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeCheck {
    /// The account that asks.
    pub account: Arc<str>,
    /// The service.
    pub service: VerifyServiceSid,
    /// `To` or `VerificationSid`.
    pub by: VerifyBy,
    /// `Code`.
    pub code: VerifyCode,
    /// `Amount` and `Payee`.
    pub transaction: Option<Transaction>,
}

/// The verification provider's response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyReply {
    /// The service was created or changed.
    Service(VerifyServiceSid),
    /// The service was deleted.
    Deleted,
    /// The code was sent, or the verification was closed.
    Verification(VerificationId),
    /// The code was checked.
    Checked {
        /// The verification.
        verification: VerificationId,
        /// Whether the code was right.
        right: bool,
    },
    /// 4xx: Twilio's error code, for example 60203.
    Refused {
        /// HTTP status.
        http: u16,
        /// Twilio's code.
        code: u32,
        /// When a limit lets the next start pass; with 429 only.
        retry_after: Option<Span>,
    },
    /// 5xx: the provider failed; the code may have been sent.
    Failed {
        /// HTTP status.
        http: u16,
    },
}

/// An email with a code.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeLetter {
    /// The recipient.
    pub to: Arc<str>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

impl fmt::Debug for CodeLetter {
    /// Shows no text, because it holds the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeLetter").field("to", &self.to).field("text", &"••••••").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sids_read_back_as_they_print() {
        let sid = VerificationSid(0xdead_beef);
        assert_eq!(VerificationSid::read(&sid.to_string()), Some(sid));
        assert_eq!(VerifyServiceSid(7).to_string(), "VA00000000000000000000000000000007");
        assert_eq!(AttemptSid(7).to_string(), "VL00000000000000000000000000000007");
        for text in
            ["", "VE", "VA000000000000000000000000deadbeef", "VEg00000000000000000000000deadbeef", "é"]
        {
            assert_eq!(VerificationSid::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_recipient_is_a_number_or_an_address() {
        for (text, shown) in [
            ("+1 415 867 5310", Some("+14158675310")),
            ("+34600000001", Some("+34600000001")),
            (" ana@example.com ", Some("ana@example.com")),
            ("0600000001", None),
            ("ana", None),
            ("@example.com", None),
            ("ana@", None),
            ("ana b@example.com", None),
            ("ana@example.com\r\nBcc: all@example.com", None),
            ("<ana@example.com>", None),
            ("", None),
        ] {
            assert_eq!(VerifyTo::read(text).map(|to| to.to_string()).as_deref(), shown, "{text}");
        }
        assert_eq!(VerifyTo::read(&format!("{}@a.test", "x".repeat(VerifyTo::EMAIL_MAX))), None);
    }

    #[test]
    fn codes_are_compared_whole_and_never_printed() {
        let code = VerifyCode::read("012345").unwrap();
        assert_eq!((code.reveal(), &code), ("012345", &VerifyCode::read("012345").unwrap()));
        for (text, is_code) in
            [("12345", true), ("0123", true), ("aB3d", true), ("1234567890", true), ("0123456", true)]
        {
            let other = VerifyCode::read(text);
            assert_eq!(other.is_some(), is_code, "{text}");
            assert!(other.is_none_or(|other| other != code), "{text}");
        }
        for text in ["", "123", "12345678901", "12 45", "１２３４", "12-45"] {
            assert_eq!(VerifyCode::read(text), None, "{text}");
        }
        let letter = CodeLetter { to: "a".into(), subject: String::new(), text: "012345".to_owned() };
        assert!(!format!("{code:?} {letter:?}").contains("012345"));
    }
}
