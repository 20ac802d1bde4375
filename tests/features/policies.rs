//! Policies drawn from the values that the norm allows: each of them must be clean.

use std::sync::Arc;

use lostkey::base::rng::{Rng, Stream};
use lostkey::docs::policy_keys;
use lostkey::drill::{Mix, Runner, built_in};
use lostkey::policy::{Norm, Policy};
use lostkey::story::Story;
use serde_json::{Map, Value, json};

/// Numbers and lengths of time that the norm allows, from the strictest to the laxest in use. Keys whose
/// values are words are drawn from the table of policy keys.
fn allowed() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("sign-in-window", vec![json!(0), json!(1)]),
        ("hotp-look-ahead", vec![json!(1), json!(5), json!(10)]),
        ("sign-in-tries", vec![json!(3), json!(5)]),
        ("throttle-first", vec![json!("30s"), json!("1m")]),
        ("throttle-max", vec![json!("15m"), json!("1h")]),
        ("failures-max", vec![json!(50), json!(100)]),
        ("resync-window", vec![json!(100), json!(1_000)]),
        ("link-lifetime", vec![json!("15m"), json!("1h"), json!("1d")]),
        ("mails-per-hour", vec![json!(5), json!(10)]),
        ("code-lifetime", vec![json!("5m"), json!("10m")]),
        ("code-tries", vec![json!(3), json!(5)]),
        ("calls-per-hour", vec![json!(2), json!(3)]),
        ("calls-per-day", vec![json!(5), json!(10)]),
        ("ring-timeout", vec![json!("25s"), json!("40s"), json!("1m")]),
        ("session-idle", vec![json!("15m"), json!("1h")]),
        ("session-max", vec![json!("8h"), json!("1d")]),
        ("changes-within", vec![json!("1m"), json!("5m")]),
        ("machine-detection", vec![json!(false), json!(true)]),
        ("new-device", vec![json!({ "kind": "totp" }), json!({ "kind": "hotp" })]),
    ]
}

/// The keys with more than one allowed value.
fn choices() -> Vec<(String, Vec<Value>)> {
    let words = policy_keys().into_iter().filter(|key| key.takes.starts_with("one of")).map(|key| {
        let strong = key.values.into_iter().filter(|value| value.open_to.is_empty());
        (key.key, strong.map(|value| Value::String(value.value)).collect::<Vec<_>>())
    });
    let others = allowed().into_iter().map(|(key, values)| (key.to_owned(), values));
    words.chain(others).filter(|(_, values)| values.len() > 1).collect()
}

fn drawn(choices: &[(String, Vec<Value>)], seed: u64) -> (Policy, String) {
    let mut draw = Rng::new(seed);
    let mut keys = Map::new();
    for (key, values) in choices {
        let at = draw.below(Stream::Story, values.len() as u32) as usize;
        keys.insert(key.clone(), values[at].clone());
    }
    let keys = Value::Object(keys);
    let told = keys.to_string();
    (serde_json::from_value(keys).unwrap_or_else(|error| panic!("{told}: {error}")), told)
}

/// `LOSTKEY_POLICY_RUNS=100000 cargo test --test features policies_that_the_norm_allows` plays more runs of each.
#[test]
fn policies_that_the_norm_allows_are_clean() {
    let runs = std::env::var("LOSTKEY_POLICY_RUNS").map_or(12, |runs| runs.parse().unwrap());
    let choices = choices();
    assert!(choices.iter().any(|(key, _)| key == "recovery-ends"), "{choices:?}");
    let mut differ = 0;
    for seed in 0..50 {
        let (policy, told) = drawn(&choices, seed);
        differ += u32::from(policy != Policy::NORM);
        let with_policy = |base: Arc<Story>| {
            let mut story = Story::clone(&base);
            let direction = story.policy.phone_direction;
            story.policy = Policy { phone_direction: direction, ..policy };
            Arc::new(story)
        };
        let bases = built_in().into_iter().map(with_policy).collect();
        let mut runner = Runner::new(bases, Mix::usual(), Norm::NIST);
        for run in 0..runs {
            let ran = runner.run(seed * 1_000_000 + run);
            assert_eq!(ran.stuck, None, "run {run} of {told}");
            assert_eq!(ran.findings, [], "run {run} of {told}");
        }
    }
    assert!(differ > 40, "{differ} of 50 policies differ from the default");
}
