//! Finds one-time codes in the text of an email, each with the reason for the match.
//!
//! Numbers without a reason (order numbers, prices, phone numbers, years) are left out.

use std::fmt;

use crate::wire::mime::link;

/// The maximum number of codes that are reported for one email.
const CODES_MAX: usize = 16;

/// Words for a one-time code, in lower case. They also match inside compound words
/// (`Bestätigungscode`).
const NAMES: [&str; 7] =
    ["code", "código", "codigo", "codice", "one-time password", "verification number", "код"];

/// Short words for a one-time code, which match only as whole words.
const SHORT_NAMES: [&str; 3] = ["otp", "pin", "tan"];

/// Words for other kinds of codes.
const OTHER_CODES: [&str; 8] =
    ["promo", "discount", "coupon", "voucher", "zip code", "postal code", "area code", "error code"];

/// Why a text in an email is taken for a one-time code, the best reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeReason {
    /// It is in a line `@host #code`, which names the site that the code is for (the WICG's
    /// origin-bound one-time codes).
    OriginBound,
    /// Its line mentions a code.
    Named,
    /// It is alone on its line, and the line above mentions a code.
    BelowName,
    /// It is in the subject, which mentions a code.
    InSubject,
    /// It is alone on its line.
    Alone,
}

impl CodeReason {
    /// The name of the reason in the control API.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OriginBound => "origin-bound",
            Self::Named => "named",
            Self::BelowName => "below-name",
            Self::InSubject => "in-subject",
            Self::Alone => "alone",
        }
    }
}

/// A one-time code in an email.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundCode {
    /// The code as a reader types it: groups of digits are joined.
    pub code: String,
    /// Why it is taken for a one-time code.
    pub why: CodeReason,
}

impl fmt::Debug for FoundCode {
    /// Shows only the reason, because the code is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundCode").field("why", &self.why).finish_non_exhaustive()
    }
}

/// The codes in a plain text, such as a text message, the most likely one first.
pub fn codes_of_text(text: &str) -> Vec<FoundCode> {
    find(None, &[text])
}

/// The codes in a subject and in texts, the most likely one first.
pub(super) fn find(subject: Option<&str>, texts: &[&str]) -> Vec<FoundCode> {
    let mut found = Vec::new();
    for text in texts {
        in_text(text, &mut found);
    }
    if let Some((subject, name)) = subject.and_then(|subject| Some((subject, name_in(subject)?))) {
        let codes = nearest_first(candidates(subject), name).into_iter();
        found.extend(codes.map(|code| FoundCode { code, why: CodeReason::InSubject }));
    }
    // The sort is stable, so codes with the same reason keep their order.
    found.sort_by_key(|one| one.why);
    let mut distinct: Vec<FoundCode> = Vec::new();
    for one in found {
        if distinct.len() < CODES_MAX && distinct.iter().all(|other| other.code != one.code) {
            distinct.push(one);
        }
    }
    distinct
}

fn in_text(text: &str, found: &mut Vec<FoundCode>) {
    let mut named_above = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(code) = origin_bound(line) {
            found.push(FoundCode { code, why: CodeReason::OriginBound });
            continue;
        }
        let line = without_urls(line);
        let codes = candidates(&line);
        let name = name_in(&line);
        if let Some(name) = name {
            let codes = nearest_first(codes, name).into_iter();
            found.extend(codes.map(|code| FoundCode { code, why: CodeReason::Named }));
        } else if let [one] = codes.as_slice()
            && one.is_alone
            && !is_year(&one.code)
        {
            let why = if named_above { CodeReason::BelowName } else { CodeReason::Alone };
            // Four digits alone on a line are as often a house number or a page number.
            if named_above || one.code.len() > 4 {
                found.push(FoundCode { code: one.code.clone(), why });
            }
        }
        named_above = name.is_some();
    }
}

/// The code of a line such as `@example.com #123456`.
fn origin_bound(line: &str) -> Option<String> {
    let mut words = line.split(' ');
    let host = words.next()?.strip_prefix('@')?;
    let code = words.next()?.strip_prefix('#')?;
    let fits = host.contains('.') && (4..=12).contains(&code.len());
    (fits && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| code.to_owned())
}

/// The line with its URLs replaced by spaces, because readers do not type numbers from a URL.
fn without_urls(line: &str) -> String {
    let mut text = line.to_owned();
    for (at, url) in link::urls(line).into_iter().rev() {
        text.replace_range(at..at + url.len(), " ");
    }
    text
}

/// The position at which a line mentions a one-time code.
fn name_in(line: &str) -> Option<usize> {
    let lower = line.to_lowercase();
    if OTHER_CODES.iter().any(|other| lower.contains(other)) {
        return None;
    }
    let word = |short: &str| {
        let at = lower.find(short)?;
        let (before, after) = (&lower[..at], &lower[at + short.len()..]);
        let ends = |text: Option<char>| text.is_none_or(|sign| !sign.is_alphanumeric());
        (ends(before.chars().next_back()) && ends(after.chars().next())).then_some(at)
    };
    let names = NAMES.iter().filter_map(|name| lower.find(name));
    names.chain(SHORT_NAMES.iter().filter_map(|short| word(short))).min()
}

/// A part of a line that has the shape of a code.
#[derive(Debug)]
struct Candidate {
    at: usize,
    code: String,
    /// There is nothing else on its line.
    is_alone: bool,
}

/// Sorts codes by their distance from the word that mentions a code: first those after it, then those
/// before it.
fn nearest_first(mut codes: Vec<Candidate>, name: usize) -> Vec<String> {
    codes.sort_by_key(|one| (one.at < name, one.at.abs_diff(name)));
    codes.into_iter().map(|one| one.code).collect()
}

fn candidates(line: &str) -> Vec<Candidate> {
    let base = line.as_ptr().addr();
    let words: Vec<(usize, &str)> = line
        .split_whitespace()
        .map(|word| word.trim_matches(|sign: char| ".,;:!?()[]<>\"'*“”‘’".contains(sign)))
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr().addr() - base, word))
        .collect();
    let mut found = Vec::new();
    let mut rest = words.as_slice();
    while let Some((at, first)) = rest.first() {
        let run = rest.iter().take_while(|(_, word)| is_digits(word)).count();
        let taken = run.max(1);
        let group: Vec<&str> = rest[..taken].iter().map(|(_, word)| *word).collect();
        // A sign right before a number may make it a phone number or a price.
        let before = line[..*at].trim_end().chars().next_back();
        let spoiled = before.is_some_and(|sign| "+#$€£".contains(sign));
        let code = if run > 0 { joined(&group) } else { read_word(first) };
        if let Some(code) = code.filter(|_| !spoiled) {
            found.push(Candidate { at: *at, code, is_alone: words.len() == taken });
        }
        rest = &rest[taken..];
    }
    found
}

/// Joins adjacent groups of digits: one number, two groups of equal length (`123 456`), or single
/// digits (`1 2 3 4 5 6`). Other groupings are phone numbers, card numbers or tables.
fn joined(group: &[&str]) -> Option<String> {
    let length = |word: &&str| word.len();
    let fits = match group {
        [one] => (4..=10).contains(&one.len()),
        [one, other] => one.len() == other.len() && (3..=4).contains(&one.len()),
        digits => (4..=8).contains(&digits.len()) && digits.iter().map(length).all(|length| length == 1),
    };
    fits.then(|| group.concat())
}

/// Reads a word that has other characters than digits: `123-456`, `G-123456`, `X7K9-P2QM`, `7F3K9Q`.
fn read_word(word: &str) -> Option<String> {
    if let Some((one, other)) = word.split_once('-') {
        if is_digits(one) && is_digits(other) {
            return joined(&[one, other]);
        }
        // The form already shows the letters beside the input, so the reader types only the digits.
        let prefix = (1..=3).contains(&one.len()) && one.bytes().all(|byte| byte.is_ascii_uppercase());
        if prefix && is_digits(other) {
            return joined(&[other]);
        }
    }
    let letters = word.bytes().filter(u8::is_ascii_uppercase).count();
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let dashes = word.bytes().filter(|byte| *byte == b'-').count();
    let all = letters + digits + dashes == word.len();
    let fits = all && dashes <= 2 && letters > 0 && digits > 0 && (5..=12).contains(&(letters + digits));
    fits.then(|| word.to_owned())
}

fn is_digits(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_year(code: &str) -> bool {
    code.len() == 4 && (code.starts_with("19") || code.starts_with("20"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::CodeReason::{Alone, BelowName, InSubject, Named, OriginBound};
    use super::*;

    fn told(subject: Option<&str>, text: &str) -> Vec<(String, CodeReason)> {
        find(subject, &[text]).into_iter().map(|found| (found.code, found.why)).collect()
    }

    #[test]
    fn codes_are_found_by_what_stands_around_them() {
        for (text, found) in [
            ("Your code is 123456.", vec![("123456", Named)]),
            ("Your verification code: 012 345", vec![("012345", Named)]),
            ("Ihr Bestätigungscode lautet 1234", vec![("1234", Named)]),
            ("Tu código es 48-13 o 123-456", vec![("123456", Named)]),
            ("G-123456 is your Google verification code", vec![("123456", Named)]),
            ("Use X7K9-P2QM as your code", vec![("X7K9-P2QM", Named)]),
            ("Your PIN is 2026", vec![("2026", Named)]),
            ("Order 20261234: the code is 555666", vec![("555666", Named), ("20261234", Named)]),
            ("Your code:\n\n  987654\n", vec![("987654", BelowName)]),
            ("Your code:\n1 2 3 4 5 6", vec![("123456", BelowName)]),
            ("Your code:\n2026", vec![]),
            ("Hello\n\n482913\n\nBye", vec![("482913", Alone)]),
            ("@example.com #747723", vec![("747723", OriginBound)]),
            ("Your code is 111222\n@example.com #747723\n", vec![("747723", OriginBound), ("111222", Named)]),
            ("Your code is 111222, again: code 111222", vec![("111222", Named)]),
        ] {
            let found: Vec<_> = found.into_iter().map(|(code, why)| (code.to_owned(), why)).collect();
            assert_eq!(told(None, text), found, "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_codes() {
        for text in [
            "",
            "Call us: +34 600 000 001",
            "600 000 001",
            "You owe $1234",
            "Your code costs $ 1234",
            "© 2026 Example",
            "1234",
            "Order 123456 has been sent",
            "Your promo code is SAVE2026",
            "zip code 28013",
            "Open https://a.test/code/123456 to enter the code",
            "pinned 123456",
            "the code 123456789012345",
        ] {
            assert_eq!(told(None, text), [], "{text}");
        }
    }

    #[test]
    fn a_subject_holds_a_code_only_if_it_says_so() {
        assert_eq!(told(Some("123456 is your code"), ""), [("123456".to_owned(), InSubject)]);
        assert_eq!(told(Some("Order 123456"), ""), []);
        assert_eq!(told(Some("Code 123456"), "123456"), [("123456".to_owned(), InSubject)]);
        assert_eq!(told(Some("Code 123456"), "code 123456"), [("123456".to_owned(), Named)]);
    }

    #[test]
    fn a_mail_full_of_codes_has_an_end() {
        let text = (0..100).map(|n| format!("code {}\n", 100_000 + n)).collect::<String>();
        assert_eq!(told(None, &text).len(), CODES_MAX);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_finder_panic(text in r#"([@#+$€ 0-9A-Z\n.é-]|code|pin|İ|https://){0,60}"#) {
            for (code, _) in told(Some(&text), &text) {
                prop_assert!((4..=14).contains(&code.len()), "{}", code);
            }
        }
    }
}
