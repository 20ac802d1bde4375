//! [`StoryError`]: a mistake in a story file and its location.

use std::fmt;
use std::ops::Range;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::story::drawn::{ColorChoice, drawn};
use crate::story::limit;
use crate::story::mistake::Mistake;

/// How many bytes of an overlong line are shown.
const SHOWN_OF_LONG_LINE: usize = 60;

/// A mistake in a story file, with its location and the surrounding source.
///
/// As a [`Diagnostic`] it has a code (`lostkey::story::unknown_person`), a labelled caret and a help
/// line; [`StoryError::rendered`] renders them as plain text.
#[derive(Debug, thiserror::Error)]
#[error("{mistake}")]
#[non_exhaustive]
pub struct StoryError {
    /// The mistake.
    pub mistake: Mistake,
    /// The file name passed to [`Story::read`](super::Story::read).
    pub file: String,
    /// The line, starting at 1.
    pub line: usize,
    /// The column, starting at 1, in characters.
    pub column: usize,
    source_code: NamedSource<String>,
    labels: Vec<LabeledSpan>,
}

impl StoryError {
    pub(super) fn new(found: Found, text: &str, file: &str) -> Self {
        let Found { mistake, at, also } = found;
        let at = visible(text, at);
        let (line, column) = place(text, at.start);
        let mut labels =
            vec![LabeledSpan::new_primary_with_span(Some(mistake.label().to_owned()), at.clone())];
        if let Some((also, label)) = also {
            labels.push(LabeledSpan::new_with_span(Some(label.to_owned()), visible(text, also)));
        }
        let too_much = matches!(mistake, Mistake::TooLarge { .. } | Mistake::LongLine { .. });
        let shown = if too_much { text.get(..at.end).unwrap_or_default() } else { text };
        let source_code = NamedSource::new(file, shown.to_owned()).with_language("yaml");
        Self { mistake, file: file.to_owned(), line, column, source_code, labels }
    }

    /// What would work, in plain words on one line.
    pub fn help_text(&self) -> Option<String> {
        self.mistake.help().map(|help| help.to_string().replace('\n', " "))
    }

    /// The full error as plain text without colours: message, code, file, line, column, source lines
    /// with a caret, and help. Wrapped at 100 columns, except for lines of the file.
    pub fn rendered(&self) -> String {
        drawn(self, ColorChoice::Plain)
    }
}

impl Diagnostic for StoryError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.mistake.code()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.mistake.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source_code)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// The result of a check: a value, or a mistake with its location.
pub(super) type Checked<T> = Result<T, Box<Found>>;

/// A mistake and its byte range in the text.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) mistake: Mistake,
    pub(super) at: Range<usize>,
    /// A second, related range, and its label.
    pub(super) also: Option<(Range<usize>, &'static str)>,
}

impl Found {
    pub(super) fn new(mistake: Mistake, at: Range<usize>) -> Box<Self> {
        Box::new(Self { mistake, at, also: None })
    }

    pub(super) fn and(mut self: Box<Self>, at: Range<usize>, label: &'static str) -> Box<Self> {
        self.also = Some((at, label));
        self
    }

    /// Reports a file that exceeds [`limit::FILE_MAX`], at the line that crosses the limit.
    pub(super) fn too_large(text: &str) -> Option<Box<Self>> {
        (text.len() > limit::FILE_MAX).then(|| {
            let line = text.as_bytes()[..limit::FILE_MAX].iter().rposition(|byte| *byte == b'\n');
            let at = head_of_line(text, line.map_or(0, |end| end + 1));
            Self::new(Mistake::TooLarge { bytes: text.len() }, at)
        })
    }

    /// Reports the first line that exceeds [`limit::LINE_MAX`].
    pub(super) fn long_line(text: &str) -> Option<Box<Self>> {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if line.len() > limit::LINE_MAX {
                return Some(Self::new(Mistake::LongLine { bytes: line.len() }, head_of_line(text, start)));
            }
            start += line.len();
        }
        None
    }
}

/// The first characters of the line that begins at `start`.
fn head_of_line(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    start..start + line.floor_char_boundary(SHOWN_OF_LONG_LINE)
}

/// Clamps a range to one that a caret can mark: inside the text and at least one character wide.
/// A mistake at the end of the file marks the last character.
fn visible(text: &str, at: Range<usize>) -> Range<usize> {
    let last = text.char_indices().next_back().map_or(0, |(last, _)| last);
    let start = text.floor_char_boundary(at.start.min(last));
    let end = text.floor_char_boundary(at.end.min(text.len()));
    if end > start {
        return start..end;
    }
    let next = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    start..start + next
}

/// The line of a byte offset, starting at 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    place(text, at).0
}

/// Line and column of a byte offset, both starting at 1, the column in characters.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before.get(line_start..).unwrap_or_default().chars().count() + 1)
}
