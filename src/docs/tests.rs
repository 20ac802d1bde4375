//! Tests that the references are complete and agree with the code and the stories.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::policy::Policy;
use crate::story::Story;
use crate::{oracle, story};

/// The stories of weaknesses: id, oracle, and the policy keys that differ from the norm.
fn weaknesses() -> Vec<(String, String, BTreeMap<String, String>)> {
    let norm = serde_json::to_value(Policy::NORM).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/weaknesses");
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let story = Arc::new(Story::read(&text, path.to_str().unwrap()).unwrap());
        let weakness = story.weakness.clone().unwrap();
        let Value::Object(policy) = serde_json::to_value(story.policy).unwrap() else { panic!("a mapping") };
        let differs = policy.into_iter().filter(|(key, value)| norm[key] != *value);
        let differs = differs
            .map(|(key, value)| (key, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect();
        all.push((weakness.id, weakness.found_by, differs));
    }
    assert!(all.len() >= 80, "{}", all.len());
    all
}

/// Asserts that exactly one entry of this kind has the id.
fn explained(id: &str, kind: EntryKind) {
    let found = find(id).into_iter().filter(|entry| entry.kind == kind).count();
    assert_eq!(found, 1, "{id}");
}

#[test]
fn every_heading_is_an_entry_with_a_text_and_sources() {
    for (text, kind) in FILES {
        let headings = text.lines().filter(|line| line.starts_with("## ")).count();
        assert_eq!(read::entries(text, kind).len(), headings, "{kind:?}: `## ID: title`");
    }
    for Entry { id, title, text, sources, .. } in entries() {
        assert!(!title.is_empty() && !title.ends_with('.'), "{id}: {title}");
        assert!(text.ends_with(['.', '}', ')']), "{id}: {text}");
        let first = text.lines().next().unwrap();
        assert!((1..=5).contains(&first.matches(". ").count().saturating_add(1)), "{id}: {first}");
        assert!(!sources.is_empty(), "{id}");
    }
}

#[test]
fn each_id_is_given_once_and_found_in_any_spelling() {
    let mut ids = BTreeSet::new();
    for entry in entries() {
        // An oracle may share its name with the policy key that it judges.
        assert!(ids.insert((folded(&entry.id), entry.kind)), "{}", entry.id);
        for spelled in [entry.id.clone(), entry.id.to_lowercase(), entry.id.replace('-', " ")] {
            let found = find(&spelled);
            assert!(
                found.contains(&entry) && found.iter().all(|one| one.id == entry.id),
                "{spelled}: {found:?}"
            );
        }
    }
    assert_eq!(find("550").iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["SMTP-550"]);
    for none in ["", "-", "X99", "9", "rule", "rule 11", "page 0", "99999"] {
        assert_eq!(find(none), Vec::<&Entry>::new(), "{none}");
    }
}

#[test]
fn what_code_has_is_explained() {
    for oracle in oracle::ALL {
        explained(oracle.id, EntryKind::Oracle);
        for rule in oracle.rules {
            explained(rule.id, EntryKind::Oracle);
        }
    }
    for fault in story::faults() {
        explained(&fault.name, EntryKind::Fault);
    }
    let faults: Vec<String> = read::rows(code::FAULTS).map(|row| row[0].to_owned()).collect();
    let known: Vec<String> = story::faults().into_iter().map(|fault| fault.name).collect();
    assert_eq!(faults, known, "faults.md has a row for each kind, in order");
    for number in 1..=10 {
        explained(&format!("page {number}"), EntryKind::Flow);
        explained(&format!("rule {number}"), EntryKind::Flow);
    }
    for way in 1..=32 {
        explained(&format!("W{way:02}"), EntryKind::Situation);
    }
}

#[test]
fn every_policy_key_has_a_row_a_default_and_a_norm() {
    let Value::Object(norm) = serde_json::to_value(Policy::NORM).unwrap() else { panic!("a mapping") };
    let listed: BTreeSet<String> = read::rows(policy::TABLE).map(|row| row[0].to_owned()).collect();
    assert_eq!(listed, norm.keys().cloned().collect(), "policy.md has a row for each key");
    let keys = policy_keys();
    assert_eq!(keys.len(), norm.len());
    for PolicyKey { key, decides, takes, default, values, norms } in &keys {
        assert!(decides.ends_with('.') && !takes.is_empty() && !default.is_empty(), "{key}");
        assert!(!norms.is_empty() && norms.iter().all(|norm| find(norm).len() == 1), "{key}: {norms:?}");
        if takes == "one of the values below" {
            assert!(values.iter().any(|value| value.value == *default), "{key}: {default}");
            assert!(values.iter().all(|value| !value.means.is_empty()), "{key}: {values:?}");
        }
        for open in values.iter().flat_map(|value| &value.open_to) {
            assert_eq!(find(open).len(), 1, "{key}: {open}");
        }
        explained(key, EntryKind::PolicyKey);
    }
}

#[test]
fn keys_are_open_to_what_stories_of_weaknesses_set_them_to() {
    let mut shown = BTreeSet::new();
    for (id, _, differs) in weaknesses() {
        assert!(!differs.is_empty(), "{id} sets nothing");
        shown.extend(differs.into_iter().map(|(key, value)| (key, value, id.clone())));
    }
    let mut listed = BTreeSet::new();
    for key in policy_keys() {
        for PolicyValue { value, means, open_to } in key.values {
            for id in open_to {
                let row = (key.key.clone(), value.clone(), id.clone());
                // A value that no story uses must name its weaknesses in its own description.
                if shown.contains(&row) || !means.contains(&id) {
                    listed.insert(row);
                }
            }
        }
    }
    assert_eq!(listed, shown, "policy.md and scenarios/weaknesses agree");
}

#[test]
fn weaknesses_name_the_oracle_that_finds_them() {
    let mut found_by: BTreeMap<String, String> = BTreeMap::new();
    for entry in entries() {
        if let Some(oracle) = entry.text.lines().find_map(|line| line.strip_prefix("Found by the oracle ")) {
            found_by.insert(entry.id.clone(), oracle.trim_end_matches('.').to_owned());
        }
    }
    let played: BTreeMap<String, String> =
        weaknesses().into_iter().map(|(id, oracle, _)| (id, oracle)).collect();
    assert_eq!(found_by, played);
}

#[test]
fn an_unknown_id_gets_the_nearest_ones() {
    assert_eq!(suggestions("L99")[0], "L09");
    assert_eq!(suggestions("call-to-voicemal")[0], "call-to-voicemail");
    assert_eq!(suggestions("voicemail"), ["P15", "W18", "H11"]);
    assert_eq!(suggestions("no such thing at all"), Vec::<&str>::new());
}
