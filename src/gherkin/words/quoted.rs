//! Parameters in quotes: pages, buttons, notices and other texts that people read.

use std::borrow::Cow;
use std::str::FromStr;

use cucumber::Parameter;

use crate::base::number::Number;
use crate::event::{Control, MailKind, PageName};
use crate::gherkin::words::BadWord;
use crate::{event, oracle};

/// Defines parameter types for quoted texts: the inner type, and how it is read.
///
/// The catalogue can only recover the type from the regular expression, and the quoted types would
/// share one. A group that matches nothing, `(?:button){0}`, makes each expression distinct.
macro_rules! quoted {
    ($($(#[$doc:meta])* $type:ident($inner:ty) = $name:literal, $read:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $type(pub $inner);

        impl Parameter for $type {
            const NAME: &'static str = $name;
            const REGEX: &'static str =
                concat!("(?:", $name, r#"){0}(?:"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')"#);
        }

        impl FromStr for $type {
            type Err = BadWord;

            fn from_str(text: &str) -> Result<Self, BadWord> {
                let read: fn(&str) -> Result<$inner, BadWord> = $read;
                read(&unquoted(text)).map(Self)
            }
        }
    )*};
}

quoted! {
    /// A button or link of a page.
    Button(Control) = "button", |text| {
        let says = || format!("no page of the flow offers \"{text}\"");
        Control::from_label(text).ok_or_else(|| BadWord::unknown(says(), text, &buttons()))
    };
    /// An email, by its subject.
    Mail(MailKind) = "mail", |text| {
        let says = || format!("no email has the subject \"{text}\"");
        MailKind::from_label(text).ok_or_else(|| BadWord::unknown(says(), text, &mails()))
    };
    /// A notice on a page.
    Notice(event::Notice) = "notice", notice;
    /// An oracle.
    OracleId(&'static str) = "oracle", |text| {
        let says = || format!("there is no oracle \"{text}\"");
        let found = oracles().into_iter().find(|id| *id == text);
        found.ok_or_else(|| BadWord::unknown(says(), text, &oracles()))
    };
    /// A page.
    Page(PageName) = "page", |text| {
        let says = || format!("the flow has no page \"{text}\"");
        PageName::from_label(text).ok_or_else(|| BadWord::unknown(says(), text, &pages()))
    };
    /// A phone number.
    PhoneNumber(Number) = "phone", |text| Number::read(text).map_err(|error| BadWord::of(&error));
    /// A reason in the support form.
    Problem(event::Problem) = "problem", |text| {
        let says = || format!("the support form has no reason \"{text}\"");
        let found = event::Problem::from_label(text).or_else(|| event::Problem::from_former_label(text));
        found.ok_or_else(|| BadWord::unknown(says(), text, &problems()))
    };
    /// A story in the scenarios folder.
    StoryName(String) = "story", |text| {
        let is_name = !text.is_empty() && !text.contains(['/', '\\', '\0']);
        is_name.then(|| text.to_owned()).ok_or_else(|| BadWord {
            says: format!("\"{text}\" is not the name of a story"),
            help: "a story is named after its file, without folder and extension".to_owned(),
        })
    };
}

/// The text between the quotes, with backslash escapes resolved.
fn unquoted(text: &str) -> Cow<'_, str> {
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut letters = inner.chars();
    let mut plain = String::new();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    Cow::Owned(plain)
}

/// The notice with this text, or the only one that begins with it.
fn notice(text: &str) -> Result<event::Notice, BadWord> {
    if let Some(notice) = event::Notice::from_label(text) {
        return Ok(notice);
    }
    let all = event::Notice::ALL.iter().copied();
    let begun: Vec<event::Notice> = all.filter(|notice| notice.label().starts_with(text)).collect();
    match begun.as_slice() {
        [] => event::Notice::from_former_label(text).ok_or_else(|| {
            BadWord::unknown(format!("no page of the flow says \"{text}\""), text, &notices())
        }),
        [notice] => Ok(*notice),
        [first, ..] => Err(BadWord {
            says: format!("{} notices begin with \"{text}\"", begun.len()),
            help: format!("write more of the text, for example \"{first}\""),
        }),
    }
}

/// The present text for the argument of a parameter that quotes the text of an earlier version.
pub(in crate::gherkin) fn renamed(parameter: &str, argument: &str) -> Option<&'static str> {
    let text = unquoted(argument);
    match parameter {
        "notice" if !event::Notice::ALL.iter().any(|notice| notice.label().starts_with(&*text)) => {
            event::Notice::from_former_label(&text).map(event::Notice::label)
        }
        "problem" => event::Problem::from_former_label(&text).map(event::Problem::label),
        _ => None,
    }
}

pub(super) fn buttons() -> Vec<&'static str> {
    Control::on_pages().map(Control::label).collect()
}

pub(super) fn mails() -> Vec<&'static str> {
    MailKind::ALL.iter().map(|kind| kind.label()).collect()
}

pub(super) fn notices() -> Vec<&'static str> {
    event::Notice::ALL.iter().map(|notice| notice.label()).collect()
}

pub(super) fn oracles() -> Vec<&'static str> {
    oracle::ALL.iter().map(|oracle| oracle.id).collect()
}

pub(super) fn pages() -> Vec<&'static str> {
    PageName::ALL.iter().map(|page| page.label()).collect()
}

pub(super) fn problems() -> Vec<&'static str> {
    event::Problem::ALL.iter().map(|problem| problem.label()).collect()
}
