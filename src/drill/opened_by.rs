//! What a finding comes from: the keys of the policy that open it.
//!
//! Measured, not guessed. A policy is data, so the failing story is replayed with one key at a time set to the
//! norm's value, which may close the finding, and with one key at a time as the only difference from the norm,
//! which may open it. A replay can diverge: a key that matters not at all sends one email more, and a
//! timed move then meets another page. So a key counts only if it also opens the finding by itself; where no
//! replay shows that, a short drill with this key alone does.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::base::otp::{Kind, Step};
use crate::base::time::Span;
use crate::drill::mix::Mix;
use crate::drill::shrink::judged;
use crate::drill::single::Runner;
use crate::oracle::Finding;
use crate::policy::{Norm, Policy, written};
use crate::story::Story;

/// Most runs of a short drill with one key alone.
const RUNS_MAX: u64 = 1_000;

/// A key of a policy whose value is not the norm's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deviation {
    /// The key, as in a story.
    pub key: String,
    /// Its value in the story.
    pub value: String,
    /// The norm's value.
    pub norm: String,
}

/// What opens a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenedBy {
    /// This key opens it by itself.
    Key(Deviation),
    /// Each of these keys opens it by itself.
    AnyOf(Vec<Deviation>),
    /// No key opens it by itself. It is closed by the norm's value for any of these, which may be none.
    Together(Vec<Deviation>),
    /// No key does, but this setting of a device of the story.
    Setting(Deviation),
    /// It appears with the norm's value for each key, too.
    NoKey,
}

/// The keys of a policy that differ from the norm, by name.
pub fn deviations(policy: &Policy) -> Vec<Deviation> {
    let (own, norm) = (fields(policy), fields(&Policy::NORM));
    let differ = own.iter().filter(|(key, value)| norm.get(*key) != Some(value));
    differ
        .map(|(key, value)| Deviation {
            key: key.clone(),
            value: written(value),
            norm: norm.get(key).map(written).unwrap_or_default(),
        })
        .collect()
}

/// Finds out what opens a finding: that of a small story, which was drawn with `seed` from `bases`.
pub fn opened_by(story: &Story, finding: &Finding, seed: u64, bases: &[Arc<Story>], norm: &Norm) -> OpenedBy {
    // The drill itself draws some values where a base has the norm's; such a value is no decision.
    let decided: Vec<Deviation> = bases.iter().flat_map(|base| deviations(&base.policy)).collect();
    let all: Vec<Deviation> =
        deviations(&story.policy).into_iter().filter(|key| decided.contains(key)).collect();
    let norms = all.iter().try_fold(story.policy, |policy, key| mixed(&policy, &Policy::NORM, &key.key));
    let Some(norms) = norms else { return OpenedBy::Together(all) };
    let findings = |policy: Policy| judged(&Story { policy, ..story.clone() }, norm);
    let closes = |policy| !findings(policy).iter().any(|other| other.rule == finding.rule);
    let opens = |policy| findings(policy).iter().any(|other| is_same(other, finding));
    if all.is_empty() || !closes(norms) {
        let closes = |story: &Story| !judged(story, norm).iter().any(|other| other.rule == finding.rule);
        let usual = Story { policy: norms, ..story.clone() };
        return setting(&usual, closes).map_or(OpenedBy::NoKey, OpenedBy::Setting);
    }
    let only = |test: &dyn Fn(&Deviation) -> bool| -> Vec<Deviation> {
        all.iter().filter(|key| test(key)).cloned().collect()
    };
    let alone = |key: &Deviation| mixed(&norms, &story.policy, &key.key);
    let closing = only(&|key| mixed(&story.policy, &Policy::NORM, &key.key).is_some_and(closes));
    let mut opening = only(&|key| alone(key).is_some_and(opens));
    if opening.is_empty() {
        let finds = |policy: Policy| finds_in_a_drill(policy, finding, seed, bases, norm);
        opening = only(&|key| alone(key).is_some_and(finds));
    }
    let both: Vec<Deviation> = opening.iter().filter(|key| closing.contains(key)).cloned().collect();
    match (both.as_slice(), opening.as_slice()) {
        ([key], _) | ([], [key]) => OpenedBy::Key(key.clone()),
        ([], []) => OpenedBy::Together(closing),
        ([], _) => OpenedBy::AnyOf(opening),
        _ => OpenedBy::AnyOf(both),
    }
}

/// The setting of a device that opens a finding: a time step, if the usual one closes it.
fn setting(story: &Story, closes: impl Fn(&Story) -> bool) -> Option<Deviation> {
    story.devices.iter().enumerate().find_map(|(at, device)| {
        let Kind::Totp { hash, digits, step } = device.kind else { return None };
        let mut other = story.clone();
        other.devices.get_mut(at)?.kind = Kind::Totp { hash, digits, step: Step::USUAL };
        let told = |step: Step| Span::from_secs(step.as_secs()).to_string();
        (step != Step::USUAL && closes(&other)).then(|| Deviation {
            key: format!("step of {}", device.name),
            value: told(step),
            norm: told(Step::USUAL),
        })
    })
}

/// Whether two findings have one cause, whatever the policy promises.
fn is_same(one: &Finding, other: &Finding) -> bool {
    (one.rule, one.who, &one.detail) == (other.rule, other.who, &other.detail)
}

/// Whether a short drill under this policy has the same finding.
fn finds_in_a_drill(policy: Policy, finding: &Finding, seed: u64, bases: &[Arc<Story>], norm: &Norm) -> bool {
    let bases = bases.iter().map(|base| Arc::new(Story { policy, ..Story::clone(base) })).collect();
    let mut runner = Runner::new(bases, Mix::usual(), *norm);
    let mut seeds = seed..seed.saturating_add(RUNS_MAX);
    seeds.any(|seed| runner.run(seed).findings.iter().any(|other| is_same(other, finding)))
}

/// The policy `one`, with the value that `other` has for `key`.
fn mixed(one: &Policy, other: &Policy, key: &str) -> Option<Policy> {
    let (mut mixed, other) = (fields(one), fields(other));
    mixed.insert(key.to_owned(), other.get(key)?.clone());
    serde_json::from_value(Value::Object(mixed)).ok()
}

fn fields(policy: &Policy) -> Map<String, Value> {
    match serde_json::to_value(policy) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::shrink;
    use crate::policy::{Lockout, Notify, SupportProof, Uses};

    const STORY: &str = "\
about: Ana has lost the phone that makes her codes.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices: { phone-app: { state: lost } }
";

    fn base(policy: Policy) -> Arc<Story> {
        let story = Story::read(STORY, "story.yaml").unwrap();
        Arc::new(Story { policy, ..story })
    }

    /// The roots of all findings of a short drill, by rule.
    fn roots(policy: Policy) -> Vec<(String, OpenedBy)> {
        let bases = vec![base(policy)];
        let mut runner = Runner::new(bases.clone(), Mix::usual(), Norm::NIST);
        let mut tally = crate::drill::Tally::default();
        for seed in 0..600 {
            tally.add(seed, &runner.run(seed));
        }
        let mut roots = Vec::new();
        for (cause, found) in &tally.findings {
            let ran = runner.run(found.seed);
            let finding = ran.findings.iter().find(|finding| finding.cause() == *cause).unwrap();
            let shrunk = shrink(ran.story, finding, &Norm::NIST);
            roots.push((
                found.rule.clone(),
                opened_by(&shrunk.story, &shrunk.finding, found.seed, &bases, &Norm::NIST),
            ));
        }
        roots
    }

    #[test]
    fn each_of_three_deviations_is_the_root_of_its_own_findings() {
        let policy = Policy {
            link_uses: Uses::Many,
            notify: Notify::Nobody,
            support_proof: SupportProof::Nothing,
            ..Policy::NORM
        };
        let keys: Vec<String> = deviations(&policy).into_iter().map(|key| key.key).collect();
        assert_eq!(keys, ["link-uses", "notify", "support-proof"]);
        let roots = roots(policy);
        assert!(roots.len() > 3, "{roots:?}");
        for (rule, root) in &roots {
            let key = match rule.split('/').next().unwrap() {
                "notices" => "notify",
                "single-use" => "link-uses",
                "support-proof" => "support-proof",
                other => panic!("{other}: {root:?}"),
            };
            assert!(matches!(root, OpenedBy::Key(one) if one.key == key), "{rule}: {root:?}");
        }
        for key in ["notify", "link-uses", "support-proof"] {
            assert!(
                roots.iter().any(|(_, root)| matches!(root, OpenedBy::Key(one) if one.key == key)),
                "{key}"
            );
        }
    }

    #[test]
    fn a_finding_that_no_key_opens_is_not_blamed_on_one() {
        let bases = vec![base(Policy { notify: Notify::Nobody, ..Policy::NORM })];
        let mut runner = Runner::new(bases.clone(), Mix::usual(), Norm::NIST);
        let finding = runner.run(0).findings.swap_remove(0);
        let rule = Finding { rule: "notices/nothing-of-the-kind", ..finding.clone() };
        let root = |story: &Story, finding: &Finding, bases: &[Arc<Story>]| {
            opened_by(story, finding, 0, bases, &Norm::NIST)
        };
        let notify = deviations(&bases[0].policy);
        assert_eq!(root(&bases[0], &rule, &bases), OpenedBy::Together(notify.clone()));
        // With this key at the norm's value there is nothing left to blame.
        assert_eq!(root(&base(Policy::NORM), &finding, &[]), OpenedBy::NoKey);
        // What the drill drew by itself is no decision.
        let drawn = base(Policy { resync_window: 3, ..bases[0].policy });
        assert_eq!(root(&drawn, &finding, &bases), OpenedBy::Key(notify[0].clone()));
    }

    #[test]
    fn a_finding_of_a_device_is_told_with_its_setting() {
        let shows = |step: &str, policy: Policy| {
            let text = STORY.replace("{ state: lost }", step);
            let story = Arc::new(Story { policy, ..Story::read(&text, "story.yaml").unwrap() });
            let mut runner = Runner::new(vec![Arc::clone(&story)], Mix::usual(), Norm::NIST);
            (0..300).find_map(|seed| {
                let ran = runner.run(seed);
                let finding = ran.findings.iter().find(|found| found.rule == "lifetime/shown-too-long")?;
                let shrunk = shrink(ran.story, finding, &Norm::NIST);
                let bases = [Arc::clone(&story)];
                Some(opened_by(&shrunk.story, &shrunk.finding, seed, &bases, &Norm::NIST))
            })
        };
        for policy in [Policy::NORM, Policy { notify: Notify::Nobody, ..Policy::NORM }] {
            let root = shows("{ step: 5m }", policy);
            let Some(OpenedBy::Setting(step)) = root else { panic!("{root:?}") };
            let told = (step.key.as_str(), step.value.as_str(), step.norm.as_str());
            assert_eq!(told, ("step of phone-app", "5m", "30s"));
        }
        assert_eq!(shows("{}", Policy::NORM), None);
    }

    #[test]
    fn keys_that_open_a_finding_only_together_or_each_by_itself_are_told_so() {
        let locked = Policy { failures_max: 5, lockout: Lockout::AccountForGood, ..Policy::NORM };
        let found = roots(locked);
        let lock_out = found.iter().find(|(rule, _)| rule == "lock-out/right-password-refused");
        let Some((_, OpenedBy::Together(keys))) = lock_out else { panic!("{found:?}") };
        let keys: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
        assert_eq!(keys, ["failures-max", "lockout"]);
    }
}
