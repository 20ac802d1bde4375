//! A text as the REST API shows it (TW-message).

use serde_json::{Value, json};

use crate::base::time::Epoch;
use crate::event::TextStatus;
use crate::providers::messaging::{Direction, Text};
use crate::wire::twilio::rest::ACCOUNTS;
use crate::wire::twilio::webhook::stamp;

/// A text of this account in its current state.
pub(super) fn text(text: &Text, account: &str, epoch: Epoch) -> Value {
    let (sid, handset) = (text.sid().to_string(), Some(text.handset().to_string()));
    let sender = text.sender().map(ToString::to_string);
    let (from, to) = match text.direction() {
        Direction::Inbound => (handset, sender),
        Direction::Api | Direction::Reply => (sender, handset),
    };
    let time = |found: Option<&(crate::base::time::Time, TextStatus)>| {
        found.map(|(at, _)| stamp(epoch.unix_secs(*at)))
    };
    let log = text.log();
    let sent = log.iter().find(|(_, status)| matches!(status, TextStatus::Sent | TextStatus::Received));
    let own = format!("{ACCOUNTS}{account}/Messages/{sid}");
    json!({
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": text.body(),
        "date_created": time(log.first()),
        "date_sent": time(sent),
        "date_updated": time(log.last()),
        "direction": text.direction().label(),
        "error_code": text.error(),
        // Twilio's sentences are not public for each code; apps show them and must not parse them.
        "error_message": null,
        "from": from,
        "messaging_service_sid": text.service().map(|service| service.to_string()),
        "num_media": text.media().len().to_string(),
        "num_segments": text.segments().to_string(),
        "price": null,
        "price_unit": "USD",
        "sid": sid,
        "status": text.status().label(),
        "subresource_uris": { "media": format!("{own}/Media.json") },
        "to": to,
        "uri": format!("{own}.json"),
    })
}
