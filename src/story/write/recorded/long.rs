//! Writes texts that may have many lines, or very long ones.

use crate::story::scalar::{escaped, is_printable, scalar};
use crate::story::write::Out;

/// Longest scalar that is written on one line, in bytes; a story may have longer lines, but nobody reads them.
const ONE_LINE_MAX: usize = 1_000;

/// Writes `name: text`, or `- text` for the name `-`.
pub(super) fn long(out: &mut Out, indent: usize, name: &str, text: &str) {
    let name = if name == "-" { "-".to_owned() } else { format!("{name}:") };
    if is_block(text) {
        let chomping = match text.strip_suffix('\n') {
            None => "-",
            Some(rest) if rest.ends_with('\n') => "+",
            Some(_) => "",
        };
        out.line(indent, &format!("{name} |{chomping}"));
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            // An empty line needs no indentation.
            out.line(if line.is_empty() { 0 } else { indent + 2 }, line);
        }
        return;
    }
    let plain = scalar(text);
    if plain.len() <= ONE_LINE_MAX {
        out.line(indent, &format!("{name} {plain}"));
        return;
    }
    // A backslash at the end of a line joins it to the next one.
    let mut line = format!("{name} \"");
    for c in text.chars() {
        if line.len() >= ONE_LINE_MAX {
            out.line(indent, &format!("{line}\\"));
            // The blanks that begin a line are not part of the text, unless they are escaped.
            line = if c == ' ' { "  \\".to_owned() } else { "  ".to_owned() };
        }
        line.push_str(&escaped(c));
    }
    out.line(indent, &format!("{line}\""));
}

/// Whether a text is readable as a block of lines, and reads back as such.
fn is_block(text: &str) -> bool {
    let lines = || text.split('\n');
    let first = lines().find(|line| !line.is_empty());
    text.contains('\n')
        && first.is_some_and(|first| !first.starts_with(' '))
        && lines().all(|line| {
            line.len() <= ONE_LINE_MAX
                && line.chars().all(is_printable)
                && !line.starts_with('\t')
                // A line of blanks alone would be hard to see.
                && (line.is_empty() || !line.trim().is_empty())
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        let mut out = Out::default();
        out.line(0, "outer:");
        long(&mut out, 2, "inner", text);
        out.line(2, "next: x");
        let read: std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>> =
            serde_yaml::from_str(&out.text).unwrap_or_else(|error| panic!("{error}\n{}", out.text));
        assert_eq!(read["outer"]["next"], "x");
        read["outer"]["inner"].clone()
    }

    #[test]
    fn texts_of_every_form_read_back() {
        for text in [
            "",
            "one line",
            "two\nlines",
            "ends\n",
            "ends twice\n\n",
            "\nbegins with an empty line",
            " begins with a blank\nand goes on",
            "a\n\tb",
            "a\n \nb",
            "\n",
            "\n\n",
            "tab\tand\u{7}bell",
            "<Response>\n  <Say>Hi</Say>\n</Response>\n",
            "---\n...\n# no comment\n- item: x",
        ] {
            assert_eq!(read(text), text, "{text:?}");
        }
        let long = "word ".repeat(1_000);
        assert_eq!(read(&long), long);
        let blanks = " ".repeat(3_000);
        assert_eq!(read(&blanks), blanks);
        let lines = format!("short\n{}\n", "x".repeat(5_000));
        assert_eq!(read(&lines), lines);
    }

    proptest! {
        #[test]
        fn any_text_reads_back_as_it_was(text in "(?s).{0,200}", repeat in 1_usize..40) {
            let text = text.repeat(repeat);
            prop_assert_eq!(read(&text), text);
        }
    }
}
