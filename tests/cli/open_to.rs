//! "What am I open to?": the table that a drill prints, for a person who decides.

use std::collections::BTreeSet;
use std::fs;

use crate::drill::folder;
use crate::{lostkey, root};

const STORY: &str = "tests/open/three-decisions.yaml";

/// The three decisions of [`STORY`].
const KEYS: [&str; 3] = ["notify: nobody", "support-proof: nothing", "link-uses: many"];

fn drill(more: &[&str]) -> String {
    let ran = lostkey(&[&["drill", STORY, "--runs", "3000", "--jobs", "1"], more].concat());
    assert_eq!(ran.exit, 1, "{}", ran.err);
    ran.out
}

#[test]
fn three_decisions_are_three_rows_on_one_screen() {
    let out = drill(&[]);
    let timeless = regex::Regex::new(r"in \d+\.\d s, \d+ per second").unwrap().replace(&out, "in … s");
    insta::assert_snapshot!("three-decisions", timeless);
    assert!(out.lines().count() <= 40, "{out}");
    for line in out.lines().filter(|line| !line.contains(" replay ")) {
        assert!(line.chars().count() <= 100, "{line}");
    }
    // A row begins with its runs.
    let rows = out.lines().filter_map(|line| line.trim_start().split_once("  "));
    let rows: Vec<&str> =
        rows.filter(|(runs, _)| runs.starts_with(|c: char| c.is_ascii_digit())).map(|(_, key)| key).collect();
    assert_eq!(rows, KEYS);
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let table = out.split("Runs are").next().unwrap();
    assert!(readme.contains(table), "the README shows this table:\n{table}");
}

#[test]
fn each_line_of_the_table_shows_its_finding_when_it_is_pasted() {
    let out = drill(&[]);
    let mut rule = "";
    let mut pasted = 0;
    for line in out.lines() {
        // The first finding of a row comes before its line.
        match line.trim_start().strip_prefix("lostkey ") {
            Some(again) => {
                let ran = lostkey(&again.split(' ').collect::<Vec<_>>());
                assert_eq!(ran.exit, 1, "{again}");
                assert!(ran.out.contains(&format!("\n{rule} [")), "{again} does not show {rule}");
                (rule, pasted) = ("", pasted + 1);
            }
            None if rule.is_empty() => {
                let id = line.trim_start().split(": ").next().unwrap();
                rule = if id.contains('/') && !id.contains(' ') { id } else { "" };
            }
            None => {}
        }
    }
    assert_eq!(pasted, KEYS.len());
}

#[test]
fn no_finding_is_lost() {
    let json = folder("open-to").join("result.json");
    let out = drill(&["--json", &json.display().to_string(), "--details", "--stats"]);
    let result: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let findings = result["findings"].as_array().unwrap();
    let rules: BTreeSet<&str> = findings.iter().map(|found| found["rule"].as_str().unwrap()).collect();
    assert!(rules.len() > 5, "{rules:?}");
    let (table, details) = out.split_once("Runs are").unwrap();
    for rule in &rules {
        assert!(table.contains(rule), "{rule}: {table}");
    }
    for found in findings {
        let (rule, verdict) = (found["rule"].as_str().unwrap(), found["verdict"].as_str().unwrap());
        let head = format!("\n{rule} [{verdict}], in {} run", found["count"]);
        assert!(details.contains(&head), "{head}: {details}");
    }
    assert_eq!(details.matches("\n  shrunk  ").count(), findings.len());
    assert!(details.contains("\nper run ") && details.contains("\nsometimes\n"), "{details}");
    // Without the stories, a merged result still lists what was found.
    let merged = lostkey(&["merge", &json.display().to_string()]);
    for rule in rules {
        assert!(merged.out.contains(&format!("{rule} [")), "{rule}: {}", merged.out);
    }
}

#[test]
fn decisions_without_a_finding_are_named_too() {
    let file = folder("quiet").join("quiet.yaml");
    let story = fs::read_to_string(root().join(STORY)).unwrap();
    // Nobody gets that far in so few runs.
    let story = story.replace("link-uses: many", "failures-max: 90");
    fs::write(&file, &story).unwrap();
    let ran = lostkey(&["drill", &file.display().to_string(), "--runs", "200"]);
    let says = "Also different from the norm's policy, without a failure in these runs: failures-max: 90. ";
    assert!(ran.out.contains(says), "{}", ran.out);
    // A weakness that is known is named.
    let story = story.replace("failures-max: 90", "lockout: none");
    fs::write(&file, story).unwrap();
    let ran = lostkey(&["drill", &file.display().to_string(), "--runs", "20"]);
    let says = "without a failure in these runs: lockout: none (open to T28). A weakness can need more runs";
    assert!(ran.out.replace('\n', " ").contains(says), "{}", ran.out);
    assert!(!lostkey(&["drill", "--runs", "20"]).out.contains("Also different"));
}
