//! Test support for the sink: a scriptable mailroom, and dialogues as text.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};

use crate::wire::smtp::{Disposition, End, Envelope, Session, Settings, SmtpHandler, SmtpReply, converse};

/// An email that a mailroom was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) envelope: Envelope,
    pub(crate) raw: Vec<u8>,
}

/// Keeps each message that it does not refuse. The local part of an address selects the answer:
/// `550@any.test` is refused with 550, `cut@…` and `cut-after@…` cut the connection, `panic@…`
/// panics. The answer is given at RCPT if the domain is `rcpt.test`, at MAIL if the sender's domain
/// is `mail.test`, and otherwise at the end of the message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<Vec<Kept>>>);

impl Shelf {
    pub(crate) fn mails(&self) -> Vec<Kept> {
        self.0.lock().unwrap().clone()
    }
}

impl SmtpHandler for Shelf {
    fn mail(&mut self, from: Option<&str>) -> Disposition {
        judge(from.filter(|from| from.ends_with("@mail.test")).unwrap_or_default())
    }

    fn rcpt(&mut self, to: &str) -> Disposition {
        judge(if to.ends_with("@rcpt.test") { to } else { "" })
    }

    fn message(&mut self, envelope: &Envelope, raw: &[u8]) -> Disposition {
        let disposition = envelope.to.iter().map(|to| judge(to)).find(|verdict| *verdict != judge(""));
        if !matches!(disposition, Some(Disposition::Reply(_))) {
            self.0.lock().unwrap().push(Kept { envelope: envelope.clone(), raw: raw.to_vec() });
        }
        disposition.unwrap_or_else(|| judge(""))
    }
}

fn judge(address: &str) -> Disposition {
    let local = address.split('@').next().unwrap_or_default();
    let taken = SmtpReply::new(250, "ok");
    match (local, local.parse::<u16>()) {
        (_, Ok(code)) => Disposition::Reply(SmtpReply::refused(code)),
        ("cut", _) => Disposition::CutBefore,
        ("cut-after", _) => Disposition::CutAfter(taken),
        ("panic", _) => panic!("the mailroom was told to panic"),
        _ => Disposition::Reply(taken),
    }
}

/// Runs `future` on a current-thread runtime, as a play does; a test that hangs fails.
#[track_caller]
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let watched = async { tokio::time::timeout(Duration::from_secs(30), future).await };
    runtime.block_on(watched).expect("the test hangs")
}

/// Plays `script` against a session over a pipe, line by line: `C:` lines are sent, `S:` lines are
/// expected, `S: <end>` is the end of the connection. Returns the kept messages.
#[track_caller]
pub(crate) fn dialogue(settings: &Settings, script: &str) -> Vec<Kept> {
    let shelf = Shelf::default();
    let session = Session::new(1, settings, shelf.clone());
    run(async {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (_, said) =
            tokio::join!(converse(theirs, session, settings.limits.idle), read_script(ours, script));
        assert_eq!(said, script.trim_start().replace("    ", ""), "the dialogue went another way");
    });
    shelf.mails()
}

async fn read_script(pipe: DuplexStream, script: &str) -> String {
    let mut pipe = BufReader::new(pipe);
    let mut said = String::new();
    for line in script.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
        if let Some(text) = line.strip_prefix("C: ") {
            pipe.write_all(text.as_bytes()).await.unwrap();
            pipe.write_all(b"\r\n").await.unwrap();
            said += &format!("{line}\n");
            continue;
        }
        let mut reply = String::new();
        match pipe.read_line(&mut reply).await {
            Ok(0) => said += "S: <end>\n",
            Ok(_) => said += &format!("S: {}\n", reply.trim_end_matches("\r\n")),
            Err(error) => said += &format!("S: <{error}>\n"),
        }
    }
    said
}

/// Sends `bytes` all at once, closes that direction, and returns all replies.
pub(crate) fn pour(settings: &Settings, shelf: &Shelf, bytes: &[u8]) -> (String, End) {
    let session = Session::new(1, settings, shelf.clone());
    run(async {
        let (ours, theirs) = tokio::io::duplex(100);
        let (mut back, mut forth) = tokio::io::split(ours);
        let mut replies = String::new();
        let client = async {
            let pouring = async {
                // The session may end before everything is written.
                let _ = forth.write_all(bytes).await;
                let _ = forth.shutdown().await;
            };
            tokio::join!(pouring, back.read_to_string(&mut replies)).1.unwrap();
        };
        let (end, ()) = tokio::join!(converse(theirs, session, settings.limits.idle), client);
        (replies, end)
    })
}

/// The codes of all replies in `text`; a multiline reply counts once.
pub(crate) fn codes(text: &str) -> Vec<u16> {
    let last = text.lines().filter(|line| line.as_bytes().get(3) == Some(&b' '));
    last.map(|line| line[..3].parse().unwrap()).collect()
}
