//! Writes a text as the plainest YAML scalar that reads back as the same text.

/// Words that YAML 1.1 or 1.2 does not read as a string.
const RESERVED: [&str; 11] = ["null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", "nan"];

/// Writes a text as a plain, single-quoted or double-quoted scalar. The result is valid after
/// `name: ` and inside brackets and braces.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{}\"", text.chars().map(escaped).collect::<String>())
    }
}

/// Whether the text needs no quotes. Conservative: some safe texts are quoted as well.
fn is_plain(text: &str) -> bool {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-._".contains(&byte));
    // A phone number with a leading `+` needs no quotes, as stories read it as a text.
    let begins_well =
        text.starts_with(char::is_alphanumeric) && !is_number || text.starts_with('+') && is_number;
    begins_well
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && text.chars().all(|c| c.is_alphanumeric() || " .@_+-/()!?:\"'".contains(c))
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

/// Whether the character is allowed in a single-quoted scalar on one line.
pub(super) fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

pub(super) fn escaped(c: char) -> String {
    match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        c if is_printable(c) => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_written_as_plainly_as_they_can() {
        for (text, written) in [
            ("correct horse battery staple", "correct horse battery staple"),
            ("ana@example.com", "ana@example.com"),
            ("+34600000001", "+34600000001"),
            ("00:10:00 ana chooses \"Call me now\"", "00:10:00 ana chooses \"Call me now\""),
            ("goes to \"Step 2: phone\"", "'goes to \"Step 2: phone\"'"),
            ("Ana's phone: lost", "'Ana''s phone: lost'"),
            ("12345", "'12345'"),
            ("No", "'No'"),
            ("", "''"),
            ("a\nb\u{7}", "\"a\\nb\\U00000007\""),
            ("Ana, Álvarez", "'Ana, Álvarez'"),
        ] {
            assert_eq!(scalar(text), written, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_text_reads_back_as_it_was(text in any::<String>()) {
            let mapping: std::collections::BTreeMap<String, Vec<String>> =
                serde_yaml::from_str(&format!("k: [{}, x]\n", scalar(&text))).unwrap();
            prop_assert_eq!(&mapping["k"][0], &text);
        }
    }
}
