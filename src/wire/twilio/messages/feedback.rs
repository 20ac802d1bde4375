//! Feedback on a text: whether its recipient did what the text was for (TW-media).

use serde_json::json;

use crate::message::TextSid;
use crate::wire::form::Form;
use crate::wire::twilio::messages::rest::Texts;
use crate::wire::twilio::rest::{ACCOUNTS, RestResponse, error};
use crate::wire::twilio::webhook::stamp;

/// A parameter is not valid.
const INVALID_PARAMETER: u32 = 20_001;

/// The status that the specification lists.
const TAKEN: u16 = 200;

impl Texts<'_> {
    /// Takes the feedback. Nothing depends on it, and Twilio's API shows it to nobody later.
    pub(super) fn give_feedback(&self, text: TextSid) -> RestResponse {
        let form = Form::read(self.request.body);
        let outcome = match form.get("Outcome").filter(|outcome| !outcome.is_empty()) {
            None => "confirmed",
            Some(outcome @ ("confirmed" | "unconfirmed")) => outcome,
            Some(_) => return error(INVALID_PARAMETER),
        };
        let now = self.door.enter(|world| stamp(world.story().epoch.unix_secs(world.now())));
        let body = json!({
            "account_sid": self.account,
            "message_sid": text.to_string(),
            "outcome": outcome,
            "date_created": now,
            "date_updated": now,
            "uri": format!("{ACCOUNTS}{}/Messages/{text}/Feedback.json", self.account),
        });
        RestResponse { status: TAKEN, body: Some(body), holds: None }
    }
}
