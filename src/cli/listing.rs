//! Prints lists as text, Markdown or JSON; text is wrapped to the terminal's width.

use std::fmt::Write as _;
use std::io;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde::Serialize;
use terminal_size::Width;

use crate::cli::exit::Exit;
use crate::cli::output::stdout;

const BOLD: Style = Style::new().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();
const RED: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Width of lines if the output is not a terminal.
const WIDTH: usize = 100;
/// Smallest width to wrap to; narrower terminals get longer lines.
const WIDTH_MIN: usize = 40;
/// Longest name that fits into a column; with a longer one, each name gets its own line.
const COLUMN_MAX: usize = 22;

/// How a list is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal
    #[default]
    Text,
    /// Markdown
    Md,
    /// JSON
    Json,
}

/// What a command that prints a list takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print only entries that contain this text
    word: Option<String>,
    /// How to print the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A list: sections of items.
#[derive(Debug)]
pub(super) struct Listing {
    /// The list's subject, capitalised: the title in Markdown.
    pub(super) title: &'static str,
    /// Its sections, in order.
    pub(super) sections: Vec<Section>,
}

/// A section of a list.
#[derive(Debug)]
pub(super) struct Section {
    /// The common property of its items; empty if the list has one section.
    pub(super) heading: String,
    /// Its items, in order.
    pub(super) items: Vec<Item>,
}

/// An item of a list.
#[derive(Debug)]
pub(super) struct Item {
    /// The name to search for.
    pub(super) name: String,
    /// The paragraphs about it.
    pub(super) lines: Vec<Line>,
}

/// A paragraph about an item.
#[derive(Debug)]
pub(super) enum Line {
    /// The main sentence.
    Says(String),
    /// A detail.
    Detail(String),
}

impl Line {
    fn text(&self) -> &str {
        match self {
            Self::Says(text) | Self::Detail(text) => text,
        }
    }
}

impl Args {
    /// The `things` that match the search word, each with its item.
    pub(super) fn keep<T>(
        &self,
        things: impl Iterator<Item = T>,
        item: impl Fn(&T) -> Item,
    ) -> (Vec<T>, Vec<Item>) {
        let items = things.map(|thing| {
            let item = item(&thing);
            (thing, item)
        });
        items.filter(|(_, item)| self.word.as_deref().is_none_or(|word| item.mentions(word))).unzip()
    }

    /// Prints a list in the requested format; `json` is its content as JSON.
    pub(super) fn print(&self, listing: &Listing, json: &impl Serialize) -> Exit {
        if let Some(word) = &self.word
            && listing.sections.iter().all(|section| section.items.is_empty())
        {
            let what = listing.title.to_lowercase();
            let says = format!("no entry in the list of {what} contains `{word}`; omit it to list all");
            let _closed_pipe = writeln!(anstream::stderr(), "{RED}error{RED:#}: {says}");
            return Exit::BadInput;
        }
        print(listing, json, self.format)
    }
}

/// Prints a list in a format.
pub(super) fn print(listing: &Listing, json: &impl Serialize, format: Format) -> Exit {
    let told = match format {
        Format::Text => listing.text(width()),
        Format::Md => listing.markdown(),
        // Strings and numbers always serialize.
        Format::Json => serde_json::to_string_pretty(json).unwrap_or_default() + "\n",
    };
    let _closed_pipe = stdout().write_all(told.as_bytes());
    Exit::Well
}

/// The terminal's width in columns.
fn width() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(WIDTH, |(Width(columns), _)| usize::from(columns).max(WIDTH_MIN))
}

impl Item {
    /// Whether the item contains the word, ignoring case.
    fn mentions(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        let lines = self.lines.iter().map(Line::text);
        lines.chain([self.name.as_str()]).any(|text| text.to_lowercase().contains(&word))
    }
}

impl Listing {
    /// The list for a terminal with `width` columns.
    fn text(&self, width: usize) -> String {
        let names =
            self.sections.iter().flat_map(|section| &section.items).map(|item| item.name.chars().count());
        let longest = names.max().unwrap_or(0);
        let column = (longest <= COLUMN_MAX && width >= 3 * COLUMN_MAX).then_some(longest);
        let mut told = String::new();
        for section in self.sections.iter().filter(|section| !section.items.is_empty()) {
            if !section.heading.is_empty() {
                let _ = writeln!(told, "{BOLD}{}{BOLD:#}", section.heading);
            }
            for item in &section.items {
                item.tell(&mut told, column, width);
            }
        }
        told.truncate(told.trim_end().len());
        told.push('\n');
        told
    }

    /// The list in Markdown.
    fn markdown(&self) -> String {
        let mut told = format!("# {}\n", self.title);
        for section in self.sections.iter().filter(|section| !section.items.is_empty()) {
            if !section.heading.is_empty() {
                let _ = write!(told, "\n## {}\n", section.heading);
            }
            for item in &section.items {
                let _ = write!(told, "\n### `{}`\n\n", item.name);
                for line in &item.lines {
                    let _ = match line {
                        Line::Says(text) => writeln!(told, "{text}\n"),
                        Line::Detail(text) => writeln!(told, "- {text}"),
                    };
                }
                told.truncate(told.trim_end().len());
                told.push('\n');
            }
        }
        told
    }
}

impl Item {
    /// Writes the name and its paragraphs: side by side if there is a column for names, otherwise
    /// one below the other.
    fn tell(&self, told: &mut String, column: Option<usize>, width: usize) {
        let indent = " ".repeat(column.map_or(4, |column| column + 2));
        let options = textwrap::Options::new(width.saturating_sub(indent.len()))
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        let mut lines = self.lines.iter().flat_map(|line| {
            let style = if matches!(line, Line::Says(_)) { Style::new() } else { DIM };
            textwrap::wrap(line.text(), options.clone()).into_iter().map(move |text| (style, text))
        });
        match column {
            Some(column) => {
                let (style, first) = lines.next().unwrap_or_default();
                let _ = writeln!(told, "{CYAN}{:<column$}{CYAN:#}  {style}{first}{style:#}", self.name);
            }
            None => {
                for line in textwrap::wrap(&self.name, textwrap::Options::new(width).subsequent_indent("  "))
                {
                    let _ = writeln!(told, "{CYAN}{line}{CYAN:#}");
                }
            }
        }
        for (style, text) in lines {
            let _ = writeln!(told, "{indent}{style}{text}{style:#}");
        }
        told.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    fn listing(name: &str) -> Listing {
        let lines = vec![
            Line::Says(
                "one two three four five six seven eight nine ten eleven twelve thirteen fourteen".to_owned(),
            ),
            Line::Detail("more".to_owned()),
        ];
        let items = vec![Item { name: name.to_owned(), lines }];
        Listing { title: "Things", sections: vec![Section { heading: "All".to_owned(), items }] }
    }

    #[test]
    fn short_names_have_a_column_and_long_ones_a_line() {
        let short = "All\nshort  one two three four five six seven eight nine ten eleven twelve\n       thirteen fourteen\n       more\n";
        assert_eq!(plain(&listing("short").text(70)), short);
        let long = "All\na name that is too long for a column\n    one two three four five six seven eight nine ten eleven twelve\n    thirteen fourteen\n    more\n";
        assert_eq!(plain(&listing("a name that is too long for a column").text(70)), long);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in WIDTH_MIN..120 {
            for name in ["short", "a name that is too long for a column, and for a narrow terminal as well"] {
                let told = plain(&listing(name).text(width));
                assert!(told.lines().all(|line| line.chars().count() <= width), "{width}: {told}");
            }
        }
    }

    #[test]
    fn markdown_has_a_heading_for_each_item() {
        let says = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
        let told = format!("# Things\n\n## All\n\n### `x`\n\n{says}\n\n- more\n");
        assert_eq!(listing("x").markdown(), told);
    }

    #[test]
    fn an_item_is_found_by_any_text_of_it() {
        let item = &listing("Name").sections[0].items[0];
        assert!(item.mentions("name") && item.mentions("FOUR FIVE") && item.mentions("more"));
        assert!(!item.mentions("fifteen"));
    }
}
