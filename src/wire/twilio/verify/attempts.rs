//! Requests about attempts: which codes were sent, and what has become of their texts and calls.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::event::{CallStatus, TextStatus, VerificationStatus, VerifyChannel};
use crate::message::{AttemptSid, VerificationSid, VerifyServiceSid};
use crate::providers::verify::{Attempt, Carried, Verification};
use crate::wire::twilio::paging::{INVALID_PAGE, Paging};
use crate::wire::twilio::verify::rest::{Asked, NOT_FOUND, VerifyAnswer, stamp};
use crate::wire::twilio::verify::settings::INVALID;
use crate::world::World;

/// The filters of a request.
#[derive(Debug, Default)]
struct Filters {
    to: Option<String>,
    channel: Option<VerifyChannel>,
    service: Option<VerifyServiceSid>,
    verification: Option<VerificationSid>,
    converted: Option<bool>,
    /// Unix seconds.
    after: Option<i64>,
    /// Unix seconds.
    before: Option<i64>,
}

impl Filters {
    /// Reads one filter; unknown ones, and the country, take everything.
    fn read(&mut self, name: &str, value: &str) -> Result<(), u32> {
        match name {
            "ChannelData.To" => self.to = Some(value.to_owned()),
            "Channel" => self.channel = Some(VerifyChannel::from_label(value).ok_or(INVALID)?),
            "VerifyServiceSid" => self.service = Some(VerifyServiceSid::read(value).ok_or(INVALID)?),
            "VerificationSid" => self.verification = Some(VerificationSid::read(value).ok_or(INVALID)?),
            "Status" => match value.to_ascii_lowercase().as_str() {
                "converted" => self.converted = Some(true),
                "unconverted" => self.converted = Some(false),
                _ => return Err(INVALID),
            },
            "DateCreatedAfter" => self.after = Some(second(value)?),
            "DateCreatedBefore" => self.before = Some(second(value)?),
            _ => {}
        }
        Ok(())
    }

    fn takes(&self, attempt: &Attempt, verification: &Verification, unix_secs: u64) -> bool {
        let at = i64::try_from(unix_secs).unwrap_or(i64::MAX);
        self.to.as_deref().is_none_or(|to| verification.to().to_string() == to)
            && self.channel.is_none_or(|channel| attempt.channel == channel)
            && self.service.is_none_or(|service| verification.service() == service)
            && self.verification.is_none_or(|sid| verification.sid() == sid)
            && self.after.is_none_or(|after| at >= after)
            && self.before.is_none_or(|before| at <= before)
    }
}

fn second(value: &str) -> Result<i64, u32> {
    value.parse::<Timestamp>().map(Timestamp::as_second).map_err(|_| INVALID)
}

/// Lists the attempts of the account, newest first.
pub(super) fn list(asked: &Asked<'_>) -> VerifyAnswer {
    let mut filters = Filters::default();
    let read = Paging::read(asked.request.rest.query, |name, value| filters.read(name, value));
    let read = read.and_then(|paging| {
        let after = paging.after.as_deref().map(|sid| AttemptSid::read(sid).ok_or(INVALID_PAGE));
        Ok((after.transpose()?, paging))
    });
    let (after, paging) = match read {
        Ok(read) => read,
        Err(code) => return asked.refused(code),
    };
    asked.door.enter(|world| {
        let (all, epoch) = (world.verify().attempts(), world.story().epoch);
        // The page after an attempt has the older ones.
        let place = after.map(|sid| world.verify().attempt(sid).unwrap_or(0));
        let older = all.get(..place.unwrap_or(all.len())).unwrap_or_default();
        let own = older.iter().rev().filter_map(|attempt| {
            let verification = world.verify().verification(attempt.verification)?;
            (verification.account() == &*asked.account).then_some((attempt, verification))
        });
        let fitting = own.filter(|(attempt, verification)| {
            filters.takes(attempt, verification, epoch.unix_secs(attempt.at))
                && filters.converted.is_none_or(|is| is == is_converted(world, attempt, verification))
        });
        let url = asked.url("Attempts");
        let show =
            |(attempt, verification): &(&Attempt, &Verification)| shown(asked, world, attempt, verification);
        let page =
            paging.page_with_meta((&url, "attempts"), fitting, |(attempt, _)| attempt.sid.to_string(), show);
        VerifyAnswer::with(200, page)
    })
}

/// Fetches an attempt.
pub(super) fn fetch(asked: &Asked<'_>, sid: &str) -> VerifyAnswer {
    asked.door.enter(|world| {
        let verify = world.verify();
        let found = AttemptSid::read(sid).and_then(|sid| {
            let attempt = verify.attempts().get(verify.attempt(sid)?)?;
            let verification = verify.verification(attempt.verification)?;
            (verification.account() == &*asked.account).then_some((attempt, verification))
        });
        let body = found.map(|(attempt, verification)| shown(asked, world, attempt, verification));
        body.map_or_else(|| asked.refused(NOT_FOUND), |body| VerifyAnswer::with(200, body))
    })
}

/// Whether the code of this attempt led to an approval: the last one of an approved verification.
fn is_converted(world: &World, attempt: &Attempt, verification: &Verification) -> bool {
    let last = world.verify().attempts_of(verification).last();
    verification.status(world.now()) == VerificationStatus::Approved
        && last.is_some_and(|last| last.sid == attempt.sid)
}

fn shown(asked: &Asked<'_>, world: &World, attempt: &Attempt, verification: &Verification) -> Value {
    let (epoch, sid) = (world.story().epoch, attempt.sid.to_string());
    let mut data = json!({
        "verification_sid": verification.sid().to_string(),
        "to": verification.to().to_string(),
    });
    let mut updated = attempt.at;
    match attempt.carried {
        Carried::Text(text) => {
            let text = world.text(text);
            updated = text.and_then(|text| text.log().last()).map_or(updated, |(at, _)| *at);
            data["message_status"] = text.map_or(TextStatus::Queued, |text| text.status()).label().into();
            // A string, although errors of texts are numbers elsewhere (TW-verify).
            data["error_code"] = text.and_then(|text| text.error()).map(|code| code.to_string()).into();
        }
        Carried::Call(call) => {
            let call = world.call_of_sid(call);
            updated = call.and_then(|call| call.log().last()).map_or(updated, |(at, _)| *at);
            let status = call.map_or(CallStatus::Queued, |call| call.rest_status());
            data["call_status"] = status.label().into();
        }
        Carried::Email => {}
    }
    let converted = is_converted(world, attempt, verification);
    json!({
        "sid": sid,
        "account_sid": &*asked.account,
        "service_sid": verification.service().to_string(),
        "verification_sid": verification.sid().to_string(),
        "date_created": stamp(epoch, attempt.at),
        "date_updated": stamp(epoch, updated),
        "conversion_status": if converted { "converted" } else { "unconverted" },
        "channel": attempt.channel.label(),
        "price": { "value": null, "currency": "usd" },
        "channel_data": data,
        "url": asked.url(&format!("Attempts/{sid}")),
    })
}
