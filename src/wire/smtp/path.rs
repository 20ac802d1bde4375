//! Parses reverse-paths and forward-paths by RFC 5321 section 4.1.2.

use crate::wire::smtp::SmtpReply;

/// Longest path, in octets with its brackets (RFC 5321 section 4.5.3.1.3).
const PATH_MAX: usize = 256;

/// Which of the two paths to parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// MAIL's: `FROM:`.
    Reverse,
    /// RCPT's: `TO:`.
    Forward,
}

impl Which {
    const fn keyword(self) -> &'static str {
        match self {
            Self::Reverse => "FROM:",
            Self::Forward => "TO:",
        }
    }

    /// Refuses the address itself: 5.1.7 and 5.1.3 of RFC 3463 section 3.2.
    fn bad_mailbox(self, text: &str) -> SmtpReply {
        let detail = match self {
            Self::Reverse => 7,
            Self::Forward => 3,
        };
        SmtpReply::new(501, text).with_status(1, detail)
    }
}

/// The mailbox in `argument` and the parameters after it; an empty mailbox is the null path.
///
/// # Errors
/// The reply, if the path is malformed.
pub(super) fn read(argument: &str, which: Which) -> Result<(&str, &str), SmtpReply> {
    let keyword = which.keyword();
    let syntax = |text: &str| Err(SmtpReply::new(501, text));
    let after = argument.get(..keyword.len()).filter(|word| word.eq_ignore_ascii_case(keyword));
    let Some(path) = after.map(|word| &argument[word.len()..]) else {
        return syntax(&format!("expected {keyword}<address>"));
    };
    if path.starts_with(' ') {
        return syntax("no space is allowed after the colon (RFC 5321 section 3.3)");
    }
    let Some(path) = path.strip_prefix('<') else {
        return syntax("the address must be in angle brackets (RFC 5321 section 4.1.2)");
    };
    let Some(end) = closing_bracket(path) else {
        return syntax("the closing angle bracket is missing");
    };
    let (inner, parameters) = (&path[..end], &path[end + 1..]);
    if !parameters.is_empty() && !parameters.starts_with(' ') {
        return syntax("a space must separate the address and the parameters");
    }
    if inner.len() + "<>".len() > PATH_MAX {
        return Err(which.bad_mailbox("the address is longer than 256 octets"));
    }
    let mailbox = without_route(inner);
    let known = match which {
        Which::Reverse => mailbox.is_empty() || is_mailbox(mailbox),
        // RFC 5321 section 4.1.1.3: `postmaster` must be accepted without a domain.
        Which::Forward => mailbox.eq_ignore_ascii_case("postmaster") || is_mailbox(mailbox),
    };
    if known { Ok((mailbox, parameters)) } else { Err(which.bad_mailbox("this is not a valid address")) }
}

/// The position of the bracket that closes the path. Brackets within a quoted string do not count.
fn closing_bracket(path: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    path.bytes().position(|byte| {
        let literal = std::mem::take(&mut escaped);
        match byte {
            _ if literal => {}
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' => return !quoted,
            _ => {}
        }
        false
    })
}

/// The mailbox after a source route, which is parsed and ignored (RFC 5321 appendix C).
fn without_route(path: &str) -> &str {
    match path.split_once(':') {
        Some((route, mailbox))
            if route.split(',').all(|hop| hop.strip_prefix('@').is_some_and(is_domain)) =>
        {
            mailbox
        }
        _ => path,
    }
}

fn is_mailbox(text: &str) -> bool {
    let local_end = if text.starts_with('"') { quoted_end(text) } else { text.find('@') };
    let Some((local, rest)) = local_end.and_then(|end| text.split_at_checked(end)) else { return false };
    let local_fits = local.starts_with('"') || local.split('.').all(is_atom);
    local_fits && rest.strip_prefix('@').is_some_and(is_domain)
}

/// The position after the closing quotation mark of the quoted string that begins `text`.
fn quoted_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    let inside = text.bytes().skip(1).position(|byte| match byte {
        _ if std::mem::take(&mut escaped) => false,
        b'\\' => {
            escaped = true;
            false
        }
        byte => byte == b'"',
    });
    inside.map(|at| at + 2)
}

fn is_atom(text: &str) -> bool {
    let fits =
        |sign: char| sign.is_alphanumeric() || !sign.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(sign);
    !text.is_empty() && text.chars().all(fits)
}

fn is_domain(text: &str) -> bool {
    if let Some(literal) = text.strip_prefix('[') {
        return literal.strip_suffix(']').is_some_and(|inner| {
            !inner.is_empty() && inner.bytes().all(|b| matches!(b, b'!'..=b'Z' | b'^'..=b'~'))
        });
    }
    text.split('.').all(|label| {
        // Underscores are invalid in host names, but common in test systems.
        let fits = |sign: char| sign.is_ascii_alphanumeric() || !sign.is_ascii() || matches!(sign, '-' | '_');
        !label.is_empty() && label.chars().all(fits) && !label.starts_with('-') && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_read_as_the_rfc_writes_them() {
        for (argument, mailbox, parameters) in [
            ("TO:<ana@example.test>", "ana@example.test", ""),
            ("to:<ana@example.test> NOTIFY=NEVER", "ana@example.test", " NOTIFY=NEVER"),
            ("To:<\"a >b\\\"@\"@example.test>", "\"a >b\\\"@\"@example.test", ""),
            ("TO:<@relay.test,@b.test:ana@example.test>", "ana@example.test", ""),
            ("TO:<ana+mfa=1@[127.0.0.1]>", "ana+mfa=1@[127.0.0.1]", ""),
            ("TO:<ána@exámple.test>", "ána@exámple.test", ""),
            ("TO:<Postmaster>", "Postmaster", ""),
        ] {
            assert_eq!(read(argument, Which::Forward), Ok((mailbox, parameters)), "{argument}");
        }
        assert_eq!(read("FROM:<> SIZE=1", Which::Reverse), Ok(("", " SIZE=1")));
    }

    #[test]
    fn what_is_written_otherwise_is_a_syntax_error() {
        for argument in [
            "",
            "TO",
            "TO:",
            "TO: <ana@example.test>",
            "TO:ana@example.test",
            "TO:<ana@example.test",
            "TO:<ana@example.test>x",
            "TO:<>",
            "TO:<ana>",
            "TO:<@example.test>",
            "TO:<ana@>",
            "TO:<a..b@c.test>",
            "TO:<a b@c.test>",
            "TO:<ana@-c.test>",
            "TO:<ana@c..test>",
            "TO:<\"ana@c.test>",
            "TO:<\"a\"b@c.test>",
            "TO:<ana@[]>",
            "TO:<ana@[1>",
            "TO:<<ana@c.test>>",
            "é",
            "FROM:<ana@example.test>",
        ] {
            assert_eq!(read(argument, Which::Forward).map_err(|reply| reply.code()), Err(501), "{argument}");
        }
        let long = format!("TO:<{}@example.test>", "a".repeat(PATH_MAX));
        assert!(read(&long, Which::Forward).unwrap_err().to_string().contains("longer than 256"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_path_reader_panic(
            text in r#"(FROM:|from:<|FROM:<)?["\\<>@.,:a é\[\]-]{0,30}"#,
        ) {
            if let Ok((mailbox, parameters)) = read(&text, Which::Reverse) {
                prop_assert!(text.contains(mailbox) && text.ends_with(parameters));
            }
        }
    }
}
