//! Texts in quotes, as features have them: on one line, with escapes.

/// The text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                out.extend(c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The text between double quotes; `None` for an escape that means nothing.
pub fn unquoted(quoted: &str) -> Option<String> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let (mut out, mut letters) = (String::new(), inner.chars());
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        out.push(match letters.next()? {
            same @ ('"' | '\\') => same,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let rest = letters.as_str().strip_prefix('{')?;
                let (hex, after) = rest.split_once('}')?;
                letters = after.chars();
                char::from_u32(u32::from_str_radix(hex, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_that_mean_nothing_are_refused() {
        for text in
            ["", "\"", "a", "\"\\x\"", "\"\\\"", "\"\\u\"", "\"\\u{}\"", "\"\\u{d800}\"", "\"\\u{zz}\""]
        {
            assert_eq!(unquoted(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_reads_back_as_it_was(text in any::<String>()) {
            let quoted = quoted(&text);
            prop_assert!(!quoted.chars().any(char::is_control), "{quoted}");
            prop_assert_eq!(unquoted(&quoted), Some(text));
        }
    }
}
