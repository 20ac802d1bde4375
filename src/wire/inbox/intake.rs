//! The SMTP mailroom of a mailbox: takes messages for any recipient, and hands those of the story's people,
//! and those that a fault may strike, to the world.

use std::sync::Arc;

use axum::body::Bytes;

use crate::base::id::AddressId;
use crate::story::{AppMail, MailStage, Recorded, Story};
use crate::wire::Door;
use crate::wire::inbox::Inbox;
use crate::wire::inbox::arrivals::Arrivals;
use crate::wire::inbox::message::Receipt;
use crate::wire::inbox::transcript::Recorder;
use crate::wire::logbook::LeftOut;
use crate::wire::mail_log::MailLog;
use crate::wire::mailboxes::{Mailboxes, Taken};
use crate::wire::smtp::{Addresses, Body, Direction, Disposition, Envelope, SmtpHandler, SmtpReply};

/// Reads the clock: the Unix time in milliseconds. It is called while no world is locked.
pub type Now = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Which recipients a mailbox accepts besides the people of its story.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Accepts {
    /// Any recipient.
    #[default]
    Anyone,
    /// The addresses (`ana@a.test`) and the domains (`a.test`) of this list. Others are refused with 550.
    Only(Vec<String>),
}

impl Accepts {
    fn accepts(&self, to: &str) -> bool {
        let Self::Only(list) = self else { return true };
        let domain = to.rsplit_once('@').map_or("", |(_, domain)| domain);
        let fits = |one: &String| {
            let one = one.trim_start_matches('@');
            one.eq_ignore_ascii_case(to) || (!domain.is_empty() && one.eq_ignore_ascii_case(domain))
        };
        list.iter().any(fits)
    }
}

/// What the sessions of a mailbox share.
pub(super) struct Shared {
    pub(super) inbox: Inbox,
    pub(super) accepts: Accepts,
    pub(super) now: Now,
    pub(super) log: MailLog,
    pub(super) world: Option<WorldSide>,
}

/// The world that gets the messages to people of its story.
pub(super) struct WorldSide {
    pub(super) arrivals: Arc<Arrivals>,
    pub(super) story: Arc<Story>,
    pub(super) door: Arc<Door>,
}

/// The mailroom of one session.
pub(super) struct Intake {
    shared: Arc<Shared>,
    mailboxes: Option<Mailboxes>,
    recorder: Recorder,
    /// The id of the message that was stored last.
    stored: Option<String>,
    /// The sender of the current mail transaction.
    from: String,
    /// Whether the world's logbook keeps what comes.
    is_recorded: bool,
}

/// Recipients without a message.
const ABANDONED: LeftOut = LeftOut {
    what: "an SMTP session that named recipients and sent no message",
    why: "a recording keeps emails when their message has arrived",
};

impl Intake {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let side = shared.world.as_ref();
        let mailboxes = side.map(|side| Mailboxes::new(Arc::clone(&side.door), Arc::clone(&side.story)));
        let (recorder, from) = (Recorder::default(), String::new());
        Self { shared, mailboxes, recorder, stored: None, from, is_recorded: true }
    }

    /// The same, for an email that the world itself sends: what led to it is kept already.
    pub(super) fn of_world(mut self) -> Self {
        self.is_recorded = false;
        self
    }

    /// Keeps how far a mail transaction came.
    fn note(&self, to: &[String], reaches: MailStage, raw: &[u8]) {
        let Some(side) = self.shared.world.as_ref().filter(|_| self.is_recorded) else { return };
        if side.door.logbook().is_some_and(|logbook| logbook.is_open()) {
            side.door.enter(|world| {
                side.door.note(world, |_| {
                    let (from, to, message) = (self.from.clone(), to.to_vec(), raw.to_vec());
                    Recorded::Mail(AppMail { from, to, reaches, message })
                });
            });
        }
    }

    /// Takes a message that does not come over SMTP, as if it did. Returns the id of the stored message;
    /// `None` if the world delivers it later.
    ///
    /// # Errors
    /// The reply to the recipient or to the message that is refused.
    pub(super) fn submit(
        &mut self,
        from: &str,
        to: &[String],
        raw: &[u8],
    ) -> Result<Option<String>, SmtpReply> {
        let mut envelope = Envelope {
            hello: String::new(),
            user: None,
            is_encrypted: false,
            from: Some(from.to_owned()),
            to: Vec::new(),
            declared_size: None,
            body: Body::EightBitMime,
            addresses: Addresses::Utf8,
        };
        let failed = |disposition: Disposition| match disposition {
            Disposition::Reply(reply) if reply.is_positive() => None,
            Disposition::Reply(reply) => Some(reply),
            Disposition::CutBefore | Disposition::CutAfter(_) => Some(SmtpReply::refused(421)),
        };
        if let Some(reply) = failed(self.mail(Some(from))) {
            return Err(reply);
        }
        for to in to {
            match failed(self.rcpt(to)) {
                None => envelope.to.push(to.clone()),
                Some(reply) => return Err(reply),
            }
        }
        match failed(self.message(&envelope, raw)) {
            None => Ok(self.stored.take()),
            Some(reply) => Err(reply),
        }
    }

    /// Whether this is the address of a person of the story.
    fn is_known(&self, to: &str) -> bool {
        self.shared.world.as_ref().is_some_and(|side| side.story.address(to) != AddressId::UNKNOWN)
    }

    /// Whether the world has a verdict on the next email to this address.
    fn is_named(&self, to: &str) -> bool {
        self.mailboxes.as_ref().is_some_and(|mailboxes| mailboxes.is_named(to))
    }

    fn take(&mut self, envelope: &Envelope, raw: &[u8]) -> Disposition {
        let (known, unknown): (Vec<String>, Vec<String>) =
            envelope.to.iter().cloned().partition(|to| self.is_known(to) || self.is_named(to));
        let receipt = Receipt {
            raw: Bytes::copy_from_slice(raw),
            from: envelope.from.clone(),
            to: unknown,
            user: envelope.user.clone(),
            is_encrypted: envelope.is_encrypted,
            received: (self.shared.now)(),
            transcript: self.recorder.complete(raw.len()),
        };
        let mut disposition = Disposition::Reply(SmtpReply::new(250, "taken"));
        if let (false, Some(mailboxes), Some(side)) =
            (known.is_empty(), &mut self.mailboxes, &self.shared.world)
        {
            let message = Arc::new(receipt.clone());
            let mut expect = |taken: Taken| side.arrivals.expect(&message, taken);
            disposition = mailboxes.hand_in(envelope, raw, &mut expect);
        }
        let is_refused = matches!(&disposition, Disposition::Reply(reply) if !reply.is_positive());
        if is_refused {
            self.shared.inbox.count_refusal();
        } else if !receipt.to.is_empty() {
            self.stored = Some(self.shared.inbox.add(receipt).id().to_owned());
        }
        disposition
    }
}

impl SmtpHandler for Intake {
    fn mail(&mut self, from: Option<&str>) -> Disposition {
        let noted = Disposition::Reply(SmtpReply::new(250, "sender noted").with_status(1, 0));
        from.unwrap_or_default().clone_into(&mut self.from);
        self.mailboxes.as_mut().map_or(noted, |mailboxes| mailboxes.mail(from))
    }

    fn rcpt(&mut self, to: &str) -> Disposition {
        let is_known = self.is_known(to);
        let disposition = match &mut self.mailboxes {
            Some(mailboxes) if is_known => mailboxes.rcpt(to),
            mailboxes if self.shared.accepts.accepts(to) => {
                let struck = mailboxes.as_mut().and_then(|mailboxes| mailboxes.name_outsider(to));
                let noted = Disposition::Reply(SmtpReply::new(250, "recipient noted").with_status(1, 5));
                struck.unwrap_or(noted)
            }
            _ => Disposition::Reply(SmtpReply::refused(550)),
        };
        let is_positive = matches!(&disposition, Disposition::Reply(reply) if reply.is_positive());
        if !is_positive {
            self.note(&[to.to_owned()], MailStage::Recipient, &[]);
        }
        if matches!(&disposition, Disposition::Reply(_)) && !is_positive {
            self.shared.inbox.count_refusal();
        }
        disposition
    }

    fn data(&mut self, envelope: &Envelope) -> Option<Disposition> {
        let cut = self.mailboxes.as_mut().and_then(|mailboxes| mailboxes.data(envelope))?;
        self.note(&envelope.to, MailStage::Data, &[]);
        Some(cut)
    }

    fn text(&mut self, envelope: &Envelope) -> Option<Disposition> {
        let cut = self.mailboxes.as_mut().and_then(|mailboxes| mailboxes.text(envelope))?;
        self.note(&envelope.to, MailStage::Text, &[]);
        Some(cut)
    }

    fn message(&mut self, envelope: &Envelope, raw: &[u8]) -> Disposition {
        self.note(&envelope.to, MailStage::Message, raw);
        self.take(envelope, raw)
    }

    fn hear(&mut self, direction: Direction, line: &[u8]) {
        self.recorder.hear(direction, line);
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        let Some(side) = self.shared.world.as_ref().filter(|_| self.is_recorded) else { return };
        let has_verdicts = self.mailboxes.as_ref().is_some_and(Mailboxes::has_verdicts);
        if let (true, Some(logbook)) = (has_verdicts, side.door.logbook()) {
            logbook.leave_out(ABANDONED);
        }
    }
}
