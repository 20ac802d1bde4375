//! The result of a drill as a file, for people, CI and `lostkey merge`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cli::baseline::Known;
use crate::cli::damage;
use crate::cli::drill::print::ReproCommand;
use crate::cli::drill::{Ended, SEEDS_EACH};
use crate::cli::exit::Exit;
use crate::drill::{Found, Sometimes, Tally};
use crate::wire::files::{read_text, write_whole};

/// Most of a result that is read.
const BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Version of the file format; since 2, findings are grouped by the rules of oracles, and since 3, they have
/// origins and there are figures.
pub(super) const FORMAT: u32 = 3;

const fn first_format() -> u32 {
    1
}

/// The part of a result that all formats share.
#[derive(Deserialize)]
struct Head {
    setup: HeadSetup,
}

#[derive(Deserialize)]
struct HeadSetup {
    #[serde(default = "first_format")]
    format: u32,
}

/// The setup of a drill. Results can be merged if their setups differ only in the shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Setup {
    /// Version of the file format; results of the first format do not contain it.
    #[serde(default = "first_format")]
    pub(super) format: u32,
    /// Version of the program.
    pub(super) version: String,
    /// The build of the program, for a result that is kept.
    #[serde(default)]
    pub(super) build: String,
    /// Version of the mix.
    pub(super) mix: u32,
    pub(super) norm: String,
    pub(super) seed: u64,
    /// Number of runs of all shards together; `None` if the drill had a time limit.
    pub(super) runs: Option<u64>,
    /// A digest of the stories that the drill drew from.
    pub(super) stories: String,
    pub(super) shard: Shard,
}

/// Part `i` of `n`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Shard {
    pub(super) i: u64,
    pub(super) n: u64,
}

impl Setup {
    /// Most runs of all shards together.
    fn runs_max(&self) -> u64 {
        self.runs.unwrap_or(SEEDS_EACH)
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self { i: 1, n: 1 }
    }
}

impl Shard {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        let shard = parts.map(|(i, n)| Self { i, n }).filter(|shard| (1..=shard.n).contains(&shard.i));
        shard.ok_or_else(|| format!("`{text}` is not a shard; write `1/4` to `4/4`"))
    }

    /// Whether the run with this seed belongs to this shard.
    pub(super) const fn has(self, seed: u64) -> bool {
        seed % self.n == self.i - 1
    }
}

/// A finding, as stored in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) cause: String,
    #[serde(flatten)]
    pub(super) found: Found,
}

/// An acceptance, as stored in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AcceptedListed {
    pub(super) story: String,
    pub(super) what: String,
    pub(super) because: String,
    pub(super) until: String,
    /// Whether its last day has passed, so that its findings are failures.
    pub(super) ended: bool,
    pub(super) runs: u64,
}

/// An expectation, as stored in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Expected {
    pub(super) expected: String,
    pub(super) is: String,
    pub(super) met: bool,
}

/// Findings, as stored in the file.
pub(super) fn listed(findings: &BTreeMap<String, Found>) -> Vec<Listed> {
    findings.iter().map(|(cause, found)| Listed { cause: cause.clone(), found: found.clone() }).collect()
}

/// What findings are recognized by.
pub(super) fn known_of(findings: &BTreeMap<String, Found>) -> BTreeSet<Known> {
    let of = |found: &Found| {
        let known = |origin: &String| Known {
            rule: found.rule.clone(),
            verdict: found.verdict.clone(),
            origin: origin.clone(),
        };
        found.origins.keys().map(known).collect::<Vec<_>>()
    };
    findings.values().flat_map(of).collect()
}

/// An outcome that runs can reach, as stored in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reached {
    pub(super) id: String,
    pub(super) reached: bool,
    pub(super) count: u64,
}

/// A known weakness, as stored in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Weakness {
    pub(super) id: String,
    pub(super) oracle: String,
    pub(super) found: bool,
    pub(super) runs: u64,
    pub(super) seconds: f64,
}

/// The result of a drill.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Outcome {
    pub(super) setup: Setup,
    pub(super) runs: u64,
    pub(super) seconds: f64,
    pub(super) runs_per_second: f64,
    /// New ones, which are failures.
    pub(super) findings: Vec<Listed>,
    /// Those that a baseline has.
    #[serde(default)]
    pub(super) known: Vec<Listed>,
    /// The acceptances of the stories that were drawn from, whether they hold or not.
    #[serde(default)]
    pub(super) accepted: Vec<AcceptedListed>,
    /// What was expected, with the figures.
    #[serde(default)]
    pub(super) expected: Vec<Expected>,
    /// The paths of the stories, as they were given.
    #[serde(default)]
    pub(super) drew_from: Vec<String>,
    /// The names of the stories; earlier versions did not write them.
    #[serde(default)]
    pub(super) story_names: BTreeSet<String>,
    pub(super) sometimes: Vec<Reached>,
    pub(super) weaknesses: Vec<Weakness>,
    pub(super) tally: Tally,
}

impl Outcome {
    pub(super) fn new(setup: Setup, tally: Tally, took: Duration) -> Self {
        let seconds = took.as_secs_f64();
        let findings = listed(&tally.findings);
        let count = |what: Sometimes| tally.sometimes.get(what as usize).copied().unwrap_or(0);
        let reached = |what: &Sometimes| Reached {
            id: what.id().to_owned(),
            reached: count(*what) > 0,
            count: count(*what),
        };
        Self {
            setup,
            runs: tally.runs,
            seconds,
            runs_per_second: tally.runs as f64 / seconds.max(1e-9),
            findings,
            known: Vec::new(),
            accepted: Vec::new(),
            expected: Vec::new(),
            drew_from: Vec::new(),
            story_names: BTreeSet::new(),
            sometimes: Sometimes::ALL.iter().map(reached).collect(),
            weaknesses: Vec::new(),
            tally,
        }
    }

    pub(in crate::cli) fn read(file: &Path) -> Ended<Self> {
        let bad = |error: &dyn std::fmt::Display| {
            (Exit::BadInput, format!("{} is not the result of a drill: {error}", file.display()))
        };
        let text = read_text(file, BYTES_MAX)
            .map_err(|error| (Exit::BadInput, damage::cannot_read(file, &error)))?;
        Self::parsed(&text).map_err(|says| bad(&says))
    }

    /// The norm of the oracles.
    pub(in crate::cli) fn norm(&self) -> &str {
        &self.setup.norm
    }

    /// Whether it is the result of `--weaknesses`, which lists weaknesses instead of findings.
    pub(in crate::cli) fn is_of_weaknesses(&self) -> bool {
        !self.weaknesses.is_empty()
    }

    /// How a run of it is repeated.
    pub(in crate::cli) fn again(&self, norm: &'static str) -> ReproCommand {
        ReproCommand { stories: self.drew_from.clone(), norm }
    }

    /// All findings that are not accepted, for a baseline.
    pub(in crate::cli) fn known(&self) -> BTreeSet<Known> {
        known_of(&self.tally.findings)
    }

    pub(in crate::cli) fn parsed(text: &str) -> Result<Self, String> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| damage::of(&error))?;
        if value.get("setup").is_none_or(|setup| !setup.is_object()) {
            return Err("it has no `setup`".to_owned());
        }
        let head: Head = serde_json::from_value(value).map_err(|error| damage::of(&error))?;
        if head.setup.format != FORMAT {
            return Err(format!(
                "it has format {}, but this version reads format {FORMAT}; run the drill again",
                head.setup.format
            ));
        }
        let outcome: Self = serde_json::from_str(text).map_err(|error| damage::of(&error))?;
        outcome.is_possible()?;
        Ok(outcome)
    }

    /// Checks what no drill writes, but an editor or another program may.
    fn is_possible(&self) -> Result<(), String> {
        let Shard { i, n } = self.setup.shard;
        if !(1..=n).contains(&i) {
            return Err(format!("there is no shard {i}/{n}"));
        }
        if Duration::try_from_secs_f64(self.seconds).is_err() {
            return Err(format!("no drill takes {} seconds", self.seconds));
        }
        if self.runs != self.tally.runs {
            return Err(format!("it is of {} runs, and its tally of {}", self.runs, self.tally.runs));
        }
        let drills = u64::try_from(self.weaknesses.len()).unwrap_or(u64::MAX).max(1);
        self.tally.is_possible(self.setup.runs_max().saturating_mul(drills))
    }

    pub(in crate::cli) fn write(&self, file: &Path) -> Ended<()> {
        let failed = |error: &dyn std::fmt::Display| {
            (Exit::CouldNotRun, format!("cannot write {}: {error}", file.display()))
        };
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(&error))?;
        write_whole(file, (text + "\n").as_bytes()).map_err(|error| failed(&error))
    }

    /// The exit code: a finding or a missed weakness fails the drill.
    pub(in crate::cli) fn exit(&self) -> Exit {
        let missed = self.weaknesses.iter().any(|weakness| !weakness.found);
        let unmet = self.expected.iter().any(|expected| !expected.met);
        if self.findings.is_empty() && !missed && !unmet { Exit::Well } else { Exit::Finding }
    }

    /// Merges the results of all shards.
    pub(in crate::cli) fn merged(results: Vec<Self>) -> Result<Self, String> {
        let Some(first) = results.first() else { return Err("nothing to merge".to_owned()) };
        let whole = |setup: &Setup| Setup { shard: Shard { i: 1, n: setup.shard.n }, ..setup.clone() };
        let setup = whole(&first.setup);
        if let Some(other) = results.iter().find(|other| whole(&other.setup) != setup) {
            return Err(format!(
                "shard {}/{} belongs to another drill: version and build of the program, mix, norm, seed, runs, stories and number of shards must match",
                other.setup.shard.i, other.setup.shard.n
            ));
        }
        let n = setup.shard.n;
        // One of the first shards is missing if there are fewer results, so the rest need no look.
        let most = u64::try_from(results.len()).unwrap_or(u64::MAX).saturating_add(1);
        for i in 1..=n.min(most) {
            match results.iter().filter(|result| result.setup.shard.i == i).count() {
                1 => {}
                0 => return Err(format!("shard {i}/{n} is missing")),
                more => return Err(format!("shard {i}/{n} occurs {more} times")),
            }
        }
        let runs = results.iter().map(|result| u128::from(result.tally.runs)).sum::<u128>();
        if runs > u128::from(setup.runs_max()) {
            let most = setup.runs_max();
            return Err(format!(
                "the shards have {runs} runs together, but the whole has {most} at the most"
            ));
        }
        let mut tally = Tally::default();
        let mut took = Duration::ZERO;
        for result in &results {
            tally.add_all(&result.tally);
            took = took.saturating_add(Duration::try_from_secs_f64(result.seconds).unwrap_or_default());
        }
        let setup = Setup { shard: Shard::default(), ..setup };
        let (drew_from, story_names) = (first.drew_from.clone(), first.story_names.clone());
        Ok(Self { drew_from, story_names, ..Self::new(setup, tally, took) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(i: u64, n: u64) -> Outcome {
        let setup = Setup {
            format: FORMAT,
            version: "1".to_owned(),
            build: String::new(),
            mix: 1,
            norm: "nist".to_owned(),
            seed: 1,
            runs: Some(100),
            stories: String::new(),
            shard: Shard { i, n },
        };
        Outcome::new(setup, Tally { runs: 25, ..Tally::default() }, Duration::from_secs(1))
    }

    #[test]
    fn all_shards_make_a_whole_and_nothing_else_does() {
        let all = (1..=4).map(|i| result(i, 4)).collect();
        assert_eq!(Outcome::merged(all).unwrap().runs, 100);
        let says = |results| Outcome::merged(results).unwrap_err();
        assert_eq!(says(vec![]), "nothing to merge");
        assert_eq!(says(vec![result(1, 2)]), "shard 2/2 is missing");
        assert_eq!(says(vec![result(1, 2), result(2, 2), result(2, 2)]), "shard 2/2 occurs 2 times");
        let mut other = result(2, 2);
        other.setup.mix = 2;
        assert!(says(vec![result(1, 2), other]).contains("belongs to another drill"));
    }

    #[test]
    fn a_result_reads_back_and_one_of_an_older_format_is_refused() {
        let mut one = result(1, 1);
        let found = Found {
            oracle: "single-use".to_owned(),
            rule: "single-use/link-twice".to_owned(),
            verdict: "outside the norm".to_owned(),
            says: String::new(),
            seed: 7,
            seeds: vec![7, 9],
            at_ms: 2_000,
            count: 2,
            origins: BTreeMap::new(),
        };
        one.tally.findings.insert("single-use/link-twice".to_owned(), found.clone());
        let text = serde_json::to_string(&one).unwrap();
        let back = Outcome::parsed(&text).unwrap();
        assert_eq!(back.tally, one.tally);
        let whole = Outcome::merged(vec![back]).unwrap();
        assert_eq!(whole.findings, [Listed { cause: "single-use/link-twice".to_owned(), found }]);
        // The first format had neither a format number nor rules.
        let older = text.replace("\"format\":3,", "").replace("\"rule\":\"single-use/link-twice\",", "");
        assert_ne!(older, text);
        let says = "it has format 1, but this version reads format 3; run the drill again";
        assert_eq!(Outcome::parsed(&older).unwrap_err(), says);
        assert!(Outcome::parsed("{}").is_err());
    }

    #[test]
    fn a_shard_is_read_and_nonsense_is_not() {
        assert_eq!(Shard::read("2/4"), Ok(Shard { i: 2, n: 4 }));
        for bad in ["0/4", "5/4", "1", "/", "a/b", "1/0"] {
            assert!(Shard::read(bad).is_err(), "{bad}");
        }
        assert!((0..8).filter(|seed| Shard { i: 2, n: 4 }.has(*seed)).eq([1, 5]));
    }
}
