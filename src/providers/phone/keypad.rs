//! Faults of key presses: keys arrive once, twice or not at all.

use crate::fault::KeyFault;

/// Counts the keys of one call and returns how often each arrives.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keypad {
    fault: KeyFault,
    pressed: u32,
}

impl Keypad {
    pub(super) const fn new(fault: KeyFault) -> Self {
        Self { fault, pressed: 0 }
    }

    /// Counts a key press and returns how often the key arrives.
    pub(super) const fn press(&mut self) -> u8 {
        self.pressed = self.pressed.saturating_add(1);
        match self.fault {
            KeyFault::Lost(nth) if nth as u32 == self.pressed => 0,
            KeyFault::Doubled(nth) if nth as u32 == self.pressed => 2,
            KeyFault::Silent => 0,
            KeyFault::None | KeyFault::Lost(_) | KeyFault::Doubled(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each of five keys arrives.
    fn arrivals(fault: KeyFault) -> [u8; 5] {
        let mut keypad = Keypad::new(fault);
        [(); 5].map(|()| keypad.press())
    }

    #[test]
    fn keys_are_counted_from_one() {
        for (fault, arrive) in [
            (KeyFault::None, [1, 1, 1, 1, 1]),
            (KeyFault::Lost(1), [0, 1, 1, 1, 1]),
            (KeyFault::Lost(3), [1, 1, 0, 1, 1]),
            (KeyFault::Doubled(5), [1, 1, 1, 1, 2]),
            (KeyFault::Lost(0), [1, 1, 1, 1, 1]),
            (KeyFault::Doubled(9), [1, 1, 1, 1, 1]),
            (KeyFault::Silent, [0, 0, 0, 0, 0]),
        ] {
            assert_eq!(arrivals(fault), arrive, "{fault:?}");
        }
    }
}
