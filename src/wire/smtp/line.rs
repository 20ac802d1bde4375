//! Splits the byte stream into lines, and detects bare CR and LF.
//!
//! A message ends with CRLF, dot, CRLF and nothing else. Servers that also accept a bare line feed
//! there can be made to see two messages where the sender saw one (SMTP smuggling). So a bare line
//! feed ends a command, which is then refused; in a message it does not end a line, and the marked
//! line causes the whole message to be refused.

use memchr::{memchr, memchr2};

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// Each line feed, for commands.
    AtLineFeed,
    /// CRLF, for the text of a message.
    AtCrLf,
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A line with its CRLF, and no other CR or LF.
    Clean(&'a [u8]),
    /// A line with a bare CR or LF (RFC 5321 section 2.3.8).
    Bare(&'a [u8]),
    /// A line longer than the limit; its bytes are discarded.
    TooLong,
}

/// Bytes that do not form a complete line yet.
///
/// Holds at most the limit plus the last push, whatever the input.
#[derive(Debug, Default)]
pub(super) struct LineBuffer {
    bytes: Vec<u8>,
    /// Start of the next line.
    start: usize,
    /// Position up to which the next line's end has been searched.
    searched: usize,
    /// Whether the current line exceeds the limit and is discarded up to its end.
    skipping: bool,
}

impl LineBuffer {
    /// Appends received bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the next complete line; `limit` is its longest length, including the line ending.
    pub(super) fn next_line(&mut self, ends: Ends, limit: usize) -> Option<Line<'_>> {
        let Some(end) = self.find_end(ends) else {
            self.skip_if_longer_than(limit);
            return None;
        };
        let line = &self.bytes[self.start..end];
        self.start = end;
        self.searched = end;
        if std::mem::take(&mut self.skipping) || line.len() > limit {
            return Some(Line::TooLong);
        }
        let clean = line.strip_suffix(b"\r\n").is_some_and(|text| memchr2(b'\r', b'\n', text).is_none());
        Some(if clean { Line::Clean(line) } else { Line::Bare(line) })
    }

    /// Number of bytes held.
    #[cfg(test)]
    pub(super) const fn held(&self) -> usize {
        self.bytes.len()
    }

    /// The position after the end of the line that begins at `start`.
    fn find_end(&mut self, ends: Ends) -> Option<usize> {
        while let Some(at) = memchr(b'\n', &self.bytes[self.searched..]) {
            let at = self.searched + at;
            self.searched = at + 1;
            let after_cr = at > self.start && self.bytes[at - 1] == b'\r';
            match ends {
                Ends::AtLineFeed => return Some(at + 1),
                Ends::AtCrLf if after_cr => return Some(at + 1),
                Ends::AtCrLf => {}
            }
        }
        self.searched = self.bytes.len();
        None
    }

    fn skip_if_longer_than(&mut self, limit: usize) {
        if self.skipping || self.bytes.len() - self.start > limit {
            self.skipping = true;
            // The last byte may be the CR of the CRLF that ends the line.
            let keep = usize::from(self.bytes.last() == Some(&b'\r'));
            self.bytes.drain(..self.bytes.len() - keep);
            self.start = 0;
            self.searched = self.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines of `input`, received in chunks of `piece` bytes; too long ones have no bytes.
    fn lines(input: &[u8], piece: usize, ends: Ends, limit: usize) -> Vec<(&'static str, Vec<u8>)> {
        let mut buffer = LineBuffer::default();
        let mut lines = Vec::new();
        for bytes in input.chunks(piece) {
            buffer.push(bytes);
            while let Some(line) = buffer.next_line(ends, limit) {
                lines.push(match line {
                    Line::Clean(line) => ("clean", line.to_vec()),
                    Line::Bare(line) => ("bare", line.to_vec()),
                    Line::TooLong => ("too long", Vec::new()),
                });
            }
            assert!(buffer.held() <= limit + piece, "{} bytes held", buffer.held());
        }
        lines
    }

    #[test]
    fn commands_end_at_a_line_feed_and_should_have_a_cr() {
        for piece in [1, 2, 100] {
            let found = lines(b"NOOP\r\nRSET\nA\rB\r\n\r\npart", piece, Ends::AtLineFeed, 10);
            let wanted: [(_, &[u8]); 4] =
                [("clean", b"NOOP\r\n"), ("bare", b"RSET\n"), ("bare", b"A\rB\r\n"), ("clean", b"\r\n")];
            assert_eq!(found, wanted.map(|(kind, line)| (kind, line.to_vec())), "pieces of {piece}");
        }
    }

    #[test]
    fn no_bare_line_feed_ends_a_line_of_text() {
        for smuggled in ["a\n.\r\n", "a\n.\n\r\n", "a\r.\r\n", "\r\r\n", "\n.\r\n", "a\r\r.\r\n"] {
            for piece in [1, 2, 100] {
                let found = lines(smuggled.as_bytes(), piece, Ends::AtCrLf, 100);
                assert_eq!(found, [("bare", smuggled.as_bytes().to_vec())], "pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_line_too_long_is_one_line_and_the_next_is_itself() {
        for piece in [1, 3, 100] {
            for ends in [Ends::AtLineFeed, Ends::AtCrLf] {
                let found = lines(b"12345678901234\r\n.\r\n12345678\r\n", piece, ends, 10);
                let wanted: [(_, &[u8]); 3] =
                    [("too long", b""), ("clean", b".\r\n"), ("clean", b"12345678\r\n")];
                assert_eq!(found, wanted.map(|(kind, line)| (kind, line.to_vec())), "pieces of {piece}");
            }
        }
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_how_bytes_arrive(
            input in prop::collection::vec(prop::sample::select(b"\r\n.a".to_vec()), 0..200),
            piece in 1_usize..20,
            limit in 2_usize..40,
        ) {
            for ends in [Ends::AtLineFeed, Ends::AtCrLf] {
                let whole = lines(&input, input.len().max(1), ends, limit);
                prop_assert_eq!(lines(&input, piece, ends, limit), whole);
            }
        }
    }
}
