//! Renders a diagnostic as text: message, code, location, source lines with a caret, and help.

use std::error::Error;
use std::fmt;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

/// Wrap width of message and help, in columns.
const WIDTH: usize = 100;

/// Indentation of message and help in miette's layout, in columns.
const MESSAGE_INDENT: usize = 4;
const HELP_INDENT: usize = 8;

/// Whether the rendered text contains colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorChoice {
    /// No colours.
    Plain,
    /// Terminal colours, as ANSI escape sequences.
    Coloured,
}

/// Renders a diagnostic as text, wrapped at 100 columns. Lines of the source file are not wrapped.
pub fn drawn(mistake: &dyn Diagnostic, ink: ColorChoice) -> String {
    let theme = match ink {
        ColorChoice::Plain => GraphicalTheme::unicode_nocolor(),
        ColorChoice::Coloured => GraphicalTheme::unicode(),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_wrap_lines(false).with_links(false);
    let mut text = String::new();
    match handler.render_report(&mut text, &Filled(mistake)) {
        Ok(()) => text,
        // Writing to a string does not fail, and all labels lie inside the text.
        Err(fmt::Error) => mistake.to_string(),
    }
}

/// Wraps message and help at spaces, but never inside backticks, so that quoted text can be copied.
struct Filled<'a>(&'a dyn Diagnostic);

impl fmt::Debug for Filled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Filled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&filled(&self.0.to_string(), WIDTH - MESSAGE_INDENT))
    }
}

impl Error for Filled<'_> {}

impl Diagnostic for Filled<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.code()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.0.help()?.to_string();
        Some(Box::new(filled(&help, WIDTH - HELP_INDENT)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.labels()
    }
}

/// Wraps the text at `width` characters where its words allow. Indented lines are code and stay as they are.
fn filled(text: &str, width: usize) -> String {
    let mut filled = String::new();
    let mut quoted = false;
    for line in text.lines() {
        if !filled.is_empty() {
            filled.push('\n');
        }
        if line.starts_with(' ') {
            filled.push_str(line);
            continue;
        }
        let mut column = 0;
        // A piece is the text between two spaces outside backticks.
        let ends = |c: char| {
            quoted ^= c == '`';
            c == ' ' && !quoted
        };
        for piece in line.split(ends) {
            let len = piece.chars().count();
            if column == 0 {
                column = len;
            } else if column + 1 + len > width {
                filled.push('\n');
                column = len;
            } else {
                filled.push(' ');
                column += 1 + len;
            }
            filled.push_str(piece);
        }
    }
    filled
}
