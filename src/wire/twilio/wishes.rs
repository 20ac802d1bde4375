//! Parses what only external apps ask of a call: tones, and the kinds of machine detection (TW-order).

use crate::base::time::Span;
use crate::message::{CallWishes, Papers, Tones};
use crate::wire::form::Form;
use crate::wire::twilio::order;

/// Twilio's code for invalid `SendDigits`.
const INVALID_DIGITS: u32 = 21_206;

/// Twilio's code for an invalid parameter of machine detection.
const INVALID_DETECTION: u32 = 21_234;

/// The shortest and the longest `MachineDetectionTimeout`, in seconds.
const DETECTION: (u64, u64) = (3, 120);

/// Parses the wishes of an order.
///
/// # Errors
/// Twilio's error code.
pub(super) fn wishes(form: &Form, papers: &mut Papers) -> Result<CallWishes, u32> {
    let tones = form.get("SendDigits").map_or(Some(Tones::NONE), Tones::read).ok_or(INVALID_DIGITS)?;
    let seconds = |text: &str| {
        let (least, most) = DETECTION;
        text.parse().ok().filter(|seconds| (least..=most).contains(seconds)).ok_or(INVALID_DETECTION)
    };
    let timeout = form.get("MachineDetectionTimeout").map(seconds).transpose()?;
    Ok(CallWishes {
        tones,
        until_message_end: form.get("MachineDetection") == Some("DetectMessageEnd"),
        detection_timeout: timeout.map(Span::from_secs),
        is_detection_async: form.get("AsyncAmd").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        detection_callback: order::hook(
            form,
            "AsyncAmdStatusCallback",
            "AsyncAmdStatusCallbackMethod",
            papers,
        )?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Hook, Method, Place};

    fn read(fields: &str) -> Result<CallWishes, u32> {
        wishes(&Form::read(fields.as_bytes()), &mut Papers::default())
    }

    #[test]
    fn wishes_are_read_or_refused() {
        assert_eq!(read("To=%2B34600000001&Timeout=5&MachineDetection=Enable"), Ok(CallWishes::NONE));
        let fields = "SendDigits=W1%23&MachineDetection=DetectMessageEnd&MachineDetectionTimeout=6&AsyncAmd=true\
                      &AsyncAmdStatusCallback=http://app.test/amd&AsyncAmdStatusCallbackMethod=GET";
        let mut papers = Papers::default();
        let hook = Hook::post(Place::Url(papers.url_id("http://app.test/amd")));
        let wanted = CallWishes {
            tones: Tones::read("W1#").unwrap(),
            until_message_end: true,
            detection_timeout: Some(Span::from_secs(6)),
            is_detection_async: true,
            detection_callback: Some(Hook { method: Method::Get, ..hook }),
        };
        assert_eq!(wishes(&Form::read(fields.as_bytes()), &mut papers), Ok(wanted));
        for (fields, code) in [
            ("SendDigits=one", 21_206),
            ("SendDigits=111111111111111111111111111111111", 21_206),
            ("MachineDetectionTimeout=2", 21_234),
            ("MachineDetectionTimeout=soon", 21_234),
            ("AsyncAmdStatusCallback=nowhere", 21_205),
            ("AsyncAmdStatusCallbackMethod=PUT", 21_209),
        ] {
            assert_eq!(read(fields), Err(code), "{fields}");
        }
    }
}
