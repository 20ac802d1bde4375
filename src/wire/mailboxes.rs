//! The mail provider behind the SMTP sink; the world's answer to a message is the SMTP reply.

use std::io;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::crossing::Answer;
use crate::crossing::Mail;
use crate::crossing::MailReply;
use crate::email::message;
use crate::story::Story;
use crate::wire::console::paths;
use crate::wire::console::server::deliver;
use crate::wire::door::Door;
use crate::wire::smtp::Disposition;
use crate::wire::smtp::Envelope;
use crate::wire::smtp::Mailroom;
use crate::wire::smtp::Settings;
use crate::wire::smtp::SmtpReply;
use crate::wire::smtp::SmtpSink;
use crate::world::Delivery;

/// Opens the provider's SMTP server on a free loopback port.
///
/// # Errors
/// If no port can be bound.
pub async fn open(door: Arc<Door>, story: Arc<Story>) -> io::Result<SmtpSink> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    SmtpSink::serve(listener, Settings::default(), move |_| Mailboxes {
        door: Arc::clone(&door),
        story: Arc::clone(&story),
    })
}

/// The mailroom of one session.
struct Mailboxes {
    door: Arc<Door>,
    story: Arc<Story>,
}

impl Mailroom for Mailboxes {
    fn message(&mut self, envelope: &Envelope, raw: &[u8]) -> Disposition {
        let Ok(read) = message::parse(raw, paths::ORIGIN) else {
            return Disposition::Reply(SmtpReply::new(554, "this is no mail of the console's"));
        };
        // RFC 5321 allows several recipients; the service sends each email to one.
        let to = self.story.address(envelope.to.first().map_or("", String::as_str));
        match deliver(&self.door, Delivery::Mail(Mail { to, kind: read.kind, link: read.link })) {
            Some(Answer::Mail(MailReply::Taken)) => Disposition::Reply(SmtpReply::new(250, "taken")),
            Some(Answer::Mail(MailReply::Refused { code })) => Disposition::Reply(SmtpReply::refused(code)),
            Some(_) | None => Disposition::CutBefore,
        }
    }
}
