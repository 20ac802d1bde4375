//! The SMTP transcript of a message: what client and server said until the reply to the message.
//!
//! A session can send many messages, so each has the beginning of the session (greeting, EHLO, AUTH,
//! STARTTLS) and the lines since the message before. Both are limited. The text of the message is not part
//! of the transcript, and credentials are replaced by dots before they get here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::wire::smtp::Direction;

/// Longest beginning of a session that is kept, in bytes.
const OPENING_MAX: usize = 8 * 1_024;

/// Longest transcript of one message without the beginning of its session, in bytes.
const LINES_MAX: usize = 32 * 1_024;

/// Ends a transcript that was longer than its limit.
const CUT: &str = "(the rest is left out)\n";

/// The transcript of one message.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    opening: Arc<str>,
    /// Shared with the session, which adds the reply to the message.
    lines: Arc<Mutex<String>>,
}

impl Transcript {
    /// Its length, in bytes.
    pub(super) fn len(&self) -> usize {
        self.opening.len() + lock(&self.lines).len()
    }

    /// The lines of client and server, marked by `C: ` and `S: `.
    pub fn text(&self) -> String {
        format!("{}{}", self.opening, lock(&self.lines))
    }
}

/// Records one session.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    opening: String,
    /// The beginning, once the first message has begun.
    finished_opening: Option<Arc<str>>,
    lines: Arc<Mutex<String>>,
    /// Whether the message is complete, so that the client's next line belongs to the next message.
    is_complete: bool,
}

impl Recorder {
    /// Records a line.
    pub(super) fn hear(&mut self, direction: Direction, line: &[u8]) {
        let from_client = direction == Direction::FromClient;
        if from_client && self.is_complete {
            self.is_complete = false;
            self.lines = Arc::default();
        }
        let begins = from_client && line.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"MAIL"));
        if begins && self.finished_opening.is_none() {
            self.finished_opening = Some(std::mem::take(&mut self.opening).into());
        }
        let mark = if from_client { "C: " } else { "S: " };
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\r', '\n']);
        if self.finished_opening.is_none() {
            add(&mut self.opening, OPENING_MAX, &[mark, text, "\n"]);
        } else {
            add(&mut lock(&self.lines), LINES_MAX, &[mark, text, "\n"]);
        }
    }

    /// The transcript of the message that has just arrived, of this size in octets.
    pub(super) fn complete(&mut self, octets: usize) -> Transcript {
        self.is_complete = true;
        let text = format!("({octets} octets of message)\nC: .\n");
        add(&mut lock(&self.lines), LINES_MAX, &["C: ", &text]);
        let opening = self.finished_opening.clone().unwrap_or_default();
        Transcript { opening, lines: Arc::clone(&self.lines) }
    }
}

/// Appends the pieces, or the mark that they were left out.
fn add(text: &mut String, most: usize, pieces: &[&str]) {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    if text.len() + length + CUT.len() <= most {
        text.extend(pieces.iter().copied());
    } else if !text.ends_with(CUT) {
        text.push_str(CUT);
    }
}

fn lock(lines: &Mutex<String>) -> MutexGuard<'_, String> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(recorder: &mut Recorder, lines: &str) {
        for line in lines.lines() {
            let (mark, text) = line.split_at(3);
            let direction = if mark == "C: " { Direction::FromClient } else { Direction::ToClient };
            recorder.hear(direction, format!("{text}\r\n").as_bytes());
        }
    }

    #[test]
    fn each_message_has_the_opening_and_its_own_lines() {
        let mut recorder = Recorder::default();
        hear(&mut recorder, "S: 220 hi\nC: EHLO a\nS: 250 hi\nC: MAIL FROM:<a>\nS: 250 ok\n");
        let first = recorder.complete(10);
        hear(&mut recorder, "S: 250 taken\nC: MAIL FROM:<b>\nS: 250 ok\n");
        let second = recorder.complete(20);
        hear(&mut recorder, "S: 452 full\nC: QUIT\nS: 221 bye\n");
        let opening = "S: 220 hi\nC: EHLO a\nS: 250 hi\n";
        assert_eq!(
            first.text(),
            format!("{opening}C: MAIL FROM:<a>\nS: 250 ok\nC: (10 octets of message)\nC: .\nS: 250 taken\n")
        );
        assert_eq!(
            second.text(),
            format!("{opening}C: MAIL FROM:<b>\nS: 250 ok\nC: (20 octets of message)\nC: .\nS: 452 full\n")
        );
    }

    #[test]
    fn a_transcript_has_an_end() {
        let mut recorder = Recorder::default();
        for line in ["NOOP", "MAIL FROM:<a>", "RCPT TO:<b>"] {
            for _ in 0..10_000 {
                recorder.hear(Direction::FromClient, line.as_bytes());
            }
        }
        let text = recorder.complete(1).text();
        assert!(text.len() <= OPENING_MAX + LINES_MAX + CUT.len(), "{}", text.len());
        assert_eq!(text.matches(CUT).count(), 2);
    }
}
