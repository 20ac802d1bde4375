//! The lines of an SMTP session, kept for a sandbox that a later recipient brings into it.

use crate::wire::smtp::Direction;

/// Most bytes that are kept of the beginning of a session, and of one mail transaction. More than a
/// transcript of the mailbox keeps, so that the transcript says where it was cut.
const BYTES_MAX: usize = 64 * 1_024;

/// Lines in the order in which they passed.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// The direction and the end of each line.
    ends: Vec<(Direction, usize)>,
}

impl Lines {
    /// Adds a line, unless there are too many.
    pub(super) fn push(&mut self, direction: Direction, line: &[u8]) {
        if self.bytes.len() + line.len() <= BYTES_MAX && self.ends.len() < BYTES_MAX {
            self.bytes.extend_from_slice(line);
            self.ends.push((direction, self.bytes.len()));
        }
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// The lines with their directions.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Direction, &[u8])> {
        let mut begin = 0;
        self.ends.iter().map(move |(direction, end)| {
            let line = self.bytes.get(begin..*end).unwrap_or_default();
            begin = *end;
            (*direction, line)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_until_there_are_too_many() {
        let mut lines = Lines::default();
        let (client, server) = (Direction::FromClient, Direction::ToClient);
        lines.push(server, b"220 hi\r\n");
        lines.push(client, b"EHLO a\r\n");
        let told: Vec<_> = lines.iter().collect();
        assert_eq!(told, [(server, &b"220 hi\r\n"[..]), (client, &b"EHLO a\r\n"[..])]);
        for _ in 0..BYTES_MAX {
            lines.push(client, b"NOOP\r\n");
        }
        assert!(lines.bytes.len() <= BYTES_MAX);
        lines.clear();
        for _ in 0..2 * BYTES_MAX {
            lines.push(client, b"");
        }
        assert_eq!(lines.iter().count(), BYTES_MAX);
    }
}
