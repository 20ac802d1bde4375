//! The mix: the probabilities of everything that a drill draws, as versioned data.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::fault::FaultKind;

/// All probabilities of a drill. Shares are relative weights; chances are percentages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mix {
    /// Incremented with every change of a number.
    pub version: u32,
    /// The state of a device that the base story leaves working.
    pub devices: Fates,
    /// Re-sync windows in time steps, each with its share.
    pub resync_windows: BTreeMap<u16, u32>,
    /// Shares of no stranger, one, and two.
    pub strangers: [u32; 3],
    /// What strangers hold.
    pub holdings: Holdings,
    /// How many moves people make besides their habits.
    pub moves: Moves,
    /// How often a stranger repeats an act to exhaust a limit, or an owner out of impatience.
    pub floods: Chance,
    /// Percentage of runs in which something happens to a device in mid-story.
    pub device_changes: u32,
    /// Percentage of runs in which owners leave devices on file that they have lost.
    pub leaves_lost_devices: u32,
    /// Percentage of runs with moves over hours or around a crash.
    pub patterns: u32,
    /// Percentage of owners for whom a given habit is unusual.
    pub habits_vary: u32,
    /// The faults.
    pub faults: Faults,
}

/// Shares of device states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fates {
    pub lost: u32,
    pub works: u32,
    pub drifts: u32,
    pub drifts_far: u32,
    pub broken: u32,
    pub dead: u32,
}

/// Percentages of strangers who hold something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Holdings {
    pub password: u32,
    pub mailbox: u32,
    pub phone: u32,
    pub personal_data: u32,
    pub device: u32,
    pub session: u32,
}

/// How many moves people make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Moves {
    pub stranger: Chance,
    pub owner: Chance,
}

/// A probability and a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chance {
    /// The probability, in percent.
    pub percent: u32,
    /// The maximum number.
    pub most: u32,
}

/// How faults are drawn. Each run leaves out some kinds entirely (swarm testing).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Faults {
    /// Percentage of runs without faults.
    pub none: u32,
    /// Maximum number of faults in a run.
    pub most: u32,
    /// Percentage of runs that leave out a given kind.
    pub left_out: u32,
    /// The share of each kind, by its name in stories. The order determines the sequence of random draws,
    /// so append new kinds at the end.
    #[serde(deserialize_with = "in_order")]
    pub shares: Vec<(String, u32)>,
}

/// Deserializes a mapping and keeps its order.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, u32)>, D::Error> {
    struct InOrder;

    impl<'de> Visitor<'de> for InOrder {
        type Value = Vec<(String, u32)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a mapping from kinds of fault to shares")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut shares = Vec::new();
            while let Some(share) = map.next_entry()? {
                shares.push(share);
            }
            Ok(shares)
        }
    }

    deserializer.deserialize_map(InOrder)
}

static DEFAULT: LazyLock<Mix> = LazyLock::new(|| match Mix::read(include_str!("mix.yaml")) {
    Ok(mix) => mix,
    Err(says) => unreachable!("the mix of the repository is read in a test: {says}"),
});

impl Mix {
    /// The default mix, embedded at compile time.
    pub fn usual() -> &'static Self {
        &DEFAULT
    }

    /// Reads a mix from YAML.
    ///
    /// # Errors
    /// A message, if the text is not a mix, a fault kind is missing or unknown, or all shares of a
    /// group are 0.
    pub fn read(text: &str) -> Result<Self, String> {
        let mix: Self = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let shares = &mix.faults.shares;
        for kind in FaultKind::ALL {
            if !shares.iter().any(|(name, _)| name == kind.name) {
                return Err(format!("`{}` has no share among the faults", kind.name));
            }
        }
        let is_known = |name: &str| FaultKind::ALL.iter().any(|kind| kind.name == name);
        if let Some((unknown, _)) = shares.iter().find(|(name, _)| !is_known(name)) {
            return Err(format!("`{unknown}` is not a kind of fault"));
        }
        let sums = [
            ("faults", mix.faults.shares.iter().map(|(_, share)| share).sum::<u32>()),
            ("resync-windows", mix.resync_windows.values().sum()),
            ("strangers", mix.strangers.iter().sum()),
            ("devices", mix.devices.shares().iter().sum()),
        ];
        match sums.into_iter().find(|(_, sum)| *sum == 0) {
            Some((of, _)) => Err(format!("all shares of `{of}` are 0")),
            None => Ok(mix),
        }
    }

    /// The re-sync windows, each with its share.
    pub(super) fn windows(&self) -> impl Iterator<Item = (u16, u32)> {
        self.resync_windows.iter().map(|(window, share)| (*window, *share))
    }
}

impl Fates {
    pub(super) const fn shares(&self) -> [u32; 6] {
        [self.lost, self.works, self.drifts, self.drifts_far, self.broken, self.dead]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mix_of_the_repository_reads() {
        assert!(Mix::usual().version >= 1);
    }

    #[test]
    fn a_mix_that_forgets_a_fault_or_makes_one_up_is_refused() {
        let text = include_str!("mix.yaml");
        let forgotten = text.replace("    keys-silent: 2\n", "");
        assert_eq!(Mix::read(&forgotten), Err("`keys-silent` has no share among the faults".to_owned()));
        let made_up = text.replace("    keys-silent: 2\n", "    keys-silent: 2\n    keys-loud: 2\n");
        assert_eq!(Mix::read(&made_up), Err("`keys-loud` is not a kind of fault".to_owned()));
        // A kind listed twice would be drawn twice as often; the YAML reader rejects duplicate keys.
        let twice = text.replace("    keys-silent: 2\n", "    keys-silent: 2\n    keys-silent: 3\n");
        assert!(Mix::read(&twice).unwrap_err().contains("duplicate mapping key: keys-silent"));
        let line = text.lines().find(|line| line.starts_with("strangers: ")).unwrap();
        let none = text.replace(line, "strangers: [0, 0, 0]");
        assert_eq!(Mix::read(&none), Err("all shares of `strangers` are 0".to_owned()));
        assert!(Mix::read("version: 1").is_err());
    }
}
