//! AUTH PLAIN and AUTH LOGIN (RFC 4954): who may authenticate, and the exchange of credentials.
//!
//! The exchange has no I/O: each line of the client gives the next [`Step`]. The session keeps the
//! result, which survives RSET and EHLO but not STARTTLS.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::wire::smtp::SmtpReply;
use crate::wire::token::Token;

/// `Username:` in base64, which clients of AUTH LOGIN expect.
const ASK_USER: &str = "VXNlcm5hbWU6";

/// `Password:` in base64.
const ASK_PASSWORD: &str = "UGFzc3dvcmQ6";

/// How a sink offers AUTH.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    /// Whose credentials are accepted.
    pub admits: Admits,
    /// Whether MAIL is refused with 530 before a successful AUTH.
    pub is_required: bool,
}

/// Whose credentials a sink accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Admits {
    /// Any user with any password.
    #[default]
    Anyone,
    /// These users.
    Only(Vec<Account>),
    /// Any user with the token as the password.
    WithToken(Token),
}

/// The user and the password of an SMTP client.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Account {
    /// Shows only the user, because the password is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Auth {
    /// Whether these credentials are accepted. The time taken does not depend on how much of them is
    /// right: hashes of equal length are compared, and those of all accounts.
    pub(super) fn admits(&self, shown: &Account) -> bool {
        let accounts = match &self.admits {
            Admits::Anyone => return true,
            Admits::WithToken(token) => return token.is(&shown.password),
            Admits::Only(accounts) => accounts,
        };
        let equals =
            |account: &Account| same(&account.user, &shown.user) & same(&account.password, &shown.password);
        accounts.iter().map(equals).fold(Choice::from(0), |one, next| one | next).into()
    }
}

fn same(one: &str, other: &str) -> Choice {
    Sha256::digest(one.as_bytes()).as_slice().ct_eq(Sha256::digest(other.as_bytes()).as_slice())
}

/// What a line of the client leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The server asks for the next line with this challenge.
    Ask(&'static str, Exchange),
    /// The client has shown these credentials.
    Shown(Account),
    /// The exchange has failed.
    Refused(SmtpReply),
}

/// The line that an exchange waits for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    /// The response of PLAIN.
    Plain,
    /// The user of LOGIN.
    LoginUser,
    /// The password of LOGIN, for this user.
    LoginPassword(String),
}

impl Exchange {
    /// Begins with the argument of AUTH: a mechanism, and an initial response if there is one.
    pub(super) fn begin(argument: &str) -> Step {
        let mut words = argument.split(' ').filter(|word| !word.is_empty());
        let mechanism = words.next().unwrap_or_default().to_ascii_uppercase();
        let (first, rest) = (words.next(), words.next());
        if rest.is_some() {
            return Step::Refused(SmtpReply::new(501, "AUTH takes a mechanism and an initial response"));
        }
        let (exchange, challenge) = match mechanism.as_str() {
            "PLAIN" => (Self::Plain, ""),
            "LOGIN" => (Self::LoginUser, ASK_USER),
            "" => return Step::Refused(SmtpReply::new(501, "AUTH needs a mechanism: PLAIN or LOGIN")),
            _ => return Step::Refused(SmtpReply::new(504, "only PLAIN and LOGIN are offered")),
        };
        match first {
            None => Step::Ask(challenge, exchange),
            // RFC 4954 section 4: an empty initial response is written as an equals sign.
            Some("=") => exchange.answer(""),
            Some(response) => exchange.answer(response),
        }
    }

    /// Continues with the client's answer to a challenge.
    pub(super) fn answer(self, line: &str) -> Step {
        if line == "*" {
            return Step::Refused(SmtpReply::new(501, "authentication cancelled"));
        }
        let decoded = STANDARD.decode(line).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(text) = decoded else {
            return Step::Refused(
                SmtpReply::new(501, "the response is not base64 of UTF-8").with_status(5, 2),
            );
        };
        match self {
            Self::Plain => plain(&text),
            Self::LoginUser => Step::Ask(ASK_PASSWORD, Self::LoginPassword(text)),
            Self::LoginPassword(user) => Step::Shown(Account { user, password: text }),
        }
    }
}

/// RFC 4616 section 2: the identity to act as, the user and the password, separated by NUL.
fn plain(text: &str) -> Step {
    let mut parts = text.split('\0');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(user), Some(password), None) if !user.is_empty() => {
            Step::Shown(Account { user: user.to_owned(), password: password.to_owned() })
        }
        _ => Step::Refused(SmtpReply::new(501, "PLAIN needs a user and a password (RFC 4616)")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn account(user: &str, password: &str) -> Account {
        Account { user: user.to_owned(), password: password.to_owned() }
    }

    #[test]
    fn both_mechanisms_lead_to_the_credentials() {
        // "\0ana\0secret", "ana" and "secret".
        let ana = account("ana", "secret");
        assert_eq!(Exchange::begin("plain AGFuYQBzZWNyZXQ="), Step::Shown(ana.clone()));
        assert_eq!(Exchange::begin("PLAIN"), Step::Ask("", Exchange::Plain));
        assert_eq!(Exchange::Plain.answer("AGFuYQBzZWNyZXQ="), Step::Shown(ana.clone()));
        assert_eq!(Exchange::begin("LOGIN"), Step::Ask(ASK_USER, Exchange::LoginUser));
        let password = Exchange::LoginPassword("ana".to_owned());
        assert_eq!(Exchange::begin("LOGIN YW5h"), Step::Ask(ASK_PASSWORD, password));
        assert_eq!(Exchange::LoginPassword("ana".to_owned()).answer("c2VjcmV0"), Step::Shown(ana));
    }

    #[test]
    fn what_is_no_response_has_its_code() {
        for (argument, code) in [
            ("", 501),
            ("CRAM-MD5", 504),
            ("PLAIN a b", 501),
            ("PLAIN *", 501),
            ("PLAIN ?", 501),
            ("PLAIN =", 501),
            ("PLAIN /w==", 501),
            ("PLAIN AAAA", 501),
        ] {
            let Step::Refused(reply) = Exchange::begin(argument) else { panic!("{argument} is accepted") };
            assert_eq!(reply.code(), code, "{argument}");
        }
    }

    #[test]
    fn declared_accounts_are_the_only_ones() {
        let accounts = vec![account("ana", "secret"), account("ben", "other")];
        let auth = Auth { admits: Admits::Only(accounts), is_required: true };
        for (user, password, admitted) in [
            ("ana", "secret", true),
            ("ben", "other", true),
            ("ana", "other", false),
            ("ana", "secre", false),
            ("", "", false),
        ] {
            assert_eq!(auth.admits(&account(user, password)), admitted, "{user} {password}");
        }
        assert!(Auth::default().admits(&account("eve", "")));
        assert!(!format!("{auth:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn no_line_makes_the_exchange_panic(line in ".{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = Exchange::begin(&line);
            let _ = Exchange::Plain.answer(&line);
            let _ = Exchange::Plain.answer(&STANDARD.encode(&bytes));
            let _ = Exchange::LoginUser.answer(&STANDARD.encode(&bytes));
        }
    }
}
