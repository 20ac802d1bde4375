//! What the REST API has below a call: the debugger's notes about it, and its recordings (TW-below-call).

use serde_json::{Value, json};

use crate::base::time::Epoch;
use crate::message::Sid;
use crate::wire::twilio::debugger::Note;
use crate::wire::twilio::paging::{INVALID_PAGE, Paging, TimeFilter, is_sid};
use crate::wire::twilio::rest::{ACCOUNTS, At, RestResponse, error};
use crate::wire::twilio::webhook::stamp;

impl At<'_> {
    /// Answers a request about something below a call of the account.
    pub(super) fn below(&self, call: Sid, method: &str, below: &[&str]) -> RestResponse {
        match (method, below) {
            ("GET", ["Notifications"]) => self.list_notes(call),
            ("GET", ["Notifications", sid]) => self.fetch_note(call, sid),
            ("GET", ["Recordings"]) => self.list_recordings(call),
            _ => error(20_404),
        }
    }

    /// Lists the debugger's notes about a call, newest first.
    fn list_notes(&self, call: Sid) -> RestResponse {
        let (mut log, mut dates) = (None, Vec::new());
        let read = Paging::read(self.request.query, |name, value| {
            match name {
                "Log" => log = Some(value.to_owned()),
                "MessageDate" | "MessageDate<" | "MessageDate>" => dates.push(TimeFilter::read(name, value)?),
                _ => {}
            }
            Ok(())
        });
        let paging = match read {
            Ok(paging) if paging.after.as_deref().is_none_or(|sid| is_sid("NO", sid)) => paging,
            Ok(_) => return error(INVALID_PAGE),
            Err(code) => return error(code),
        };
        let epoch = self.door.world().story().epoch;
        let notes = self.notes(call);
        // A note that is gone was among the oldest, so nothing follows it.
        let place = |sid: &String| notes.iter().position(|note| note_sid(call, note) == *sid);
        let skipped =
            paging.after.as_ref().map_or(0, |sid| place(sid).map_or(notes.len(), |place| place + 1));
        let fitting = notes.iter().skip(skipped).filter(|note| {
            log.as_deref().is_none_or(|log| log == level(note))
                && dates.iter().all(|filter| filter.takes(Some(epoch.unix_secs(note.at))))
        });
        let path = format!("{ACCOUNTS}{}/Calls/{call}/Notifications.json", self.account);
        let show = |note: &&Note| notification(call, note, self.account, epoch);
        let page = paging.page((&path, "notifications"), fitting, |note: &&Note| note_sid(call, note), show);
        RestResponse { status: 200, body: Some(page), holds: None }
    }

    fn fetch_note(&self, call: Sid, sid: &str) -> RestResponse {
        let notes = self.notes(call);
        let Some(note) = notes.iter().find(|note| note_sid(call, note) == sid) else {
            return error(20_404);
        };
        let mut body = notification(call, note, self.account, self.door.world().story().epoch);
        // The debugger keeps neither requests nor answers.
        for part in ["request_variables", "response_body", "response_headers"] {
            body[part] = Value::Null;
        }
        RestResponse { status: 200, body: Some(body), holds: None }
    }

    /// The debugger's notes about a call, newest first; not the lints, which Twilio does not have.
    fn notes(&self, call: Sid) -> Vec<Note> {
        let (mut notes, _) = self.accounts.debugger().since(0);
        notes.retain(|note| note.call == Some(call) && note.finding.code.is_some());
        notes.reverse();
        notes
    }

    /// Lists no recordings: those of `<Record>` hold no sound and are not kept.
    fn list_recordings(&self, call: Sid) -> RestResponse {
        let read = Paging::read(self.request.query, |name, value| match name {
            "DateCreated" | "DateCreated<" | "DateCreated>" => TimeFilter::read(name, value).map(drop),
            _ => Ok(()),
        });
        let path = format!("{ACCOUNTS}{}/Calls/{call}/Recordings.json", self.account);
        match read {
            Ok(paging) => {
                let none = std::iter::empty::<Value>();
                let page = paging.page((&path, "recordings"), none, |_| String::new(), Value::clone);
                RestResponse { status: 200, body: Some(page), holds: None }
            }
            Err(code) => error(code),
        }
    }
}

/// Twilio's word for how bad it is.
const fn level(note: &Note) -> &'static str {
    if note.finding.is_error { "0" } else { "1" }
}

/// The SID of a note, which follows from the call and the note's number.
fn note_sid(call: Sid, note: &Note) -> String {
    format!("NO{:032x}", { call.0 }.wrapping_add(1 + u128::from(note.number)))
}

fn notification(call: Sid, note: &Note, account: &str, epoch: Epoch) -> Value {
    let (sid, at) = (note_sid(call, note), stamp(epoch.unix_secs(note.at)));
    let code = note.finding.code.map(|code| code.to_string());
    json!({
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": call.to_string(),
        "date_created": at,
        "date_updated": at,
        "error_code": code,
        "log": level(note),
        "message_date": at,
        "message_text": note.finding.says,
        "more_info": code.map(|code| format!("https://www.twilio.com/docs/errors/{code}")),
        // The sentence names the address, shortened so that it holds no secret.
        "request_method": null,
        "request_url": null,
        "uri": format!("{ACCOUNTS}{account}/Calls/{call}/Notifications/{sid}.json"),
        "sid": sid,
    })
}
