//! "Did you mean" suggestions, and word lists for help lines.

/// The known word nearest to `word`, if it is near enough for a suggestion.
///
/// The Damerau-Levenshtein distance, ignoring case and the difference between space, dash and
/// underscore, may be at most a third of the length of `word`, rounded up.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = folded(word);
    let near_enough = word.chars().count().div_ceil(3);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &folded(candidate)), candidate))
        .filter(|(distance, _)| *distance <= near_enough)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Normalizes case and word separators.
fn folded(word: &str) -> String {
    word.chars().map(|c| if matches!(c, ' ' | '_') { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// A help line: the suggestion, if any, then on a separate line all known words, with `joint` before
/// the last one.
pub(super) fn help(near: Option<&str>, intro: &str, known: &[String], joint: &str) -> String {
    match (near, known) {
        (Some(near), [_]) => format!("did you mean `{near}`?"),
        (Some(near), known) => format!("did you mean `{near}`?\n{intro} {}", list(known, joint)),
        (None, known) => format!("{intro} {}", list(known, joint)),
    }
}

/// Joins words into a list: `a`, `b` and `c`.
fn list(words: &[String], joint: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} {joint} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_where_one_is_near() {
        let known = ["mail-lost", "mail-late", "call-busy", "link-lifetime"];
        for (word, meant) in [
            ("mail-lots", Some("mail-lost")),
            ("Mail_Late", Some("mail-late")),
            ("link lifetime", Some("link-lifetime")),
            ("cal-bsy", Some("call-busy")),
            ("ticket-lost", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word:?}");
        }
    }

    #[test]
    fn lists_read_as_people_write_them() {
        let words =
            |count: usize| ["a", "b", "c"][..count].iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(list(&words(0), "or"), "none");
        assert_eq!(list(&words(1), "or"), "`a`");
        assert_eq!(list(&words(3), "or"), "`a`, `b` or `c`");
    }
}
