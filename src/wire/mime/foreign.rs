//! Reads an email of any sender as a person would: its text, its links and its one-time codes.

use std::fmt;

use mail_parser::{HeaderName, Message, PartType};
use reqwest::Url;

use crate::wire::mime::code::FoundCode;
use crate::wire::mime::page::Page;
use crate::wire::mime::{code, link, message_of, nested};

/// The maximum number of links that are reported for one email.
const LINKS_MAX: usize = 100;

/// Words that mark a link as the one that the email asks its reader to open.
const ACTION_WORDS: [&str; 16] = [
    "verify",
    "confirm",
    "activate",
    "reset",
    "recover",
    "unlock",
    "sign in",
    "log in",
    "login",
    "continue",
    "approve",
    "authori",
    "magic link",
    "verific",
    "confirma",
    "bestätig",
];

/// Words that mark a link as an unsubscribe link.
const UNSUBSCRIBE_WORDS: [&str; 4] = ["unsubscribe", "opt-out", "optout", "email preferences"];

/// The contents of an email of any sender.
#[derive(Clone, PartialEq, Eq)]
pub struct ForeignMail {
    /// The subject, decoded.
    pub subject: Option<String>,
    /// The text that its reader sees: that of the HTML part, which email clients prefer (RFC 2046
    /// section 5.1.4: the last part is the best choice), or else that of the plain part.
    pub text: String,
    /// The links, the most likely one first.
    pub links: Vec<FoundLink>,
    /// The one-time codes, the most likely one first.
    pub codes: Vec<FoundCode>,
}

impl fmt::Debug for ForeignMail {
    /// Shows only the reasons, because links and codes are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForeignMail")
            .field("links", &self.links)
            .field("codes", &self.codes)
            .finish_non_exhaustive()
    }
}

/// A link in an email.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundLink {
    /// Its target: an `http` or `https` URL.
    pub url: String,
    /// The reason for its rank among the links.
    pub why: LinkReason,
}

impl fmt::Debug for FoundLink {
    /// Shows only the reason, because the URL may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundLink").field("why", &self.why).finish_non_exhaustive()
    }
}

/// How likely a link is the one that the email was sent for, the most likely first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkReason {
    /// Its label tells the reader to act, and its URL holds a secret.
    ActionWithSecret,
    /// Its URL holds a secret, as single-use links do.
    Secret,
    /// Its label tells the reader to act.
    Action,
    /// Nothing else is known about it.
    Plain,
    /// It unsubscribes the reader, according to the `List-Unsubscribe` header (RFC 2369) or its label.
    /// It is last because opening it may take effect at once (RFC 8058).
    Unsubscribe,
}

impl LinkReason {
    /// The name of the reason in the control API.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ActionWithSecret => "action-with-secret",
            Self::Secret => "secret",
            Self::Action => "action",
            Self::Plain => "plain",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

/// The bytes are not an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has no headers (RFC 5322 section 2.1)")]
pub struct NoMail;

/// Parses the bytes `raw` of an email of any sender. Nothing is fetched.
///
/// # Errors
/// If the bytes are not an email.
pub fn read_any(raw: &[u8]) -> Result<ForeignMail, NoMail> {
    let flat = nested::flat(raw);
    let message = message_of(&flat).ok_or(NoMail)?;
    let (html, plain) = (html_page(&message), plain_text(&message));
    let subject = message.subject().map(|subject| subject.trim().to_owned());
    let shown = html.as_ref().map(|page| page.text.as_str()).or(plain).unwrap_or_default();
    let codes = code::find(subject.as_deref(), &[shown, plain.unwrap_or_default()]);
    let mut links = Links { unsubscribes: unsubscribe_urls(&message), found: Vec::new() };
    for (url, label) in html.iter().flat_map(|page| &page.links) {
        links.add(url, label);
    }
    for (at, url) in link::urls(plain.unwrap_or_default()) {
        links.add(url, words_before(plain.unwrap_or_default(), at));
    }
    let text = shown.to_owned();
    Ok(ForeignMail { subject, text, links: links.in_order(), codes })
}

/// The text that the reader of a message sees, as in [`ForeignMail::text`].
pub(in crate::wire) fn shown_text(message: &Message<'_>) -> String {
    let html = html_page(message).map(|page| page.text);
    html.unwrap_or_else(|| plain_text(message).unwrap_or_default().to_owned())
}

fn html_page(message: &Message<'_>) -> Option<Page> {
    message.html_body.iter().find_map(|part| match &message.parts.get(*part as usize)?.body {
        PartType::Html(body) => Some(Page::read(body)),
        _ => None,
    })
}

fn plain_text<'a>(message: &'a Message<'_>) -> Option<&'a str> {
    message.text_body.iter().find_map(|part| match &message.parts.get(*part as usize)?.body {
        PartType::Text(body) => Some(link::head(body)),
        _ => None,
    })
}

/// The URLs of the `List-Unsubscribe` header, each of which is in angle brackets.
fn unsubscribe_urls(message: &Message<'_>) -> Vec<String> {
    let header = message.header_raw(HeaderName::ListUnsubscribe).unwrap_or_default();
    let urls = header.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    // A folded header may break a URL (RFC 5322 section 2.2.3).
    urls.map(|url| url.split_whitespace().collect()).collect()
}

/// The label of a URL in the plain part: the text before it on its line, or else the nearest
/// non-empty line above.
fn words_before(text: &str, at: usize) -> &str {
    let mut lines = text[..at].rsplit('\n').map(str::trim);
    let same = lines.next().unwrap_or_default();
    if same.chars().any(char::is_alphanumeric) {
        return same;
    }
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}

/// Collects the links of an email.
struct Links {
    unsubscribes: Vec<String>,
    found: Vec<FoundLink>,
}

impl Links {
    fn add(&mut self, url: &str, label: &str) {
        let url = url.trim();
        if self.found.len() >= LINKS_MAX || !link::has_web_scheme(url) {
            return;
        }
        let why = self.reason(url, label);
        // The two parts of an email may spell one address in two ways.
        let same = |known: &str| {
            known == url
                || as_a_browser_reads(known).is_some_and(|known| as_a_browser_reads(url) == Some(known))
        };
        match self.found.iter_mut().find(|link| same(&link.url)) {
            Some(known) => known.why = known.why.min(why),
            None => self.found.push(FoundLink { url: url.to_owned(), why }),
        }
    }

    fn reason(&self, url: &str, label: &str) -> LinkReason {
        let (words, address) = (label.to_lowercase(), url.to_lowercase());
        let stops = |word: &&str| words.contains(*word) || address.contains(*word);
        if self.unsubscribes.iter().any(|known| known == url) || UNSUBSCRIBE_WORDS.iter().any(stops) {
            return LinkReason::Unsubscribe;
        }
        let acts = ACTION_WORDS.iter().any(|word| words.contains(word));
        match (acts, holds_secret(url)) {
            (true, true) => LinkReason::ActionWithSecret,
            (false, true) => LinkReason::Secret,
            (true, false) => LinkReason::Action,
            (false, false) => LinkReason::Plain,
        }
    }

    /// The links by reason. The sort is stable, so links with the same reason keep their order.
    fn in_order(mut self) -> Vec<FoundLink> {
        self.found.sort_by_key(|link| link.why);
        self.found
    }
}

/// A URL as a browser reads it, with scheme and host in lower case; `None` if it is not one.
fn as_a_browser_reads(url: &str) -> Option<Url> {
    Url::parse(url).ok()
}

/// Whether a segment of a URL's path, query or fragment looks random: it has at least 16 characters,
/// and mixes letters and digits, or upper and lower case, in a way that words do not.
fn holds_secret(url: &str) -> bool {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let start = after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len());
    let pieces = after_scheme[start..].split(['/', '?', '&', '=', '#', ';', ':']);
    pieces.filter(|piece| piece.len() >= 16).any(|piece| {
        let signs: Vec<u8> = piece.bytes().filter(u8::is_ascii_alphanumeric).collect();
        let pairs = || signs.iter().zip(signs.iter().skip(1));
        let switches = pairs().filter(|(one, next)| one.is_ascii_digit() != next.is_ascii_digit()).count();
        let lowers = pairs().filter(|(one, next)| one.is_ascii_lowercase() && next.is_ascii_uppercase());
        switches >= 4 || lowers.count() >= 3
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::LinkReason::{Action, ActionWithSecret, Plain, Secret, Unsubscribe};
    use super::*;
    use crate::wire::mime::CodeReason;

    const TOKEN: &str = "https://a.test/r/9f86d081884c7d659a2feaa0";

    fn links(raw: &str) -> Vec<(String, LinkReason)> {
        let read = read_any(raw.replace('\n', "\r\n").as_bytes()).unwrap();
        read.links.into_iter().map(|link| (link.url, link.why)).collect()
    }

    fn html(body: &str) -> String {
        format!("Content-Type: text/html; charset=utf-8\n\n{body}")
    }

    #[test]
    fn each_link_stands_where_its_reason_puts_it() {
        for (raw, found) in [
            ("Subject: x\n\nNothing here".to_owned(), vec![]),
            (format!("Subject: x\n\nOpen {TOKEN}."), vec![(TOKEN, Secret)]),
            (format!("Subject: x\n\nVerify your address:\n\n  <{TOKEN}>"), vec![(TOKEN, ActionWithSecret)]),
            (
                format!("Subject: x\n\nhttps://a.test/\nReset it: {TOKEN}"),
                vec![(TOKEN, ActionWithSecret), ("https://a.test/", Plain)],
            ),
            (
                html(&format!(
                    "<a href='https://a.test/'><img alt='Logo'></a> <a href='https://a.test/help'>Sign in</a>\
                     <a href='{TOKEN}'>Confirm <b>now</b></a><a href='https://a.test/unsubscribe?u={TOKEN}'>x</a>"
                )),
                vec![
                    (TOKEN, ActionWithSecret),
                    ("https://a.test/help", Action),
                    ("https://a.test/", Plain),
                    (&format!("https://a.test/unsubscribe?u={TOKEN}"), Unsubscribe),
                ],
            ),
            (
                format!("List-Unsubscribe: <mailto:u@a.test>,\n <{TOKEN}>\nSubject: x\n\nVerify: {TOKEN}"),
                vec![(TOKEN, Unsubscribe)],
            ),
            (html("<a href='mailto:a@a.test'>Verify</a><a href='#x'>Verify</a><a>Verify</a>"), vec![]),
            (html(&format!("<p style='display: none'><a href='{TOKEN}'>x</a></p>")), vec![]),
            (
                html(&format!("<a href='{TOKEN}'>x</a><a href='{TOKEN}'>verify</a>")),
                vec![(TOKEN, ActionWithSecret)],
            ),
            (
                html("<a href='HTTPS://A.test/ü'>x</a><a href='https:/é'>x</a>"),
                vec![("HTTPS://A.test/ü", Plain)],
            ),
        ] {
            let found: Vec<_> = found.into_iter().map(|(url, why)| (url.to_owned(), why)).collect();
            assert_eq!(links(&raw), found, "{raw}");
        }
    }

    #[test]
    fn a_secret_in_a_url_is_told_from_words() {
        for (url, secret) in [
            ("https://a.test/reset/c5x2ab-8f0d3b9e1f7a4c6d", true),
            ("https://a.test/v?token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0", true),
            ("https://a.test/5f0c9a52-3b1e-4f6a-9a3c-0d1e2f3a4b5c", true),
            ("https://a.test/#kQzXvBnMlPoIuYtReWqAsDf", true),
            ("https://a.test/", false),
            ("https://9f86d081884c7d659a2feaa0.a.test", false),
            ("https://a.test/how-to-verify-your-account-in-2026", false),
            ("https://a.test/blog/2026/08/01/a-very-long-title-of-a-page", false),
            ("https://a.test/?id=1234", false),
            ("", false),
        ] {
            assert_eq!(holds_secret(url), secret, "{url}");
        }
    }

    #[test]
    fn both_parts_and_the_headers_are_read() {
        let raw = format!(
            "Subject: =?utf-8?Q?Tu_c=C3=B3digo_es_111222?=\n\
             Content-Type: multipart/alternative; boundary=b\n\n\
             --b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n\
             Your code is 333=\n444\nhttps://a.test/plain\n\
             --b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{}\n--b--\n",
            // <p>Your code is<br>555666</p><a href="https://a.test/html">Home</a>
            "PHA+WW91ciBjb2RlIGlzPGJyPjU1NTY2NjwvcD48YSBocmVmPSJodHRwczovL2EudGVzdC9odG1sIj5Ib21lPC9hPg=="
        );
        let read = read_any(raw.replace('\n', "\r\n").as_bytes()).unwrap();
        assert_eq!(read.subject.as_deref(), Some("Tu código es 111222"));
        assert_eq!(read.text, "Your code is\n555666\nHome");
        let codes: Vec<_> = read.codes.iter().map(|code| (code.code.as_str(), code.why)).collect();
        let by_reason = [
            ("333444", CodeReason::Named),
            ("555666", CodeReason::BelowName),
            ("111222", CodeReason::InSubject),
        ];
        assert_eq!(codes, by_reason);
        let urls: Vec<&str> = read.links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(urls, ["https://a.test/html", "https://a.test/plain"]);
    }

    #[test]
    fn attachments_are_not_read() {
        let raw = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\n\
             Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\n{TOKEN}\n--b--\n"
        );
        assert_eq!(links(&raw), []);
    }

    #[test]
    fn what_is_found_is_not_printed() {
        let raw = format!("Subject: Code 123456\r\n\r\nVerify: {TOKEN}\r\n");
        let printed = format!("{:?}", read_any(raw.as_bytes()).unwrap());
        assert!(!printed.contains("123456") && !printed.contains("9f86d081"), "{printed}");
        assert!(printed.contains("ActionWithSecret") && printed.contains("InSubject"), "{printed}");
    }

    #[test]
    fn a_mail_full_of_links_has_an_end() {
        let body = (0..LINKS_MAX * 2).map(|n| format!("https://a.test/{n}\n")).collect::<String>();
        assert_eq!(links(&format!("Subject: x\n\n{body}")).len(), LINKS_MAX);
        assert_eq!(read_any(b""), Err(NoMail));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            text in r#"([a-z0-9é\n<>"'/:]|<a href="https://|<div>|</a>|https://|code |<br>|<style>){0,60}"#,
        ) {
            for head in ["Subject: x\n\n", "Content-Type: text/html\n\n", ""] {
                if let Ok(read) = read_any(format!("{head}{text}").as_bytes()) {
                    prop_assert!(read.links.iter().all(|link| link.url.to_lowercase().starts_with("http")));
                }
            }
        }
    }
}
