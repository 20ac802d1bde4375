//! What only external apps ask of a call: tones after the pick-up, and machine detection beside the call.

use std::fmt;

use crate::base::time::Span;
use crate::message::{Hook, Key, Sid};

/// Parameters of an order that the reference service never sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallWishes {
    /// `SendDigits`: sent after the pick-up, before the document is requested. Machine detection is then
    /// off (TW-order).
    pub tones: Tones,
    /// `MachineDetection=DetectMessageEnd`: detection waits until voicemail's greeting has ended.
    pub until_message_end: bool,
    /// `MachineDetectionTimeout`; `None` for Twilio's 30 seconds.
    pub detection_timeout: Option<Span>,
    /// `AsyncAmd=true`: detection does not delay the document.
    pub is_detection_async: bool,
    /// `AsyncAmdStatusCallback` and its method: where the result of such a detection is reported.
    pub detection_callback: Option<Hook>,
}

impl CallWishes {
    /// No wishes.
    pub const NONE: Self = Self {
        tones: Tones::NONE,
        until_message_end: false,
        detection_timeout: None,
        is_detection_async: false,
        detection_callback: None,
    };
}

/// `SendDigits`: keys, and the pauses `w` (half a second) and `W` (one second).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tones {
    signs: [u8; Self::MAX],
    len: usize,
}

impl Tones {
    /// Maximum number of keys and pauses (TW-order).
    pub const MAX: usize = 32;
    /// No tones.
    pub const NONE: Self = Self { signs: [0; Self::MAX], len: 0 };

    /// The time that one key takes. Twilio does not document it.
    const EACH: Span = Span::from_millis(250);

    /// Parses tones; `None` for an invalid character, or more than [`Tones::MAX`].
    pub fn read(text: &str) -> Option<Self> {
        let valid = |sign: u8| matches!(sign, b'0'..=b'9' | b'A'..=b'D' | b'#' | b'*' | b'w' | b'W');
        if text.len() > Self::MAX || !text.bytes().all(valid) {
            return None;
        }
        let mut tones = Self { len: text.len(), ..Self::NONE };
        tones.signs[..text.len()].copy_from_slice(text.as_bytes());
        Some(tones)
    }

    /// Whether there is nothing to send.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How long they take.
    pub fn lasts(&self) -> Span {
        let takes = |sign: &u8| match sign {
            b'w' => Span::from_millis(500),
            b'W' => Span::SECOND,
            _ => Self::EACH,
        };
        self.signs().iter().map(takes).fold(Span::ZERO, |sum, each| sum + each)
    }

    /// The keys without the pauses, for the person on the line only.
    pub fn reveal(&self) -> String {
        self.signs()
            .iter()
            .filter(|sign| !matches!(sign, b'w' | b'W'))
            .map(|sign| char::from(*sign))
            .collect()
    }

    fn signs(&self) -> &[u8] {
        &self.signs[..self.len]
    }
}

impl fmt::Debug for Tones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "Tones()" } else { "Tones(••••••)" })
    }
}

/// What a `<Record>` has recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// `RecordingSid`, which has the prefix `RE`.
    pub sid: Sid,
    /// `RecordingDuration`, in seconds.
    pub secs: u32,
    /// `Digits`: what ended the recording.
    pub ended_by: RecordingEnd,
}

/// What ended a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingEnd {
    /// This key.
    Key(Key),
    /// The person hung up.
    HangUp,
    /// Silence, or the greatest length.
    Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_have_pauses_and_a_limit() {
        let tones = Tones::read("wW12#").unwrap();
        assert_eq!((tones.lasts(), tones.reveal()), (Span::from_millis(2_250), "12#".to_owned()));
        assert_eq!(format!("{tones:?}"), "Tones(••••••)");
        assert_eq!(Tones::read(""), Some(Tones::NONE));
        for text in ["x", "12 3", "é", &"1".repeat(33)] {
            assert_eq!(Tones::read(text), None, "{text}");
        }
    }
}
