//! Drawing a mistake as text: message, code, place, the lines around it with a caret, and help.

use std::error::Error;
use std::fmt;

use miette::Diagnostic;
use miette::GraphicalReportHandler;
use miette::GraphicalTheme;
use miette::LabeledSpan;
use miette::SourceCode;

/// How wide message and help may get, in columns.
const WIDTH: usize = 100;

/// How far message and help are indented, in columns.
const MESSAGE_INDENT: usize = 4;
const HELP_INDENT: usize = 8;

/// Whether what is drawn has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// None.
    Plain,
    /// Those of a terminal, as ANSI sequences.
    Coloured,
}

/// The whole of a mistake as text, 100 columns wide where the file's own lines are.
pub fn drawn(mistake: &dyn Diagnostic, ink: Ink) -> String {
    let theme = match ink {
        Ink::Plain => GraphicalTheme::unicode_nocolor(),
        Ink::Coloured => GraphicalTheme::unicode(),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_wrap_lines(false).with_links(false);
    let mut text = String::new();
    match handler.render_report(&mut text, &Filled(mistake)) {
        Ok(()) => text,
        // Writing to a string does not fail, and all labels lie inside the text.
        Err(fmt::Error) => mistake.to_string(),
    }
}

/// A mistake whose message and help are broken into lines: between words only, and never inside
/// backticks, so that what stands there can be copied.
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

/// The text in lines of at most `width` characters, if its words let it. A line that is indented
/// is code, and stays as it is.
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
        // A piece is what stands between two spaces outside of backticks.
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
