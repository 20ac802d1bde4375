//! The mailroom of one SMTP session: hands each recipient to the mailbox of the sandbox that it belongs to.

use std::sync::{Arc, PoisonError};

use crate::serve::metrics::Count;
use crate::serve::sandbox::one::{Room, Sandbox};
use crate::serve::sandbox::registry::Sandboxes;
use crate::serve::sandbox::transcript::Lines;
use crate::wire::smtp::{Direction, Disposition, Envelope, SmtpHandler, SmtpReply};

/// One session. A message to recipients of several sandboxes goes to each of them, and the client hears the
/// worst of their replies.
pub(in crate::serve) struct Reception {
    sandboxes: Arc<Sandboxes>,
    user: Option<String>,
    /// The reverse-path of the current mail transaction.
    from: Option<String>,
    /// The sandboxes that this session has met.
    seats: Vec<Seat>,
    /// The seats that take part in the current mail transaction.
    joined: Vec<usize>,
    /// The seat of each accepted recipient.
    accepted: Vec<usize>,
    /// The lines before the first mail transaction, and those of the current one.
    opening: Lines,
    current: Lines,
    has_begun: bool,
    /// A MAIL command whose acceptance is not decided yet.
    undecided: Option<Vec<u8>>,
}

/// The part of a session that belongs to one sandbox. The sandbox takes it away when it ends.
struct Seat {
    name: String,
    room: Arc<Room>,
}

impl Seat {
    /// Lets the mailbox do something; `None` if its sandbox has ended.
    fn ask<T>(&self, act: impl FnOnce(&mut dyn SmtpHandler) -> T) -> Option<T> {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        room.as_mut().map(|handler| act(handler.as_mut()))
    }

    fn is_open(&self) -> bool {
        self.ask(|_| ()).is_some()
    }
}

impl Reception {
    /// A session that begins.
    pub(in crate::serve) fn new(sandboxes: Arc<Sandboxes>) -> Self {
        sandboxes.meters().count(Count::SmtpSession);
        Self {
            sandboxes,
            user: None,
            from: None,
            seats: Vec::new(),
            joined: Vec::new(),
            accepted: Vec::new(),
            opening: Lines::default(),
            current: Lines::default(),
            has_begun: false,
            undecided: None,
        }
    }

    /// Brings a sandbox into the current mail transaction; returns its seat.
    fn join(&mut self, sandbox: &Sandbox) -> Result<usize, Disposition> {
        let name = &sandbox.known.name;
        // A new sandbox may have the name of one that has ended.
        let place = self.seats.iter().position(|seat| seat.name == *name && seat.is_open());
        if let Some(at) = place.filter(|at| self.joined.contains(at)) {
            return Ok(at);
        }
        if let Err(full) = sandbox.has_room() {
            let reply = SmtpReply::new(452, &full.to_string()).with_status(3, 1);
            return Err(Disposition::Reply(reply));
        }
        let at = match place {
            Some(at) => at,
            None => {
                let room = sandbox.room().ok_or_else(gone)?;
                self.seats.push(Seat { name: name.clone(), room });
                let at = self.seats.len() - 1;
                self.replay(at, &self.opening);
                at
            }
        };
        self.replay(at, &self.current);
        let from = self.from.as_deref();
        match self.seats[at].ask(|mailbox| mailbox.mail(from)) {
            Some(Disposition::Reply(reply)) if reply.is_positive() => {
                self.joined.push(at);
                Ok(at)
            }
            Some(refusal) => Err(refusal),
            None => Err(gone()),
        }
    }

    fn replay(&self, at: usize, lines: &Lines) {
        self.seats[at].ask(|mailbox| {
            for (direction, line) in lines.iter() {
                mailbox.hear(direction, line);
            }
        });
    }

    /// Asks each sandbox of an accepted recipient, with the recipients that belong to it; returns the worst
    /// answer.
    fn worst(
        &self,
        envelope: &Envelope,
        ask: impl Fn(&mut dyn SmtpHandler, &Envelope) -> Option<Disposition>,
    ) -> Option<Disposition> {
        let mut seats = self.accepted.clone();
        seats.sort_unstable();
        seats.dedup();
        let answers = seats.into_iter().filter_map(|at| {
            let to = envelope.to.iter().zip(&self.accepted).filter(|(_, seat)| **seat == at);
            let own = Envelope { to: to.map(|(to, _)| to.clone()).collect(), ..envelope.clone() };
            self.seats[at].ask(|mailbox| ask(mailbox, &own)).unwrap_or_else(|| Some(gone()))
        });
        answers.max_by_key(badness)
    }

    /// Passes a line to the sandboxes of the current mail transaction.
    fn pass(&mut self, direction: Direction, line: &[u8]) {
        let lines = if self.has_begun { &mut self.current } else { &mut self.opening };
        lines.push(direction, line);
        for at in &self.joined {
            self.seats[*at].ask(|mailbox| mailbox.hear(direction, line));
        }
    }
}

impl SmtpHandler for Reception {
    fn authenticated(&mut self, user: Option<&str>) {
        self.user = user.map(str::to_owned);
    }

    fn mail(&mut self, from: Option<&str>) -> Disposition {
        self.from = from.map(str::to_owned);
        self.joined.clear();
        self.accepted.clear();
        self.current.clear();
        self.has_begun = true;
        self.seats.retain(Seat::is_open);
        if let Some(line) = self.undecided.take() {
            self.current.push(Direction::FromClient, &line);
        }
        let noted = Disposition::Reply(SmtpReply::new(250, "sender noted").with_status(1, 0));
        if self.sandboxes.has_tags() {
            return noted;
        }
        // The recipients change nothing, so the mailbox can answer to MAIL itself.
        let sandbox = self.sandboxes.of_user(self.user.as_deref());
        self.join(&sandbox).map_or_else(|refusal| refusal, |_| noted)
    }

    fn rcpt(&mut self, to: &str) -> Disposition {
        let sandbox = self.sandboxes.of_recipient(to, self.user.as_deref());
        let at = match self.join(&sandbox) {
            Ok(at) => at,
            Err(refusal) => return refusal,
        };
        let disposition = self.seats[at].ask(|mailbox| mailbox.rcpt(to)).unwrap_or_else(gone);
        if matches!(&disposition, Disposition::Reply(reply) if reply.is_positive()) {
            self.accepted.push(at);
        }
        disposition
    }

    fn data(&mut self, envelope: &Envelope) -> Option<Disposition> {
        self.worst(envelope, |mailbox, own| mailbox.data(own))
    }

    fn text(&mut self, envelope: &Envelope) -> Option<Disposition> {
        self.worst(envelope, |mailbox, own| mailbox.text(own))
    }

    fn message(&mut self, envelope: &Envelope, raw: &[u8]) -> Disposition {
        let worst = self.worst(envelope, |mailbox, own| Some(mailbox.message(own, raw)));
        worst.unwrap_or_else(|| Disposition::Reply(SmtpReply::refused(451)))
    }

    fn hear(&mut self, direction: Direction, line: &[u8]) {
        if let Some(refused) = self.undecided.take() {
            self.pass(Direction::FromClient, &refused);
        }
        let begins = line.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"MAIL"));
        if begins && direction == Direction::FromClient {
            // It belongs to another transaction than the lines before, unless it is refused.
            self.undecided = Some(line.to_vec());
        } else {
            self.pass(direction, line);
        }
    }
}

/// The reply for a recipient whose sandbox has ended meanwhile.
fn gone() -> Disposition {
    Disposition::Reply(SmtpReply::new(550, "the sandbox of this recipient has ended"))
}

/// A refusal is worse than an acceptance, and a cut is worse than a refusal.
const fn badness(disposition: &Disposition) -> u8 {
    match disposition {
        Disposition::Reply(reply) if reply.is_positive() => 0,
        Disposition::Reply(_) => 1,
        Disposition::CutAfter(_) => 2,
        Disposition::CutBefore => 3,
    }
}
