//! Finds the link that a reader of one part of an email would click.

use reqwest::Url;
use scraper::{Html, Node};

use crate::base::secret::Token;
use crate::wire::reference::paths;

/// How much of a part is searched, in bytes. The service's parts are below 2 KiB; the limit protects
/// against foreign input, because the HTML parser is quadratic in nesting depth.
const PART_MAX: usize = 64 * 1024;

/// The addresses found in one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No address, apart from the contact page.
    Nothing,
    /// One verification link.
    Link(Token),
    /// More than one verification link; this is the first.
    Several(Token),
    /// Addresses, but no verification link of this service.
    Malformed,
}

/// Searches the plain part `text`.
pub(super) fn in_text(text: &str, origin: &str, support: &str) -> Found {
    let urls: Vec<String> = urls(head(text)).into_iter().map(|(_, url)| url.to_owned()).collect();
    judge(&urls, origin, support)
}

/// The URLs in a plain text, such as a text message, in order.
pub fn links_of_text(text: &str) -> Vec<String> {
    urls(text).into_iter().map(|(_, url)| url.to_owned()).collect()
}

/// The URLs in plain text, each with its start position.
pub(super) fn urls(text: &str) -> Vec<(usize, &str)> {
    let mut urls = Vec::new();
    let mut from = 0;
    while let Some(start) = find_scheme(&text[from..]) {
        let at = from + start;
        let url = text[at..].split([' ', '\t', '\r', '\n', '<', '>', '"']).next().unwrap_or_default();
        if has_web_scheme(url) {
            // Email clients that turn text into links leave out the punctuation that ends a sentence.
            urls.push((at, url.trim_end_matches(['.', ',', ';', ':', '!', '?', ')'])));
            from = at + url.len();
        } else {
            from = at + "http".len();
        }
    }
    urls
}

/// Where `http` stands next, in any case: RFC 3986 section 3.1 makes none of it.
fn find_scheme(text: &str) -> Option<usize> {
    text.as_bytes().windows("http".len()).position(|bytes| bytes.eq_ignore_ascii_case(b"http"))
}

/// Whether a text begins with `http://` or `https://`, in any case.
pub(super) fn has_web_scheme(url: &str) -> bool {
    // `get` does not panic if the scheme's length falls inside a multi-byte character.
    let begins =
        |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    begins("http://") || begins("https://")
}

/// Searches the HTML part `html`.
pub(super) fn in_html(html: &str, origin: &str, support: &str) -> Found {
    let document = Html::parse_document(head(html));
    let elements = document.tree.values().filter_map(Node::as_element);
    let anchors = elements.filter(|element| element.name() == "a");
    let urls: Vec<String> = anchors.filter_map(|a| a.attr("href")).map(str::to_owned).collect();
    judge(&urls, origin, support)
}

fn judge(urls: &[String], origin: &str, support: &str) -> Found {
    let mut first = None;
    let mut found = Found::Nothing;
    let support = Url::parse(support).ok();
    let ours = Url::parse(origin).ok().map(|origin| origin.origin());
    for url in urls {
        // Read as a browser does: blanks around it do not count, nor does the case of scheme and host, and
        // what a campaign or a gateway has appended to the path is not part of the link.
        let url = Url::parse(url).ok();
        let own = url.as_ref().filter(|url| ours.as_ref() == Some(&url.origin()));
        if own.zip(support.as_ref()).is_some_and(|(url, support)| url.path() == support.path()) {
            continue;
        }
        match (own.and_then(|url| paths::token_at(url.path())), first) {
            (Some(token), None) => {
                first = Some(token);
                found = Found::Link(token);
            }
            (Some(token), Some(first)) if token != first => found = Found::Several(first),
            (Some(_), Some(_)) | (None, Some(_)) => {}
            (None, None) => found = Found::Malformed,
        }
    }
    found
}

/// The first [`PART_MAX`] bytes of `text`, or a little less where that would split a character.
pub(super) fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(PART_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "http://console.test";
    const SUPPORT: &str = "http://console.test/support";
    const ONE: &str = "http://console.test/verify/00000000000000000000000000000001";
    const TWO: &str = "http://console.test/verify/00000000000000000000000000000002";

    #[test]
    fn links_are_found_in_running_text() {
        let one = Found::Link(Token::new(1));
        for (text, found) in [
            (String::new(), Found::Nothing),
            (format!("Help: {SUPPORT}."), Found::Nothing),
            (format!("Open {ONE}, please."), one),
            (format!("(<{ONE}>)"), one),
            (format!("{ONE}\n{ONE}"), one),
            (format!("{ONE} {TWO}"), Found::Several(Token::new(1))),
            (format!("{ONE} https://ads.example.test/"), one),
            (ONE.replace("http://console", "HTTP://Console"), one),
            (format!("Help: {SUPPORT}?utm_source=mail#top"), Found::Nothing),
            (ONE.replace("http:", "https:"), Found::Malformed),
            (ONE.replace(".test/", ".test:8080/"), Found::Malformed),
            (format!("{ONE}0"), Found::Malformed),
            ("httphttp://".to_owned(), Found::Malformed),
            ("http https".to_owned(), Found::Nothing),
        ] {
            assert_eq!(in_text(&text, ORIGIN, SUPPORT), found, "{text}");
        }
    }

    #[test]
    fn links_are_found_in_html_as_a_browser_sees_it() {
        let one = Found::Link(Token::new(1));
        for (html, found) in [
            (format!("<p>{ONE}</p>"), Found::Nothing),
            (format!("<a href={ONE}>x"), one),
            (format!("<a href=\" {ONE}\n \">x"), one),
            (format!("<a href=\"{ONE}?utm_source=mail&amp;utm_medium=email\">x"), one),
            (format!("<a href=\"{ONE}#top\">x"), one),
            (format!("<a href=\"{}\">x", ONE.replace("test/", "test:80/")), one),
            ("<a href=\"http://console.test@evil.test/\">x".to_owned(), Found::Malformed),
            (format!("<A HREF='{}'>x</A>", ONE.replace('/', "&#x2F;")), one),
            (format!("<!-- <a href=\"{TWO}\"> --><a href=\"{ONE}\">x</a>"), one),
            (format!("<a href=\"{ONE}\"></a><a href=\"{TWO}\"></a>"), Found::Several(Token::new(1))),
            (format!("<a href=\"{SUPPORT}\">help</a>"), Found::Nothing),
            ("<a href=\"javascript:alert(1)\">x</a>".to_owned(), Found::Malformed),
        ] {
            assert_eq!(in_html(&html, ORIGIN, SUPPORT), found, "{html}");
        }
    }

    #[test]
    fn a_part_without_end_is_cut() {
        let text = format!("{}{ONE}", "é".repeat(PART_MAX));
        assert_eq!(in_text(&text, ORIGIN, SUPPORT), Found::Nothing);
    }
}
