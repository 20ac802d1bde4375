//! A mail provider that takes emails, delays them and delivers them to mailboxes.
//!
//! A state machine without I/O. Each email comes with a verdict, which the provider carries out: it
//! refuses, loses, delays, duplicates or bounces the email, or lets a scanner open its link. The provider
//! delivers to addresses; the world knows which person reads them.

#![warn(clippy::wildcard_enum_match_arm)]

mod habit;

pub use self::habit::Habits;
use crate::base::id::{AddressId, MailId};
use crate::base::machine::{Cx, Reason};
use crate::base::secret::Digest;
use crate::base::time::{Span, Time};
use crate::event::{EventKind, Folder, NoReply, ScanRung, ScanTime};
use crate::fault::{MailVerdict, Refusal, Scan, Transfer};
use crate::message::{Letter, Link, Mail, MailReply};

/// The number of pairs of sender and recipient that greylisting remembers.
const GREYLIST_MAX: usize = 10_000;

/// How long after the delivery of an email a scanner comes that comes after its reader.
const SCANS_AFTER: Span = Span::from_secs(10);

/// The mail provider.
#[derive(Clone, Debug)]
pub struct MailProvider {
    habits: Habits,
    mails: u32,
    agenda: Vec<Due>,
    /// Letters that wait for their scanners.
    held: Vec<Held>,
    /// Pairs of recipient and sender, each with the time of its first attempt; the oldest first.
    greylist: Vec<(AddressId, Digest, Time)>,
    outputs: Vec<Output>,
}

/// A letter whose links are being scanned.
#[derive(Clone, Copy, Debug)]
struct Held {
    letter: Letter,
    to: AddressId,
    /// The links whose scanner has not finished.
    left: usize,
}

/// Inputs.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// An email to deliver; answered by one [`Output::Reply`].
    Mail {
        /// The email.
        mail: Mail,
        /// The faults that the email meets.
        verdict: MailVerdict,
    },
    /// A recipient is refused before the message arrives; answered by one [`Output::Reply`].
    Refuse {
        /// The refused recipient.
        to: AddressId,
        /// The SMTP reply code.
        code: u16,
    },
    /// The connection is closed before the message for this recipient arrives.
    Cut {
        /// The recipient.
        to: AddressId,
    },
    /// The scanner of one link of this email has finished.
    Scanned(MailId),
    /// Something is due.
    Timeout,
}

/// Outputs of one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Output {
    /// A fact for the trace.
    Fact(EventKind),
    /// The answer to the email: a reply, or a cut connection.
    Reply(Result<MailReply, NoReply>),
    /// A message arrives in the mailbox of this address.
    Deliver(AddressId, Letter),
    /// A scanner fetches this link, as far as the rung says. One output for each link of the letter.
    Scan(MailId, Link, Option<ScanRung>),
}

/// A scheduled event in the life of an email.
#[derive(Clone, Copy, Debug)]
struct Due {
    at: Time,
    mail: MailId,
    to: AddressId,
    what: Arrival,
}

#[derive(Clone, Copy, Debug)]
enum Arrival {
    Letter { letter: Letter, scan: Option<Scan> },
    Scan { letter: Letter, rung: Option<ScanRung> },
    Bounce,
    Loss,
}

impl MailProvider {
    /// Creates a provider with these habits and empty mailboxes.
    pub const fn new(habits: Habits) -> Self {
        Self {
            habits,
            mails: 0,
            agenda: Vec::new(),
            held: Vec::new(),
            greylist: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// Resets to the state that [`MailProvider::new`] creates, reusing allocations.
    pub fn reset(&mut self, habits: Habits) {
        self.habits = habits;
        self.mails = 0;
        self.agenda.clear();
        self.held.clear();
        self.greylist.clear();
        self.outputs.clear();
    }

    /// Handles one input. Never fails: a refusal is an output.
    ///
    /// # Panics
    /// If the outputs of the previous input were not drained, which is a bug in the caller.
    pub fn handle_input(&mut self, cx: &mut Cx<'_>, input: Input) {
        assert!(self.outputs.is_empty(), "take_outputs before the next input");
        let now = cx.now;
        match input {
            Input::Mail { mail, verdict } => self.on_mail(now, mail, verdict),
            Input::Refuse { to, code } => self.refuse(to, code),
            Input::Cut { to } => self.fact(EventKind::MailCut { to, taken: false }),
            Input::Scanned(mail) => self.on_scanned(mail),
            Input::Timeout => self.on_timeout(now),
        }
    }

    /// Swaps the outputs of the last input with `into`, which must be empty, to reuse its allocation.
    pub const fn take_outputs(&mut self, into: &mut Vec<Output>) {
        std::mem::swap(&mut self.outputs, into);
    }

    /// When and why [`Input::Timeout`] is due next, if it is.
    pub fn poll_timeout(&self) -> Option<(Time, Reason)> {
        let next = self.agenda.iter().map(|due| due.at).min();
        next.map(|at| (at, Reason::MailDelivery))
    }

    /// Whether this sender has tried to send to this recipient at least `after` ago (greylisting). An attempt
    /// that was not known is remembered.
    pub fn has_waited(&mut self, now: Time, to: AddressId, from: Digest, after: Span) -> bool {
        let first = self.greylist.iter().find(|(known, sender, _)| (*known, *sender) == (to, from));
        if let Some((.., first)) = first {
            return now >= *first + after;
        }
        if self.greylist.len() >= GREYLIST_MAX {
            self.greylist.remove(0);
        }
        self.greylist.push((to, from, now));
        false
    }

    fn on_mail(&mut self, now: Time, mail: Mail, verdict: MailVerdict) {
        let to = mail.to;
        match verdict.transfer {
            Transfer::Taken => {
                self.take(now, mail, verdict);
                self.outputs.push(Output::Reply(Ok(MailReply::Taken)));
            }
            Transfer::Refused(Refusal { code, taken: true, .. }) => {
                self.take(now, mail, verdict);
                self.refuse(to, code);
            }
            Transfer::Refused(Refusal { taken_after: Some(after), .. })
                if self.has_waited(now, to, Digest::of(""), after) =>
            {
                self.take(now, mail, verdict);
                self.outputs.push(Output::Reply(Ok(MailReply::Taken)));
            }
            Transfer::Refused(Refusal { code, .. }) => self.refuse(to, code),
            Transfer::CutBefore => {
                self.fact(EventKind::MailCut { to, taken: false });
                self.outputs.push(Output::Reply(Err(NoReply::Cut)));
            }
            Transfer::CutAfter => {
                self.take(now, mail, verdict);
                self.fact(EventKind::MailCut { to, taken: true });
                self.outputs.push(Output::Reply(Err(NoReply::Cut)));
            }
        }
    }

    fn refuse(&mut self, to: AddressId, code: u16) {
        self.fact(EventKind::MailRefused { to, code });
        self.outputs.push(Output::Reply(Ok(MailReply::Refused { code })));
    }

    fn take(&mut self, now: Time, mail: Mail, verdict: MailVerdict) {
        let id = MailId(self.mails);
        self.mails += 1;
        self.fact(EventKind::MailTaken { mail: id, to: mail.to, kind: mail.body.kind() });
        let folder = if verdict.spam { Folder::Spam } else { Folder::Inbox };
        let Mail { body, links, .. } = mail;
        let letter = Letter { mail: id, body, links, truncated: verdict.truncated, folder };
        let arrives = now + self.habits.delay + verdict.late;
        let (at, what) = if verdict.bounced {
            (now + self.habits.bounces_after, Arrival::Bounce)
        } else if verdict.lost {
            (arrives, Arrival::Loss)
        } else {
            (arrives, Arrival::Letter { letter, scan: verdict.scanned })
        };
        self.agenda.push(Due { at, mail: id, to: mail.to, what });
        if let (Some(after), Arrival::Letter { .. }) = (verdict.again, what) {
            let what = Arrival::Letter { letter, scan: None };
            self.agenda.push(Due { at: at + after, mail: id, to: mail.to, what });
        }
    }

    /// Carries out all due events, ordered by time and then by the order in which the emails were taken.
    fn on_timeout(&mut self, now: Time) {
        let next = |agenda: &[Due]| {
            let due = agenda.iter().enumerate().filter(|(_, item)| item.at <= now);
            due.min_by_key(|(_, item)| (item.at, item.mail)).map(|(place, _)| place)
        };
        while let Some(place) = next(&self.agenda) {
            let item = self.agenda.remove(place);
            self.arrive(item);
        }
    }

    fn arrive(&mut self, due: Due) {
        let mail = due.mail;
        match due.what {
            Arrival::Letter { letter, scan } => match scan {
                None => self.deliver(due.to, letter),
                Some(Scan { rung, when: ScanTime::Before }) => {
                    let left = self.scan(letter, rung);
                    // Who reads an email of the reference service takes longer than its scanner.
                    if left > 0 && letter.links.token().is_none() {
                        self.held.push(Held { letter, to: due.to, left });
                    } else {
                        self.deliver(due.to, letter);
                    }
                }
                Some(Scan { rung, when: ScanTime::With }) => {
                    self.scan(letter, rung);
                    self.deliver(due.to, letter);
                }
                Some(Scan { rung, when: ScanTime::After }) => {
                    self.deliver(due.to, letter);
                    let what = Arrival::Scan { letter, rung };
                    self.agenda.push(Due { at: due.at + SCANS_AFTER, mail, to: due.to, what });
                }
            },
            Arrival::Scan { letter, rung } => {
                self.scan(letter, rung);
            }
            Arrival::Bounce => self.fact(EventKind::MailBounced { mail }),
            Arrival::Loss => self.fact(EventKind::MailLost { mail }),
        }
    }

    fn deliver(&mut self, to: AddressId, letter: Letter) {
        self.fact(EventKind::MailDelivered { mail: letter.mail, to, folder: letter.folder });
        self.outputs.push(Output::Deliver(to, letter));
    }

    /// Sends a scanner to each link; returns how many there are.
    fn scan(&mut self, letter: Letter, rung: Option<ScanRung>) -> usize {
        let links = letter.links.iter().count();
        if links > 0 {
            self.fact(EventKind::LinkScanned { mail: letter.mail });
            self.outputs.extend(letter.links.iter().map(|link| Output::Scan(letter.mail, link, rung)));
        }
        links
    }

    /// Delivers a letter once all its scanners have finished.
    fn on_scanned(&mut self, mail: MailId) {
        let Some(place) = self.held.iter().position(|held| held.letter.mail == mail) else { return };
        let held = &mut self.held[place];
        held.left = held.left.saturating_sub(1);
        if held.left == 0 {
            let Held { letter, to, .. } = self.held.remove(place);
            self.deliver(to, letter);
        }
    }

    fn fact(&mut self, kind: EventKind) {
        self.outputs.push(Output::Fact(kind));
    }
}

#[cfg(test)]
mod tests;
