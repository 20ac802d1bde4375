//! `lostkey explain`: explains the ids that oracles, comments and stories cite.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::cli::exit::Exit;
use crate::cli::listing;
use crate::cli::listing::{Format, Item, Line, Listing, Section};
use crate::docs;
use crate::docs::Entry;

const RED: Style = AnsiColor::Red.on_default().bold();

/// Words that form one id with the number after them, as in `rule 9`, with or without quotes.
const BEFORE_NUMBERS: [&str; 7] = ["rule", "page", "asvs", "smtp", "sip", "error", "twilio"];

/// Explain ids.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A norm (N8), a weakness (L09), a situation (W15, H05), a rule or page ("rule 9"), an oracle, a
    /// fault, a policy key, or an error code of a provider (21211, SMTP-550)
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// How to print the explanation
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Explains all ids; prints no explanation if one of them is unknown.
pub(super) fn explain(args: &Args) -> Exit {
    let mut entries: Vec<&Entry> = Vec::new();
    let mut exit = Exit::Well;
    for id in joined(&args.ids) {
        let found = docs::find(&id);
        if found.is_empty() {
            exit = Exit::BadInput;
            let _closed_pipe = writeln!(anstream::stderr(), "{RED}error{RED:#}: {}", unknown(&id));
        }
        for entry in found {
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    if exit != Exit::Well {
        return exit;
    }
    let items = entries.iter().map(|entry| item(entry)).collect();
    let sections = vec![Section { heading: String::new(), items }];
    listing::print(&Listing { title: "Explanations", sections }, &entries, args.format)
}

fn item(entry: &Entry) -> Item {
    let mut lines: Vec<Line> = entry.text.lines().map(|line| Line::Says(line.to_owned())).collect();
    let sources = entry.sources.join("; ");
    lines.push(Line::Detail(format!("{}; sources: {sources}", entry.kind.label())));
    Item { name: format!("{}: {}", entry.id, entry.title), lines }
}

/// Joins ids that came as two words, such as `rule 9`.
fn joined(words: &[String]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let mut before: Option<&str> = None;
    for word in words {
        if let Some(first) = before.take() {
            if word.starts_with(|c: char| c.is_ascii_digit()) {
                // Twilio's codes are ids without a word before them.
                let alone = matches!(first.to_ascii_lowercase().as_str(), "error" | "twilio");
                ids.push(if alone { word.clone() } else { format!("{first} {word}") });
                continue;
            }
            ids.push(first.to_owned());
        }
        if BEFORE_NUMBERS.contains(&word.to_ascii_lowercase().as_str()) {
            before = Some(word);
        } else {
            ids.push(word.clone());
        }
    }
    ids.extend(before.map(str::to_owned));
    ids
}

fn unknown(id: &str) -> String {
    let near: Vec<String> = docs::suggestions(id).into_iter().map(|near| format!("`{near}`")).collect();
    let help = match near.split_last() {
        Some((last, [])) => format!("did you mean {last}?"),
        Some((last, others)) => format!("did you mean {} or {last}?", others.join(", ")),
        None => "`lostkey oracles`, `lostkey faults` and `lostkey policy` list the ids".to_owned(),
    };
    format!("there is no id `{id}`; {help}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_its_number_are_one_id() {
        for (words, ids) in [
            (&["rule", "9"][..], &["rule 9"][..]),
            (&["rule 9", "L01"], &["rule 9", "L01"]),
            (&["Page", "7", "error", "21211", "N8"], &["Page 7", "21211", "N8"]),
            (&["rule", "L01", "page"], &["rule", "L01", "page"]),
        ] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(joined(&words), ids);
        }
    }
}
