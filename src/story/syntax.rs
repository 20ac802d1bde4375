//! Translates YAML syntax errors into messages with help.

use std::ops::Range;

use serde_yaml::granit_parser::{ErrorKind, ScanError};

use crate::story::error::Found;
use crate::story::mistake::Mistake;

/// The mistake behind a parser error, with its location.
pub(super) fn found(text: &str, error: &ScanError) -> Box<Found> {
    let marker = error.marker();
    let at = marker.byte_offset().unwrap_or_else(|| offset(text, marker.line(), marker.col()));
    if let Some(tab) = tab(text, error.kind(), at) {
        return Found::new(Mistake::Tab, tab);
    }
    let (message, help) = told(text, error.kind(), at);
    let label = if is_unclosed(error.kind()) { "opened here" } else { "not valid YAML from here" };
    Found::new(Mistake::NotYaml { message, help, label }, at..at + 1)
}

/// The tab that caused the error, if any: the first tab in an indentation, from the line of the
/// error on. The parser often reports the line before the tab.
fn tab(text: &str, kind: &ErrorKind, at: usize) -> Option<Range<usize>> {
    let is_about_tabs = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    );
    let mut start = at - line_before(text, at).len();
    for (number, line) in text.get(start..)?.split_inclusive('\n').enumerate() {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        match line.get(..indent).and_then(|indent| indent.find('\t')) {
            Some(tab) if is_about_tabs || number == 0 => return Some(start + tab..start + tab + 1),
            Some(_) => return None,
            None => start += line.len(),
        }
    }
    None
}

/// Whether the error location is the opening quote or bracket.
const fn is_unclosed(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnclosedQuotedScalar | ErrorKind::UnclosedFlowCollection { .. })
}

/// The message and the help line.
#[expect(clippy::wildcard_enum_match_arm, reason = "the parser's message is good enough for rare errors")]
fn told(text: &str, kind: &ErrorKind, at: usize) -> (String, String) {
    let line = line_before(text, at);
    let (message, help) = match kind {
        ErrorKind::MappingValueNotAllowed if line.contains(": ") => (
            "this line contains a second `: `",
            "put a text that contains `: ` in quotes: `about: 'Ana: the device is lost'`",
        ),
        ErrorKind::MappingValueNotAllowed if !line.starts_with(' ') => (
            "this line is a field, but the lines above it are not",
            "a field is a name, a colon and a space, `seed: 7`; everything in a story belongs to one",
        ),
        ErrorKind::MappingValueNotAllowed => (
            "a field is not allowed here",
            "it is indented deeper than the lines around it, or the line above lacks its `:`",
        ),
        ErrorKind::ExpectedBlockMappingKey => (
            "the indentation of this line matches no line above it",
            "fields of the same mapping begin in the same column",
        ),
        ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::BlockSequenceEntryNotAllowed => (
            "this line does not continue the lines above it",
            "the items of a list begin with `- `, all in the same column",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            ("this line is not a field", "a field is a name, a colon and a space: `seed: 7`")
        }
        ErrorKind::UnclosedQuotedScalar => (
            "this quote is never closed",
            "close it with the same mark; inside `'…'`, write `''` for an apostrophe",
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping => ("this bracket is never closed", "close it with `]` or `}`"),
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => (
            "a `,` or the closing bracket is missing here",
            "inside `[…]` and `{…}`, put a text that contains one of `,[]{}` in quotes",
        ),
        ErrorKind::UnknownAnchor => (
            "this alias is not defined",
            "write the value itself, or define the alias above with `&name`; put a text that begins with `*` in quotes",
        ),
        ErrorKind::UnexpectedCharacter { character: '\0' } => (
            "YAML allows no NUL character",
            "remove it; a file with many of them is in UTF-16: save it as UTF-8",
        ),
        ErrorKind::UnexpectedCharacter { character } => {
            let message = format!("a text cannot begin with `{}`", character.escape_default());
            return (message, "put the text in quotes: `'…'`".to_owned());
        }
        ErrorKind::RecursionLimitExceeded => ("this is nested too deep", "look for an unclosed bracket"),
        ErrorKind::UnknownQuotedScalarEscape => {
            ("a backslash is an escape character inside `\"…\"`", "use `'…'`, or write `\\\\`")
        }
        _ => {
            return (
                format!("this is not valid YAML: {kind}"),
                "a line of a story is `name: value`, or `- item`".to_owned(),
            );
        }
    };
    (message.to_owned(), help.to_owned())
}

/// The part of the line before `at`.
fn line_before(text: &str, at: usize) -> &str {
    text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default()
}

/// The byte offset of a line (starting at 1) and a column (starting at 0).
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}
