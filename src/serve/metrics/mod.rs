//! `GET /metrics`: counters and gauges in Prometheus' text format.
//!
//! Counters are sums over all sandboxes, the default one and those that have ended included, and survive
//! resets. Gauges are sums over the sandboxes that there are. The labels have few values, all of them known
//! at compile time: nothing that a client sends becomes a label.

mod count;
mod page;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) use self::count::Count;
pub(super) use self::page::{CONTENT_TYPE, page};
use crate::event::EventKind;
use crate::message::{Answer, HookReply, TextHookReply};
use crate::wire::inbox::Inbox;

/// The counters, and the gauges that no world holds.
#[derive(Debug, Default)]
pub(super) struct Meters {
    counts: Counts,
    waits: AtomicU64,
    streams: AtomicU64,
    mail: Mutex<Mail>,
}

/// The counters, each at its place.
#[derive(Debug)]
struct Counts([AtomicU64; Count::ALL.len()]);

impl Default for Counts {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; Count::ALL.len()])
    }
}

/// The counts of emails, which each inbox holds.
#[derive(Debug, Default)]
struct Mail {
    open: Vec<Inbox>,
    /// The sums of the inboxes that are gone.
    gone: Emails,
}

/// How many emails arrived, and how many recipients and emails were refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Emails {
    pub(super) taken: u64,
    pub(super) refused: u64,
}

impl Emails {
    fn with(self, inbox: &Inbox) -> Self {
        let counts = inbox.counts();
        Self { taken: self.taken + counts.accepted, refused: self.refused + counts.refused }
    }
}

/// What goes on for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ongoing {
    /// A request that waits for a call, a text or an email.
    Wait,
    /// A stream of events.
    Stream,
}

/// Counts something as going on until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    meters: Arc<Meters>,
    what: Ongoing,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.meters.gauge(self.what).fetch_sub(1, Ordering::Relaxed);
    }
}

impl Meters {
    /// Counts one more.
    pub(super) fn count(&self, what: Count) {
        if let Some(count) = self.counts.0.get(what as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many there were.
    pub(super) fn counted(&self, what: Count) -> u64 {
        self.counts.0.get(what as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// Counts an event of a world.
    pub(super) fn count_event(&self, kind: &EventKind) {
        if let Some(what) = Count::of_event(kind) {
            self.count(what);
        }
    }

    /// Counts a new start of a world.
    pub(super) fn count_reset(&self) {
        self.count(Count::Reset);
    }

    /// Counts the outcome of a webhook that was sent.
    pub(super) fn count_webhook(&self, answer: &Answer) {
        let http = match answer {
            Answer::Webhook(HookReply::Answered { http, .. })
            | Answer::Text(TextHookReply::Answered { http, .. }) => Some(*http),
            Answer::Webhook(HookReply::Redirected(_)) | Answer::Text(TextHookReply::Redirected(_)) => {
                Some(300)
            }
            Answer::Page(_)
            | Answer::Mail(_)
            | Answer::Call(_)
            | Answer::Ticket(_)
            | Answer::Reset(_)
            | Answer::Lost(_) => None,
        };
        self.count(Count::of_webhook(http));
    }

    /// Counts something as going on until the result is dropped.
    pub(super) fn hold(self: &Arc<Self>, what: Ongoing) -> Held {
        self.gauge(what).fetch_add(1, Ordering::Relaxed);
        Held { meters: Arc::clone(self), what }
    }

    /// How many are going on.
    pub(super) fn held(&self, what: Ongoing) -> u64 {
        self.gauge(what).load(Ordering::Relaxed)
    }

    const fn gauge(&self, what: Ongoing) -> &AtomicU64 {
        match what {
            Ongoing::Wait => &self.waits,
            Ongoing::Stream => &self.streams,
        }
    }

    /// Counts the emails of an inbox from now on.
    pub(super) fn open(&self, inbox: &Inbox) {
        self.mail().open.push(inbox.clone());
    }

    /// Keeps the counts of an inbox, and lets go of it.
    pub(super) fn close(&self, inbox: &Inbox) {
        let mut mail = self.mail();
        if let Some(at) = mail.open.iter().position(|open| open.is(inbox)) {
            let inbox = mail.open.swap_remove(at);
            mail.gone = mail.gone.with(&inbox);
        }
    }

    /// The emails so far.
    pub(super) fn emails(&self) -> Emails {
        let mail = self.mail();
        mail.open.iter().fold(mail.gone, Emails::with)
    }

    fn mail(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::NoReply;
    use crate::wire::inbox::{InboxLimits, Receipt};

    #[test]
    fn the_emails_of_an_inbox_count_after_its_end() {
        let meters = Meters::default();
        let inboxes = [1, 2].map(|seed| Inbox::new(InboxLimits::default(), seed));
        for inbox in &inboxes {
            meters.open(inbox);
            inbox.add(Receipt::default());
        }
        assert_eq!(meters.emails(), Emails { taken: 2, refused: 0 });
        for _ in 0..2 {
            meters.close(&inboxes[0]);
            assert_eq!(meters.emails(), Emails { taken: 2, refused: 0 });
        }
        inboxes[0].add(Receipt::default());
        assert_eq!(meters.emails().taken, 2, "the inbox is gone");
    }

    #[test]
    fn webhooks_are_counted_by_their_outcome() {
        let answered = |http| Answer::Webhook(HookReply::bare(http));
        for (answer, what) in [
            (answered(204), Count::Webhook2xx),
            (answered(304), Count::Webhook3xx),
            (answered(404), Count::Webhook4xx),
            (answered(503), Count::Webhook5xx),
            (Answer::Text(TextHookReply::bare(200)), Count::Webhook2xx),
            (Answer::Lost(NoReply::TimedOut), Count::WebhookLost),
        ] {
            let meters = Meters::default();
            meters.count_webhook(&answer);
            assert_eq!(meters.counted(what), 1, "{answer:?}");
        }
    }

    #[test]
    fn what_goes_on_is_counted_until_it_ends() {
        let meters = Arc::new(Meters::default());
        let held = [meters.hold(Ongoing::Wait), meters.hold(Ongoing::Wait)];
        assert_eq!((meters.held(Ongoing::Wait), meters.held(Ongoing::Stream)), (2, 0));
        drop(held);
        assert_eq!(meters.held(Ongoing::Wait), 0);
    }
}
