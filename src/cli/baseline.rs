//! Baselines: findings that are known, so that only new ones are failures.
//!
//! A finding is recognized by its rule, its verdict and its [origin](fn@crate::drill::origin): story, account and who
//! acted. Seeds, sentences and numbers of runs may differ.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::drill::{Ended, Outcome};
use crate::cli::exit::Exit;
use crate::cli::outputs::output_file;
use crate::cli::{counted, damage};
use crate::drill;
use crate::policy::Norm;
use crate::report::{ScenarioOutcome, Tolerated, Why};
use crate::wire::files::{can_be_written, read_text, write_whole};

/// Most of a baseline that is read. It can be the result of a drill.
const BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Version of the file format.
const FORMAT: u32 = 1;

/// What a finding is recognized by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// The rule, for example `single-use/link-twice`.
    pub(super) rule: String,
    /// Outside the norm, or a breach of the story's own policy.
    pub(super) verdict: String,
    /// Story, account, and who acted.
    pub(super) origin: String,
}

/// A baseline file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "lostkey-baseline")]
    format: u32,
    norm: String,
    findings: BTreeSet<Known>,
}

/// The known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Baseline {
    pub(super) known: BTreeSet<Known>,
}

/// Where baselines come from and go to.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Files {
    /// Count the findings of this baseline as known: only new ones are failures. It is a file of
    /// --write-baseline, or of `drill --json`
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write all findings to this baseline, and end with 0; those of --baseline stay in it
    #[arg(long, value_name = "FILE", value_parser = output_file)]
    pub(super) write_baseline: Option<PathBuf>,
}

impl Files {
    /// Reads the baseline, if one is given, and checks that the other can be written.
    pub(super) fn read(&self, norm: &Norm) -> Ended<Baseline> {
        if let Some(file) = &self.write_baseline {
            can_be_written(file).map_err(|error| cannot_write(file, &error))?;
        }
        self.baseline.as_deref().map_or_else(|| Ok(Baseline::default()), |file| Baseline::read(file, norm))
    }

    /// Writes the baseline, if asked to: the known findings and these.
    pub(super) fn write(&self, norm: &Norm, before: &Baseline, found: BTreeSet<Known>) -> Ended<()> {
        let Some(file) = &self.write_baseline else { return Ok(()) };
        let findings = before.known.iter().cloned().chain(found).collect();
        let written = Written { format: FORMAT, norm: norm.name.to_owned(), findings };
        let text = serde_json::to_string_pretty(&written).map_err(|error| cannot_write(file, &error))?;
        write_whole(file, (text + "\n").as_bytes()).map_err(|error| cannot_write(file, &error))
    }

    /// Prints how many findings were known, on one line.
    pub(super) fn tell(&self, out: &mut dyn Write, findings: usize, of: &str, missing: usize) {
        let Some(file) = &self.baseline else { return };
        let found = counted(findings, "finding", "findings");
        let _closed_pipe = write!(out, "  known     {found} of the baseline {}{of}", file.display());
        let _closed_pipe = match missing {
            0 => writeln!(out),
            _ => writeln!(out, "; {} did not occur", counted(missing, "other", "others")),
        };
    }
}

fn cannot_write(file: &Path, error: &dyn Display) -> (Exit, String) {
    (Exit::CouldNotRun, format!("cannot write {}: {error}", file.display()))
}

impl Baseline {
    /// Reads a baseline, or the result of a drill.
    fn read(file: &Path, norm: &Norm) -> Ended<Self> {
        let bad = |says: &dyn Display| (Exit::BadInput, format!("the baseline {}: {says}", file.display()));
        let unreadable =
            |error| (Exit::BadInput, format!("the baseline: {}", damage::cannot_read(file, &error)));
        let text = read_text(file, BYTES_MAX).map_err(unreadable)?;
        Self::parsed(&text, norm).map_err(|says| bad(&says))
    }

    fn parsed(text: &str, norm: &Norm) -> Result<Self, String> {
        const WRITE: &str = "write one with `--write-baseline FILE`";
        if text.trim().is_empty() {
            return Err(format!("it is empty; {WRITE}"));
        }
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| format!("{}; {WRITE}", damage::of(&error)))?;
        let (of, known) = if value.get("lostkey-baseline").is_some() {
            let Written { format, norm, findings } =
                serde_json::from_value(value).map_err(|error| format!("{}; {WRITE}", damage::of(&error)))?;
            if format != FORMAT {
                return Err(format!(
                    "it has format {format}, but this version reads format {FORMAT}; {WRITE}"
                ));
            }
            (norm, findings)
        } else if value.get("setup").is_some() {
            let outcome = Outcome::parsed(text)?;
            if outcome.is_of_weaknesses() {
                return Err(format!("it is the result of --weaknesses, which lists no findings; {WRITE}"));
            }
            (outcome.norm().to_owned(), outcome.known())
        } else {
            return Err(format!("it is neither a baseline nor the result of a drill; {WRITE}"));
        };
        if of != norm.name {
            return Err(format!(
                "its findings are judged by the norm `{of}`, and these by `{}`; {WRITE}, or add `--norm {of}`",
                norm.name
            ));
        }
        Ok(Self { known })
    }

    /// Whether a finding is known.
    pub(super) fn has(&self, rule: &str, verdict: &str, origin: &str) -> bool {
        // The set is ordered by rule, so few are compared.
        let is = |one: &Known| one.rule == rule && one.verdict == verdict && one.origin == origin;
        !self.known.is_empty() && self.known.iter().any(is)
    }

    /// Sorts out the known findings of scenarios; returns all findings that are not accepted.
    pub(super) fn sort_out(&self, outcomes: &mut [ScenarioOutcome]) -> BTreeSet<Known> {
        let mut all = BTreeSet::new();
        for played in outcomes.iter_mut().filter_map(|outcome| outcome.played.as_mut()) {
            for finding in std::mem::take(&mut played.findings) {
                let origin = drill::origin(&finding, &played.story);
                let (rule, verdict) = (finding.rule.to_owned(), finding.verdict.label().to_owned());
                if self.has(&rule, &verdict, &origin) {
                    played.tolerated.push(Tolerated { finding, why: Why::Known });
                } else {
                    played.findings.push(finding);
                }
                all.insert(Known { rule, verdict, origin });
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"lostkey-baseline":1,"norm":"nist","findings":[{"rule":"a/b","verdict":"outside the norm","origin":"s: ana"}]}"#;

    #[test]
    fn a_baseline_knows_a_finding_by_rule_verdict_and_root() {
        let baseline = Baseline::parsed(ONE, &Norm::NIST).unwrap();
        assert!(baseline.has("a/b", "outside the norm", "s: ana"));
        for (rule, verdict, origin) in [
            ("a/c", "outside the norm", "s: ana"),
            ("a/b", "broke its own policy", "s: ana"),
            ("a/b", "outside the norm", "s: ben"),
            ("a/b", "outside the norm", "s: ana, by a stranger"),
        ] {
            assert!(!baseline.has(rule, verdict, origin), "{rule} {verdict} {origin}");
        }
    }

    #[test]
    fn what_is_no_baseline_is_refused_and_says_why() {
        let write = "write one with `--write-baseline FILE`";
        for (text, says) in [
            (String::new(), format!("it is empty; {write}")),
            (" \n".to_owned(), format!("it is empty; {write}")),
            (ONE[..40].to_owned(), "it ends too early: ".to_owned()),
            (ONE.replace("\"rule\"", "\"role\""), "there is no field `role`".to_owned()),
            (ONE.replace(":1,", ":2,"), "it has format 2, but this version reads format 1".to_owned()),
            (
                ONE.replace("nist", "asvs"),
                "its findings are judged by the norm `asvs`, and these by `nist`".to_owned(),
            ),
            ("[]".to_owned(), format!("it is neither a baseline nor the result of a drill; {write}")),
            ("{\"issues\": []}".to_owned(), "it is neither a baseline".to_owned()),
            ("{\"setup\": 7}".to_owned(), "it has no `setup`".to_owned()),
        ] {
            let error = Baseline::parsed(&text, &Norm::NIST).unwrap_err();
            assert!(error.starts_with(&says), "{text}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*", cut in 0..ONE.len()) {
            let _ = Baseline::parsed(&text, &Norm::NIST);
            proptest::prop_assert!(Baseline::parsed(&ONE[..cut], &Norm::NIST).is_err());
        }
    }
}
