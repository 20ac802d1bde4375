//! Parameter types of the steps: syntax, accepted values, and errors for invalid ones.
//!
//! Each parameter accepts any text of its form, `"Sing in"` as well as `"Sign in"`. A misspelled
//! argument is then reported as such, instead of making the whole step undefined. [`parameters`]
//! lists all types.

mod person;
mod quantity;
mod quoted;

use std::convert::Infallible;
use std::fmt;
use std::sync::LazyLock;

use cucumber::Parameter;
use cucumber::codegen::inventory;
use serde::{Serialize, Serializer};

pub use self::person::{Who, Whose};
pub use self::quantity::{Count, Duration, Nth};
pub(in crate::gherkin) use self::quoted::renamed;
pub use self::quoted::{Button, Mail, Notice, OracleId, Page, PhoneNumber, Problem, StoryName};
use crate::story::nearest;

/// Why a text is not a valid argument.
///
/// Cucumber reports the `Debug` form to the user, so it equals the `Display` form.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{says}; {help}")]
pub struct BadWord {
    /// The message.
    pub says: String,
    /// A suggested fix.
    pub help: String,
}

impl fmt::Debug for BadWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Infallible> for BadWord {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl BadWord {
    /// `word` is not one of `known`.
    fn unknown(says: String, word: &str, known: &[&str]) -> Self {
        let unfinished = known.iter().copied().find(|known| !word.is_empty() && known.starts_with(word));
        let help = match unfinished.or_else(|| nearest(word, known.iter().copied())) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if known.len() <= LISTED_MAX => {
                let known: Vec<String> = known.iter().map(|known| format!("\"{known}\"")).collect();
                format!("the values are {}", known.join(", "))
            }
            None => "`lostkey steps` lists all values".to_owned(),
        };
        Self { says, help }
    }

    /// Splits an error of the form `message; help`.
    #[doc(hidden)]
    pub fn of(error: &impl fmt::Display) -> Self {
        let text = error.to_string();
        let (says, help) = text.split_once("; ").unwrap_or((&text, "check the value"));
        Self { says: says.to_owned(), help: help.to_owned() }
    }
}

/// Maximum number of words listed in a help line.
const LISTED_MAX: usize = 20;

/// A parameter type.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ParameterType {
    /// The name, as used in braces in an expression.
    pub name: &'static str,
    /// A short description.
    pub summary: &'static str,
    /// Some examples.
    pub examples: &'static str,
    /// All accepted values, if they are enumerable.
    #[serde(serialize_with = "listed", rename = "values")]
    pub values: fn() -> Vec<&'static str>,
    /// The regular expression.
    #[serde(skip)]
    #[doc(hidden)]
    pub regex: &'static str,
    /// Why a text that matches the regular expression is invalid, if it is.
    #[serde(skip)]
    pub flaw: fn(&str) -> Option<BadWord>,
}

fn listed<S: Serializer>(values: &fn() -> Vec<&'static str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values())
}

/// Registers a parameter type of another crate, with a description and an example. The catalogue then
/// lists it, and `check` validates its arguments.
///
/// The type implements `cucumber::Parameter` and `FromStr`. The error has the form `message; help`:
///
///
/// ```
/// use lostkey::gherkin::parameter;
///
/// #[derive(cucumber::Parameter)]
/// #[param(name = "reference", regex = r"GW-\d+")]
/// struct Reference(u16);
///
/// impl std::str::FromStr for Reference {
///     type Err = String;
///
///     fn from_str(text: &str) -> Result<Self, String> {
///         let digits = text.strip_prefix("GW-").unwrap_or(text);
///         digits.parse().map(Self).map_err(|_| format!("there is no `{text}`; the last is GW-65535"))
///     }
/// }
///
/// parameter!(Reference: "a reference of our gateway", "GW-17");
/// # fn main() { assert!(lostkey::gherkin::words::parameter("reference").is_some()) }
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __lostkey_parameter {
    ($type:ty: $summary:expr, $examples:expr $(,)?) => {
        $crate::gherkin::__submit! {
            $crate::gherkin::words::ParameterType {
                name: <$type as $crate::gherkin::__Parameter>::NAME,
                summary: $summary,
                examples: $examples,
                values: || ::std::vec::Vec::new(),
                regex: <$type as $crate::gherkin::__Parameter>::REGEX,
                flaw: |text| {
                    let read = <$type as ::std::str::FromStr>::from_str(text);
                    read.err().map(|error| $crate::gherkin::words::BadWord::of(&error))
                },
            }
        }
    };
}

#[doc(inline)]
pub use __lostkey_parameter as parameter;

macro_rules! parameters {
    ($($type:ty: $summary:literal, $examples:literal, $values:expr;)*) => {
        /// The parameter types of this crate, by name.
        const PARAMETERS: &[ParameterType] = &[$(ParameterType {
            name: <$type as Parameter>::NAME,
            summary: $summary,
            examples: $examples,
            values: $values,
            regex: <$type as Parameter>::REGEX,
            flaw: |text| text.parse::<$type>().err().map(BadWord::from),
        },)*];
    };
}

parameters! {
    Button: "the text of a button or link", "\"Call me now\"", quoted::buttons;
    Count: "a number", "1, 3", Vec::new;
    Duration: "a length of time", "10 minutes, 1 day, 1 hour and 30 minutes", Vec::new;
    Mail: "the subject of an email", "\"An MFA device was deactivated\"", quoted::mails;
    Notice: "the text of a notice, or its beginning", "\"Phone verification could not be completed\"", quoted::notices;
    Nth: "an ordinal number", "1st, 2nd", Vec::new;
    OracleId: "the id of an oracle", "\"single-use\"", quoted::oracles;
    Page: "the title of a page", "\"Your Security Credentials\"", quoted::pages;
    PhoneNumber: "a phone number", "\"+34 600 000 001\"", Vec::new;
    Problem: "a reason that the support form offers", "\"I did not receive the call\"", quoted::problems;
    StoryName: "a story: its file name without folder and extension", "\"lost-device\"", Vec::new;
    Who: "a person: a name, or a pronoun for the person named last", "Ana, she", Vec::new;
    Whose: "a person in the possessive: a name, or a pronoun for the person named last", "Ana's, her", Vec::new;
}

cucumber::codegen::collect!(ParameterType);

/// All parameter types, those of other linked crates included, ordered by name.
pub fn parameters() -> &'static [ParameterType] {
    static ALL: LazyLock<Vec<ParameterType>> = LazyLock::new(|| {
        let others = inventory::iter::<ParameterType>.into_iter().copied();
        let mut all: Vec<ParameterType> = PARAMETERS.iter().copied().chain(others).collect();
        all.sort_by_key(|parameter| parameter.name);
        all
    });
    &ALL
}

/// The parameter type with this name.
pub fn parameter(name: &str) -> Option<&'static ParameterType> {
    parameters().iter().find(|parameter| parameter.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(name: &str, text: &str) -> String {
        let parameter = PARAMETERS.iter().find(|parameter| parameter.name == name).unwrap();
        let regex = regex::Regex::new(&format!("^(?:{})$", parameter.regex)).unwrap();
        assert!(regex.is_match(text), "{{{name}}} does not take {text}");
        (parameter.flaw)(text).map_or_else(String::new, |bad| bad.to_string())
    }

    #[test]
    fn each_kind_can_be_told_from_the_regular_expression_of_a_step() {
        let mut kinds: Vec<&str> = PARAMETERS.iter().map(|parameter| parameter.regex).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), PARAMETERS.len());
    }

    #[test]
    fn words_that_can_stand_there_are_taken() {
        for (name, text) in [
            ("button", "\"Call me now\""),
            ("button", "'Call me now'"),
            ("count", "3"),
            ("duration", "10 minutes"),
            ("duration", "1 hour and 30 minutes"),
            ("duration", "90s"),
            ("mail", "\"An MFA device was assigned\""),
            ("notice", "\"This link has expired\""),
            ("notice", r#"'The code on the screen has expired: choose "Call me now" again'"#),
            ("notice", r#""The code on the screen has expired: choose \"Call me now\" again""#),
            ("nth", "22nd"),
            ("oracle", "\"way-out\""),
            ("page", "\"MFA code\""),
            ("phone", "\"600 000 001\""),
            ("problem", "\"Other\""),
            ("story", "\"lost-device\""),
            ("who", "Álvaro"),
            ("who", "they"),
            ("who", "Zoë"),
            ("who", "李"),
            ("whose", "Mallory-2's"),
            ("whose", "Álvaro's"),
        ] {
            assert_eq!(flaw(name, text), "", "{{{name}}} {text}");
        }
    }

    #[test]
    fn what_cannot_stand_there_is_told_with_help() {
        for (name, text, says) in [
            (
                "button",
                "\"Call me\"",
                "no page of the flow offers \"Call me\"; did you mean \"Call me now\"?",
            ),
            ("count", "99999999999", "`99999999999` is too large; the maximum is 4294967295"),
            ("duration", "10 minuts", "`minuts` is not a unit of time; did you mean \"minutes\"?"),
            (
                "duration",
                "10 fortnights",
                "`fortnights` is not a unit of time; the units are ms, s, m, h and d",
            ),
            (
                "mail",
                "\"MFA device assigned\"",
                "no email has the subject \"MFA device assigned\"; did you mean \"An MFA device was assigned\"?",
            ),
            (
                "notice",
                "\"This link has already be used\"",
                "no page of the flow says \"This link has already be used\"; did you mean \"This link has already been used\"?",
            ),
            ("notice", "\"Hello\"", "no page of the flow says \"Hello\"; `lostkey steps` lists all values"),
            ("nth", "0th", "there is no `0th`; ordinals are 1st to 65535th"),
            ("oracle", "\"wayout\"", "there is no oracle \"wayout\"; did you mean \"way-out\"?"),
            ("page", "\"Sing in\"", "the flow has no page \"Sing in\"; did you mean \"Sign in\"?"),
            (
                "phone",
                "\"+34 60O\"",
                "`O` is not allowed in a phone number; write it in E.164, for example `+34600000001`",
            ),
            (
                "problem",
                "\"Because\"",
                "the support form has no reason \"Because\"; the values are \"My MFA device is lost\", \"I did not receive the call\", \"My phone number has changed\", \"I have no access to the email address\", \"I did not do this\", \"Other\"",
            ),
            (
                "story",
                "\"../secret\"",
                "\"../secret\" is not the name of a story; a story is named after its file, without folder and extension",
            ),
        ] {
            assert_eq!(flaw(name, text), says, "{{{name}}} {text}");
        }
    }

    #[test]
    fn a_notice_is_known_by_a_beginning_that_is_its_own() {
        assert_eq!(flaw("notice", "\"Too many calls\""), "");
        for (name, former, present) in [
            ("notice", "\"This link was used already\"", Some("This link has already been used")),
            ("notice", "\"This link was used\"", Some("This link has already been used")),
            ("notice", "\"This link has\"", None),
            (
                "problem",
                "\"I have no access to the e-mail address\"",
                Some("I have no access to the email address"),
            ),
        ] {
            assert_eq!(renamed(name, former), present, "{former}");
            assert!(present.is_none() || flaw(name, former).is_empty(), "{former}");
        }
        assert!(flaw("notice", "\"Too many\"").contains(" notices begin with "));
    }

    #[test]
    fn lists_hold_what_can_stand_there() {
        for parameter in PARAMETERS {
            for value in (parameter.values)() {
                assert_eq!(flaw(parameter.name, &format!("'{value}'")), "");
            }
        }
    }
}
