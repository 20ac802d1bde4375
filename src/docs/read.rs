//! Parses the Markdown of the references: entries below headings, and rows of tables.

use crate::docs::{Entry, EntryKind};

/// The entries of a file. Each has a heading `## ID: title`, then paragraphs, then lines `Sources:
/// one; another` and, for some, `Found by: oracle`.
pub(super) fn entries(markdown: &str, kind: EntryKind) -> Vec<Entry> {
    let sections = markdown.split("\n## ").skip(1);
    sections.filter_map(|section| entry(section, kind)).collect()
}

fn entry(section: &str, kind: EntryKind) -> Option<Entry> {
    let (heading, body) = section.split_once('\n')?;
    let (id, title) = heading.split_once(": ")?;
    let mut paragraphs = Vec::new();
    let mut sources = Vec::new();
    for paragraph in body.split("\n\n").map(one_line).filter(|paragraph| !paragraph.is_empty()) {
        if let Some(listed) = paragraph.strip_prefix("Sources: ") {
            sources = list(listed);
        } else if let Some(oracle) = paragraph.strip_prefix("Found by: ") {
            paragraphs.push(format!("Found by the oracle {oracle}."));
        } else {
            paragraphs.push(paragraph);
        }
    }
    Some(Entry { id: id.to_owned(), title: title.to_owned(), kind, text: paragraphs.join("\n"), sources })
}

/// The cells of each row of a file's table, without its header.
pub(super) fn rows(markdown: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = markdown.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
}

/// The items of a list separated by semicolons.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(';').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// A text joined into one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_paragraphs_sources_and_an_oracle() {
        let text = "# Of a file\n\nWords.\n\n## X01: It breaks\n\nOne\nline.\n\nAnother.\n\nSources: a; b c\n\nFound by: access\n";
        let read = entries(text, EntryKind::Weakness);
        let text = "One line.\nAnother.\nFound by the oracle access.".to_owned();
        let sources = vec!["a".to_owned(), "b c".to_owned()];
        let (id, title, kind) = ("X01".to_owned(), "It breaks".to_owned(), EntryKind::Weakness);
        assert_eq!(read, [Entry { id, title, kind, text, sources }]);
    }

    #[test]
    fn a_heading_without_an_id_is_no_entry() {
        assert_eq!(entries("# A\n\n## Words alone\n\nMore.\n", EntryKind::Norm), []);
    }

    #[test]
    fn rows_have_cells() {
        let table = "Words.\n\n| a | b |\n|---|---|\n| one | |\n| two | x; y |\n";
        assert_eq!(rows(table).collect::<Vec<_>>(), [["one", ""], ["two", "x; y"]]);
    }
}
