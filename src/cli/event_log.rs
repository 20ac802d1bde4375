//! `lostkey serve --log`: one line on stderr for each event, as JSON or as text.
//!
//! A thread writes the lines. The server only puts events into a bounded queue, so a slow reader of the log
//! never holds it up; what does not fit is dropped, and a line says how much. Secrets are dots.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::serve::{Happened, News};

/// The maximum number of events that wait to be written.
const QUEUE_MAX: usize = 4_096;

/// The longest real time that the end of the program waits for the last lines.
const FLUSH_MAX: Duration = Duration::from_secs(1);

/// In place of a secret.
const DOTS: &str = "••••••";

/// Fields of events that hold digests of codes: a code is short enough to be found by trying all.
const SECRETS: [&str; 2] = ["digits", "guess"];

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// One JSON object a line
    Json,
    /// Words and `key=value`
    Text,
}

/// An event on its way to the log.
struct Entry {
    sandbox: String,
    unix_millis: u64,
    what: Happened,
}

/// A running log. Dropping it waits for the last lines, for a limited time.
pub(super) struct EventLog {
    queue: Option<SyncSender<Entry>>,
    dropped: Arc<AtomicU64>,
    /// Disconnected when the thread has ended.
    ended: Receiver<()>,
}

/// The end of a log that takes events.
pub(super) struct Intake {
    queue: SyncSender<Entry>,
    dropped: Arc<AtomicU64>,
}

impl Intake {
    /// Queues an event, or drops and counts it.
    pub(super) fn take(&self, news: &News<'_>) {
        let News { sandbox, unix_millis, what } = *news;
        let entry = Entry { sandbox: sandbox.to_owned(), unix_millis, what };
        if self.queue.try_send(entry).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl EventLog {
    /// Starts a log that writes to `out`.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(super) fn start(format: LogFormat, out: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, entries) = sync_channel(QUEUE_MAX);
        let dropped = Arc::new(AtomicU64::new(0));
        let (alive, ended) = sync_channel(0);
        let lost = Arc::clone(&dropped);
        thread::Builder::new().name("event log".to_owned()).spawn(move || {
            // A closed pipe ends the log, and nothing else.
            let _closed_pipe = write_all(format, out, &entries, &lost);
            drop(alive);
        })?;
        Ok(Self { queue: Some(queue), dropped, ended })
    }

    /// The end that takes events; `None` once the log ends.
    pub(super) fn intake(&self) -> Option<Intake> {
        let queue = self.queue.clone()?;
        Some(Intake { queue, dropped: Arc::clone(&self.dropped) })
    }
}

impl Drop for EventLog {
    fn drop(&mut self) {
        self.queue = None;
        let _either_way = self.ended.recv_timeout(FLUSH_MAX);
    }
}

/// Writes events until all intakes are gone.
fn write_all(
    format: LogFormat,
    mut out: impl Write,
    entries: &Receiver<Entry>,
    dropped: &AtomicU64,
) -> io::Result<()> {
    let say_dropped = |out: &mut dyn Write| match dropped.swap(0, Ordering::Relaxed) {
        0 => Ok(()),
        count => write_line(out, &gap(format, count)),
    };
    for entry in entries {
        say_dropped(&mut out)?;
        write_line(&mut out, &line(format, &entry))?;
    }
    say_dropped(&mut out)
}

/// Writes a line at once, so that lines of other writers do not come in between.
fn write_line(out: &mut dyn Write, line: &str) -> io::Result<()> {
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()
}

/// The line about events that were dropped.
fn gap(format: LogFormat, count: u64) -> String {
    match format {
        LogFormat::Json => json!({ "dropped": count }).to_string(),
        LogFormat::Text => format!("{count} events were dropped: the log is read too slowly"),
    }
}

fn line(format: LogFormat, entry: &Entry) -> String {
    let unix = i64::try_from(entry.unix_millis).unwrap_or(i64::MAX);
    let time = Timestamp::from_millisecond(unix).unwrap_or(Timestamp::MAX);
    let sandbox = &entry.sandbox;
    let (id, event) = match entry.what {
        Happened::Event(id, event) => (id, event),
        Happened::Reset => {
            return match format {
                LogFormat::Json => {
                    json!({ "time": time.to_string(), "sandbox": sandbox, "kind": "reset" }).to_string()
                }
                LogFormat::Text => format!("{time} {sandbox} reset"),
            };
        }
    };
    // An event always has a JSON form.
    let mut told = serde_json::to_value(event).unwrap_or_default();
    hide(&mut told);
    match format {
        LogFormat::Json => {
            if let Value::Object(fields) = &mut told {
                fields.insert("time".to_owned(), json!(time.to_string()));
                fields.insert("sandbox".to_owned(), json!(sandbox));
                fields.insert("id".to_owned(), json!(id.index()));
            }
            told.to_string()
        }
        LogFormat::Text => {
            let cause = event.cause.map(|cause| format!(" after=#{}", cause.index())).unwrap_or_default();
            format!("{time} {sandbox} #{} {}: {}{cause}", id.index(), event.by, in_words(&told["kind"]))
        }
    }
}

/// Replaces secrets by dots.
fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                if SECRETS.contains(&name.as_str()) {
                    *value = json!(DOTS);
                } else {
                    hide(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hide),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A kind of event: its name, and `key=value` for each field.
fn in_words(kind: &Value) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let Some((name, fields)) = kind.as_object().and_then(|kind| kind.iter().next()) else {
        return plain(kind);
    };
    let fields = fields.as_object().into_iter().flatten();
    let fields = fields.map(|(name, value)| format!(" {name}={}", plain(value)));
    format!("{name}{}", fields.collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;
    use crate::base::id::{CallId, EventId};
    use crate::base::number::Number;
    use crate::base::secret::Digest;
    use crate::base::time::Time;
    use crate::event::{Actor, Event, EventKind, Typed};

    /// A writer that keeps what is written, and can be stopped.
    #[derive(Clone, Default)]
    struct Paper(Arc<(Mutex<State>, Condvar)>);

    #[derive(Default)]
    struct State {
        is_stopped: bool,
        /// How many writes have begun.
        begun: usize,
        text: String,
    }

    impl Paper {
        fn change(&self, act: impl FnOnce(&mut State)) {
            act(&mut self.0.0.lock().unwrap());
            self.0.1.notify_all();
        }

        fn wait(&self, wanted: impl Fn(&State) -> bool) {
            let state = self.0.0.lock().unwrap();
            drop(self.0.1.wait_while(state, |state| !wanted(state)).unwrap());
        }

        fn text(&self) -> String {
            self.0.0.lock().unwrap().text.clone()
        }
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.change(|state| state.begun += 1);
            self.wait(|state| !state.is_stopped);
            self.change(|state| state.text.push_str(&String::from_utf8_lossy(bytes)));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn event(nth: usize, kind: EventKind) -> News<'static> {
        let cause = nth.checked_sub(1).map(EventId::at);
        let event = Event { at: Time::from_millis(1_000), by: Actor::PhoneCompany, cause, kind };
        News { sandbox: "t1", unix_millis: 1_000, what: Happened::Event(EventId::at(nth), event) }
    }

    /// What a log of these news says.
    fn log_of(format: LogFormat, news: &[News<'_>]) -> String {
        let paper = Paper::default();
        let log = EventLog::start(format, paper.clone()).unwrap();
        let intake = log.intake().unwrap();
        news.iter().for_each(|news| intake.take(news));
        drop(intake);
        drop(log);
        paper.text()
    }

    fn news() -> Vec<News<'static>> {
        let call = CallId(0);
        let number = Number::read("+34600000001").unwrap();
        let guess = Digest::of("042137");
        vec![
            event(0, EventKind::CallTaken { call, number }),
            event(1, EventKind::KeyedIn { call, typed: Typed::Guess(guess) }),
            event(2, EventKind::Gathered { call, digits: guess, count: 6, shown_in: None }),
            event(3, EventKind::AppCrashed),
            News { sandbox: "t1", unix_millis: 2_000, what: Happened::Reset },
        ]
    }

    #[test]
    fn each_event_is_a_line() {
        insta::assert_snapshot!(log_of(LogFormat::Text, &news()), @r#"
        1970-01-01T00:00:01Z t1 #0 phone: call-taken call=0 number=+34600000001
        1970-01-01T00:00:01Z t1 #1 phone: keyed-in call=0 typed={"guess":"••••••"} after=#0
        1970-01-01T00:00:01Z t1 #2 phone: gathered call=0 count=6 digits=•••••• after=#1
        1970-01-01T00:00:01Z t1 #3 phone: app-crashed after=#2
        1970-01-01T00:00:02Z t1 reset
        "#);
        insta::assert_snapshot!(log_of(LogFormat::Json, &news()), @r#"
        {"at":1000,"by":"phone-company","cause":null,"id":0,"kind":{"call-taken":{"call":0,"number":"+34600000001"}},"sandbox":"t1","time":"1970-01-01T00:00:01Z"}
        {"at":1000,"by":"phone-company","cause":0,"id":1,"kind":{"keyed-in":{"call":0,"typed":{"guess":"••••••"}}},"sandbox":"t1","time":"1970-01-01T00:00:01Z"}
        {"at":1000,"by":"phone-company","cause":1,"id":2,"kind":{"gathered":{"call":0,"count":6,"digits":"••••••"}},"sandbox":"t1","time":"1970-01-01T00:00:01Z"}
        {"at":1000,"by":"phone-company","cause":2,"id":3,"kind":"app-crashed","sandbox":"t1","time":"1970-01-01T00:00:01Z"}
        {"kind":"reset","sandbox":"t1","time":"1970-01-01T00:00:02Z"}
        "#);
    }

    #[test]
    fn no_digest_of_a_code_is_in_the_log() {
        for format in [LogFormat::Json, LogFormat::Text] {
            let text = log_of(format, &news());
            assert!(!text.contains(&Digest::of("042137").0.to_string()), "{text}");
            assert_eq!(text.matches(DOTS).count(), 2, "{text}");
        }
    }

    #[test]
    fn a_slow_reader_loses_events_and_is_told_how_many() {
        let paper = Paper::default();
        paper.change(|state| state.is_stopped = true);
        let log = EventLog::start(LogFormat::Json, paper.clone()).unwrap();
        let intake = log.intake().unwrap();
        let take = |nth| intake.take(&event(nth, EventKind::AppCrashed));
        take(0);
        paper.wait(|state| state.begun == 1);
        let extra = 7;
        (1..=QUEUE_MAX + extra).for_each(take);
        paper.change(|state| state.is_stopped = false);
        let lines = 1 + 1 + QUEUE_MAX;
        paper.wait(|state| state.begun == lines);
        drop(intake);
        drop(log);
        let text = paper.text();
        assert_eq!(text.lines().count(), lines);
        assert_eq!(text.matches("{\"dropped\":7}").count(), 1, "{:?}", text.lines().nth(1));
    }

    #[test]
    fn a_writer_that_never_returns_does_not_hold_up_the_end() {
        let paper = Paper::default();
        paper.change(|state| state.is_stopped = true);
        let log = EventLog::start(LogFormat::Text, paper.clone()).unwrap();
        log.intake().unwrap().take(&event(0, EventKind::AppCrashed));
        drop(log);
        assert_eq!(paper.text(), "");
        paper.change(|state| state.is_stopped = false);
    }
}
