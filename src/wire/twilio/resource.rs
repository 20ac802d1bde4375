//! A call as the REST API shows it (TW-call).

use serde_json::{Value, json};

use crate::base::time::Epoch;
use crate::event::{AnsweredBy, CallStatus};
use crate::providers::phone::Call;
use crate::wire::twilio::rest::ACCOUNTS;
use crate::wire::twilio::webhook;

/// The subresources that Twilio names, with the last part of their addresses. TW-below-call says which of them
/// answer here.
const SUBRESOURCES: [(&str, &str); 9] = [
    ("notifications", "Notifications"),
    ("recordings", "Recordings"),
    ("payments", "Payments"),
    ("events", "Events"),
    ("siprec", "Siprec"),
    ("streams", "Streams"),
    ("transcriptions", "Transcriptions"),
    ("user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"),
    ("user_defined_messages", "UserDefinedMessages"),
];

/// A call of this account in its current state.
pub(super) fn call(call: &Call, account: &str, epoch: Epoch) -> Value {
    let since = |test: fn(CallStatus) -> bool| {
        let found = call.log().iter().find(|(_, status)| test(*status));
        found.map(|(at, _)| webhook::stamp(epoch.unix_secs(*at)))
    };
    let (sid, to, from) = (call.sid().to_string(), call.number().to_string(), call.from().to_string());
    let updated = call.log().last().map(|(at, _)| webhook::stamp(epoch.unix_secs(*at)));
    let own = format!("{ACCOUNTS}{account}/Calls/{sid}");
    let below =
        SUBRESOURCES.iter().map(|(name, part)| ((*name).to_owned(), format!("{own}/{part}.json").into()));
    let below: serde_json::Map<String, Value> = below.collect();
    json!({
        "sid": sid,
        "account_sid": account,
        "parent_call_sid": null,
        "phone_number_sid": null,
        "group_sid": null,
        "trunk_sid": null,
        "to": to,
        "to_formatted": to,
        "from": from,
        "from_formatted": from,
        "forwarded_from": null,
        "caller_name": null,
        "status": call.rest_status().label(),
        "direction": "outbound-api",
        "api_version": "2010-04-01",
        "answered_by": call.answered_by().map(AnsweredBy::label),
        "duration": call.duration().map(|seconds| seconds.to_string()),
        "queue_time": call.waited().as_millis().to_string(),
        "date_created": since(|status| status == CallStatus::Queued),
        "date_updated": updated,
        "start_time": since(|status| status == CallStatus::Initiated),
        "end_time": since(CallStatus::is_terminal),
        "price": null,
        "price_unit": "USD",
        "uri": format!("{own}.json"),
        "subresource_uris": below,
    })
}
