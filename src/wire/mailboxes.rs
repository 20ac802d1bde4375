//! The mail provider behind the SMTP sink; the world's answer to a message is the SMTP reply.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::base::id::{AddressId, MailId};
use crate::event::EventKind;
use crate::fault::MailVerdict;
use crate::message::{Answer, KeptMail, Links, Mail, MailBody, MailReply, Urls};
use crate::story::Story;
use crate::wire::door::Door;
use crate::wire::mime;
use crate::wire::mime::ForeignMail;
use crate::wire::reference::paths;
use crate::wire::smtp::{Disposition, Envelope, Settings, SmtpHandler, SmtpReply, SmtpSink};
use crate::world::{Delivery, World};

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
        Disposition::Reply(SmtpReply::new(250, "sender noted").with_status(1, 0))
    }

    fn rcpt(&mut self, to: &str) -> Disposition {
        let noted = Disposition::Reply(SmtpReply::new(250, "recipient noted").with_status(1, 5));
        if !self.is_foreign || self.verdicts.iter().any(|named| named.text.eq_ignore_ascii_case(to)) {
            return noted;
        }
        let address = self.story.address(to);
        if address == AddressId::UNKNOWN {
            return Disposition::Reply(SmtpReply::refused(550));
        }
        if self.verdicts.len() >= VERDICTS_MAX {
            let text = "too many recipients without a message; reconnect";
            return Disposition::Reply(SmtpReply::new(452, text).with_status(5, 3));
        }
        let decided = self.door.enter(|world| world.name_recipient(address));
        match decided {
            Ok(verdict) => {
                self.verdicts.push(Named { text: to.to_owned(), to: address, verdict });
                noted
            }
            Err(code) => Disposition::Reply(SmtpReply::refused(code)),
        }
    }

    fn message(&mut self, envelope: &Envelope, raw: &[u8]) -> Disposition {
        self.hand_in(envelope, raw, &mut |_| ())
    }
}

impl Mailboxes {
    /// The mailroom of a session of this world.
    pub(crate) const fn new(door: Arc<Door>, story: Arc<Story>) -> Self {
        Self { door, story, is_foreign: false, verdicts: Vec::new() }
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
        // RFC 5321 allows several recipients; the service sends each email to one.
        let text = envelope.to.first().map_or("", String::as_str);
        let to = self.story.address(text);
        let delivery = Delivery::Mail(Mail::of_service(to, read.kind, read.link));
        let answer = self.door.enter(|world| {
            let before = world.trace().events().len();
            let origin = world.origin_of(&delivery);
            let answer = world.deliver(origin, &delivery);
            if let Some(mail) = taken_since(world, before, to) {
                // A fault of the crossing can deliver it twice, which is not known here.
                on_taken(Taken { mail, to: text.to_owned(), arrivals: 2 });
            }
            answer
        });
        match answer {
            Some(Answer::Mail(MailReply::Taken)) => Disposition::Reply(SmtpReply::new(250, "taken")),
            Some(Answer::Mail(MailReply::Refused { code })) => Disposition::Reply(SmtpReply::refused(code)),
            Some(_) | None => Disposition::CutBefore,
        }
    }

    /// Handles a foreign email: each named recipient has its own verdict, which decides whether the email
    /// is delivered. If a verdict cuts the connection, this happens after all verdicts are applied.
    fn foreign_message(
        &mut self,
        envelope: &Envelope,
        raw: &[u8],
        on_taken: &mut dyn FnMut(Taken),
    ) -> Disposition {
        let Ok(read) = mime::read_any(raw) else {
            let text = "the message has no headers (RFC 5322 section 2.1)";
            return Disposition::Reply(SmtpReply::new(554, text).with_status(6, 0));
        };
        let named = std::mem::take(&mut self.verdicts).into_iter();
        let is_meant = |named: &Named| envelope.to.iter().any(|to| to.eq_ignore_ascii_case(&named.text));
        let (meant, unused): (Vec<Named>, Vec<Named>) = named.partition(is_meant);
        self.verdicts = unused;
        self.door.enter(|world| {
            let Some(mut mail) = keep(world, envelope, raw, read) else {
                return Disposition::Reply(SmtpReply::new(452, "the mail store is full").with_status(3, 1));
            };
            let mut cut = false;
            for Named { text, to, verdict } in meant {
                mail.to = to;
                let before = world.trace().events().len();
                cut |= world.take_mail(mail, verdict).is_none();
                if let Some(mail) = taken_since(world, before, to) {
                    on_taken(Taken { mail, to: text, arrivals: 1 + u8::from(verdict.again.is_some()) });
                }
            }
            if cut { Disposition::CutBefore } else { Disposition::Reply(SmtpReply::new(250, "taken")) }
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

/// Keeps a foreign email in the world's [`Papers`](crate::message::Papers); `None` if they are full.
fn keep(world: &mut World, envelope: &Envelope, raw: &[u8], read: ForeignMail) -> Option<Mail> {
    let papers = world.papers_mut();
    let links: Vec<_> = read.links.iter().map(|link| papers.url_id(&link.url)).collect();
    let urls = Links::Urls(Urls::of(links.iter().copied()));
    let kept = KeptMail {
        raw: raw.to_vec(),
        from: envelope.from.clone(),
        to: envelope.to.clone(),
        subject: read.subject,
        text: read.text,
        links,
        codes: read.codes.into_iter().map(|found| found.code).collect(),
    };
    let body = MailBody::Raw(papers.keep_mail(kept)?);
    Some(Mail { to: AddressId::UNKNOWN, body, links: urls })
}

#[cfg(test)]
mod tests;
