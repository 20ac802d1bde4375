//! Parses Mailpit's query language.
//!
//! A query is a list of terms, all of which must hold. A term is a word or `name:value`; quotes group
//! words, and `-` or `!` in front negates. A word is searched in contacts, subject and text, without regard
//! to case. Mailpit ignores dates and sizes that it cannot read; here they are an error, because ignoring
//! one finds too much.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Longest query, in bytes.
const QUERY_MAX: usize = 4 * 1_024;

/// A parsed query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    terms: Vec<Term>,
}

/// Why a text is not a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    /// It has no terms.
    #[error("no search query")]
    Empty,
    /// It is too long.
    #[error("a search query may have at most {QUERY_MAX} bytes")]
    TooLong,
    /// The value of a term is not one that the term can have.
    #[error("cannot read the search term {0:?}")]
    BadTerm(String),
}

/// One term.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub(super) test: Test,
    pub(super) is_negated: bool,
}

/// What a term asks for. Texts are in lower case.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Text(String),
    Contact(Place, String),
    Subject(String),
    MessageId(String),
    Tag(String),
    IsRead,
    IsTagged,
    HasInline,
    HasAttachment,
    /// Unix milliseconds.
    After(i64),
    /// Unix milliseconds.
    Before(i64),
    Larger(u64),
    Smaller(u64),
}

/// The header field in which a contact is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    To,
    From,
    Cc,
    Bcc,
    ReplyTo,
    Anywhere,
}

impl Query {
    /// Parses a query. Dates without an offset are in UTC.
    ///
    /// # Errors
    /// [`BadQuery`] if there is no term, or if a term cannot be read.
    pub fn parse(text: &str) -> Result<Self, BadQuery> {
        if text.len() > QUERY_MAX {
            return Err(BadQuery::TooLong);
        }
        let mut terms = Vec::new();
        for word in words(text) {
            terms.extend(term(&word)?);
        }
        if terms.is_empty() { Err(BadQuery::Empty) } else { Ok(Self { terms }) }
    }

    pub(super) fn terms(&self) -> &[Term] {
        &self.terms
    }
}

/// The words of a query. Quotes group words and are removed; a quote without an end reaches to the end.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for sign in text.chars() {
        match (quote, sign) {
            (None, '"' | '\'') if is_opening(words.last()) => quote = Some(sign),
            (Some(open), _) if open == sign => quote = None,
            (None, _) if sign.is_whitespace() => words.push(String::new()),
            _ => {
                if let Some(word) = words.last_mut() {
                    word.push(sign);
                }
            }
        }
    }
    words.retain(|word| word.chars().any(char::is_alphanumeric));
    words
}

/// Whether a quote opens a group after this beginning of a word; it does not within `don't`.
fn is_opening(word: Option<&String>) -> bool {
    word.is_none_or(|word| word.is_empty() || word.ends_with(['-', '!', ':']))
}

/// The term of a word; `None` for a name without a value, which Mailpit ignores.
fn term(word: &str) -> Result<Option<Term>, BadQuery> {
    let positive = word.strip_prefix(['-', '!']).filter(|rest| !rest.is_empty());
    let (word, is_negated) = positive.map_or((word, false), |rest| (rest, true));
    let lower = word.to_lowercase();
    let (name, value) = lower.split_once(':').unwrap_or(("", &lower));
    let value = value.trim();
    let contact = |place| Test::Contact(place, value.to_owned());
    let bad = || BadQuery::BadTerm(word.to_owned());
    let test = match (name, value) {
        ("to" | "from" | "cc" | "bcc" | "reply-to" | "addressed" | "subject" | "message-id" | "tag", "") => {
            return Ok(None);
        }
        ("after" | "before" | "larger" | "smaller" | "is" | "has", "") => return Ok(None),
        ("to", _) => contact(Place::To),
        ("from", _) => contact(Place::From),
        ("cc", _) => contact(Place::Cc),
        ("bcc", _) => contact(Place::Bcc),
        ("reply-to", _) => contact(Place::ReplyTo),
        ("addressed", _) => contact(Place::Anywhere),
        ("subject", _) => Test::Subject(value.to_owned()),
        ("message-id", _) => Test::MessageId(value.to_owned()),
        ("tag", _) => Test::Tag(value.to_owned()),
        ("is", "read") => Test::IsRead,
        ("is", "unread") => return Ok(Some(Term { test: Test::IsRead, is_negated: !is_negated })),
        ("is", "tagged") => Test::IsTagged,
        ("has", "inline" | "inlines") => Test::HasInline,
        ("has", "attachment" | "attachments") => Test::HasAttachment,
        ("is" | "has", _) => return Err(bad()),
        // In upper case, because `T` and `Z` are part of the format.
        ("after", _) => Test::After(millis(&value.to_uppercase()).ok_or_else(bad)?),
        ("before", _) => Test::Before(millis(&value.to_uppercase()).ok_or_else(bad)?),
        ("larger", _) => Test::Larger(bytes(value).ok_or_else(bad)?),
        ("smaller", _) => Test::Smaller(bytes(value).ok_or_else(bad)?),
        _ => Test::Text(lower),
    };
    Ok(Some(Term { test, is_negated }))
}

/// The Unix milliseconds of a date or a time.
pub(super) fn millis(text: &str) -> Option<i64> {
    let text = text.replace('/', "-");
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_millisecond());
    }
    let time = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from));
    TimeZone::UTC.to_timestamp(time?).ok().map(Timestamp::as_millisecond)
}

/// The bytes of a size such as `2kb`, `4M` or `1.5m`.
fn bytes(text: &str) -> Option<u64> {
    let unit_at = text.find(|sign: char| sign.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let scale = match unit {
        "" => 1.0,
        "k" | "kb" => 1_024.0,
        "m" | "mb" => 1_024.0 * 1_024.0,
        _ => return None,
    };
    let number: f64 = number.trim().parse().ok()?;
    // A size beyond the range of `u64` becomes its limit.
    (number.is_finite() && number > 0.0).then_some((number * scale) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Vec<(Test, bool)> {
        let query = Query::parse(text).unwrap();
        query.terms.into_iter().map(|term| (term.test, term.is_negated)).collect()
    }

    fn text(text: &str) -> Test {
        Test::Text(text.to_owned())
    }

    #[test]
    fn terms_read_as_mailpit_documents_them() {
        let to = |place, text: &str| Test::Contact(place, text.to_owned());
        for (query, terms) in [
            ("Hello WORLD", vec![(text("hello"), false), (text("world"), false)]),
            (
                "\"Hello world\" -spam !ham",
                vec![(text("hello world"), false), (text("spam"), true), (text("ham"), true)],
            ),
            ("don't -\"two words\"", vec![(text("don't"), false), (text("two words"), true)]),
            ("to:Ana@a.test", vec![(to(Place::To, "ana@a.test"), false)]),
            ("addressed:\"Ana B\"", vec![(to(Place::Anywhere, "ana b"), false)]),
            ("subject:'Your code'", vec![(Test::Subject("your code".to_owned()), false)]),
            ("subject:\"never ends", vec![(Test::Subject("never ends".to_owned()), false)]),
            (
                "is:unread -is:read !is:unread",
                vec![(Test::IsRead, true), (Test::IsRead, true), (Test::IsRead, false)],
            ),
            (
                "tag:\"My Tag\" has:attachments to:",
                vec![(Test::Tag("my tag".to_owned()), false), (Test::HasAttachment, false)],
            ),
            (
                "after:1970-01-02 before:\"1970/01/01 00:00:01\"",
                vec![(Test::After(86_400_000), false), (Test::Before(1_000), false)],
            ),
            ("before:1970-01-01t00:00:01z", vec![(Test::Before(1_000), false)]),
            (
                "larger:1.5k smaller:2MB",
                vec![(Test::Larger(1_536), false), (Test::Smaller(2_097_152), false)],
            ),
            ("http://a.test", vec![(text("http://a.test"), false)]),
        ] {
            assert_eq!(parsed(query), terms, "{query}");
        }
    }

    #[test]
    fn what_is_no_query_is_an_error() {
        for query in ["", "  ", "\"\"", "-", "to:", "...", "!"] {
            assert_eq!(Query::parse(query), Err(BadQuery::Empty), "{query}");
        }
        for query in
            ["is:lost", "has:fun", "after:yesterday", "before:9999999-01-01", "larger:much", "smaller:1g"]
        {
            assert_eq!(Query::parse(query), Err(BadQuery::BadTerm(query.to_owned())));
        }
        assert_eq!(Query::parse(&"x".repeat(QUERY_MAX + 1)), Err(BadQuery::TooLong));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_query_parser_panic(
            text in r#"(to:|after:|before:|larger:|is:|-|!|"|'| |[a-z0-9é/:.-]){0,40}"#,
        ) {
            let _ = Query::parse(&text);
        }
    }
}
