//! Emails that a world's provider has taken and not delivered yet.
//!
//! The provider delays, loses, duplicates and bounces emails, and its trace tells what became of each. So
//! a message to a person of the story appears in the inbox when the trace says that it was delivered, at the
//! time of that event: once for each delivery, and never if it was lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::id::MailId;
use crate::base::time::Time;
use crate::event::EventKind;
use crate::wire::door::Door;
use crate::wire::inbox::Inbox;
use crate::wire::inbox::message::Receipt;
use crate::wire::mail_log::MailLog;
use crate::wire::mailboxes::Taken;
use crate::wire::mime;
use crate::wire::mime::Bounced;

/// The maximum number of emails that are waited for; the oldest one is forgotten first.
const PENDING_MAX: usize = 10_000;

/// The maximum size of the emails that are waited for, in bytes. An email to several recipients counts for
/// each of them.
const PENDING_BYTES_MAX: usize = 256 * 1_024 * 1_024;

/// The emails under way between a world and an inbox.
#[derive(Debug)]
pub(super) struct Arrivals {
    door: Arc<Door>,
    inbox: Inbox,
    log: MailLog,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pending: BTreeMap<MailId, Pending>,
    /// The size of the pending emails.
    bytes: usize,
    /// The number of events of the trace that have been read.
    read: usize,
}

/// An email under way to one recipient.
#[derive(Debug)]
struct Pending {
    /// The message, which the recipients of one SMTP transaction share.
    message: Arc<Receipt>,
    to: String,
    /// How often it may still arrive.
    left: u8,
}

impl Arrivals {
    pub(super) fn new(door: Arc<Door>, inbox: Inbox, log: MailLog) -> Self {
        Self { door, inbox, log, state: Mutex::default() }
    }

    /// Notes an email that the provider has taken. Must be called before the world is unlocked.
    pub(super) fn expect(&self, message: &Arc<Receipt>, taken: Taken) {
        let Taken { mail, to, arrivals } = taken;
        let mut state = self.state();
        state.bytes += message.raw.len();
        state.pending.insert(mail, Pending { message: Arc::clone(message), to, left: arrivals });
        while state.pending.len() > PENDING_MAX
            || (state.bytes > PENDING_BYTES_MAX && state.pending.len() > 1)
        {
            let Some(oldest) = state.pending.first_key_value().map(|(mail, _)| *mail) else { return };
            state.forget(oldest);
            let says = "forgot an email under way, because there are too many of them".to_owned();
            self.log.write("mailbox", says);
        }
    }

    /// Stores each email when the world delivers it. Runs until it is cancelled.
    pub(super) async fn follow(&self) {
        let mut changes = self.door.changes();
        loop {
            changes.borrow_and_update();
            self.catch_up();
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Reads the events since the last call.
    pub(super) fn catch_up(&self) {
        // The world stays locked, so that the order of arrival is that of the trace.
        let world = self.door.world();
        let events = world.trace().events();
        let epoch = world.story().epoch;
        let mut state = self.state();
        if events.len() < state.read {
            // The world has been reset.
            *state = State::default();
        }
        let mut arrived: Vec<(Time, Arc<Receipt>, Vec<String>)> = Vec::new();
        for event in events.get(state.read..).unwrap_or_default() {
            match event.kind {
                EventKind::MailDelivered { mail, .. } => {
                    let Some((message, to)) = state.arrive(mail) else { continue };
                    // Recipients of one message at one time get one copy, as from any mail server.
                    let same = |(at, other, all): &(Time, Arc<Receipt>, Vec<String>)| {
                        *at == event.at && Arc::ptr_eq(other, &message) && !all.contains(&to)
                    };
                    match arrived.iter().position(same) {
                        Some(place) => arrived[place].2.push(to),
                        None => arrived.push((event.at, message, vec![to])),
                    }
                }
                EventKind::MailLost { mail } => {
                    state.forget(mail);
                }
                EventKind::MailBounced { mail } => {
                    let bounced = state
                        .forget(mail)
                        .and_then(|pending| bounce(&pending, mail, epoch.unix_secs(event.at)));
                    if let Some((sender, report)) = bounced {
                        arrived.push((event.at, Arc::new(report), vec![sender]));
                    }
                }
                _ => {}
            }
        }
        state.read = events.len();
        for (at, message, to) in arrived {
            self.inbox.add(Receipt { to, received: epoch.unix_millis(at), ..Receipt::clone(&message) });
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The message and the recipient of an email that arrives.
    fn arrive(&mut self, mail: MailId) -> Option<(Arc<Receipt>, String)> {
        let pending = self.pending.get_mut(&mail)?;
        pending.left = pending.left.saturating_sub(1);
        let arrival = (Arc::clone(&pending.message), pending.to.clone());
        if pending.left == 0 {
            self.forget(mail);
        }
        Some(arrival)
    }

    fn forget(&mut self, mail: MailId) -> Option<Pending> {
        let pending = self.pending.remove(&mail)?;
        self.bytes -= pending.message.raw.len();
        Some(pending)
    }
}

/// The report to the sender of an email that bounced, and the sender's address. An email without a return
/// path gets none, so that reports never bounce (RFC 5321 section 6.1).
fn bounce(pending: &Pending, mail: MailId, unix_secs: u64) -> Option<(String, Receipt)> {
    let sender = pending.message.from.clone()?;
    let (to, raw) = (pending.to.as_str(), &pending.message.raw[..]);
    let report = mime::report(&sender, &Bounced { to, raw, unix_secs, number: u64::from(mail.0) });
    Some((sender, Receipt { raw: report.into(), from: None, ..Receipt::default() }))
}
