//! Segments: how many parts a text has on the air, and how long each may be (TW-segments; 3GPP TS 23.038
//! and 23.040).
//!
//! One character outside the GSM alphabet makes the whole text UCS-2. Parts of a long text lose room to the
//! header that joins them. Neither an extended GSM character nor a character of several UTF-16 units is
//! split.

/// The basic GSM 03.38 alphabet, without the escape character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
                     abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table: each of these takes two septets.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// The alphabet of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// GSM 03.38: septets.
    Gsm7,
    /// UCS-2, in fact UTF-16: 16-bit units.
    Ucs2,
}

impl Encoding {
    /// Units that fit into a text of one part.
    const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units that fit into each part of several.
    const fn part(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

/// The alphabet that a text needs.
pub(super) fn encoding(body: &str) -> Encoding {
    if body.chars().all(|c| BASIC.contains(c) || EXTENDED.contains(c)) {
        Encoding::Gsm7
    } else {
        Encoding::Ucs2
    }
}

/// The parts of a text, in order; an empty text has one empty part.
pub(super) fn parts(body: &str) -> Vec<&str> {
    let encoding = encoding(body);
    let wholes = wholes(body, encoding);
    let units: usize = wholes.iter().map(|(_, units)| units).sum();
    if units <= encoding.single() {
        return vec![body];
    }
    let (mut parts, mut from, mut used) = (Vec::new(), 0, 0);
    for (at, units) in wholes {
        if used + units > encoding.part() {
            parts.push(&body[from..at]);
            (from, used) = (at, 0);
        }
        used += units;
    }
    parts.push(&body[from..]);
    parts
}

/// What is never split, by its byte offset, with its units: a GSM character, or a character and all that a
/// zero-width joiner, a variation selector or a skin tone attaches to it.
fn wholes(body: &str, encoding: Encoding) -> Vec<(usize, usize)> {
    let mut wholes: Vec<(usize, usize)> = Vec::new();
    let mut joins = false;
    for (at, c) in body.char_indices() {
        let units = match encoding {
            Encoding::Gsm7 => 1 + usize::from(EXTENDED.contains(c)),
            Encoding::Ucs2 => c.len_utf16(),
        };
        match wholes.last_mut() {
            // A joined group that does not fit into one part is split all the same.
            Some((_, group)) if (joins || attaches(c)) && *group + units <= encoding.part() => {
                *group += units
            }
            _ => wholes.push((at, units)),
        }
        joins = c == ZERO_WIDTH_JOINER;
    }
    wholes
}

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Whether a character belongs to the one before it.
const fn attaches(c: char) -> bool {
    matches!(c, ZERO_WIDTH_JOINER | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(body: &str) -> usize {
        parts(body).len()
    }

    #[test]
    fn parts_are_counted_as_twilio_counts_them() {
        let a = |n: usize| "a".repeat(n);
        let of = |c: &str, n: usize| c.repeat(n);
        for (body, encoding_is, parts) in [
            (String::new(), Encoding::Gsm7, 1),
            (a(160), Encoding::Gsm7, 1),
            (a(161), Encoding::Gsm7, 2),
            (a(306), Encoding::Gsm7, 2),
            (a(307), Encoding::Gsm7, 3),
            (of("я", 70), Encoding::Ucs2, 1),
            (of("я", 71), Encoding::Ucs2, 2),
            (of("я", 134), Encoding::Ucs2, 2),
            (of("я", 135), Encoding::Ucs2, 3),
            (of("€", 80), Encoding::Gsm7, 1),
            (of("€", 81), Encoding::Gsm7, 2),
            (a(152) + "€" + &a(152), Encoding::Gsm7, 3),
            (a(66) + "😀" + &a(66), Encoding::Ucs2, 3),
            (of("😀", 35), Encoding::Ucs2, 1),
            (of("😀", 36), Encoding::Ucs2, 2),
            (a(69) + "’", Encoding::Ucs2, 1),
            (a(70) + "’", Encoding::Ucs2, 2),
        ] {
            assert_eq!((encoding(&body), count(&body)), (encoding_is, parts), "{body}");
        }
    }

    #[test]
    fn the_alphabet_is_gsm() {
        for c in "éàñüÇ¡¿§\n€[]".chars() {
            assert_eq!(encoding(&c.to_string()), Encoding::Gsm7, "{c}");
        }
        for c in "óç’`\t".chars() {
            assert_eq!(encoding(&c.to_string()), Encoding::Ucs2, "{c}");
        }
    }

    #[test]
    fn a_joined_character_stays_whole_and_nothing_is_lost() {
        let family = "👩\u{200d}👩\u{200d}👧";
        let body = "a".repeat(64) + family + "b";
        let long = body.clone() + &"c".repeat(10);
        let split = parts(&long);
        assert_eq!(split, ["a".repeat(64), format!("{family}bcccccccccc")]);
        let endless = "\u{200d}".repeat(500);
        assert_eq!(parts(&endless).concat(), endless);
        assert_eq!(parts(&endless).len(), 8);
    }
}
