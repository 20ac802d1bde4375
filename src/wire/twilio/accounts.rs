//! The accounts of the voice provider: whose credentials are accepted, and whose token signs a webhook.
//!
//! By default any account is taken with any credentials, as an app under test has them; the token that it
//! shows is the key of its webhook signatures (TW-signature). With an API key (`SK…`) the token is never
//! shown: then [`AUTH_TOKEN`] is the key, unless the account is declared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

use crate::message::{Sid, TextSender, TextSid};
use crate::providers::messaging::Text;
use crate::wire::twilio::debugger::Debugger;
use crate::wire::twilio::{ACCOUNT_SID, AUTH_TOKEN};

/// Most accounts whose tokens are kept; the token of a further one is [`AUTH_TOKEN`].
const ACCOUNTS_MAX: usize = 10_000;

/// Longest account SID, user name or token, in bytes.
const NAME_MAX: usize = 256;

/// An account: its SID and its auth token.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// `AC` and 32 hexadecimal digits, at Twilio.
    pub sid: String,
    /// The auth token.
    pub token: String,
    /// API keys and their secrets, which are accepted in place of the token.
    pub keys: Vec<(String, String)>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("sid", &self.sid).field("token", &"••••••").finish_non_exhaustive()
    }
}

/// Whose requests are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Any account with any credentials.
    #[default]
    Any,
    /// This account only.
    Declared(Account),
}

/// The accounts of one provider.
#[derive(Debug)]
pub struct Accounts {
    accepts: Credentials,
    debugger: Debugger,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The token that each account has shown.
    tokens: BTreeMap<String, String>,
    /// The account that each API key was used for last.
    keys: BTreeMap<String, String>,
    /// The account of each call that does not belong to the reference service.
    calls: BTreeMap<Sid, String>,
    deleted: BTreeSet<Sid>,
    texts: BTreeMap<TextSid, String>,
    deleted_texts: BTreeSet<TextSid>,
    /// The media that were deleted, by text and place.
    deleted_media: BTreeSet<(TextSid, usize)>,
    /// The account that has used a sender last. It gets the texts that handsets send to it.
    senders: BTreeMap<TextSender, String>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl Accounts {
    /// The accounts of a provider that accepts these credentials.
    pub fn new(accepts: Credentials) -> Self {
        Self { accepts, debugger: Debugger::default(), known: Mutex::default() }
    }

    /// The log of what is wrong or doubtful in orders and answers.
    pub const fn debugger(&self) -> &Debugger {
        &self.debugger
    }

    /// The account of the reference service only.
    pub fn of_reference() -> Self {
        let (sid, token) = (ACCOUNT_SID.to_owned(), AUTH_TOKEN.to_owned());
        Self::new(Credentials::Declared(Account { sid, token, keys: Vec::new() }))
    }

    /// Whether a request about `account` with this `Authorization` header is accepted.
    pub(super) fn admits(&self, account: &str, authorization: Option<&str>) -> bool {
        // An account of a path can be as long as a path, and is kept with each call and text.
        if account.len() > NAME_MAX {
            return false;
        }
        let Some((user, secret)) = authorization.and_then(basic) else { return false };
        if account == ACCOUNT_SID && is_same(&user, ACCOUNT_SID) && is_same(&secret, AUTH_TOKEN) {
            return true;
        }
        match &self.accepts {
            Credentials::Any => {
                let is_known = user == account || user.starts_with("SK");
                if user == account {
                    self.remember(account, &secret);
                } else if is_known {
                    self.remember_key(&user, account);
                }
                is_known && account.starts_with("AC")
            }
            Credentials::Declared(declared) => {
                let token = (&declared.sid, &declared.token);
                let pairs = declared.keys.iter().map(|(key, secret)| (key, secret)).chain([token]);
                // All are compared, so that the time does not tell which one fits.
                let fits = pairs.fold(false, |fits, (name, token)| {
                    fits | (is_same(&user, name) & is_same(&secret, token))
                });
                fits && declared.sid == account
            }
        }
    }

    /// The account of a request whose path names none, if its credentials are accepted. The account of an API
    /// key is the one that it is declared for, or that it was used for last.
    pub(super) fn account_of(&self, authorization: Option<&str>) -> Option<String> {
        let (user, _) = authorization.and_then(basic)?;
        let account = match &self.accepts {
            _ if !user.starts_with("SK") => user,
            Credentials::Declared(declared) => declared.sid.clone(),
            Credentials::Any => {
                self.known().keys.get(&user).cloned().unwrap_or_else(|| ACCOUNT_SID.to_owned())
            }
        };
        self.admits(&account, authorization).then_some(account)
    }

    fn remember_key(&self, key: &str, account: &str) {
        let mut known = self.known();
        if known.keys.len() < ACCOUNTS_MAX || known.keys.contains_key(key) {
            known.keys.insert(key.to_owned(), account.to_owned());
        }
    }

    fn remember(&self, account: &str, token: &str) {
        let mut known = self.known();
        if known.tokens.len() < ACCOUNTS_MAX || known.tokens.contains_key(account) {
            known.tokens.insert(account.to_owned(), token.to_owned());
        }
    }

    /// Notes which account has ordered a call.
    pub(super) fn give(&self, call: Sid, account: &str) {
        if account != ACCOUNT_SID {
            self.known().calls.insert(call, account.to_owned());
        }
    }

    /// Whether the account has ordered this call, and has not deleted it.
    pub(super) fn has(&self, account: &str, call: Sid) -> bool {
        let known = self.known();
        known.calls.get(&call).map_or(ACCOUNT_SID, String::as_str) == account
            && !known.deleted.contains(&call)
    }

    /// Removes a call from what the API shows.
    pub(super) fn delete(&self, call: Sid) {
        self.known().deleted.insert(call);
    }

    /// The SID and the token of the account that has ordered a call.
    pub(super) fn of_call(&self, call: Sid) -> (String, String) {
        let known = self.known();
        self.with_token(&known, known.calls.get(&call))
    }

    /// An account, the reference service's if there is none, with its token.
    fn with_token(&self, known: &Known, account: Option<&String>) -> (String, String) {
        let Some(account) = account else { return (ACCOUNT_SID.to_owned(), AUTH_TOKEN.to_owned()) };
        let token = match &self.accepts {
            Credentials::Declared(declared) if declared.sid == *account => Some(&declared.token),
            Credentials::Declared(_) | Credentials::Any => known.tokens.get(account),
        };
        (account.clone(), token.map_or_else(|| AUTH_TOKEN.to_owned(), String::clone))
    }

    /// Notes which account has ordered a text, or owns the sender that a handset has written to.
    pub(super) fn give_text(&self, text: TextSid, account: &str) {
        self.known().texts.insert(text, account.to_owned());
    }

    /// Notes which account gets the texts to a sender.
    pub fn give_sender(&self, sender: &TextSender, account: &str) {
        let mut known = self.known();
        if known.senders.len() < ACCOUNTS_MAX || known.senders.contains_key(sender) {
            known.senders.insert(sender.clone(), account.to_owned());
        }
    }

    /// Whether the account has this text, and has not deleted it.
    pub(super) fn has_text(&self, account: &str, text: &Text) -> bool {
        let known = self.known();
        self.owner(&known, text) == Some(account) && !known.deleted_texts.contains(&text.sid())
    }

    /// Removes a text from what the API shows.
    pub(super) fn delete_text(&self, text: TextSid) {
        self.known().deleted_texts.insert(text);
    }

    /// Whether the medium at this place of a text has not been deleted.
    pub(super) fn has_medium(&self, text: TextSid, place: usize) -> bool {
        !self.known().deleted_media.contains(&(text, place))
    }

    /// Removes a medium of a text from what the API shows.
    pub(super) fn delete_medium(&self, text: TextSid, place: usize) {
        self.known().deleted_media.insert((text, place));
    }

    /// The SID and the token of the account of a text.
    pub(super) fn of_text(&self, text: &Text) -> (String, String) {
        let known = self.known();
        let owner = self.owner(&known, text).map(str::to_owned);
        self.with_token(&known, owner.as_ref())
    }

    /// The account that has ordered a text. A text from a handset, or a reply, belongs to the account that
    /// has used the sender last, or to the only account that there is.
    fn owner<'a>(&'a self, known: &'a Known, text: &Text) -> Option<&'a str> {
        let ordered = known.texts.get(&text.sid());
        let used = ordered.or_else(|| known.senders.get(text.sender()?)).map(String::as_str);
        let only = match &self.accepts {
            Credentials::Declared(declared) => Some(declared.sid.as_str()),
            Credentials::Any => None,
        };
        used.or(only)
    }

    /// Forgets all calls, texts and notes, as after a reset; tokens stay.
    pub fn forget_calls(&self) {
        let mut known = self.known();
        known.calls.clear();
        known.deleted.clear();
        known.texts.clear();
        known.deleted_texts.clear();
        known.deleted_media.clear();
        self.debugger.clear();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The user of an `Authorization` header with Basic authentication.
pub fn user_of(authorization: &str) -> Option<String> {
    basic(authorization).map(|(user, _)| user)
}

/// The user and the password of Basic authentication (RFC 7617).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, text) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (user, secret) = text.split_once(':')?;
    (user.len() <= NAME_MAX && secret.len() <= NAME_MAX).then(|| (user.to_owned(), secret.to_owned()))
}

fn is_same(shown: &str, wanted: &str) -> bool {
    shown.as_bytes().ct_eq(wanted.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(user: &str, secret: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{user}:{secret}")))
    }

    #[test]
    fn any_account_is_taken_and_its_token_is_kept() {
        let accounts = Accounts::new(Credentials::Any);
        let call = Sid(7);
        accounts.give(call, "AC1");
        assert_eq!(accounts.of_call(call), ("AC1".to_owned(), AUTH_TOKEN.to_owned()));
        assert!(accounts.admits("AC1", Some(&header("AC1", "secret"))));
        assert_eq!(accounts.of_call(call), ("AC1".to_owned(), "secret".to_owned()));
        assert!(accounts.admits("AC1", Some(&header("SK1", "key"))));
        assert_eq!(accounts.of_call(call).1, "secret", "an API key signs nothing");
        for (user, account) in [("AC2", "AC1"), ("ana", "AC1"), ("XX1", "XX1")] {
            assert!(!accounts.admits(account, Some(&header(user, "secret"))), "{user} at {account}");
        }
        for header in ["", "Basic", "Basic !", "Bearer abc", "Basic QUMx"] {
            assert!(!accounts.admits("AC1", Some(header)), "{header}");
        }
        assert!(!accounts.admits("AC1", None));
    }

    #[test]
    fn a_request_without_an_account_is_about_that_of_its_credentials() {
        let any = Accounts::new(Credentials::Any);
        assert_eq!(any.account_of(Some(&header("AC1", "secret"))).as_deref(), Some("AC1"));
        assert_eq!(any.account_of(Some(&header("SK1", "key"))).as_deref(), Some(ACCOUNT_SID));
        assert!(any.admits("AC1", Some(&header("SK1", "key"))));
        assert_eq!(any.account_of(Some(&header("SK1", "key"))).as_deref(), Some("AC1"));
        for header in [None, Some(header("ana", "secret")), Some("Bearer x".to_owned())] {
            assert_eq!(any.account_of(header.as_deref()), None, "{header:?}");
        }
        let keys = vec![("SK1".to_owned(), "key".to_owned())];
        let declared = Account { sid: "AC1".to_owned(), token: "token".to_owned(), keys };
        let accounts = Accounts::new(Credentials::Declared(declared));
        for (user, secret, account) in [
            ("AC1", "token", Some("AC1")),
            ("SK1", "key", Some("AC1")),
            ("SK1", "token", None),
            ("AC2", "token", None),
        ] {
            assert_eq!(
                accounts.account_of(Some(&header(user, secret))).as_deref(),
                account,
                "{user} {secret}"
            );
        }
    }

    #[test]
    fn a_declared_account_needs_its_token_or_a_key() {
        let keys = vec![("SK1".to_owned(), "key".to_owned())];
        let declared = Account { sid: "AC1".to_owned(), token: "token".to_owned(), keys };
        let accounts = Accounts::new(Credentials::Declared(declared));
        accounts.give(Sid(7), "AC1");
        assert_eq!(accounts.of_call(Sid(7)).1, "token");
        for (user, secret, fits) in
            [("AC1", "token", true), ("SK1", "key", true), ("AC1", "key", false), ("SK2", "key", false)]
        {
            assert_eq!(accounts.admits("AC1", Some(&header(user, secret))), fits, "{user} {secret}");
        }
        assert!(!accounts.admits("AC2", Some(&header("AC1", "token"))));
    }

    #[test]
    fn an_account_has_only_its_own_calls() {
        let accounts = Accounts::new(Credentials::Any);
        accounts.give(Sid(1), "AC1");
        assert!(accounts.has("AC1", Sid(1)) && !accounts.has("AC2", Sid(1)));
        assert!(accounts.has(ACCOUNT_SID, Sid(2)), "other calls are those of the reference service");
        accounts.delete(Sid(1));
        assert!(!accounts.has("AC1", Sid(1)));
        assert!(!format!("{accounts:?}").contains("token"));
    }
}
