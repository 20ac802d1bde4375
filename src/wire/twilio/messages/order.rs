//! Parses orders and updates of texts, as Twilio's REST API accepts them (TW-message).

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::base::number::Number;
use crate::base::time::{Epoch, Span, Time};
use crate::message::{MessagingServiceSid, Method, Papers, TextOrder, TextSender};
use crate::providers::messaging::twiml::TEXT_MAX;
use crate::wire::form::Form;
use crate::wire::twilio::address;
use crate::wire::twilio::debugger::Finding;

/// Most media of one text.
const MEDIA_MAX: usize = 10;

/// Longest validity period, and the default.
const VALIDITY_MAX: u64 = 36_000;

/// Shortest and longest time from the order to `SendAt`, inclusive (TW-schedule).
const SCHEDULED: (Span, Span) = (Span::from_secs(300), Span::from_days(35));

/// Whether a `SendAt` without a zone is in UTC. Twilio asks for a `Z`, and its SDK for Java writes no zone;
/// what Twilio answers to that is not documented (TW-schedule).
const NO_ZONE_IS_UTC: bool = true;

/// A parameter is not valid.
const INVALID_PARAMETER: u32 = 20_001;
const INVALID_TO: u32 = 21_211;
const INVALID_FROM: u32 = 21_212;
const TO_IS_SHORT_CODE: u32 = 21_265;
const TO_IS_FROM: u32 = 21_266;
const NO_BODY: u32 = 21_602;
const NO_SENDER: u32 = 21_603;
const NO_TO: u32 = 21_604;
const INVALID_CALLBACK: u32 = 21_609;
const TOO_LONG: u32 = 21_617;
const INVALID_MEDIA: u32 = 21_620;
const TOO_MANY_MEDIA: u32 = 21_623;
const NO_SUCH_SERVICE: u32 = 21_701;
/// A scheduled text has no `SendAt`.
const NO_SEND_AT: u32 = 35_111;
/// `SendAt` is too soon or too late.
const SEND_AT_OUT_OF_RANGE: u32 = 35_114;
/// `SendAt` is not a time.
const UNREADABLE_SEND_AT: u32 = 35_115;
/// The update of a text is not supported.
const INVALID_UPDATE: u32 = 30_400;

/// Parses an order at the time `now`.
///
/// # Errors
/// Twilio's error code.
pub(super) fn order(form: &Form, papers: &mut Papers, now: Time, epoch: Epoch) -> Result<TextOrder, u32> {
    let to = to(form.get("To").filter(|to| !to.is_empty()).ok_or(NO_TO)?)?;
    let (from, service) = sender(form)?;
    if from.as_ref().and_then(TextSender::number) == Some(to) {
        return Err(TO_IS_FROM);
    }
    let body = form.get("Body").unwrap_or_default();
    if body.chars().count() > TEXT_MAX {
        return Err(TOO_LONG);
    }
    let media = media(form)?;
    if body.is_empty() && media.is_empty() {
        return Err(NO_BODY);
    }
    let status = match form.get("StatusCallback").filter(|url| !url.is_empty()) {
        None => None,
        // Twilio accepts no underscore in the host.
        Some(url) => {
            let hook = address::hook_at(url, Method::Post, papers).ok_or(INVALID_CALLBACK)?;
            let host = reqwest::Url::parse(url.trim()).ok();
            let host = host.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
            (!host.contains('_')).then_some(Some(hook)).ok_or(INVALID_CALLBACK)?
        }
    };
    let validity = form.get("ValidityPeriod").map_or(Ok(VALIDITY_MAX), |text| {
        let seconds = text.parse().ok().filter(|seconds| (1..=VALIDITY_MAX).contains(seconds));
        seconds.ok_or(INVALID_PARAMETER)
    })?;
    let send_at = if service.is_some() { send_at(form, now, epoch)? } else { None };
    Ok(TextOrder {
        to,
        from,
        service,
        body: body.into(),
        media,
        status,
        validity: Span::from_secs(validity),
        send_at,
    })
}

fn to(text: &str) -> Result<Number, u32> {
    if (3..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TO_IS_SHORT_CODE);
    }
    Number::read(text).ok().filter(|number| number.is_in_a_plan()).ok_or(INVALID_TO)
}

/// The sender and the messaging service; some apps give the service as `From`.
fn sender(form: &Form) -> Result<(Option<TextSender>, Option<MessagingServiceSid>), u32> {
    let given = |name| form.get(name).filter(|value| !value.is_empty());
    let mut from = given("From");
    let mut service = given("MessagingServiceSid");
    if service.is_none() && from.is_some_and(|from| MessagingServiceSid::read(from).is_some()) {
        service = from.take();
    }
    let service = service.map(|sid| MessagingServiceSid::read(sid).ok_or(NO_SUCH_SERVICE)).transpose()?;
    let from = from.map(|from| TextSender::read(from).ok_or(INVALID_FROM)).transpose()?;
    if from.is_none() && service.is_none() {
        return Err(NO_SENDER);
    }
    Ok((from, service))
}

fn media(form: &Form) -> Result<Vec<Arc<str>>, u32> {
    let urls = form.fields().iter().filter(|(name, url)| name == "MediaUrl" && !url.is_empty());
    let urls: Vec<Arc<str>> = urls.map(|(_, url)| url.as_str().into()).collect();
    if urls.len() > MEDIA_MAX {
        return Err(TOO_MANY_MEDIA);
    }
    let is_web = |url: &Arc<str>| url.starts_with("http://") || url.starts_with("https://");
    urls.iter().all(is_web).then_some(urls).ok_or(INVALID_MEDIA)
}

/// The time of a scheduled text. Without `ScheduleType`, `SendAt` has no effect.
fn send_at(form: &Form, now: Time, epoch: Epoch) -> Result<Option<Time>, u32> {
    if form.get("ScheduleType").is_none_or(str::is_empty) {
        return Ok(None);
    }
    let text = form.get("SendAt").filter(|text| !text.is_empty()).ok_or(NO_SEND_AT)?;
    let (at, _) = read_send_at(text).ok_or(UNREADABLE_SEND_AT)?;
    let millis = u64::try_from(at.as_millisecond()).map_err(|_| SEND_AT_OUT_OF_RANGE)?;
    let at = epoch.time_of(millis);
    let (soonest, latest) = SCHEDULED;
    (at >= now + soonest && at <= now + latest).then_some(Some(at)).ok_or(SEND_AT_OUT_OF_RANGE)
}

/// Reads a `SendAt`; also says whether it has a zone.
fn read_send_at(text: &str) -> Option<(Timestamp, bool)> {
    if let Ok(at) = text.parse() {
        return Some((at, true));
    }
    // A date alone would be read as midnight.
    let at: DateTime = text.parse().ok().filter(|_| NO_ZONE_IS_UTC && text.contains(['T', 't', ' ']))?;
    TimeZone::UTC.to_timestamp(at).ok().map(|at| (at, false))
}

/// What is doubtful in an order that is accepted.
pub(super) fn doubts(form: &Form) -> Option<Finding> {
    let is_scheduled = form.get("ScheduleType").is_some_and(|kind| !kind.is_empty());
    let (_, has_zone) = form.get("SendAt").filter(|_| is_scheduled).and_then(read_send_at)?;
    (!has_zone).then(|| {
        let says =
            "`SendAt` has no zone and was taken as UTC; Twilio expects YYYY-MM-DDTHH:MM:SSZ".to_owned();
        Finding::warning(UNREADABLE_SEND_AT, says)
    })
}

/// The refusal that Twilio has for its magic numbers (TW-message).
pub(super) fn magic(order: &TextOrder) -> Option<u32> {
    const FIRST: u64 = 15_005_550_000;
    let nth = |number: Number| (0..10).find(|nth| number == Number::international(FIRST + nth));
    let to = match nth(order.to) {
        Some(1) => Some(21_211),
        Some(2) => Some(21_612),
        Some(3) => Some(21_408),
        Some(4) => Some(21_610),
        Some(9) => Some(21_614),
        _ => None,
    };
    to.or_else(|| match nth(order.from.as_ref()?.number()?)? {
        1 => Some(21_212),
        7 => Some(21_606),
        8 => Some(21_611),
        _ => None,
    })
}

/// What an update asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Update {
    /// `Body=`: removes the text.
    Redact,
    /// `Status=canceled`.
    Cancel,
}

/// Parses an update.
///
/// # Errors
/// Twilio's error code.
pub(super) fn update(form: &Form) -> Result<Update, u32> {
    match (form.get("Body"), form.get("Status")) {
        (None, Some("canceled")) => Ok(Update::Cancel),
        (Some(""), None) => Ok(Update::Redact),
        _ => Err(INVALID_UPDATE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "MG00000000000000000000000000000007";
    const EPOCH: Epoch = Epoch::from_unix_millis(1_767_225_600_000);

    fn read(fields: &str) -> Result<TextOrder, u32> {
        order(&Form::read(fields.as_bytes()), &mut Papers::default(), Time::ZERO, EPOCH)
    }

    #[test]
    fn an_order_has_twilios_defaults() {
        let order = read("To=%2B34600000001&From=%2B15005550006&Body=Code+012345&Channel=sms").unwrap();
        assert_eq!((order.to.to_string().as_str(), &*order.body), ("+34600000001", "Code 012345"));
        assert_eq!(order.from.unwrap().as_str(), "+15005550006");
        assert_eq!((order.service, order.status, order.send_at), (None, None, None));
        assert_eq!(order.validity, Span::from_hours(10));
    }

    #[test]
    fn a_service_can_be_given_as_the_sender() {
        for fields in [format!("From={SERVICE}"), format!("MessagingServiceSid={SERVICE}")] {
            let order = read(&format!("To=%2B34600000001&{fields}&Body=x")).unwrap();
            assert_eq!((order.from, order.service.unwrap().to_string().as_str()), (None, SERVICE));
        }
    }

    #[test]
    fn bad_orders_have_twilios_codes() {
        let usual = "To=%2B34600000001&From=%2B15005550006&Body=x";
        let at = |text: &str| format!("To=%2B34600000001&MessagingServiceSid={SERVICE}&Body=x&{text}");
        for (fields, code) in [
            ("From=%2B15005550006&Body=x".to_owned(), 21_604),
            ("To=&From=%2B15005550006&Body=x".to_owned(), 21_604),
            ("To=me&From=%2B15005550006&Body=x".to_owned(), 21_211),
            ("To=12345&From=%2B15005550006&Body=x".to_owned(), 21_265),
            ("To=%2B34600000001&From=%2B34600000001&Body=x".to_owned(), 21_266),
            ("To=%2B34600000001&Body=x".to_owned(), 21_603),
            ("To=%2B34600000001&From=!&Body=x".to_owned(), 21_212),
            ("To=%2B34600000001&MessagingServiceSid=MG7&Body=x".to_owned(), 21_701),
            ("To=%2B34600000001&From=%2B15005550006".to_owned(), 21_602),
            (format!("To=%2B34600000001&From=%2B15005550006&Body={}", "x".repeat(1_601)), 21_617),
            (format!("{usual}&MediaUrl=nowhere"), 21_620),
            (format!("{usual}{}", "&MediaUrl=http://a.test/".repeat(11)), 21_623),
            (format!("{usual}&StatusCallback=nowhere"), 21_609),
            (format!("{usual}&StatusCallback=http://my_app.test/"), 21_609),
            (format!("{usual}&ValidityPeriod=0"), 20_001),
            (format!("{usual}&ValidityPeriod=36001"), 20_001),
            (at("ScheduleType=fixed"), 35_111),
            (at("ScheduleType=fixed&SendAt="), 35_111),
            (at("ScheduleType=fixed&SendAt=soon"), 35_115),
            (at("ScheduleType=fixed&SendAt=2026-01-02"), 35_115),
            (at("ScheduleType=fixed&SendAt=2026-02-30T00:00:00"), 35_115),
            (at("ScheduleType=fixed&SendAt=1767312000"), 35_115),
            (at("ScheduleType=fixed&SendAt=2026-01-01T00:04:59Z"), 35_114),
            (at("ScheduleType=fixed&SendAt=2026-01-01T00:04:59"), 35_114),
            (at("ScheduleType=fixed&SendAt=2026-02-05T00:00:01"), 35_114),
            (at("ScheduleType=fixed&SendAt=2026-02-06T00:00:00Z"), 35_114),
            (at("ScheduleType=fixed&SendAt=1960-02-06T00:00:00Z"), 35_114),
        ] {
            assert_eq!(read(&fields), Err(code), "{fields}");
        }
        for (time, after, is_doubtful) in [
            ("2026-01-01T00:05:00Z", Span::from_mins(5), false),
            ("2026-01-01T02:05:00%2B02:00", Span::from_mins(5), false),
            ("2026-01-01T00:05:00", Span::from_mins(5), true),
            ("2026-01-01T00:05:00.5", Span::from_millis(300_500), true),
            ("2026-02-05T00:00:00", Span::from_days(35), true),
        ] {
            let fields = at(&format!("ScheduleType=fixed&SendAt={time}"));
            assert_eq!(read(&fields).unwrap().send_at, Some(Time::ZERO + after), "{time}");
            assert_eq!(doubts(&Form::read(fields.as_bytes())).is_some(), is_doubtful, "{time}");
        }
        // Without a service, Twilio drops the schedule.
        assert_eq!(read(&format!("{usual}&ScheduleType=fixed&SendAt=soon")).unwrap().send_at, None);
        assert_eq!(doubts(&Form::read(at("SendAt=2026-01-01T00:05:00").as_bytes())), None);
    }

    #[test]
    fn magic_numbers_have_their_codes() {
        for (to, from, code) in [
            ("15005550001", "15005550006", Some(21_211)),
            ("15005550002", "15005550006", Some(21_612)),
            ("15005550003", "15005550006", Some(21_408)),
            ("15005550004", "15005550006", Some(21_610)),
            ("15005550009", "15005550006", Some(21_614)),
            ("34600000001", "15005550001", Some(21_212)),
            ("34600000001", "15005550007", Some(21_606)),
            ("34600000001", "15005550008", Some(21_611)),
            ("34600000001", "15005550006", None),
            ("34600000001", "15005550100", None),
        ] {
            let order = read(&format!("To=%2B{to}&From=%2B{from}&Body=x")).unwrap();
            assert_eq!(magic(&order), code, "{to} {from}");
        }
    }

    #[test]
    fn an_update_redacts_or_cancels() {
        for (fields, is) in [
            ("Body=", Ok(Update::Redact)),
            ("Status=canceled", Ok(Update::Cancel)),
            ("Body=new", Err(30_400)),
            ("Status=sent", Err(30_400)),
            ("Body=&Status=canceled", Err(30_400)),
            ("", Err(30_400)),
        ] {
            assert_eq!(update(&Form::read(fields.as_bytes())), is, "{fields}");
        }
    }
}
