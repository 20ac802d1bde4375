//! What a sandbox is to be, and why it cannot.

use std::time::Duration;

use crate::serve::ServeClock;
use crate::story::Story;
use crate::wire::twilio::ACCOUNT_SID;

/// The name of the world of everything that belongs to no sandbox.
pub(in crate::serve) const DEFAULT: &str = "default";

/// Longest name or tag, in bytes.
const NAME_MAX: usize = 64;

/// Longest account SID, in bytes.
const ACCOUNT_MAX: usize = 64;

/// Longest user, in bytes.
const USER_MAX: usize = 256;

/// Names of sandboxes that an error lists.
const LISTED_MAX: usize = 10;

/// What a sandbox is to be.
#[derive(Clone, Debug, Default)]
pub struct SandboxSettings {
    /// Its name: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The account SID whose requests to the voice API it gets.
    pub account: Option<String>,
    /// It gets the emails to addresses with this tag: `ana+TAG@example.com`.
    pub tag: Option<String>,
    /// It gets the emails of this AUTH user, unless a recipient has the tag of another sandbox.
    pub user: Option<String>,
    /// Its story; the server's by default.
    pub story: Option<Story>,
    /// Its seed. By default it depends on the seed of the story and on the name: a sandbox of the same
    /// name tells the same trace, and the SIDs of different sandboxes differ.
    pub seed: Option<u64>,
    /// How its time passes; as the server's by default.
    pub clock: Option<ServeClock>,
}

/// Why a sandbox cannot be created or found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// A field has a value that it cannot have.
    #[error("`{value}` cannot be the {field} of a sandbox: {rule}")]
    BadValue {
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
        /// What it can be.
        rule: &'static str,
    },
    /// Another sandbox has the name, the account, the tag or the user.
    #[error(
        "the {field} `{value}` belongs to the sandbox `{of}`; choose another one, or end that with DELETE /control/v1/sandboxes/{of}"
    )]
    Taken {
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
        /// The sandbox that has it.
        of: String,
    },
    /// There are as many sandboxes as there may be.
    #[error(
        "there are {most} sandboxes, the most that there may be; end one with DELETE /control/v1/sandboxes/{{name}}, or wait until the oldest ends after {} s", .age.as_secs()
    )]
    TooMany {
        /// How many there may be.
        most: usize,
        /// Their highest age.
        age: Duration,
    },
    /// The sandbox holds as much as it may.
    #[error(
        "the sandbox `{name}` holds {bytes} bytes, and {most} are the most; POST /control/v1/sandboxes/{name}/reset empties it"
    )]
    Full {
        /// Its name.
        name: String,
        /// How much it holds.
        bytes: usize,
        /// How much it may hold.
        most: usize,
    },
    /// No sandbox has this name.
    #[error("there is no sandbox `{name}`; {}; POST /control/v1/sandboxes creates one", listed(.known))]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The sandbox has ended.
    #[error("the sandbox `{name}` has ended: {why}")]
    Ended {
        /// The name.
        name: String,
        /// Why it has ended.
        why: Ended,
    },
    /// A client of the sandbox cannot be set up.
    #[error("the sandbox `{name}` cannot start: {why}")]
    NotStarted {
        /// The name.
        name: String,
        /// The error.
        why: String,
    },
    /// The default sandbox cannot be ended.
    #[error("`default` ends with the server; POST /control/v1/sandboxes/default/reset gives it a new start")]
    Default,
}

/// Why a sandbox has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// On request.
    Deleted,
    /// It has reached this age.
    TooOld(Duration),
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Deleted => f.write_str("it was deleted"),
            Self::TooOld(age) => write!(f, "it reached the highest age of a sandbox, {} s", age.as_secs()),
        }
    }
}

fn listed(known: &[String]) -> String {
    let more = if known.len() > LISTED_MAX { ", …" } else { "" };
    match known {
        [] => "there are none but `default`".to_owned(),
        _ => format!("there are {}{more}", known[..known.len().min(LISTED_MAX)].join(", ")),
    }
}

impl SandboxSettings {
    /// The settings of a sandbox with this name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Checks name, account, tag and user.
    pub(super) fn check(&self) -> Result<(), SandboxError> {
        if self.name == DEFAULT {
            let (field, rule) = ("name", "this is the world of all that belongs to no sandbox");
            return Err(SandboxError::BadValue { field, value: self.name.clone(), rule });
        }
        let rule = "it has 1 to 64 letters, digits, `-`, `_` or `.`, and not dots alone";
        ensure(is_name(&self.name), "name", &self.name, rule)?;
        if let Some(tag) = &self.tag {
            ensure(is_name(tag), "tag", tag, rule)?;
        }
        if let Some(account) = &self.account {
            let is_sid = account.starts_with("AC")
                && account.len() <= ACCOUNT_MAX
                && account.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let rule = "an account SID is `AC` and letters and digits, 32 at Twilio";
            ensure(is_sid, "account", account, rule)?;
            ensure(
                account != ACCOUNT_SID,
                "account",
                account,
                "the reference service has it; take another one",
            )?;
        }
        if let Some(user) = &self.user {
            let is_user = (1..=USER_MAX).contains(&user.len()) && !user.chars().any(char::is_control);
            ensure(is_user, "user", user, "it has 1 to 256 bytes and no control characters")?;
        }
        Ok(())
    }
}

fn ensure(holds: bool, field: &'static str, value: &str, rule: &'static str) -> Result<(), SandboxError> {
    if holds {
        return Ok(());
    }
    let value = value.chars().take(USER_MAX).collect();
    Err(SandboxError::BadValue { field, value, rule })
}

fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(fits) && text.bytes().any(|byte| byte != b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_accounts_tags_and_users_are_checked() {
        let plain = || SandboxSettings::named("t-1_a.b");
        assert_eq!(plain().check(), Ok(()));
        let some = |text: &str| Some(text.to_owned());
        for (settings, field) in [
            (SandboxSettings::named(""), "name"),
            (SandboxSettings::named("default"), "name"),
            (SandboxSettings::named(".."), "name"),
            (SandboxSettings::named("a/b"), "name"),
            (SandboxSettings::named("a b"), "name"),
            (SandboxSettings::named("x".repeat(65)), "name"),
            (SandboxSettings { tag: some(""), ..plain() }, "tag"),
            (SandboxSettings { tag: some("a+b"), ..plain() }, "tag"),
            (SandboxSettings { account: some(""), ..plain() }, "account"),
            (SandboxSettings { account: some("SK12"), ..plain() }, "account"),
            (SandboxSettings { account: some("AC/1"), ..plain() }, "account"),
            (SandboxSettings { account: some(ACCOUNT_SID), ..plain() }, "account"),
            (SandboxSettings { user: some(""), ..plain() }, "user"),
            (SandboxSettings { user: some("a\r\nb"), ..plain() }, "user"),
        ] {
            let error = settings.check().unwrap_err();
            let wrong = matches!(&error, SandboxError::BadValue { field: found, .. } if *found == field);
            assert!(wrong, "{settings:?}: {error}");
        }
    }
}
