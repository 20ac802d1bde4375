//! Deserializes the fields of a story and translates the YAML crate's errors into [`Mistake`]s.

use std::ops::Range;

use serde_yaml::{Error, Location, MergeKeyPolicy, Options};

use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::nearest::nearest;
use crate::story::outline::{Outline, Shape};
use crate::story::raw::RawStory;
use crate::story::{faults, limit};

/// Deserializes the fields of a story.
pub(super) fn fields(outline: &Outline<'_>) -> Checked<RawStory> {
    serde_yaml::from_str_with_options(outline.text, options()).map_err(|error| translated(&error, outline))
}

/// The YAML crate's limits are a second line of defence: the outline enforces most of them earlier.
fn options() -> Options {
    serde_yaml::options! {
        // `StoryError` renders the snippet, with the name of the file.
        with_snippet: false,
        emit_comments: false,
        strict_booleans: true,
        merge_keys: MergeKeyPolicy::Error,
        budget: serde_yaml::budget! {
            max_depth: limit::DEPTH_MAX,
            max_nodes: limit::VALUES_MAX,
            max_aliases: limit::ALIASES_MAX,
        },
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: limit::ALIASED_VALUES_MAX,
            max_replay_stack_depth: limit::DEPTH_MAX,
        },
    }
}

/// The byte range of a location.
pub(super) fn bytes(location: Location) -> Range<usize> {
    let span = location.span();
    let number = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok());
    let start = number(span.byte_offset()).unwrap_or(0);
    start..start + number(span.byte_len()).unwrap_or(0)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the crate's message suits errors that cannot happen here"
)]
fn translated(error: &Error, outline: &Outline<'_>) -> Box<Found> {
    // An error behind an alias belongs to the place where the value is defined.
    let used_at = error.location();
    let mut error = error;
    while let Error::AliasError { error: inner, .. } = error {
        error = inner;
    }
    let at = error.location().or(used_at).map_or(0..0, bytes);
    let teller = Teller { outline, at };
    match error {
        Error::SerdeUnknownField { field, expected, .. } => teller.unknown_field(field, expected),
        Error::SerdeUnknownVariant { variant, expected, .. } => teller.unknown_word(variant, expected),
        Error::SerdeMissingField { field, .. } => teller.missing_field(field),
        Error::DuplicateMappingKey { .. } => teller.duplicate_key(),
        Error::Unexpected { expected, .. } => teller.unexpected(expected),
        Error::SerdeInvalidType { .. } | Error::UnexpectedValueForUnit { .. } => teller.invalid_type(),
        Error::InvalidScalar { ty, .. } => teller.invalid_scalar(ty),
        Error::InvalidBooleanStrict { .. } => {
            teller.bad_value("is neither true nor false", "write `true` or `false`")
        }
        Error::NullIntoString { .. } => teller.wrong_shape("a text", "write a value, or remove the line"),
        Error::Message { msg, .. } => teller.message(msg),
        Error::MergeKeyNotAllowed { .. } => {
            let help = "repeat the fields under each name".to_owned();
            teller.found(Mistake::NotForStories { what: "the merge key `<<`".to_owned(), help })
        }
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::RecursiveReferencesRequireWeakTypes { .. } => teller.found(Mistake::TooManyAliases),
        Error::Budget { .. } => teller.found(Mistake::TooManyValues),
        other => {
            let plain = serde_yaml::render_options! { snippets: serde_yaml::SnippetMode::Off };
            let message = other.render_with_options(plain);
            let help = "a line of a story is `name: value`, or `- item`".to_owned();
            teller.found(Mistake::NotYaml { message, help, label: "here" })
        }
    }
}

/// Builds mistakes for the value at `at`.
struct Teller<'a> {
    outline: &'a Outline<'a>,
    at: Range<usize>,
}

impl Teller<'_> {
    fn found(&self, mistake: Mistake) -> Box<Found> {
        Found::new(mistake, self.outline.whole(self.at.clone()))
    }

    fn unknown_field(&self, field: &str, expected: &[&'static str]) -> Box<Found> {
        let path = self.outline.path(self.at.start, true);
        let place =
            if path.is_empty() { "in a story".to_owned() } else { format!("in `{}`", path.join(".")) };
        let near = nearest(field, expected.iter().copied()).map(str::to_owned);
        Found::new(
            Mistake::UnknownField { field: field.to_owned(), place, near, known: owned(expected) },
            self.at.clone(),
        )
    }

    fn unknown_word(&self, word: &str, expected: &[&'static str]) -> Box<Found> {
        let near = nearest(word, expected.iter().copied()).map(str::to_owned);
        let (word, known) = (word.to_owned(), owned(expected));
        if known == faults::names() {
            return Found::new(Mistake::UnknownFault { word, near, known }, self.at.clone());
        }
        let field = self.path();
        Found::new(Mistake::UnknownWord { word, field, near, known }, self.at.clone())
    }

    /// Only faults have required fields in serde; other missing fields are found in `check`.
    fn missing_field(&self, field: &str) -> Box<Found> {
        let fault = self.outline.path(self.at.start, true).last().copied().unwrap_or_default().to_owned();
        let help = self.example(&fault).unwrap_or_else(|| format!("add `{field}: …`"));
        self.found(Mistake::MissingField { field: field.to_owned(), of: format!("`{fault}`"), help })
    }

    fn duplicate_key(&self) -> Box<Found> {
        let key = self.outline.text.get(self.at.clone()).unwrap_or_default().to_owned();
        let found = Found::new(Mistake::DuplicateKey { key }, self.at.clone());
        match self.outline.first_of_two_keys(self.at.start) {
            Some(first) => found.and(first, "first here"),
            None => found,
        }
    }

    fn unexpected(&self, expected: &str) -> Box<Found> {
        match expected {
            "mapping start" => {
                let help = self.path_example().unwrap_or_else(|| {
                    "write its fields below it, two spaces to the right, or in braces: `{ name: value }`"
                        .to_owned()
                });
                self.wrong_shape("a mapping", &help)
            }
            "sequence start" => self
                .wrong_shape("a list", "write one item per line, `- item`, or all in brackets: `[one, two]`"),
            "string scalar" if self.shape() == Shape::Mapping => self.wrong_shape(
                "a text",
                "a text that contains `: ` is a mapping in YAML: put all of it in quotes, `'…'`",
            ),
            "string scalar" => self.wrong_shape("a text", "write a single value there"),
            "mapping end" => {
                let help = "write each fault as a separate item under `faults`".to_owned();
                let message = "an item names one fault; this one names a second".to_owned();
                self.found(Mistake::BadValue { message, help })
            }
            _ => self.wrong_shape("something else", "look at the lines above it"),
        }
    }

    /// A fault that is neither a word nor a mapping, or a fault without fields that was given some.
    fn invalid_type(&self) -> Box<Found> {
        let path = self.outline.path(self.at.start, false);
        let fault = path.last().copied().unwrap_or_default();
        match self.example(fault) {
            Some(help) => self.wrong_shape("without anything below it", &help),
            None => {
                let help =
                    "write the name of a fault: `does: mail-lost`, or `does: { mail-late: { by: 2h } }`"
                        .to_owned();
                self.found(Mistake::BadValue { message: "this is not a fault".to_owned(), help })
            }
        }
    }

    fn invalid_scalar(&self, ty: &str) -> Box<Found> {
        let (least, most) = match ty {
            "u8" => ("0", "255"),
            "u16" => ("0", "65,535"),
            "u32" => ("0", "4,294,967,295"),
            "i32" => ("-2,147,483,648", "2,147,483,647"),
            _ => ("0", "18,446,744,073,709,551,615"),
        };
        let why = format!("is not a whole number from {least} to {most}");
        self.bad_value(&why, "write only digits, for example `5`")
    }

    /// The errors of this crate's types have the form `message; help`.
    fn message(&self, text: &str) -> Box<Found> {
        let value = self.value();
        // A duration without a unit would otherwise yield the message "`` is not a unit".
        if text.starts_with("``") {
            let help = format!("write for example `{value}s`, `{value}m`, `{value}h` or `{value}d`");
            return self.bad_value("has no unit of time", &help);
        }
        let (message, help) = text
            .split_once("; ")
            .or_else(|| text.split_once(": "))
            .unwrap_or((text, "write another value here"));
        self.found(Mistake::BadValue { message: message.to_owned(), help: help.to_owned() })
    }

    fn bad_value(&self, why: &str, help: &str) -> Box<Found> {
        let message = format!("`{}` {why}", self.value());
        self.found(Mistake::BadValue { message, help: help.to_owned() })
    }

    fn wrong_shape(&self, wants: &str, help: &str) -> Box<Found> {
        let item = if self.outline.is_item(self.at.start) { "an item of " } else { "" };
        self.found(Mistake::WrongShape {
            what: format!("{item}`{}`", self.path()),
            wants: wants.to_owned(),
            found: self.shape().name().to_owned(),
            help: help.to_owned(),
        })
    }

    /// The field names that lead to the value.
    fn path(&self) -> String {
        self.outline.path(self.at.start, false).join(".")
    }

    fn shape(&self) -> Shape {
        self.outline.shape_at(self.at.start).unwrap_or(Shape::Nothing)
    }

    fn value(&self) -> &str {
        self.outline.text.get(self.at.clone()).unwrap_or_default()
    }

    /// A help line with an example of the fault.
    fn example(&self, fault: &str) -> Option<String> {
        faults::example(fault).map(|example| format!("write for example `does: {example}`"))
    }

    fn path_example(&self) -> Option<String> {
        self.outline.path(self.at.start, false).last().and_then(|fault| self.example(fault))
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
