//! Keeps the parser from opening messages within messages.
//!
//! The parser stores a nested message within the part that holds it, so dropping it calls itself once for
//! each level, and a hostile email of some 100 KB can overflow the stack, which ends the process. Nobody
//! reads links or codes from a nested message. So nested messages are made attachments: their subtypes are
//! renamed before parsing, with the same length, so that all positions stay as they are.

use std::borrow::Cow;

/// The subtypes that make the parser open a nested message, and what they are renamed to.
const SUBTYPES: [(&[u8; 6], &[u8; 6]); 3] =
    [(b"rfc822", b"x-8822"), (b"global", b"x-glbl"), (b"digest", b"x-dgst")];

/// The field that declares the type of a part.
const FIELD: &[u8] = b"content-type";

/// The email with all nested messages turned into attachments.
pub(in crate::wire) fn flat(raw: &[u8]) -> Cow<'_, [u8]> {
    if !type_lines(raw).any(|line| SUBTYPES.iter().any(|(subtype, _)| find(line, *subtype).is_some())) {
        return Cow::Borrowed(raw);
    }
    let mut flat = Vec::with_capacity(raw.len());
    let mut in_type = false;
    for line in lines(raw) {
        in_type = is_type_line(line, in_type);
        let start = flat.len();
        flat.extend_from_slice(line);
        // A boundary can contain one of the words, and must stay the same in both places.
        if in_type || line.starts_with(b"--") {
            rename(&mut flat[start..]);
        }
    }
    Cow::Owned(flat)
}

/// The subtype as it was before [`flat`].
pub(in crate::wire) fn original_subtype(subtype: &str) -> &str {
    let known = SUBTYPES.iter().find(|(_, renamed)| subtype.as_bytes() == *renamed);
    known.and_then(|(original, _)| std::str::from_utf8(*original).ok()).unwrap_or(subtype)
}

fn lines(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    raw.split_inclusive(|byte| *byte == b'\n')
}

/// The lines of fields that may declare a type.
fn type_lines(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines(raw)
        .scan(false, |in_type, line| {
            *in_type = is_type_line(line, *in_type);
            Some((*in_type, line))
        })
        .filter_map(|(in_type, line)| in_type.then_some(line))
}

/// Whether a line may belong to a field that declares a type, given whether the line before it does.
/// Lines of a body can look the same, and are treated the same.
fn is_type_line(line: &[u8], before: bool) -> bool {
    let continues = before && matches!(line.first(), Some(b' ' | b'\t'));
    continues || find(line, FIELD).is_some()
}

/// The position of a word in lower case, without regard to case.
fn find(line: &[u8], word: &[u8]) -> Option<usize> {
    line.windows(word.len()).position(|window| window.eq_ignore_ascii_case(word))
}

fn rename(line: &mut [u8]) {
    for (subtype, renamed) in SUBTYPES {
        let mut from = 0;
        while let Some(at) = find(&line[from..], subtype) {
            let end = from + at + subtype.len();
            line[from + at..end].copy_from_slice(renamed);
            from = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::mime::read_any;

    #[test]
    fn emails_without_nested_messages_are_not_copied() {
        for raw in
            ["", "Subject: digest\r\n\r\nrfc822 global\r\n", "Content-Type: text/html\r\n\r\n digest\r\n"]
        {
            assert!(matches!(flat(raw.as_bytes()), Cow::Borrowed(_)), "{raw}");
        }
    }

    #[test]
    fn only_types_and_boundaries_are_renamed() {
        let raw = "Subject: my digest\r\nContent-Type: Multipart/Digest;\r\n\tboundary=\"a-global\"\r\n\r\n\
                   --a-global\r\nCONTENT-TYPE:\r\n message/RFC822\r\n\r\nSubject: rfc822\r\n\r\nHi digest\r\n--a-global--\r\n";
        let flat = String::from_utf8(flat(raw.as_bytes()).into_owned()).unwrap();
        let wanted =
            raw.replace("Digest;", "x-dgst;").replace("a-global", "a-x-glbl").replace("RFC822", "x-8822");
        assert_eq!(flat, wanted);
        assert_eq!((original_subtype("x-8822"), original_subtype("plain")), ("rfc822", "plain"));
    }

    #[test]
    fn deeply_nested_messages_do_not_overflow_the_stack() {
        const DEPTH: usize = 30_000;
        let rfc822 = "Content-Type: message/rfc822\r\n\r\n".repeat(DEPTH);
        let hidden = STANDARD.encode(&rfc822);
        let encoding = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n";
        let digest = "Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\n".repeat(DEPTH);
        let spaced = "Content-Type: message/ rfc822\r\n\r\n".repeat(DEPTH);
        let comment = "Content-Type: message/(x)rfc822\r\n\r\n".repeat(DEPTH);
        let folded = "Content-Type:\r\n\tmessage/rfc822\r\n\r\n".repeat(DEPTH);
        let global = "content-type : message/global\n\n".repeat(DEPTH);
        for raw in [rfc822, format!("{encoding}{hidden}"), digest, spaced, comment, folded, global] {
            let read = read_any(format!("Subject: x\r\n{raw}").as_bytes()).unwrap();
            assert_eq!(read.subject.as_deref(), Some("x"));
        }
    }

    proptest! {
        #[test]
        fn positions_stay_as_they_are(
            text in r#"(Content-Type:|message/|rfc822|global|digest|--|\r\n|\n| |\t|[a-zé]){0,40}"#,
        ) {
            let flat = flat(text.as_bytes());
            prop_assert_eq!(flat.len(), text.len());
            let is_end = |byte: &u8| *byte == b'\n';
            let ends = |bytes: &[u8]| bytes.iter().map(is_end).collect::<Vec<_>>();
            prop_assert_eq!(ends(&flat), ends(text.as_bytes()));
        }
    }
}
