//! The built-in base stories, which a drill draws from by default.

use std::sync::Arc;

use crate::story::Story;

/// Each base with its name. A base that is listed twice has a double share. In the last two, owners recover at
/// the same time, and share a phone, a mailbox and a support desk.
const BASES: [(&str, &str); 10] = [
    ("one-device", include_str!("base/one-device.yaml")),
    ("counter", include_str!("base/counter.yaml")),
    ("two-devices", include_str!("base/two-devices.yaml")),
    ("one-device", include_str!("base/one-device.yaml")),
    ("spoken-code", include_str!("base/spoken-code.yaml")),
    ("counter", include_str!("base/counter.yaml")),
    ("two-devices", include_str!("base/two-devices.yaml")),
    ("two-clocks", include_str!("base/two-clocks.yaml")),
    ("household", include_str!("base/household.yaml")),
    ("family", include_str!("base/family.yaml")),
];

/// The built-in base stories.
pub fn built_in() -> Vec<Arc<Story>> {
    let read = |(name, text): (&str, &str)| match Story::read(text, name) {
        Ok(story) => Arc::new(story),
        Err(error) => unreachable!("the built-in bases are read in a test: {}", error.rendered()),
    };
    BASES.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_bases_hold_neither_moves_nor_faults() {
        for base in built_in() {
            assert!(base.moves.is_empty() && base.faults.is_empty(), "{}", base.name);
        }
    }
}
