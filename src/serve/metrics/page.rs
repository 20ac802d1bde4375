//! The page: all metrics in Prometheus' text format, version 0.0.4.
//!
//! Names, labels and help are constants without characters that would need an escape.

use std::fmt::{Display, Write};
use std::sync::Arc;

use crate::serve::metrics::{Count, Ongoing};
use crate::serve::sandbox::{Sandbox, Sandboxes};

/// The content type of the page.
pub(in crate::serve) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What the metrics of [`Count`] say.
const HELP: &[(&str, &str)] = &[
    ("lostkey_calls_total", "Orders of calls, by what became of them."),
    ("lostkey_texts_total", "Orders of texts, by what became of them, and texts from handsets."),
    ("lostkey_verifications_total", "Verifications that began, and what became of them."),
    (
        "lostkey_verifications_refused_total",
        "Starts, checks and changes of verifications that were refused, by Twilio's error code.",
    ),
    ("lostkey_webhooks_total", "Webhooks of calls and texts that were sent, by the status of the answer."),
    ("lostkey_faults_struck_total", "Faults that struck."),
    ("lostkey_rest_requests_total", "Requests to the REST API, by the status of the answer."),
    ("lostkey_smtp_sessions_total", "SMTP sessions that began."),
    ("lostkey_resets_total", "New starts of a world."),
];

/// The page.
pub(in crate::serve) fn page(sandboxes: &Sandboxes) -> String {
    let meters = sandboxes.meters();
    let mut text = Text::default();
    for (metric, help) in HELP {
        text.head(metric, "counter", help);
        for count in Count::ALL.iter().filter(|count| count.metric() == *metric) {
            text.line(metric, count.label(), meters.counted(*count));
        }
    }
    let emails = meters.emails();
    let metric = "lostkey_emails_total";
    text.head(metric, "counter", "Emails that arrived, and recipients and emails that were refused.");
    text.line(metric, "result=\"taken\"", emails.taken);
    text.line(metric, "result=\"refused\"", emails.refused);
    let others = sandboxes.all();
    let mut held = Holding::default();
    for sandbox in others.iter().chain([sandboxes.default()]) {
        held.add(sandbox);
    }
    for (metric, help, value) in [
        (
            "lostkey_crossings_under_way",
            "Requests and messages between the app and its providers under way.",
            held.under_way,
        ),
        ("lostkey_calls_alive", "Calls that have not ended.", held.calls),
        ("lostkey_emails_kept", "Emails in mailboxes.", held.emails),
        ("lostkey_emails_kept_bytes", "The size of the emails in mailboxes.", held.email_bytes),
        ("lostkey_sandboxes", "Sandboxes besides the default one.", others.len() as u64),
        ("lostkey_waits", "Requests that wait for a call, a text or an email.", meters.held(Ongoing::Wait)),
        ("lostkey_event_streams", "Open streams of events.", meters.held(Ongoing::Stream)),
    ] {
        text.head(metric, "gauge", help);
        text.line(metric, "", value);
    }
    let uptime = sandboxes.default().lived().as_millis();
    let metric = "lostkey_uptime_seconds";
    text.head(metric, "gauge", "Real time since the start.");
    text.line(metric, "", format_args!("{}.{:03}", uptime / 1_000, uptime % 1_000));
    text.0
}

/// What the sandboxes hold together.
#[derive(Default)]
struct Holding {
    under_way: u64,
    calls: u64,
    emails: u64,
    email_bytes: u64,
}

impl Holding {
    fn add(&mut self, sandbox: &Arc<Sandbox>) {
        let counts = sandbox.served.inbox().counts();
        self.emails += counts.messages as u64;
        self.email_bytes += counts.bytes as u64;
        let world = sandbox.served.door.world();
        self.under_way += world.under_way() as u64;
        self.calls += world.calls().iter().filter(|call| !call.is_over()).count() as u64;
    }
}

/// The text of a page.
#[derive(Default)]
struct Text(String);

impl Text {
    /// The lines above the values of a metric.
    fn head(&mut self, metric: &str, kind: &str, help: &str) {
        let _never_fails = write!(self.0, "# HELP {metric} {help}\n# TYPE {metric} {kind}\n");
    }

    fn line(&mut self, metric: &str, label: &str, value: impl Display) {
        let _never_fails = match label {
            "" => writeln!(self.0, "{metric} {value}"),
            label => writeln!(self.0, "{metric}{{{label}}} {value}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counter_is_on_the_page_once() {
        for count in Count::ALL {
            let found = HELP.iter().filter(|(metric, _)| *metric == count.metric()).count();
            assert_eq!(found, 1, "{count:?}");
            let same = Count::ALL
                .iter()
                .filter(|other| (other.metric(), other.label()) == (count.metric(), count.label()));
            assert_eq!(same.count(), 1, "{count:?}");
        }
    }
}
