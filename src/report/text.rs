//! Sentences for the events of text messages.

use crate::event::EventKind;

/// What happened to a text, as a sentence without its subject; `None` for other events.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds are about something else")]
pub(super) fn text_words(kind: &EventKind) -> Option<String> {
    Some(match *kind {
        EventKind::TextTaken { text, number } => format!("accepts {text} to {number}"),
        EventKind::TextRefused { number, code } => format!("refuses to text {number} (error {code})"),
        EventKind::TextUnclear { number, sent: Some(text) } => {
            format!("does not answer the order, but sends {text} to {number}")
        }
        EventKind::TextUnclear { number, sent: None } => {
            format!("does not answer the order, and does not text {number}")
        }
        EventKind::TextStatusChanged { text, status } => format!("changes {text} to {status}"),
        EventKind::TextArrived { text, number } => format!("delivers {text} to {number}"),
        EventKind::TextReceived { text, number } => format!("receives {text} from {number}"),
        EventKind::OptOutChanged { number, out: true } => format!("notes that {number} opted out of texts"),
        EventKind::OptOutChanged { number, out: false } => format!("notes that {number} opted in to texts"),
        EventKind::ReceiptAnswered { text, status, http } => {
            format!("reports {text} as {status}; the answer is {http}")
        }
        EventKind::ReceiptFailed { text, status } => format!("reports {text} as {status}; no answer"),
        EventKind::RepliesFetched { text, count: 1 } => format!("receives 1 reply to {text}"),
        EventKind::RepliesFetched { text, count } => format!("receives {count} replies to {text}"),
        EventKind::RepliesFailed { text, error } => {
            format!("receives no usable reply to {text} (error {error})")
        }
        _ => return None,
    })
}
