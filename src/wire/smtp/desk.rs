//! State of the current mail transaction, shared by the session and the engine's handler.
//!
//! The engine owns its handler and never returns it, so both share the desk through a mutex. The
//! session stores a command's arguments here, the engine checks the order of commands and calls the
//! handler, and the handler stores the decision here.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mailin::{Handler, Response, response};

use crate::wire::smtp::budget::Text;
use crate::wire::smtp::command::MailArguments;
use crate::wire::smtp::{
    Addresses, Direction, Disposition, Envelope, Limits, Settings, SmtpHandler, SmtpReply,
};

/// The state of one session's mail transaction.
pub(super) struct Desk<M> {
    mailroom: M,
    limits: Limits,
    /// The client's name in HELO or EHLO, and whether it used EHLO.
    pub(super) hello: String,
    pub(super) extended: bool,
    /// The user that has authenticated.
    pub(super) user: Option<String>,
    /// Whether the connection is encrypted.
    pub(super) is_encrypted: bool,
    /// Arguments of the current command, which bypass the engine.
    pub(super) mail: Option<MailArguments>,
    pub(super) rcpt: Option<String>,
    /// The decision on the current command, unless the engine refused it.
    pub(super) verdict: Option<Disposition>,
    envelope: Option<Envelope>,
    raw: Text,
    /// Why the current message will be refused.
    flaw: Option<SmtpReply>,
    transactions: u32,
}

impl<M: SmtpHandler> Desk<M> {
    pub(super) fn new(mailroom: M, settings: &Settings) -> Self {
        Self {
            mailroom,
            limits: settings.limits,
            hello: String::new(),
            extended: false,
            user: None,
            is_encrypted: false,
            mail: None,
            rcpt: None,
            verdict: None,
            envelope: None,
            raw: Text::new(settings.budget.clone()),
            flaw: None,
            transactions: 0,
        }
    }

    /// Resets the mail transaction (RFC 5321 section 4.1.1.5).
    pub(super) fn forget(&mut self) {
        self.envelope = None;
        self.raw.clear();
        self.flaw = None;
    }

    /// Whether a mail transaction is under way.
    pub(super) const fn is_busy(&self) -> bool {
        self.envelope.is_some()
    }

    /// Notes the user that has authenticated.
    pub(super) fn authenticate(&mut self, user: String) {
        self.mailroom.authenticated(Some(&user));
        self.user = Some(user);
    }

    /// Forgets all that the client has said in plaintext (RFC 3207 section 4.2).
    pub(super) fn encrypt(&mut self) {
        self.forget();
        self.hello = String::new();
        self.extended = false;
        self.user = None;
        self.mailroom.authenticated(None);
        self.is_encrypted = true;
    }

    /// Passes a line that may be shown to the mailroom.
    pub(super) fn hear(&mut self, direction: Direction, line: &[u8]) {
        self.mailroom.hear(direction, line);
    }

    /// Marks the current message as refused; the first reason is kept.
    pub(super) fn spoil(&mut self, reply: SmtpReply) {
        self.flaw.get_or_insert(reply);
        self.raw.clear();
    }

    /// Bytes held for the current mail transaction.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        let to = self.envelope.iter().flat_map(|envelope| &envelope.to).map(String::len).sum::<usize>();
        self.raw.bytes().len() + to
    }

    fn begin(&mut self) -> Response {
        let Some(said) = self.mail.take() else { return response::INTERNAL_ERROR };
        let disposition = match self.refuse_mail(&said) {
            Some(reply) => Disposition::Reply(reply),
            None => self.mailroom.mail(said.from.as_deref()),
        };
        self.transactions += 1;
        self.forget();
        self.envelope = Some(Envelope {
            hello: self.hello.clone(),
            user: self.user.clone(),
            is_encrypted: self.is_encrypted,
            from: said.from,
            to: Vec::new(),
            declared_size: said.declared_size,
            body: said.body,
            addresses: said.addresses,
        });
        self.decide(disposition)
    }

    fn refuse_mail(&self, said: &MailArguments) -> Option<SmtpReply> {
        if self.transactions >= self.limits.transactions {
            Some(SmtpReply::new(421, "too many emails in one session; reconnect").with_status(7, 0))
        } else if said.extended && !self.extended {
            Some(SmtpReply::new(555, "parameters are allowed only after EHLO (RFC 5321 section 2.2.1)"))
        } else if said.declared_size.is_some_and(|size| size > self.limits.message as u64) {
            Some(self.too_large())
        } else {
            let ascii = said.from.as_ref().is_none_or(|from| from.is_ascii());
            (!ascii && said.addresses == Addresses::Ascii).then(not_ascii)
        }
    }

    fn add_recipient(&mut self) -> Response {
        let (Some(to), Some(envelope)) = (self.rcpt.take(), &mut self.envelope) else {
            return response::INTERNAL_ERROR;
        };
        let disposition = if envelope.to.len() >= self.limits.recipients {
            Disposition::Reply(SmtpReply::new(452, "too many recipients").with_status(5, 3))
        } else if !to.is_ascii() && envelope.addresses == Addresses::Ascii {
            Disposition::Reply(not_ascii())
        } else {
            self.mailroom.rcpt(&to)
        };
        if let Disposition::Reply(reply) = &disposition
            && reply.is_positive()
        {
            envelope.to.push(to);
        }
        self.decide(disposition)
    }

    /// The mailroom's objection to DATA.
    pub(super) fn objection(&mut self) -> Option<Disposition> {
        let envelope = self.envelope.as_ref().filter(|envelope| !envelope.to.is_empty())?;
        self.mailroom.data(envelope)
    }

    fn keep(&mut self, line: &[u8]) {
        if let (true, Some(envelope)) = (self.raw.bytes().is_empty() && self.flaw.is_none(), &self.envelope) {
            self.verdict = self.mailroom.text(envelope);
        }
        if self.flaw.is_none() && self.raw.bytes().len() + line.len() > self.limits.message {
            self.spoil(self.too_large());
        }
        if self.flaw.is_none() && !self.raw.push(line) {
            let text = "too many messages are being received, try again later";
            self.spoil(SmtpReply::new(452, text).with_status(3, 1));
        }
    }

    fn end(&mut self) {
        let disposition = match (self.flaw.take(), &self.envelope) {
            (Some(flaw), _) => Disposition::Reply(flaw),
            (None, Some(envelope)) => self.mailroom.message(envelope, self.raw.bytes()),
            (None, None) => Disposition::Reply(SmtpReply::refused(451)),
        };
        self.forget();
        self.decide(disposition);
    }

    /// Stores the decision, and returns the response that keeps the engine's state in step.
    fn decide(&mut self, disposition: Disposition) -> Response {
        let response = match &disposition {
            Disposition::Reply(reply) if reply.is_positive() => response::OK,
            Disposition::Reply(reply) => Response::custom(reply.code(), String::new()),
            Disposition::CutBefore | Disposition::CutAfter(_) => response::NO_SERVICE,
        };
        self.verdict = Some(disposition);
        response
    }

    fn too_large(&self) -> SmtpReply {
        let text = format!("a message may have at most {} octets", self.limits.message);
        SmtpReply::new(552, &text).with_status(3, 4)
    }
}

/// RFC 6531 section 3.5.
fn not_ascii() -> SmtpReply {
    SmtpReply::new(553, "this address needs SMTPUTF8").with_status(6, 7)
}

/// The engine's handler.
pub(super) struct EngineHandler<M>(pub(super) Arc<Mutex<Desk<M>>>);

impl<M: SmtpHandler> Handler for EngineHandler<M> {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, _from: &str) -> Response {
        lock(&self.0).begin()
    }

    fn rcpt(&mut self, _to: &str) -> Response {
        lock(&self.0).add_recipient()
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        lock(&self.0).keep(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        lock(&self.0).end();
        // Always OK: after a refusal the engine would treat all further lines as message text.
        response::OK
    }
}

/// Locks the desk. A session whose mailroom has panicked has ended, so poisoning can be ignored.
pub(super) fn lock<M>(desk: &Mutex<Desk<M>>) -> MutexGuard<'_, Desk<M>> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
