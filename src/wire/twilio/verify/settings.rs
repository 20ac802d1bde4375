//! Reads the settings of a service from a form.

use std::str::FromStr;
use std::sync::Arc;

use crate::message::{ServiceSettings, VerifyCode};
use crate::wire::form::Form;

/// A parameter is missing or not valid.
pub(super) const INVALID: u32 = 60_200;

/// Longest name of a service, in characters (TW-verify).
pub(super) const NAME_MAX: usize = 32;

/// Longest other text, in bytes.
const TEXT_MAX: usize = 256;

/// The settings of a form, on top of those that stay.
///
/// # Errors
/// Twilio's error code.
pub(super) fn read(form: &Form, mut settings: ServiceSettings) -> Result<ServiceSettings, u32> {
    if let Some(name) = form.get("FriendlyName") {
        settings.name = self::name(name)?;
    }
    let (least, most) = (VerifyCode::LEN_MIN as u8, VerifyCode::LEN_MAX as u8);
    if let Some(length) = number(form, "CodeLength", least, most)? {
        settings.code_length = length;
    }
    for (field, setting) in [
        ("CustomCodeEnabled", &mut settings.custom_codes),
        ("Psd2Enabled", &mut settings.psd2),
        ("DoNotShareWarningEnabled", &mut settings.warns),
        ("LookupEnabled", &mut settings.lookup),
        ("SkipSmsToLandlines", &mut settings.skip_sms_to_landlines),
        ("DtmfInputRequired", &mut settings.dtmf_input_required),
        ("VerifyEventSubscriptionEnabled", &mut settings.event_subscription),
    ] {
        if let Some(flag) = form.get(field) {
            *setting = bool::from_str(&flag.to_ascii_lowercase()).map_err(|_| INVALID)?;
        }
    }
    for (field, setting) in [
        ("TtsName", &mut settings.tts_name),
        ("DefaultTemplateSid", &mut settings.default_template),
        ("Totp.Issuer", &mut settings.totp_issuer),
    ] {
        if let Some(text) = form.get(field) {
            *setting = Some(text.into()).filter(|text: &Arc<str>| !text.is_empty());
            if text.len() > TEXT_MAX {
                return Err(INVALID);
            }
        }
    }
    for (field, least, most, setting) in [
        ("Totp.TimeStep", 20, 60, &mut settings.totp_time_step),
        ("Totp.CodeLength", 3, 8, &mut settings.totp_code_length),
        ("Totp.Skew", 0, 2, &mut settings.totp_skew),
    ] {
        *setting = number(form, field, least, most)?.or(*setting);
    }
    Ok(settings)
}

/// The name of a service, or of one verification.
///
/// # Errors
/// Twilio's error code.
pub(super) fn name(text: &str) -> Result<Arc<str>, u32> {
    let text = text.trim();
    let fits = (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.into()).ok_or(INVALID)
}

fn number(form: &Form, field: &str, least: u8, most: u8) -> Result<Option<u8>, u32> {
    let Some(text) = form.get(field) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.map(Some).ok_or(INVALID)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(fields: &str) -> Result<ServiceSettings, u32> {
        read(&Form::read(fields.as_bytes()), ServiceSettings::named("App"))
    }

    #[test]
    fn settings_that_are_not_given_stay() {
        let read =
            settings("CodeLength=10&CustomCodeEnabled=True&Totp.Skew=2&Totp.Issuer=Me&Unknown=1").unwrap();
        let expected = ServiceSettings {
            code_length: 10,
            custom_codes: true,
            totp_skew: Some(2),
            totp_issuer: Some("Me".into()),
            ..ServiceSettings::named("App")
        };
        assert_eq!(read, expected);
        assert_eq!(settings("FriendlyName=Other+app").unwrap(), ServiceSettings::named("Other app"));
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let long = format!("FriendlyName={}", "x".repeat(NAME_MAX + 1));
        for fields in [
            "FriendlyName=",
            "FriendlyName=a%0Ab",
            long.as_str(),
            "CodeLength=3",
            "CodeLength=11",
            "CodeLength=six",
            "CustomCodeEnabled=yes",
            "Psd2Enabled=",
            "Totp.TimeStep=19",
            "Totp.TimeStep=61",
            "Totp.CodeLength=2",
            "Totp.CodeLength=9",
            "Totp.Skew=3",
        ] {
            assert_eq!(settings(fields), Err(INVALID), "{fields}");
        }
        assert!(settings(&format!("FriendlyName={}", "é".repeat(NAME_MAX))).is_ok());
        assert!(settings(&format!("TtsName={}", "x".repeat(TEXT_MAX + 1))).is_err());
    }
}
