//! The mix: what a drill draws, and how often. Data in the repository, with a version.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;

use crate::fault::FaultKind;

/// The weights of all that is drawn. Shares are relative to each other; chances are in a hundred.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mix {
    /// Changes with any of the numbers.
    pub version: u32,
    /// What becomes of a device that the story leaves working.
    pub devices: Fates,
    /// How many time steps re-sync searches, and how often that many.
    pub resync_windows: BTreeMap<u16, u32>,
    /// How often there is no stranger, one, or two.
    pub strangers: [u32; 3],
    /// What strangers hold.
    pub holdings: Holdings,
    /// How many moves are made besides those of habit.
    pub moves: Moves,
    /// How often a stranger does the same again and again.
    pub floods: Chance,
    /// How often each habit of an owner is an unusual one.
    pub habits_vary: u32,
    /// What goes wrong.
    pub faults: Faults,
}

/// Shares of what becomes of a device.
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

/// Chances that a stranger has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Holdings {
    pub password: u32,
    pub mailbox: u32,
    pub phone: u32,
    pub personal_data: u32,
    pub device: u32,
}

/// How many moves people make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Moves {
    pub stranger: Chance,
    pub owner: Chance,
}

/// Whether at all, and how often at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chance {
    /// In a hundred.
    pub percent: u32,
    /// At the most.
    pub most: u32,
}

/// How faults are drawn: swarm style, so that each run leaves kinds out altogether.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Faults {
    /// How often a run has no faults.
    pub none: u32,
    /// How many it has at the most.
    pub most: u32,
    /// How often each kind is left out of a run.
    pub left_out: u32,
    /// The share of each kind, by its name in stories. Their order is the order in which the generator
    /// is asked, so a new kind goes to the end.
    #[serde(deserialize_with = "in_order")]
    pub shares: Vec<(String, u32)>,
}

/// Reads a mapping in the order in which it is written.
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
    /// The mix of the repository.
    pub fn usual() -> &'static Self {
        &DEFAULT
    }

    /// Reads a mix from YAML.
    ///
    /// # Errors
    /// What is wrong, if it is no mix, if a kind of fault has no share or there is no such kind, or
    /// if all shares of something are 0.
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
            return Err(format!("`{unknown}` is no kind of fault"));
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

    /// Where the windows of re-sync are drawn: each with its share.
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
        assert_eq!(Mix::read(&made_up), Err("`keys-loud` is no kind of fault".to_owned()));
        // A kind with two shares would be drawn under two places: YAML's reader refuses it.
        let twice = text.replace("    keys-silent: 2\n", "    keys-silent: 2\n    keys-silent: 3\n");
        assert!(Mix::read(&twice).unwrap_err().contains("duplicate mapping key: keys-silent"));
        let line = text.lines().find(|line| line.starts_with("strangers: ")).unwrap();
        let none = text.replace(line, "strangers: [0, 0, 0]");
        assert_eq!(Mix::read(&none), Err("all shares of `strangers` are 0".to_owned()));
        assert!(Mix::read("version: 1").is_err());
    }
}
