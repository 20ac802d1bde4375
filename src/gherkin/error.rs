//! Mistakes in feature files, with location and help.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use miette::{Diagnostic, LabeledSpan, SourceCode};

/// The kinds of mistakes in features, each with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeatureMistake {
    /// The file or folder cannot be read.
    Unreadable,
    /// The file exceeds the size limit.
    TooLarge,
    /// The file is neither a feature nor a story.
    OtherFile,
    /// `FILE:LINE` names a line that is in no scenario.
    NoSuchLine,
    /// The Gherkin parser rejects the file.
    NotGherkin,
    /// The parser does not know the language of the file.
    UnknownLanguage,
    /// The file is empty, or does not begin with a feature.
    NoFeature,
    /// A feature has no scenario.
    NoScenario,
    /// A line does not begin with a keyword, or begins with a misspelled one.
    Keyword,
    /// A step outside a scenario, or a table outside a step or examples.
    OutOfPlace,
    /// The rows of a table have different numbers of cells.
    TornTable,
    /// A scenario has no steps.
    NoStep,
    /// An outline has no examples.
    NoExamples,
    /// A placeholder of an outline has no column in the examples.
    NoColumn,
    /// Two scenarios of a feature have the same name.
    SameScenario,
    /// Two features have the same name.
    SameFeature,
    /// No step matches the text.
    UndefinedStep,
    /// A step matches the text, but with another keyword.
    OtherKeyword,
    /// Several steps match the text.
    AmbiguousStep,
    /// A step has a doc string or a table that it does not read.
    UnreadBlock,
    /// An argument of a step is invalid.
    BadWord,
    /// A step opens a story that cannot be opened.
    NoStory,
    /// A step names a person who is not in the story, or uses a pronoun before any name.
    Nobody,
}

impl FeatureMistake {
    /// The diagnostic code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "lostkey::feature::unreadable",
            Self::TooLarge => "lostkey::feature::too_large",
            Self::OtherFile => "lostkey::feature::other_file",
            Self::NoSuchLine => "lostkey::feature::no_such_line",
            Self::NotGherkin => "lostkey::feature::not_gherkin",
            Self::UnknownLanguage => "lostkey::feature::unknown_language",
            Self::NoFeature => "lostkey::feature::no_feature",
            Self::NoScenario => "lostkey::feature::no_scenario",
            Self::Keyword => "lostkey::feature::keyword",
            Self::OutOfPlace => "lostkey::feature::out_of_place",
            Self::TornTable => "lostkey::feature::torn_table",
            Self::NoStep => "lostkey::feature::no_step",
            Self::NoExamples => "lostkey::feature::no_examples",
            Self::NoColumn => "lostkey::feature::no_column",
            Self::SameScenario => "lostkey::feature::same_scenario",
            Self::SameFeature => "lostkey::feature::same_feature",
            Self::UndefinedStep => "lostkey::feature::undefined_step",
            Self::OtherKeyword => "lostkey::feature::other_keyword",
            Self::AmbiguousStep => "lostkey::feature::ambiguous_step",
            Self::UnreadBlock => "lostkey::feature::unread_block",
            Self::BadWord => "lostkey::feature::bad_word",
            Self::NoStory => "lostkey::feature::no_story",
            Self::Nobody => "lostkey::feature::nobody",
        }
    }
}

/// A mistake in a feature file, with its location and the surrounding source.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{says}")]
#[non_exhaustive]
pub struct FeatureError {
    /// The kind.
    pub mistake: FeatureMistake,
    /// The message.
    pub says: String,
    /// A suggested fix.
    pub help: String,
    /// The file.
    pub file: String,
    /// The line, starting at 1; 0 if the mistake concerns the whole file.
    pub line: usize,
    /// The column, starting at 1, in characters; 0 if the mistake concerns the whole file.
    pub column: usize,
    source_code: Option<Source>,
    labels: Vec<LabeledSpan>,
}

impl FeatureError {
    /// The file or folder cannot be read.
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        let says = format!("cannot read `{}`: {error}", path.display());
        Self::of_file(
            FeatureMistake::Unreadable,
            path,
            says,
            "name a file in UTF-8 that can be read: a feature, a story, or a folder of them",
        )
    }

    /// The file has more than `most` bytes.
    pub(super) fn too_large(path: &Path, most: u64) -> Self {
        let says = format!("`{}` is larger than {most} bytes", path.display());
        Self::of_file(FeatureMistake::TooLarge, path, says, "split it into several features")
    }

    /// A mistake that concerns the whole file.
    pub(super) fn of_file(mistake: FeatureMistake, path: &Path, says: String, help: &str) -> Self {
        Self {
            mistake,
            says,
            help: help.to_owned(),
            file: path.display().to_string(),
            line: 0,
            column: 0,
            source_code: None,
            labels: Vec::new(),
        }
    }

    /// Adds a second, related range and its label.
    pub(super) fn and(mut self, at: Range<usize>, label: &str) -> Self {
        self.labels.push(LabeledSpan::new_with_span(Some(label.to_owned()), at));
        self
    }
}

impl Diagnostic for FeatureError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.mistake.code()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source_code.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// The text of a feature file, and the file name to show in errors.
#[derive(Clone)]
pub(super) struct Source {
    named: Arc<miette::NamedSource<String>>,
    /// Where each line begins. Each row of examples asks for its line.
    starts: Arc<[usize]>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.file()).finish()
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        self.named.read_span(span, before, after)
    }
}

impl Source {
    pub(super) fn new(file: &str, text: &str) -> Self {
        // Editors of some systems write a byte order mark, which is no part of the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { named: Arc::new(miette::NamedSource::new(file, text.to_owned())), starts }
    }

    pub(super) fn file(&self) -> &str {
        self.named.name()
    }

    pub(super) fn text(&self) -> &str {
        self.named.inner()
    }

    /// A mistake at this byte range.
    pub(super) fn error(
        &self,
        mistake: FeatureMistake,
        at: Range<usize>,
        says: &str,
        help: &str,
    ) -> FeatureError {
        let before = self.text().get(..at.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        FeatureError {
            mistake,
            says: says.to_owned(),
            help: help.to_owned(),
            file: self.file().to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            source_code: Some(self.clone()),
            labels: vec![LabeledSpan::new_primary_with_span(Some("here".to_owned()), at)],
        }
    }

    /// The byte range of a line (starting at 1) without surrounding whitespace.
    pub(super) fn line(&self, number: usize) -> Range<usize> {
        let end = self.text().len();
        let start = self.starts.get(number.saturating_sub(1)).copied().unwrap_or(end);
        let after = self.starts.get(number.max(1)).copied().unwrap_or(end);
        let line = self.text().get(start..after).unwrap_or_default();
        let indent = if line.trim().is_empty() { 0 } else { line.len() - line.trim_start().len() };
        start + indent..start + indent + line.trim().len()
    }

    /// The byte range of a line without its leading keyword.
    pub(super) fn after(&self, number: usize, keyword: &str) -> Range<usize> {
        let line = self.line(number);
        let text = self.text().get(line.clone()).unwrap_or_default();
        let rest = text.strip_prefix(keyword.trim()).unwrap_or(text).trim_start_matches(':').trim_start();
        if rest.is_empty() { line } else { line.end - rest.len()..line.end }
    }
}
