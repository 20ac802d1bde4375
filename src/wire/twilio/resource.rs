//! A call as the REST API shows it (TW-call).

use serde_json::{Value, json};

use crate::base::time::Epoch;
use crate::event::{AnsweredBy, CallStatus};
use crate::providers::phone::Call;
use crate::wire::twilio::rest::ACCOUNTS;
use crate::wire::twilio::webhook;

/// The subresources that Twilio names; none of them can be fetched here.
const SUBRESOURCES: [&str; 9] = [
    "notifications",
    "recordings",
    "payments",
    "events",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_message_subscriptions",
    "user_defined_messages",
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
    let below: serde_json::Map<String, Value> =
        SUBRESOURCES.iter().map(|name| ((*name).to_owned(), camel(&own, name).into())).collect();
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

/// The address of a subresource, whose name is in camel case there: `/UserDefinedMessages.json`.
fn camel(own: &str, name: &str) -> String {
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    format!("{own}/{}.json", words.collect::<String>())
}
