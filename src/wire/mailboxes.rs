//! The mail provider behind the SMTP sink; the world's answer to a message is the SMTP reply.

mod refusal;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::base::id::{AddressId, MailId};
use crate::base::secret::Digest;
use crate::event::EventKind;
use crate::fault::{CutAt, MailVerdict, Transfer};
use crate::message::{Answer, KeptMail, Links, Mail, MailBody, MailReply, RawId, Urls};
use crate::story::Story;
use crate::wire::door::Door;
use crate::wire::mime;
use crate::wire::mime::ForeignMail;
use crate::wire::reference::paths;
use crate::wire::smtp::{Disposition, Envelope, Settings, SmtpHandler, SmtpReply, SmtpSink};
use crate::world::{Delivery, NotNamed, World};

/// The maximum number of recipients of one session whose verdict no message has used yet.
const VERDICTS_MAX: usize = 100;

/// Opens the provider's SMTP server on a free loopback port.
///
/// # Errors
/// If no port can be bound.
pub async fn open(door: Arc<Door>, story: Arc<Story>) -> io::Result<SmtpSink> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    SmtpSink::serve(listener, Settings::default(), move |_| {
        Mailboxes::new(Arc::clone(&door), Arc::clone(&story))
    })
}

/// The mailroom of one session.
pub(crate) struct Mailboxes {
    door: Arc<Door>,
    story: Arc<Story>,
    /// Whether the sender of the current email is not the reference service.
    is_foreign: bool,
    /// The sender of the current email.
    from: Digest,
    /// The verdicts on recipients of foreign emails, kept until a message for them arrives, so that a
    /// client that starts over gets the same verdict.
    verdicts: Vec<Named>,
}

/// An email that the provider has taken for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) mail: MailId,
    /// The address as the client wrote it.
    pub(crate) to: String,
    /// How often the email arrives, unless it is lost.
    pub(crate) arrivals: u8,
}

/// A recipient that a client has named with RCPT.
struct Named {
    /// The address as the client wrote it.
    text: String,
    to: AddressId,
    verdict: MailVerdict,
}

impl SmtpHandler for Mailboxes {
    fn mail(&mut self, from: Option<&str>) -> Disposition {
        self.is_foreign = from != Some(mime::SENDER);
        self.from = Digest::of(from.unwrap_or_default());
        Disposition::Reply(SmtpReply::new(250, "sender noted").with_status(1, 0))
    }

    fn rcpt(&mut self, to: &str) -> Disposition {
        let noted = Disposition::Reply(SmtpReply::new(250, "recipient noted").with_status(1, 5));
        if self.is_named(to) {
            return noted;
        }
        match self.story.address(to) {
            AddressId::UNKNOWN => Disposition::Reply(SmtpReply::refused(550)),
            address if self.is_foreign => self.name(to, address),
            _ => noted,
        }
    }

    fn data(&mut self, envelope: &Envelope) -> Option<Disposition> {
        self.cut(envelope, CutAt::Data)
    }

    fn text(&mut self, envelope: &Envelope) -> Option<Disposition> {
        self.cut(envelope, CutAt::Text)
    }

    fn message(&mut self, envelope: &Envelope, raw: &[u8]) -> Disposition {
        self.hand_in(envelope, raw, &mut |_| ())
    }
}

impl Mailboxes {
    /// The mailroom of a session of this world.
    pub(crate) const fn new(door: Arc<Door>, story: Arc<Story>) -> Self {
        Self { door, story, is_foreign: false, from: Digest(0), verdicts: Vec::new() }
    }

    /// Whether a recipient has a verdict that no message has used yet.
    pub(crate) fn is_named(&self, to: &str) -> bool {
        self.verdicts.iter().any(|named| named.text.eq_ignore_ascii_case(to))
    }

    /// Whether a recipient has a verdict that no message has used.
    pub(crate) fn has_verdicts(&self) -> bool {
        !self.verdicts.is_empty()
    }

    /// Answers to a recipient that nobody in the story is; `None` if no fault can strike its emails, so that
    /// the world need not know of them.
    pub(crate) fn name_outsider(&mut self, to: &str) -> Option<Disposition> {
        if !self.is_foreign || !(self.is_named(to) || self.door.world().may_strike_outside(to)) {
            return None;
        }
        if self.is_named(to) {
            return Some(Disposition::Reply(SmtpReply::new(250, "recipient noted").with_status(1, 5)));
        }
        let address = self.door.world().address_of(to);
        Some(match address {
            Some(address) => self.name(to, address),
            None => {
                let text = "faults have met too many addresses; POST /control/v1/reset forgets them";
                Disposition::Reply(SmtpReply::new(452, text).with_status(3, 1))
            }
        })
    }

    /// Asks the world for its verdict on a recipient.
    fn name(&mut self, to: &str, address: AddressId) -> Disposition {
        if self.verdicts.len() >= VERDICTS_MAX {
            let text = "too many recipients without a message; reconnect";
            return Disposition::Reply(SmtpReply::new(452, text).with_status(5, 3));
        }
        let from = self.from;
        let decided = self.door.enter(|world| world.name_recipient(address, from));
        match decided {
            Ok(verdict) => {
                self.verdicts.push(Named { text: to.to_owned(), to: address, verdict });
                Disposition::Reply(SmtpReply::new(250, "recipient noted").with_status(1, 5))
            }
            Err(NotNamed::Refused(refusal)) => Disposition::Reply(refusal::reply(refusal)),
            Err(NotNamed::Cut) => Disposition::CutBefore,
        }
    }

    /// Closes the connection if the verdict on a recipient says so for this moment.
    fn cut(&mut self, envelope: &Envelope, at: CutAt) -> Option<Disposition> {
        let is_meant = |named: &Named| envelope.to.iter().any(|to| to.eq_ignore_ascii_case(&named.text));
        let cuts =
            |named: &Named| named.verdict.transfer == Transfer::CutBefore && named.verdict.cut_at == at;
        let place = self.verdicts.iter().position(|named| is_meant(named) && cuts(named))?;
        let Named { to, .. } = self.verdicts.remove(place);
        self.door.enter(|world| world.cut_recipient(to));
        Some(Disposition::CutBefore)
    }

    /// Handles a message, and calls `on_taken` for each email that the provider takes, before anything can
    /// happen to it.
    pub(crate) fn hand_in(
        &mut self,
        envelope: &Envelope,
        raw: &[u8],
        on_taken: &mut dyn FnMut(Taken),
    ) -> Disposition {
        if self.is_foreign {
            return self.foreign_message(envelope, raw, on_taken);
        }
        let Ok(read) = mime::parse(raw, paths::ORIGIN) else {
            return Disposition::Reply(SmtpReply::new(554, "this is not an email of the console"));
        };
        // The service sends each email to one address, but a copy of its email may go to several.
        let mut reached: Vec<AddressId> = Vec::new();
        let mut all = Disposition::Reply(SmtpReply::new(250, "taken"));
        for text in &envelope.to {
            let to = self.story.address(text);
            if to == AddressId::UNKNOWN || reached.contains(&to) {
                continue;
            }
            reached.push(to);
            let delivery = Delivery::Mail(Mail::of_service(to, read.kind, read.link));
            match self.deliver(&delivery, to, text, on_taken) {
                Some(Answer::Mail(MailReply::Taken)) => {}
                Some(Answer::Mail(MailReply::Refused { code })) if all != Disposition::CutBefore => {
                    all = Disposition::Reply(SmtpReply::refused(code));
                }
                Some(_) | None => all = Disposition::CutBefore,
            }
        }
        all
    }

    /// Delivers an email of the service to one address.
    fn deliver(
        &self,
        delivery: &Delivery,
        to: AddressId,
        text: &str,
        on_taken: &mut dyn FnMut(Taken),
    ) -> Option<Answer> {
        self.door.enter(|world| {
            let before = world.trace().events().len();
            let origin = world.origin_of(delivery);
            let answer = world.deliver(origin, delivery);
            if let Some(mail) = taken_since(world, before, to) {
                // A fault of the crossing can deliver it twice, which is not known here.
                on_taken(Taken { mail, to: text.to_owned(), arrivals: 2 });
            }
            answer
        })
    }

    /// Handles a foreign email: each named recipient has its own verdict, which decides whether the email
    /// is delivered. If a verdict cuts the connection, this happens after all verdicts are applied.
    fn foreign_message(
        &mut self,
        envelope: &Envelope,
        raw: &[u8],
        on_taken: &mut dyn FnMut(Taken),
    ) -> Disposition {
        let named = std::mem::take(&mut self.verdicts).into_iter();
        let is_meant = |named: &Named| envelope.to.iter().any(|to| to.eq_ignore_ascii_case(&named.text));
        let (meant, unused): (Vec<Named>, Vec<Named>) = named.partition(is_meant);
        self.verdicts = unused;
        let insiders = self.story.addresses.len();
        let is_read = meant.iter().any(|named| named.to.index() < insiders);
        let read = match mime::read_any(raw) {
            Ok(read) => Some(read),
            Err(_) if is_read => {
                let text = "the message has no headers (RFC 5322 section 2.1)";
                return Disposition::Reply(SmtpReply::new(554, text).with_status(6, 0));
            }
            Err(_) => None,
        };
        self.door.enter(|world| {
            let Some(mut mail) = keep(world, envelope, raw, read, is_read) else {
                return Disposition::Reply(SmtpReply::new(452, "the mail store is full").with_status(3, 1));
            };
            let mut disposition = Disposition::Reply(SmtpReply::new(250, "taken"));
            for Named { text, to, verdict } in meant {
                mail.to = to;
                let before = world.trace().events().len();
                match (world.take_mail(mail, verdict), verdict.transfer) {
                    (None, _) => disposition = Disposition::CutBefore,
                    (Some(_), Transfer::Refused(refusal)) if disposition != Disposition::CutBefore => {
                        disposition = Disposition::Reply(refusal::reply(refusal));
                    }
                    (Some(_), _) => {}
                }
                if let Some(mail) = taken_since(world, before, to) {
                    on_taken(Taken { mail, to: text, arrivals: 1 + u8::from(verdict.again.is_some()) });
                }
            }
            disposition
        })
    }
}

/// The email to this address that the provider has taken since the trace had this length.
fn taken_since(world: &World, before: usize, address: AddressId) -> Option<MailId> {
    world.trace().events().get(before..)?.iter().find_map(|event| match event.kind {
        EventKind::MailTaken { mail, to, .. } if to == address => Some(mail),
        _ => None,
    })
}

/// A foreign email of which the world's [`Papers`](crate::message::Papers) keep the links, and if somebody
/// in the story reads it, all the rest; `None` if they are full.
fn keep(
    world: &mut World,
    envelope: &Envelope,
    raw: &[u8],
    read: Option<ForeignMail>,
    is_read: bool,
) -> Option<Mail> {
    let papers = world.papers_mut();
    let found = read.iter().flat_map(|read| &read.links);
    let links: Vec<_> = found.map(|link| papers.url_id(&link.url)).collect();
    let urls = Links::Urls(Urls::of(links.iter().copied()));
    let body = match read.filter(|_| is_read) {
        Some(read) => papers.keep_mail(KeptMail {
            raw: raw.to_vec(),
            from: envelope.from.clone(),
            to: envelope.to.clone(),
            subject: read.subject,
            text: read.text,
            links,
            codes: read.codes.into_iter().map(|found| found.code).collect(),
        })?,
        None => RawId::NOT_KEPT,
    };
    Some(Mail { to: AddressId::UNKNOWN, body: MailBody::Raw(body), links: urls })
}

#[cfg(test)]
mod tests;
