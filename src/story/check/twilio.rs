//! Checks what the story says of the voice and SMS provider.

use std::num::NonZeroU32;

use serde_yaml::Spanned;

use crate::message::Method;
use crate::story::check::account::phone_number;
use crate::story::check::{at, missing, text};
use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::raw::{Named, RawNumber, RawTwilio, Text};
use crate::story::{DeclaredAccount, ProviderNumber, Twilio, limit};

const NO_TOKEN: &str = "add the token that the app uses: `token: any text`";
const NO_ACCOUNT: &str =
    "add the account that the app uses, `AC` and 32 hexadecimal digits: `account: AC…`; or remove it";

/// Checks the `twilio` section.
pub(super) fn twilio(raw: RawTwilio) -> Checked<Twilio> {
    let account = match (&raw.account, &raw.token) {
        (Some(sid), Some(token)) => Some(account(sid, token, raw.keys.unwrap_or_default())?),
        (Some(sid), None) => return Err(missing("token", "`twilio`", at(sid), NO_TOKEN)),
        (None, Some(token)) => return Err(missing("account", "`twilio`", at(token), NO_ACCOUNT)),
        (None, None) => match raw.keys.and_then(|keys| keys.0.into_iter().next()) {
            Some((key, _)) => return Err(missing("account", "`twilio`", at(&key), NO_ACCOUNT)),
            None => None,
        },
    };
    Ok(Twilio {
        account,
        calls_per_second: raw.cps.as_ref().map(count).transpose()?,
        calls_at_once: raw.calls_at_once.as_ref().map(count).transpose()?,
        numbers: numbers(raw.numbers.unwrap_or_default())?,
    })
}

fn account(sid: &Text, token: &Text, keys: Named<String>) -> Checked<DeclaredAccount> {
    sid_of(sid, "AC", "an account")?;
    if let Some((key, _)) = keys.0.get(limit::KEYS_MAX) {
        let (of, count, max) = ("`twilio`".to_owned(), keys.0.len(), limit::KEYS_MAX);
        return Err(Found::new(Mistake::TooMany { of, what: "keys", count, max }, at(key)));
    }
    let mut known = Vec::new();
    for (key, secret) in keys.0 {
        sid_of(&key, "SK", "an API key")?;
        if secret.is_empty() || secret.chars().count() > limit::TEXT_MAX {
            let message = format!("the secret of this key must have 1 to {} characters", limit::TEXT_MAX);
            let help = "write the secret behind the key: `SK…: any text`".to_owned();
            return Err(Found::new(Mistake::BadValue { message, help }, at(&key)));
        }
        known.push((key.value, secret));
    }
    Ok(DeclaredAccount { sid: sid.value.clone(), token: text(token)?, keys: known })
}

/// Checks a SID: two letters and 32 hexadecimal digits.
fn sid_of(sid: &Text, prefix: &str, what: &str) -> Checked<()> {
    let hex = sid.value.strip_prefix(prefix).filter(|hex| hex.len() == 32);
    if hex.is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Ok(());
    }
    let message = format!("this is not the SID of {what}");
    let help =
        format!("it is `{prefix}` and 32 hexadecimal digits: `{prefix}{}`", "0123456789abcdef".repeat(2));
    Err(Found::new(Mistake::BadValue { message, help }, at(sid)))
}

fn count(value: &Spanned<u32>) -> Checked<NonZeroU32> {
    let count = NonZeroU32::new(value.value).filter(|count| count.get() <= limit::CALLS_MAX);
    count.ok_or_else(|| {
        let message = format!("{} is not a possible number of calls", value.value);
        let help = format!("write 1 to {}, or remove the line", limit::CALLS_MAX);
        Found::new(Mistake::BadValue { message, help }, at(value))
    })
}

fn numbers(raw: Named<RawNumber>) -> Checked<Vec<ProviderNumber>> {
    if let Some((name, _)) = raw.0.get(limit::NUMBERS_MAX) {
        let (of, count, max) = ("`twilio`".to_owned(), raw.0.len(), limit::NUMBERS_MAX);
        return Err(Found::new(Mistake::TooMany { of, what: "numbers", count, max }, at(name)));
    }
    raw.0.into_iter().map(|(name, raw)| number(&name, &raw)).collect()
}

fn number(name: &Text, raw: &RawNumber) -> Checked<ProviderNumber> {
    let number = phone_number(name)?;
    if !number.is_e164() {
        let message = format!("`{}` is not a number in E.164", name.value);
        let help = "write it with the country code and in quotes: `\"+15005550006\"`".to_owned();
        return Err(Found::new(Mistake::BadValue { message, help }, at(name)));
    }
    let method = |method: &Text| {
        Method::named(&method.value).ok_or_else(|| {
            let message = format!("`{}` is not a method of a webhook", method.value);
            let help = "write GET or POST, or remove the line for POST".to_owned();
            Found::new(Mistake::BadValue { message, help }, at(method))
        })
    };
    Ok(ProviderNumber {
        number,
        sms: raw.sms.as_ref().map(url).transpose()?,
        sms_method: raw.sms_method.as_ref().map(method).transpose()?.unwrap_or_default(),
        voice: raw.voice.as_ref().map(url).transpose()?,
    })
}

/// Checks that a text looks like an absolute URL.
fn url(value: &Text) -> Checked<String> {
    let rest = value.value.strip_prefix("http://").or_else(|| value.value.strip_prefix("https://"));
    let is_url = rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with('/')
            && !value.value.chars().any(|c| c.is_whitespace() || c.is_control())
    });
    if is_url {
        return text(value);
    }
    let message = "this is not the URL of a webhook".to_owned();
    let help = "write it with scheme and host: `http://127.0.0.1:8000/sms`".to_owned();
    Err(Found::new(Mistake::BadValue { message, help }, at(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Story;

    const ACCOUNTS: &str = "about: An app.
accounts:
  ana: { user: ana@example.com, password: correct horse, number: 1234 5678 9012 }
";

    fn read(twilio: &str) -> Result<Twilio, String> {
        let text = format!("{ACCOUNTS}twilio:\n{twilio}");
        Story::read(&text, "app.yaml").map(|story| story.twilio).map_err(|error| error.rendered())
    }

    #[test]
    fn a_provider_reads_back_as_it_is_written() {
        let text = format!(
            "{ACCOUNTS}twilio:
  account: ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  token: 'the token: #1'
  keys: {{ SKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb: secret }}
  cps: 1
  calls-at-once: 20
  numbers:
    '+15005550006': {{ sms: 'http://127.0.0.1:8000/sms?a=1', sms-method: GET, voice: 'http://app.test/voice' }}
    '+15005550009': {{}}
"
        );
        let story = Story::read(&text, "app.yaml").unwrap();
        assert_eq!(story.twilio.account.as_ref().unwrap().keys.len(), 1);
        assert_eq!(story.twilio.numbers[0].sms_method, Method::Get);
        assert_eq!(story.twilio.numbers[1].voice, None);
        let written = story.write();
        assert_eq!(Story::read(&written, "app.yaml").unwrap(), story, "{written}");
        assert!(!format!("{story:?}").contains("the token"));
    }

    #[test]
    fn each_mistake_is_shown_in_its_place() {
        let account = "  account: ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
        for (twilio, says) in [
            ("  account: ana\n  token: x\n".to_owned(), "this is not the SID of an account"),
            (account.to_owned(), "`twilio` has no `token`"),
            ("  token: x\n".to_owned(), "`twilio` has no `account`"),
            (format!("{account}  token: ''\n"), "this text is empty"),
            (
                format!("{account}  token: x\n  keys: {{ key: secret }}\n"),
                "this is not the SID of an API key",
            ),
            ("  cps: 0\n".to_owned(), "0 is not a possible number of calls"),
            ("  cps: 100001\n".to_owned(), "100001 is not a possible number of calls"),
            ("  calls-at-once: 0\n".to_owned(), "0 is not a possible number of calls"),
            ("  cpm: 1\n".to_owned(), "there is no field `cpm` in `twilio`"),
            ("  numbers: { '0600': {} }\n".to_owned(), "is not a number in E.164"),
            ("  numbers: { '+15005550006': { sms: /sms } }\n".to_owned(), "this is not the URL of a webhook"),
            ("  numbers: { '+15005550006': { voice: 'http:// x' } }\n".to_owned(), "this is not the URL"),
            ("  numbers: { '+15005550006': { sms-method: PUT } }\n".to_owned(), "`PUT` is not a method"),
        ] {
            let told = read(&twilio).expect_err(&twilio);
            assert!(told.contains(says) && told.contains("app.yaml:"), "{twilio}\n{told}");
        }
    }
}
