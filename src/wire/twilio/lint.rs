//! Finds what is doubtful in orders, documents and answers of apps.

use reqwest::Url;

use crate::event::NoReply;
use crate::message::{Hook, Method, Place, Speech, Twiml, UrlId, Verb};
use crate::providers::phone::twiml;
use crate::providers::phone::twiml::{BadTwiml, Dialect, Reading, TwimlError};
use crate::wire::form::Form;
use crate::wire::twilio::debugger::Finding;

/// Twilio's debugger code for an error status or a time-out of a webhook.
const RETRIEVAL: u32 = 11_200;

/// Twilio's debugger code for a connection that fails.
const CONNECTION: u32 = 11_205;

/// Twilio's debugger code for a status callback that was answered with an error status.
const CALLBACK_WARNING: u32 = 15_003;

/// Twilio's code for asynchronous detection whose result is not reported.
const NO_AMD_CALLBACK: u32 = 21_262;

/// The parameters with URLs.
const URLS: [&str; 4] = ["Url", "FallbackUrl", "StatusCallback", "AsyncAmdStatusCallback"];

/// Names of query fields that hold secrets, in lower case.
const SECRETS: [&str; 9] =
    ["token", "key", "auth", "apikey", "api_key", "access_token", "secret", "password", "signature"];

/// Digits in a row that are spoken as one number, from this count on.
const CODE_MIN: usize = 4;

/// What is doubtful in an order or in a change of a call.
pub(super) fn of_form(form: &Form) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in URLS {
        if let Some(secret) = form.get(name).and_then(secret_of) {
            let says = format!("the query of `{name}` has `{secret}`; logs of servers and proxies keep URLs");
            found.push(Finding::lint(says));
        }
    }
    let is_async = form.get("AsyncAmd").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    if is_async && form.get("AsyncAmdStatusCallback").is_none() {
        let says = "`AsyncAmd` without `AsyncAmdStatusCallback`: the result reaches nobody".to_owned();
        found.push(Finding::warning(NO_AMD_CALLBACK, says));
    }
    if let (None, Some(text)) = (form.get("Url"), form.get("Twiml")) {
        found.extend(of_inline(text));
    }
    found
}

/// What is doubtful in an inline document, in which addresses must be absolute (TW-twiml).
fn of_inline(text: &str) -> Vec<Finding> {
    let (mut relative, own) = (false, Hook::post(Place::Url(UrlId(0))));
    let mut resolve = |address: &str, method: Method| {
        relative |= Url::parse(address.trim()).is_err();
        Some(Hook { method, ..own })
    };
    let mut found = of_document(&twiml::read(text, Dialect::Lenient, &mut resolve));
    if relative {
        let says =
            "an inline `Twiml` has a relative address; it has no address of its own, so write a whole URL";
        found.push(Finding::lint(says.to_owned()));
    }
    found
}

/// What is doubtful in a document that was read, or wrong in one that could not be.
pub(super) fn of_document(read: &Result<Reading, TwimlError>) -> Vec<Finding> {
    match read {
        Ok(Reading { document, warnings }) => {
            let warnings = warnings.iter().map(|error| Finding::warning(error.code(), told(error)));
            warnings.chain(of_speech(document)).collect()
        }
        Err(error) => vec![Finding::error(error.code(), told(error))],
    }
}

/// The text of an error without the address that it names.
fn told(error: &TwimlError) -> String {
    let TwimlError { why, line, column } = error;
    match why {
        BadTwiml::Elsewhere { element, .. } => {
            format!(
                "line {line}, column {column}: `<{element}>` points to an address that cannot be requested"
            )
        }
        other => format!("line {line}, column {column}: {other}"),
    }
}

/// A code in a `<Say>` whose digits are not spaced: it is spoken as one number.
fn of_speech(document: &Twiml) -> Option<Finding> {
    let prompts = document.verbs.iter().flat_map(|verb| match verb {
        Verb::Gather(gather) => gather.prompts.as_slice(),
        other => std::slice::from_ref(other),
    });
    let mut texts = prompts.filter_map(|verb| match verb {
        Verb::Say(Speech::Text(text)) => Some(text),
        _ => None,
    });
    texts.any(|text| has_number(text)).then(|| {
        let says =
            "a `<Say>` has several digits in a row, which are spoken as one number; space them: `1 2 3 4`";
        Finding::lint(says.to_owned())
    })
}

fn has_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= CODE_MIN)
}

/// What Twilio's debugger says of an answer to a webhook; `None` if all is well. A redirect is followed.
pub(super) fn of_status(url: &Url, is_callback: bool, http: u16) -> Option<Finding> {
    let says = || format!("{} answered {http}", shown(url));
    match http {
        400.. if is_callback => Some(Finding::warning(CALLBACK_WARNING, says())),
        400.. => Some(Finding::error(RETRIEVAL, says())),
        _ => None,
    }
}

/// What Twilio's debugger says of a webhook without an answer.
pub(super) fn of_loss(url: &Url, lost: NoReply) -> Finding {
    match lost {
        NoReply::Down => Finding::error(CONNECTION, format!("nobody listens at {}", shown(url))),
        NoReply::Cut => Finding::error(RETRIEVAL, format!("{} closed the connection", shown(url))),
        NoReply::TimedOut => Finding::error(RETRIEVAL, format!("{} did not answer in time", shown(url))),
    }
}

/// A URL without what may be secret: user, query, and parts of the path that are long or hold a number.
pub(super) fn shown(url: &Url) -> String {
    let hides = |part: &str| has_number(part) || part.chars().count() > 24;
    let path = url.path().split('/').map(|part| if hides(part) { "••••••" } else { part });
    let path = path.collect::<Vec<_>>().join("/");
    let query = if url.query().is_some() { "?••••••" } else { "" };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{path}{query}", url.scheme(), url.host_str().unwrap_or_default())
}

/// The name of a query field of this URL that holds a secret.
fn secret_of(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    let mut names = url.query_pairs().map(|(name, _)| name.into_owned());
    names.find(|name| SECRETS.contains(&name.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_looked_through() {
        for (fields, found) in [
            ("Url=http://app.test/call?locale%3Den", ""),
            ("Url=http://app.test/call?a%3D1%26Token%3Dabc", "the query of `Url` has `Token`"),
            ("StatusCallback=http://app.test/?auth%3Dabc", "the query of `StatusCallback` has `auth`"),
            ("AsyncAmd=true", "`AsyncAmd` without"),
            ("AsyncAmd=true&AsyncAmdStatusCallback=http://app.test/", ""),
            ("Twiml=<Response><Say>Your code is 123456.</Say></Response>", "several digits in a row"),
            ("Twiml=<Response><Gather><Say>Code 1234</Say></Gather></Response>", "several digits in a row"),
            ("Twiml=<Response><Say>Your code is 1 2 3 4 5 6.</Say></Response>", ""),
            ("Twiml=<Response><Gather action='/next'/></Response>", "relative address"),
            ("Twiml=<Response><Gather action='http://app.test/next'/></Response>", ""),
            ("Twiml=<Response><Dial/></Response>", "line 1, column 11: `<Dial>` is not supported"),
            ("Twiml=<Response><Jump/></Response>", "line 1, column 11: `<Jump>` is not a verb"),
        ] {
            let told = of_form(&Form::read(fields.as_bytes()));
            let fits = match told.as_slice() {
                [] => found.is_empty(),
                [one] => !found.is_empty() && one.says.contains(found),
                _ => false,
            };
            assert!(fits, "{fields}: {told:?}");
            assert!(!format!("{told:?}").contains("abc"), "{told:?}");
        }
    }

    #[test]
    fn a_url_shows_no_secret() {
        for (url, told) in [
            ("http://app.test:8000/call/one?token=abc#rc=2", "http://app.test:8000/call/one?••••••"),
            ("https://user:secret@app.test/two_factor/042137/", "https://app.test/two_factor/••••••/"),
            ("http://app.test/c/abcdefghijklmnopqrstuvwxyz", "http://app.test/c/••••••"),
        ] {
            assert_eq!(shown(&Url::parse(url).unwrap()), told);
        }
    }
}
