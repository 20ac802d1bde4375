//! Parses starts and checks of verifications.

use std::sync::Arc;

use crate::event::VerifyChannel;
use crate::message::{
    CodeCheck, Transaction, VerificationOrder, VerificationSid, VerifyBy, VerifyCode, VerifyServiceSid,
    VerifyTo,
};
use crate::wire::form::Form;
use crate::wire::twilio::verify::rest::NOT_FOUND;
use crate::wire::twilio::verify::settings::{INVALID, name};

/// A payment without its amount or payee.
const NO_TRANSACTION: u32 = 60_206;

/// Neither `To` nor `VerificationSid` is given.
const NOBODY: u32 = 60_221;

/// The channel is switched off.
const CHANNEL_OFF: u32 = 60_223;

/// Length of `AppHash`, in characters.
const APP_HASH_LEN: usize = 11;

/// Longest `Locale`, amount or payee, in bytes.
const TEXT_MAX: usize = 256;

/// Parses the start of a verification. Parameters that change nothing here are ignored: `SendDigits`,
/// `RateLimits`, `ChannelConfiguration`, templates, `DeviceIp`, `RiskCheck`, `Tags`.
///
/// # Errors
/// Twilio's error code.
pub(super) fn start(
    form: &Form,
    account: Arc<str>,
    service: VerifyServiceSid,
    sends_emails: bool,
) -> Result<VerificationOrder, u32> {
    let to = given(form, "To").and_then(VerifyTo::read).ok_or(INVALID)?;
    let channel = match given(form, "Channel").ok_or(INVALID)? {
        "auto" => VerifyChannel::Sms,
        "whatsapp" | "sna" => return Err(CHANNEL_OFF),
        label => VerifyChannel::from_label(label).ok_or(INVALID)?,
    };
    if given(form, "Locale").is_some_and(|locale| locale.len() > TEXT_MAX) {
        return Err(INVALID);
    }
    let custom_code = given(form, "CustomCode").map(|code| VerifyCode::read(code).ok_or(INVALID));
    let app_hash = given(form, "AppHash").map(|hash| {
        let fits = hash.len() == APP_HASH_LEN && hash.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Arc::from(hash)).ok_or(INVALID)
    });
    Ok(VerificationOrder {
        account,
        service,
        to,
        channel,
        name: given(form, "CustomFriendlyName").map(name).transpose()?,
        custom_code: custom_code.transpose()?,
        transaction: transaction(form)?,
        app_hash: app_hash.transpose()?,
        sends_emails,
    })
}

/// Parses a check.
///
/// # Errors
/// Twilio's error code.
pub(super) fn check(form: &Form, account: Arc<str>, service: VerifyServiceSid) -> Result<CodeCheck, u32> {
    let by = match (given(form, "VerificationSid"), given(form, "To")) {
        (Some(sid), _) => VerifyBy::Sid(VerificationSid::read(sid).ok_or(NOT_FOUND)?),
        (None, Some(to)) => VerifyBy::To(VerifyTo::read(to).ok_or(INVALID)?),
        (None, None) => return Err(NOBODY),
    };
    let code = given(form, "Code").and_then(VerifyCode::read).ok_or(INVALID)?;
    Ok(CodeCheck { account, service, by, code, transaction: transaction(form)? })
}

/// Parses an update: whether it approves.
///
/// # Errors
/// Twilio's error code.
pub(super) fn approves(form: &Form) -> Result<bool, u32> {
    match form.get("Status") {
        Some("approved") => Ok(true),
        Some("canceled") => Ok(false),
        Some(_) | None => Err(INVALID),
    }
}

/// The verification that a path names: by SID, or by a number or address, whose plus sign is literal.
pub(super) fn by(segment: &str) -> Option<VerifyBy> {
    if let Some(sid) = VerificationSid::read(segment) {
        return Some(VerifyBy::Sid(sid));
    }
    // These mean something in forms only.
    let plain = segment.replace('+', "%2B").replace('=', "%3D").replace('&', "%26");
    let (text, _) = form_urlencoded::parse(plain.as_bytes()).next()?;
    VerifyTo::read(&text).map(VerifyBy::To)
}

fn given<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name).filter(|value| !value.is_empty())
}

fn transaction(form: &Form) -> Result<Option<Transaction>, u32> {
    match (given(form, "Amount"), given(form, "Payee")) {
        (None, None) => Ok(None),
        (Some(amount), Some(payee)) if amount.len() <= TEXT_MAX && payee.len() <= TEXT_MAX => {
            Ok(Some(Transaction { amount: amount.into(), payee: payee.into() }))
        }
        _ => Err(NO_TRANSACTION),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: VerifyServiceSid = VerifyServiceSid(7);

    fn read(fields: &str) -> Result<VerificationOrder, u32> {
        start(&Form::read(fields.as_bytes()), "AC1".into(), SERVICE, false)
    }

    #[test]
    fn a_start_has_a_recipient_and_a_channel() {
        for (fields, to, channel) in [
            ("To=%2B34600000001&Channel=sms", "+34600000001", VerifyChannel::Sms),
            ("To=%2B34600000001&Channel=call&Locale=es&SendDigits=1", "+34600000001", VerifyChannel::Call),
            ("To=%2B34600000001&Channel=auto&Unknown=1", "+34600000001", VerifyChannel::Sms),
            ("To=ana%40example.com&Channel=email", "ana@example.com", VerifyChannel::Email),
        ] {
            let order = read(fields).unwrap();
            assert_eq!((order.to.to_string().as_str(), order.channel), (to, channel), "{fields}");
        }
        let usual = "To=%2B34600000001&Channel=sms";
        let order = read(&format!(
            "{usual}&CustomCode=0000&AppHash=FA%2B9qCX9VSu&Amount=1&Payee=Me&CustomFriendlyName=App"
        ));
        let order = order.unwrap();
        assert_eq!(order.custom_code.unwrap().reveal(), "0000");
        assert_eq!((order.app_hash.as_deref(), order.name.as_deref()), (Some("FA+9qCX9VSu"), Some("App")));
        assert_eq!(order.transaction.unwrap().payee.as_ref(), "Me");
    }

    #[test]
    fn bad_starts_have_twilios_codes() {
        let usual = "To=%2B34600000001&Channel=sms";
        for (fields, code) in [
            ("Channel=sms".to_owned(), 60_200),
            ("To=&Channel=sms".to_owned(), 60_200),
            ("To=0600000001&Channel=sms".to_owned(), 60_200),
            ("To=%2B34600000001".to_owned(), 60_200),
            ("To=%2B34600000001&Channel=pigeon".to_owned(), 60_200),
            ("To=%2B34600000001&Channel=whatsapp".to_owned(), 60_223),
            ("To=%2B34600000001&Channel=sna".to_owned(), 60_223),
            (format!("{usual}&CustomCode=123"), 60_200),
            (format!("{usual}&CustomCode=12345678901"), 60_200),
            (format!("{usual}&AppHash=short"), 60_200),
            (format!("{usual}&CustomFriendlyName={}", "x".repeat(33)), 60_200),
            (format!("{usual}&Locale={}", "x".repeat(TEXT_MAX + 1)), 60_200),
            (format!("{usual}&Amount=1"), 60_206),
            (format!("{usual}&Payee=Me"), 60_206),
        ] {
            assert_eq!(read(&fields), Err(code), "{fields}");
        }
    }

    #[test]
    fn a_check_names_a_verification_and_a_code() {
        let read = |fields: &str| check(&Form::read(fields.as_bytes()), "AC1".into(), SERVICE);
        let sid = VerificationSid(7);
        let by_sid = read(&format!("VerificationSid={sid}&To=%2B34600000001&Code=012345")).unwrap();
        assert_eq!((by_sid.by, by_sid.code.reveal()), (VerifyBy::Sid(sid), "012345"));
        for (fields, code) in [
            ("Code=012345", 60_221),
            ("To=me&Code=012345", 60_200),
            ("To=%2B34600000001", 60_200),
            ("To=%2B34600000001&Code=123", 60_200),
            ("To=%2B34600000001&Code=12345678901", 60_200),
            ("VerificationSid=VE1&Code=012345", 20_404),
            ("To=%2B34600000001&Code=012345&Amount=1", 60_206),
        ] {
            assert_eq!(read(fields), Err(code), "{fields}");
        }
    }

    #[test]
    fn a_path_names_a_verification_by_sid_or_recipient() {
        let to = |text: &str| VerifyTo::read(text).map(VerifyBy::To);
        let sid = VerificationSid(7);
        for (segment, is) in [
            (sid.to_string(), Some(VerifyBy::Sid(sid))),
            ("+34600000001".to_owned(), to("+34600000001")),
            ("%2B34600000001".to_owned(), to("+34600000001")),
            ("ana%40example.com".to_owned(), to("ana@example.com")),
            ("ana+x@example.com".to_owned(), to("ana+x@example.com")),
            ("a=b&c@example.com".to_owned(), to("a=b&c@example.com")),
            ("me".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(by(&segment), is, "{segment}");
        }
    }

    #[test]
    fn an_update_approves_or_cancels() {
        for (fields, is) in [
            ("Status=approved", Ok(true)),
            ("Status=canceled", Ok(false)),
            ("Status=pending", Err(60_200)),
            ("", Err(60_200)),
        ] {
            assert_eq!(approves(&Form::read(fields.as_bytes())), is, "{fields}");
        }
    }
}
