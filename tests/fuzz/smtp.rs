//! SMTP sessions: replies must have codes, and must not depend on how the bytes arrive.

use std::sync::{Arc, Mutex, PoisonError};

use lostkey::wire::smtp::{
    Auth, Disposition, Envelope, Limits, Session, Settings, SmtpHandler, SmtpReply, Then,
};

/// Largest message of a session, in bytes.
const MESSAGE_MAX: usize = 500;

/// Counts messages, and keeps the size of the largest.
#[derive(Clone, Default)]
struct Counter(Arc<Mutex<(usize, usize)>>);

impl Counter {
    fn seen(&self) -> (usize, usize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SmtpHandler for Counter {
    fn message(&mut self, _: &Envelope, raw: &[u8]) -> Disposition {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = (seen.0 + 1, seen.1.max(raw.len()));
        Disposition::Reply(SmtpReply::new(250, "taken"))
    }
}

/// The replies to these bytes, in chunks, and the messages.
fn heard(input: &[u8], chunk: usize) -> (Vec<u8>, (usize, usize)) {
    let limits = Limits { command_line: 200, text_line: 300, message: MESSAGE_MAX, ..Limits::MAILBOX };
    let settings = Settings { limits, auth: Some(Auth::default()), ..Settings::default() };
    let counter = Counter::default();
    let mut session = Session::new(1, &settings, counter.clone());
    let mut out = Vec::new();
    for bytes in input.chunks(chunk.max(1)) {
        session.receive(bytes);
        while let Some(then) = session.poll_step(&mut out) {
            if then != Then::GoOn {
                break;
            }
        }
    }
    (out, counter.seen())
}

/// Plays a session; returns whether a message was taken.
pub(crate) fn session(input: &[u8]) -> Result<bool, String> {
    let (replies, seen) = heard(input, input.len());
    for chunk in [1, 7] {
        if heard(input, chunk) != (replies.clone(), seen) {
            return Err(format!("in chunks of {chunk} it goes another way"));
        }
    }
    let text = String::from_utf8(replies).map_err(|error| error.to_string())?;
    for line in text.split_inclusive("\r\n") {
        let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
        let is_reply = code.is_some_and(|code| (200..600).contains(&code))
            && line.ends_with("\r\n")
            && !line.trim_end().contains(char::is_control);
        if !is_reply {
            return Err(format!("a line that is no reply: {line:?}"));
        }
    }
    if seen.1 > MESSAGE_MAX { Err(format!("a message of {} bytes", seen.1)) } else { Ok(seen.0 > 0) }
}
