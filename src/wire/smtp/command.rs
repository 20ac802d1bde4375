//! Parses command lines: the verb, and the arguments that RFC 5321 and its extensions allow.
//!
//! The engine under the session has its own parser, which accepts neither `<>` nor parameters nor
//! `NOOP x`. So this module parses every line and passes only verbs to the engine.

use crate::wire::smtp::path::Which;
use crate::wire::smtp::{Addresses, Body, SmtpReply, path};

/// A parsed command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Helo(String),
    Ehlo(String),
    Mail(MailArguments),
    Rcpt(RcptArguments),
    Data,
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
    /// The mechanism and the initial response (RFC 4954 section 4).
    Auth(String),
    StartTls,
}

/// The extensions that EHLO announces besides those that are always offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) auth: bool,
    pub(super) starttls: bool,
}

/// Arguments of MAIL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MailArguments {
    /// `None` is the null reverse-path.
    pub(super) from: Option<String>,
    pub(super) declared_size: Option<u64>,
    pub(super) body: Body,
    pub(super) addresses: Addresses,
    /// Whether there are any parameters, which HELO does not allow.
    pub(super) extended: bool,
}

/// Arguments of RCPT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RcptArguments {
    pub(super) to: String,
}

/// Parses `line`, without its CRLF, for a server with these extensions.
///
/// # Errors
/// The reply, if the command is malformed or not offered.
pub(super) fn read_for(offers: Offers, line: &[u8]) -> Result<Command, SmtpReply> {
    let text = std::str::from_utf8(line).ok().filter(|text| !text.chars().any(char::is_control));
    let Some(text) = text else {
        return Err(SmtpReply::new(500, "a command must be printable UTF-8").with_status(5, 2));
    };
    // RFC 5321 section 4.1.1: trailing white space is tolerated.
    let text = text.trim_end_matches(' ');
    let (verb, argument) = text.split_once(' ').unwrap_or((text, ""));
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => name(argument).map(Command::Ehlo),
        "HELO" => name(argument).map(Command::Helo),
        "MAIL" => mail(argument, offers.auth).map(Command::Mail),
        "RCPT" => rcpt(argument).map(Command::Rcpt),
        "DATA" => alone(argument, Command::Data),
        "RSET" => alone(argument, Command::Rset),
        "QUIT" => alone(argument, Command::Quit),
        "NOOP" => Ok(Command::Noop),
        "HELP" => Ok(Command::Help),
        "VRFY" if argument.is_empty() => Err(syntax("VRFY whom?")),
        "VRFY" => Ok(Command::Vrfy),
        "AUTH" if offers.auth => Ok(Command::Auth(argument.to_owned())),
        "STARTTLS" if offers.starttls => alone(argument, Command::StartTls),
        "AUTH" | "BDAT" | "ETRN" | "EXPN" | "SAML" | "SEND" | "SOML" | "STARTTLS" | "TURN" => {
            Err(SmtpReply::new(502, "this command is not implemented"))
        }
        _ => Err(SmtpReply::new(500, "unknown command")),
    }
}

fn syntax(text: &str) -> SmtpReply {
    SmtpReply::new(501, text)
}

fn name(argument: &str) -> Result<String, SmtpReply> {
    if argument.is_empty() || argument.contains(' ') {
        return Err(syntax("expected your host name as the only argument (RFC 5321 section 4.1.1.1)"));
    }
    Ok(argument.to_owned())
}

fn alone(argument: &str, command: Command) -> Result<Command, SmtpReply> {
    if argument.is_empty() { Ok(command) } else { Err(syntax("this command takes no argument")) }
}

fn rcpt(argument: &str) -> Result<RcptArguments, SmtpReply> {
    let (to, parameters) = path::read(argument, Which::Forward)?;
    match words(parameters).next() {
        None => Ok(RcptArguments { to: to.to_owned() }),
        Some(word) => Err(unknown_parameter(word)),
    }
}

fn mail(argument: &str, offers_auth: bool) -> Result<MailArguments, SmtpReply> {
    let (from, parameters) = path::read(argument, Which::Reverse)?;
    let mut said = MailArguments {
        from: (!from.is_empty()).then(|| from.to_owned()),
        declared_size: None,
        body: Body::SevenBit,
        addresses: Addresses::Ascii,
        extended: false,
    };
    let mut seen = Vec::new();
    for word in words(parameters) {
        said.extended = true;
        let (key, value) = word.split_once('=').map_or((word, None), |(key, value)| (key, Some(value)));
        let key = key.to_ascii_uppercase();
        match (key.as_str(), value) {
            ("SIZE", Some(value)) => said.declared_size = Some(size(value)?),
            ("BODY", Some(value)) if value.eq_ignore_ascii_case("7BIT") => said.body = Body::SevenBit,
            ("BODY", Some(value)) if value.eq_ignore_ascii_case("8BITMIME") => said.body = Body::EightBitMime,
            ("SMTPUTF8", None) => said.addresses = Addresses::Utf8,
            // RFC 4954 section 5: a server may ignore who submitted the message first.
            ("AUTH", Some(_)) if offers_auth => {}
            ("SIZE", None) | ("BODY" | "SMTPUTF8", _) => {
                return Err(syntax("invalid value for this parameter"));
            }
            _ => return Err(unknown_parameter(word)),
        }
        if seen.contains(&key) {
            return Err(syntax("this parameter occurs twice"));
        }
        seen.push(key);
    }
    Ok(said)
}

fn words(parameters: &str) -> impl Iterator<Item = &str> {
    parameters.split(' ').filter(|word| !word.is_empty())
}

/// RFC 1870 section 3: 1 to 20 digits.
fn size(value: &str) -> Result<u64, SmtpReply> {
    let digits = (1..=20).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
    // 20 digits can exceed 64 bits; such a size is too large in any case.
    if digits { Ok(value.parse().unwrap_or(u64::MAX)) } else { Err(syntax("SIZE= takes up to 20 digits")) }
}

fn unknown_parameter(word: &str) -> SmtpReply {
    let (key, _) = word.split_once('=').unwrap_or((word, ""));
    SmtpReply::new(555, &format!("unknown parameter {key}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(line: &[u8]) -> Result<Command, SmtpReply> {
        read_for(Offers::default(), line)
    }

    fn mail_of(line: &str) -> MailArguments {
        let Ok(Command::Mail(said)) = read(line.as_bytes()) else { panic!("{line} is no MAIL command") };
        said
    }

    #[test]
    fn mail_says_what_its_extensions_let_it_say() {
        let said = mail_of("mail from:<ana@example.test> body=8BITMIME SIZE=1000  smtputf8 ");
        assert_eq!(said.from.as_deref(), Some("ana@example.test"));
        assert_eq!(
            (said.declared_size, said.body, said.addresses),
            (Some(1_000), Body::EightBitMime, Addresses::Utf8)
        );
        assert_eq!(mail_of("MAIL FROM:<>").from, None);
        assert_eq!(mail_of("MAIL FROM:<> SIZE=99999999999999999999").declared_size, Some(u64::MAX));
    }

    #[test]
    fn a_command_that_cannot_be_read_has_its_code() {
        for (line, code) in [
            ("", 500),
            (" NOOP", 500),
            ("XYZZY", 500),
            ("NO\0OP", 500),
            ("STARTTLS", 502),
            ("AUTH PLAIN", 502),
            ("EHLO", 501),
            ("EHLO a b", 501),
            ("DATA now", 501),
            ("QUIT now", 501),
            ("RSET now", 501),
            ("VRFY", 501),
            ("MAIL", 501),
            ("MAIL FROM:<a@b.test> SIZE=", 501),
            ("MAIL FROM:<a@b.test> SIZE=-1", 501),
            ("MAIL FROM:<a@b.test> SIZE", 501),
            ("MAIL FROM:<a@b.test> BODY=BINARYMIME", 501),
            ("MAIL FROM:<a@b.test> SMTPUTF8=1", 501),
            ("MAIL FROM:<a@b.test> SIZE=1 size=1", 501),
            ("MAIL FROM:<a@b.test> RET=FULL", 555),
            ("MAIL FROM:<a@b.test> AUTH=<>", 555),
            ("RCPT TO:<a@b.test> NOTIFY=NEVER", 555),
        ] {
            assert_eq!(read(line.as_bytes()).map_err(|reply| reply.code()), Err(code), "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_the_command_reader_panic(line in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = read(&line);
        }
    }
}
