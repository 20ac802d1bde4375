//! The language of a feature: `# language: es` before its first line.

use std::ops::Range;

/// The language of a feature without one.
pub(super) const ENGLISH: &str = "en";

/// The comment that names the language: the range of its line, and the name.
pub(super) fn directive(text: &str) -> Option<(Range<usize>, &str)> {
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_end_matches(['\n', '\r']);
        let comment = line.trim().strip_prefix('#');
        if let Some(name) = comment.and_then(named) {
            return Some((start..start + line.len(), name));
        }
        if comment.is_none() && !line.trim().is_empty() {
            return None;
        }
        start += whole.len();
    }
    None
}

/// The language that a comment names, in any spacing. Other comments only look like it.
fn named(comment: &str) -> Option<&str> {
    let name = comment.trim_start().strip_prefix("language")?.trim_start().strip_prefix(':')?.trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'));
    is_name.then_some(name)
}

/// The text with another comment of the same length in that place. The parser knows fewer spellings.
pub(super) fn without(text: &str, directive: Option<&Range<usize>>) -> String {
    let Some(at) = directive else { return text.to_owned() };
    let (before, after) = (text.get(..at.start), text.get(at.end..));
    let comment = format!("#{}", " ".repeat(at.len().saturating_sub(1)));
    [before.unwrap_or_default(), &comment, after.unwrap_or_default()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_read_in_any_spacing() {
        for (text, name) in [
            ("# language: es\nCaracterística: c", Some("es")),
            ("#language: es\n", Some("es")),
            ("#  language : es  \r\nx", Some("es")),
            ("\n  # a comment\n#language:en-pirate\n", Some("en-pirate")),
            ("#language: es", Some("es")),
            ("Feature: f\n# language: es\n", None),
            ("# the language: es\n", None),
            ("# language: es or en\n", None),
            ("# language:\n", None),
            ("", None),
        ] {
            assert_eq!(directive(text).map(|(_, name)| name), name, "{text:?}");
        }
    }

    #[test]
    fn positions_stay_what_they_are() {
        let text = "\n#language : es \r\nx";
        let at = directive(text).unwrap().0;
        assert_eq!(without(text, Some(&at)), "\n#              \r\nx");
    }
}
