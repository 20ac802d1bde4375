//! A recorded SMTP transaction, in memory and over a socket.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::story::{AppMail, MailStage};
use crate::wire::smtp::{Addresses, Body, Disposition, Envelope, SmtpHandler};

/// Longest reply of the server, in lines.
const LINES_MAX: usize = 64;

/// Makes the transaction with a mailroom.
pub(super) fn hand_in(mailroom: &mut dyn SmtpHandler, mail: &AppMail) {
    let is_taken =
        |disposition: &Disposition| matches!(disposition, Disposition::Reply(reply) if reply.is_positive());
    mailroom.mail(Some(mail.from.as_str()).filter(|from| !from.is_empty()));
    let mut to = Vec::new();
    for recipient in &mail.to {
        let disposition = mailroom.rcpt(recipient);
        if matches!(disposition, Disposition::CutBefore | Disposition::CutAfter(_)) {
            return;
        }
        if is_taken(&disposition) {
            to.push(recipient.clone());
        }
    }
    if mail.reaches == MailStage::Recipient || to.is_empty() {
        return;
    }
    let envelope = Envelope {
        hello: String::new(),
        user: None,
        is_encrypted: false,
        from: Some(mail.from.clone()).filter(|from| !from.is_empty()),
        to,
        declared_size: None,
        body: Body::EightBitMime,
        addresses: Addresses::Utf8,
    };
    if mailroom.data(&envelope).is_some() || mail.reaches == MailStage::Data {
        return;
    }
    if mailroom.text(&envelope).is_some() || mail.reaches == MailStage::Text {
        return;
    }
    mailroom.message(&envelope, &mail.message);
}

/// Makes the transaction with the server at this address. A refusal or a closed connection ends it.
pub(super) async fn send(server: SocketAddr, mail: &AppMail) -> io::Result<()> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let mut client = Client { stream: BufReader::new(stream) };
    if client.reply().await?.is_none() || client.command("EHLO app.test").await?.is_none() {
        return Ok(());
    }
    let utf8 = if mail.from.is_ascii() && mail.to.iter().all(|to| to.is_ascii()) { "" } else { " SMTPUTF8" };
    if client.command(&format!("MAIL FROM:<{}> BODY=8BITMIME{utf8}", mail.from)).await? != Some(true) {
        return Ok(());
    }
    let mut is_anybody_taken = false;
    for to in &mail.to {
        match client.command(&format!("RCPT TO:<{to}>")).await? {
            Some(is_taken) => is_anybody_taken |= is_taken,
            None => return Ok(()),
        }
    }
    if mail.reaches == MailStage::Recipient || !is_anybody_taken {
        return Ok(());
    }
    if client.command("DATA").await? != Some(true) {
        return Ok(());
    }
    let mut text = Vec::new();
    for line in mail.message.split_inclusive(|byte| *byte == b'\n') {
        // A dot that begins a line is doubled (RFC 5321 section 4.5.2).
        if line.starts_with(b".") {
            text.push(b'.');
        }
        text.extend_from_slice(line);
    }
    if !text.ends_with(b"\r\n") {
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b".\r\n");
    // The server may close the connection before all has been written.
    if client.stream.get_mut().write_all(&text).await.is_ok() && client.reply().await?.is_some() {
        client.command("QUIT").await?;
    }
    Ok(())
}

struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Sends a command; returns whether it was accepted, or `None` if the connection is closed.
    async fn command(&mut self, line: &str) -> io::Result<Option<bool>> {
        if self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.is_err() {
            return Ok(None);
        }
        self.reply().await
    }

    /// Reads a reply, also one of several lines.
    async fn reply(&mut self) -> io::Result<Option<bool>> {
        for _ in 0..LINES_MAX {
            let mut line = Vec::new();
            match self.stream.read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return Ok(None),
                Ok(_) if line.get(3) == Some(&b'-') => {}
                Ok(_) => return Ok(Some(line.first().is_some_and(|digit| matches!(digit, b'2' | b'3')))),
            }
        }
        Err(io::Error::other("the SMTP reply is too long"))
    }
}
