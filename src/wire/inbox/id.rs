//! Ids of messages in Mailpit's shape: 22 characters of base 62.

use sha2::{Digest, Sha256};

/// Length of an id.
const ID_LEN: usize = 22;

/// An id as a key of the index. It is stored in the index itself; comparing `String` keys would follow a pointer
/// for each comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IdKey([u8; ID_LEN]);

impl IdKey {
    /// The key of an id; `None` if the text is not as long as one.
    pub(super) fn of(id: &str) -> Option<Self> {
        id.as_bytes().try_into().ok().map(Self)
    }
}

/// The digits of base 62.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The id of the message with this sequence number. It depends on nothing else but the seed, so that the
/// same requests give the same ids.
pub(super) fn message_id(seed: u64, sequence: u64) -> String {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(sequence.to_be_bytes());
    let digest = hash.finalize();
    // 62 to the power of 22 is a little more than 2 to the power of 128.
    let mut number = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let mut id = String::with_capacity(ID_LEN);
    for _ in 0..ID_LEN {
        // The remainder is below 62.
        id.push(char::from(DIGITS[(number % 62) as usize]));
        number /= 62;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_mailpits_shape_and_differ() {
        let ids: std::collections::BTreeSet<String> = (0..1_000).map(|n| message_id(7, n)).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.len() == ID_LEN && id.bytes().all(|b| b.is_ascii_alphanumeric())));
        assert_eq!(message_id(7, 1), message_id(7, 1));
        assert_ne!(message_id(7, 1), message_id(8, 1));
    }
}
