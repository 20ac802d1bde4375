//! The server side of an SMTP session: bytes in, replies out.
//!
//! [`mailin`], the state machine inside mailin-embedded, checks the order of commands. This
//! module adds what a test harness needs beyond it: command parsing, refusals at the end of a
//! message, limits, and detection of bare line feeds. It uses no sockets and no clocks.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use mailin::SessionBuilder;

use crate::wire::smtp::auth::{Exchange, Step};
use crate::wire::smtp::command::{Command, Offers};
use crate::wire::smtp::desk::{Desk, EngineHandler, lock};
use crate::wire::smtp::line::{Ends, Line, LineBuffer};
use crate::wire::smtp::{
    Direction, Disposition, Settings, SmtpHandler, SmtpReply, TlsStart, WireLine, command,
};

/// What follows a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a session that is over must be closed"]
pub enum Then {
    /// The session continues.
    GoOn,
    /// Once the reply is written, the TLS handshake begins; [`Session::encrypt`] continues the session.
    StartTls,
    /// The connection must be closed, once the reply is written.
    Close,
}

/// One session, from the greeting to the end.
pub struct Session<M: SmtpHandler> {
    number: u64,
    settings: Settings,
    engine: mailin::Session<EngineHandler<M>>,
    desk: Arc<Mutex<Desk<M>>>,
    input: LineBuffer,
    /// How the next line is interpreted.
    phase: Phase,
    /// The AUTH command under way, in [`Phase::Credentials`].
    exchange: Option<Exchange>,
    /// Consecutive commands that did not advance a mail transaction.
    idle_commands: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Commands,
    Credentials,
    Text,
    Over,
}

/// The result of one line.
enum Outcome {
    /// No reply.
    Silence,
    /// A reply that needed no decision.
    Reply(SmtpReply),
    /// A decision of the mailroom or of a limit.
    Decided(Disposition),
    /// The client may begin TLS.
    StartTls,
}

impl<M: SmtpHandler> Session<M> {
    /// A session before its greeting; `number` identifies it in the wire log.
    pub fn new(number: u64, settings: &Settings, mailroom: M) -> Self {
        let desk = Arc::new(Mutex::new(Desk::new(mailroom, settings)));
        Self {
            number,
            settings: settings.clone(),
            engine: engine(&desk),
            desk,
            input: LineBuffer::default(),
            phase: Phase::Commands,
            exchange: None,
            idle_commands: 0,
        }
    }

    /// Writes the greeting (RFC 5321 section 4.2: the server speaks first).
    pub fn greet(&mut self, out: &mut Vec<u8>) {
        let greeting = SmtpReply::bare(220, &format!("{} ESMTP", self.settings.name));
        self.say(&greeting, out);
    }

    /// Ends the session because the client was silent for too long.
    pub fn give_up(&mut self, out: &mut Vec<u8>) {
        self.end();
        self.say(&SmtpReply::new(421, "no command received in time").with_status(4, 2), out);
    }

    /// Continues after a TLS handshake. Forgets what the client said in plaintext, and plaintext that it
    /// sent along with STARTTLS (RFC 3207 section 4.2).
    pub fn encrypt(&mut self) {
        self.input = LineBuffer::default();
        self.engine = engine(&self.desk);
        lock(&self.desk).encrypt();
    }

    /// Appends received bytes. Drain [`Session::poll_step`] before the next call. Bytes are dropped
    /// once the session is over.
    pub fn receive(&mut self, bytes: &[u8]) {
        if self.phase != Phase::Over {
            self.input.push(bytes);
        }
    }

    /// Processes the next line and appends the reply, if any, to `out`; `None` if no complete line is left.
    pub fn poll_step(&mut self, out: &mut Vec<u8>) -> Option<Then> {
        let outcome = match self.phase {
            Phase::Commands => self.step_command()?,
            Phase::Credentials => self.step_credentials()?,
            Phase::Text => self.step_text()?,
            Phase::Over => return None,
        };
        let then = match outcome {
            Outcome::Silence => Then::GoOn,
            Outcome::StartTls => {
                self.input = LineBuffer::default();
                self.say(&SmtpReply::new(220, "begin the TLS handshake"), out);
                Then::StartTls
            }
            Outcome::Reply(reply) => self.reply(&reply, out),
            Outcome::Decided(Disposition::Reply(reply)) => {
                if reply.is_positive() {
                    self.idle_commands = 0;
                }
                self.reply(&reply, out)
            }
            Outcome::Decided(Disposition::CutBefore) => Then::Close,
            Outcome::Decided(Disposition::CutAfter(reply)) => {
                self.say(&reply, out);
                Then::Close
            }
        };
        if then == Then::Close {
            self.end();
        }
        Some(then)
    }

    /// Number of the client's bytes held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.input.held() + lock(&self.desk).held()
    }

    fn end(&mut self) {
        self.phase = Phase::Over;
        self.input = LineBuffer::default();
        lock(&self.desk).forget();
    }

    fn step_command(&mut self) -> Option<Outcome> {
        let offers = Offers { auth: self.settings.auth.is_some(), starttls: self.offers_starttls() };
        let line = self.input.next_line(Ends::AtLineFeed, self.settings.limits.command_line)?;
        let (Line::Clean(bytes) | Line::Bare(bytes)) = line else {
            return Some(Outcome::Reply(SmtpReply::new(500, "line too long").with_status(5, 2)));
        };
        let shown = if is_auth(bytes) { b"AUTH ...\r\n" } else { bytes };
        log(&self.settings, self.number, shown);
        lock(&self.desk).hear(Direction::FromClient, shown);
        let Line::Clean(bytes) = line else {
            let text = "a line must end in CRLF and contain no other CR or LF (RFC 5321 section 2.3.8)";
            return Some(Outcome::Reply(SmtpReply::new(500, text).with_status(5, 2)));
        };
        Some(match command::read_for(offers, bytes.strip_suffix(b"\r\n").unwrap_or(bytes)) {
            Ok(command) => self.obey(command),
            Err(reply) => Outcome::Reply(reply),
        })
    }

    fn obey(&mut self, command: Command) -> Outcome {
        match command {
            Command::Ehlo(name) => self.hello(name, true),
            Command::Helo(name) => self.hello(name, false),
            Command::Mail(_) if self.must_authenticate() => {
                Outcome::Reply(SmtpReply::new(530, "authenticate first").with_status(7, 0))
            }
            Command::Mail(said) => {
                lock(&self.desk).mail = Some(said);
                self.ask(b"MAIL FROM:<path>\r\n", "send EHLO first, and only one MAIL at a time")
            }
            Command::Rcpt(said) => {
                lock(&self.desk).rcpt = Some(said.to);
                self.ask(b"RCPT TO:<path>\r\n", "send MAIL first")
            }
            Command::Data => {
                if let Some(objection) = lock(&self.desk).objection() {
                    return Outcome::Decided(objection);
                }
                let outcome = self.ask(b"DATA\r\n", "no recipient was accepted: send MAIL and RCPT first");
                if let Outcome::Reply(reply) = &outcome
                    && reply.code() == 354
                {
                    self.phase = Phase::Text;
                }
                outcome
            }
            Command::Rset => {
                lock(&self.desk).forget();
                self.engine.process(b"RSET\r\n");
                Outcome::Reply(SmtpReply::new(250, "reset"))
            }
            Command::Noop => Outcome::Reply(SmtpReply::new(250, "nothing done")),
            Command::Vrfy => {
                let text = "cannot verify the user, but will accept the message";
                Outcome::Reply(SmtpReply::new(252, text).with_status(5, 2))
            }
            Command::Help => Outcome::Reply(SmtpReply::new(
                214,
                "EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT\n\
                 MAIL takes SIZE=, BODY= and SMTPUTF8",
            )),
            Command::Quit => Outcome::Reply(SmtpReply::new(221, "goodbye")),
            Command::Auth(argument) => self.authenticate(&argument),
            Command::StartTls => Outcome::StartTls,
        }
    }

    fn offers_starttls(&self) -> bool {
        let offered = self.settings.tls.as_ref().is_some_and(|tls| tls.start == TlsStart::Command);
        offered && !lock(&self.desk).is_encrypted
    }

    fn must_authenticate(&self) -> bool {
        let required = self.settings.auth.as_ref().is_some_and(|auth| auth.is_required);
        required && lock(&self.desk).user.is_none()
    }

    /// RFC 4954 section 4: once in a session, after EHLO, and outside of a mail transaction.
    fn authenticate(&mut self, argument: &str) -> Outcome {
        let desk = lock(&self.desk);
        let text = match (desk.extended, desk.user.is_some(), desk.is_busy()) {
            (false, _, _) => "send EHLO first",
            (true, true, _) => "you have authenticated already",
            (true, false, true) => "finish the mail transaction first",
            (true, false, false) => {
                drop(desk);
                return self.proceed(Exchange::begin(argument));
            }
        };
        Outcome::Reply(SmtpReply::new(503, text))
    }

    fn step_credentials(&mut self) -> Option<Outcome> {
        let line = self.input.next_line(Ends::AtLineFeed, self.settings.limits.command_line)?;
        log(&self.settings, self.number, b"...\r\n");
        lock(&self.desk).hear(Direction::FromClient, b"...\r\n");
        let text = match line {
            Line::Clean(bytes) => std::str::from_utf8(bytes).ok().map(str::trim_end),
            Line::Bare(_) | Line::TooLong => None,
        };
        let step = match (self.exchange.take(), text) {
            (Some(exchange), Some(text)) => exchange.answer(text),
            // RFC 4954 section 4: 5.5.6 for a line that is too long.
            (_, _) => Step::Refused(SmtpReply::new(500, "not a line of base64").with_status(5, 6)),
        };
        Some(self.proceed(step))
    }

    fn proceed(&mut self, step: Step) -> Outcome {
        self.phase = Phase::Commands;
        match step {
            Step::Ask(challenge, exchange) => {
                self.phase = Phase::Credentials;
                self.exchange = Some(exchange);
                Outcome::Reply(SmtpReply::bare(334, challenge))
            }
            Step::Shown(account) => {
                if !self.settings.auth.as_ref().is_some_and(|auth| auth.admits(&account)) {
                    let text = "wrong user or password";
                    return Outcome::Reply(SmtpReply::new(535, text).with_status(7, 8));
                }
                lock(&self.desk).authenticate(account.user);
                Outcome::Reply(SmtpReply::new(235, "authenticated").with_status(7, 0))
            }
            Step::Refused(reply) => Outcome::Reply(reply),
        }
    }

    /// EHLO and HELO also reset the mail transaction (RFC 5321 section 4.1.4).
    fn hello(&mut self, name: String, extended: bool) -> Outcome {
        self.engine.process(b"HELO client\r\n");
        let mut desk = lock(&self.desk);
        desk.forget();
        desk.hello = name;
        desk.extended = extended;
        drop(desk);
        let mut text = self.settings.name.clone();
        if extended {
            let size = self.settings.limits.message;
            // Writing to a string cannot fail.
            let _ = write!(text, "\nPIPELINING\nSIZE {size}\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES");
            if self.offers_starttls() {
                text += "\nSTARTTLS";
            }
            if self.settings.auth.is_some() {
                text += "\nAUTH PLAIN LOGIN";
            }
        }
        Outcome::Reply(SmtpReply::bare(250, &text))
    }

    /// Lets the engine check the order of commands, and the mailroom decide on the rest.
    fn ask(&mut self, line: &[u8], out_of_turn: &str) -> Outcome {
        let response = self.engine.process(line);
        match (lock(&self.desk).verdict.take(), response.code) {
            (Some(disposition), _) => Outcome::Decided(disposition),
            (None, 354) => {
                Outcome::Reply(SmtpReply::bare(354, "send the message; a dot alone on a line ends it"))
            }
            (None, 503) => Outcome::Reply(SmtpReply::new(503, out_of_turn)),
            (None, _) => Outcome::Reply(SmtpReply::refused(451)),
        }
    }

    fn step_text(&mut self) -> Option<Outcome> {
        let line = self.input.next_line(Ends::AtCrLf, self.settings.limits.text_line)?;
        let bytes = match line {
            Line::Clean(bytes) => bytes,
            Line::Bare(bytes) => {
                let text = "the message contains a bare CR or LF (RFC 5321 section 2.3.8)";
                lock(&self.desk).spoil(SmtpReply::new(554, text).with_status(6, 0));
                bytes
            }
            Line::TooLong => {
                let text = format!("a line may have at most {} octets", self.settings.limits.text_line);
                lock(&self.desk).spoil(SmtpReply::new(500, &text).with_status(5, 2));
                return Some(Outcome::Silence);
            }
        };
        log(&self.settings, self.number, bytes);
        let ended = bytes == b".\r\n";
        self.engine.process(bytes);
        if !ended {
            let objection = lock(&self.desk).verdict.take();
            return Some(objection.map_or(Outcome::Silence, Outcome::Decided));
        }
        self.phase = Phase::Commands;
        let verdict = lock(&self.desk).verdict.take();
        Some(Outcome::Decided(verdict.unwrap_or_else(|| Disposition::Reply(SmtpReply::refused(451)))))
    }

    /// Replies, unless the client has sent too many idle commands.
    fn reply(&mut self, reply: &SmtpReply, out: &mut Vec<u8>) -> Then {
        self.idle_commands += 1;
        if self.idle_commands > self.settings.limits.idle_commands && !reply.closes() {
            let text = "too many commands that do not send an email";
            self.say(&SmtpReply::new(421, text).with_status(7, 0), out);
            return Then::Close;
        }
        self.say(reply, out);
        if reply.closes() { Then::Close } else { Then::GoOn }
    }

    fn say(&self, reply: &SmtpReply, out: &mut Vec<u8>) {
        let before = out.len();
        reply.write_to(out);
        let direction = Direction::ToClient;
        let mut desk = lock(&self.desk);
        for line in out[before..].split_inclusive(|byte| *byte == b'\n') {
            desk.hear(direction, line);
            if let Some(log) = &self.settings.log {
                log(&WireLine { session: self.number, direction, line });
            }
        }
    }
}

/// An engine before its greeting. It needs neither address nor name: the handler does not use them.
fn engine<M: SmtpHandler>(desk: &Arc<Mutex<Desk<M>>>) -> mailin::Session<EngineHandler<M>> {
    let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    SessionBuilder::new("").build(nowhere, EngineHandler(Arc::clone(desk)))
}

/// Whether a command line may hold credentials, which nobody is shown.
fn is_auth(line: &[u8]) -> bool {
    line.trim_ascii_start().get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"AUTH"))
}

/// Reports a line of the client to the wire log.
fn log(settings: &Settings, session: u64, line: &[u8]) {
    if let Some(log) = &settings.log {
        log(&WireLine { session, direction: Direction::FromClient, line });
    }
}
