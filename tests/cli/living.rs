//! End-to-end tests of what a team lives with: acceptances, baselines, earlier drills, known failures.

use std::fs;
use std::path::{Path, PathBuf};

use crate::drill::folder;
use crate::{Ran, lostkey};

const TWO: &str = "
about: Ana and Ben have lost their phones, and nobody is told of a recovery.
accepts:
  - { rule: notices/recovery-untold, account: ana, because: Ana is the test account., until: 2027-01-01 }
  - { rule: notices/assignment-untold, because: The new template is not out., until: 2027-06-01 }
  - { rule: single-use/link-twice, because: Old mails., until: 2026-01-01 }
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices: { phone-app: { state: lost } }
  ben:
    user: ben@example.com
    password: wooden spoon in the drawer
    number: 2345 6789 0123
    phone: +34 600 000 002
    devices: { phone-app: { state: lost } }
policy: { notify: nobody }
";

const FEATURE: &str = "Feature: Two of one house
  Scenario: Both recover
    Given the story \"two\"
    When everybody acts by habit
    Then the story comes to its end
";

/// What the story must accept besides, so that nothing is left to object to.
const REST: &str = "  - { rule: notices/recovery-untold, because: So be it., until: 2027-01-01 }
  - { rule: notices/deactivation-untold, because: So be it., until: 2027-01-01 }
accounts:";

/// A folder with the story and its feature.
fn two(name: &str, story: &str) -> PathBuf {
    let folder = folder(name);
    fs::write(folder.join("two.yaml"), story).unwrap();
    fs::write(folder.join("two.feature"), FEATURE).unwrap();
    folder
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Runs `lostkey` on the day before the acceptances end, unless the arguments name another day.
fn on_a_day(args: &[&str]) -> Ran {
    let day = ["--today", "2026-12-01"];
    lostkey(&if args.contains(&"--today") { args.to_vec() } else { [args, &day].concat() })
}

/// Exit code and output, without times and the folder.
fn told(ran: &Ran, folder: &Path) -> String {
    ran.told().replace(&shown(folder), "DIR")
}

#[test]
fn an_accepted_finding_is_told_in_one_line_and_the_others_fail() {
    let folder = two("accepts-some", TWO);
    let (dir, story) = (shown(&folder), shown(&folder.join("two.yaml")));
    let ran = on_a_day(&["run", &dir, "--scenarios", &dir, "--stage", "both"]);
    assert_eq!(ran.exit, 1);
    insta::assert_snapshot!("accepts-some-run", told(&ran, &folder));
    let ran = on_a_day(&["check", &story]);
    assert_eq!(ran.exit, 0, "{}", ran.out);
    insta::assert_snapshot!("accepts-some-check", told(&ran, &folder));
    let played = on_a_day(&["play", &story]);
    let replayed = on_a_day(&["replay", &story]);
    assert_eq!((played.exit, &played.out), (1, &replayed.out), "{}", played.err);
    for line in [
        "accepted  notices/recovery-untold of ana in story two, 1 finding, until 2027-01-01: Ana is the test account.",
        "accepted  notices/assignment-untold in story two, 2 findings, until 2027-06-01: The new template is not out.",
        "no longer needed  single-use/link-twice in story two, accepted until 2026-01-01: nothing objected in this play; remove the acceptance",
        "notices/recovery-untold [outside the norm] at",
    ] {
        assert_eq!(played.out.matches(line).count(), 1, "{line}: {}", played.out);
    }
    let json = on_a_day(&["play", &story, "--json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&json.out).is_ok(), "the trace only: {}", json.out);
    assert!(json.err.contains("accepted  notices/recovery-untold of ana"), "{}", json.err);
}

#[test]
fn whoever_accepts_everything_passes_until_the_day_has_passed() {
    let folder = two("accepts-all", &TWO.replace("accounts:", REST));
    let dir = shown(&folder);
    let (junit, json) = (shown(&folder.join("junit.xml")), shown(&folder.join("cucumber.json")));
    let run = |day: &str| {
        let (junit, json) = (format!("junit={junit}"), format!("json={json}"));
        lostkey(&["run", &dir, "--scenarios", &dir, "--report", &junit, "--report", &json, "--today", day])
    };
    assert_eq!(run("2027-01-01").exit, 0, "on the last day");
    let text = fs::read_to_string(&junit).unwrap();
    assert!(text.contains(r#"failures="0""#) && text.contains(r#"<property name="accepted""#), "{text}");
    assert!(text.contains("<system-out>accepted until 2027-"), "{text}");
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let steps = report[0]["elements"][0]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["result"]["status"] == "passed"), "{steps:#?}");
    let outputs = steps.iter().filter_map(|step| step["output"][0].as_str());
    assert_eq!(outputs.filter(|output| output.starts_with("accepted until 2027-")).count(), 6);
    let ran = run("2027-01-02");
    assert_eq!(ran.exit, 1);
    assert!(ran.out.contains("; its acceptance ended on 2027-01-01 (because: So be it.)"), "{}", ran.out);
    assert!(ran.out.contains(" --today 2027-01-02"), "the line to paste is about the same day: {}", ran.out);
    let text = fs::read_to_string(&junit).unwrap();
    assert!(text.contains("its acceptance ended on 2027-01-01"), "{text}");
    // Without the option, it is about today, which is after 2025.
    let past = fs::read_to_string(folder.join("two.yaml")).unwrap().replace("2027-", "2025-");
    fs::write(folder.join("two.yaml"), past).unwrap();
    assert_eq!(lostkey(&["run", &dir, "--scenarios", &dir]).exit, 1);
}

#[test]
fn a_drill_counts_what_its_base_accepts_and_fails_for_the_rest() {
    let folder = two("accepts-drill", &TWO.replace("accounts:", REST));
    let (story, saved) = (shown(&folder.join("two.yaml")), shown(&folder.join("saved")));
    let json = shown(&folder.join("result.json"));
    let drill = |day: &str, more: &[&str]| {
        lostkey(&[&["drill", &story, "--runs", "60", "--json", &json, "--today", day], more].concat())
    };
    // An owner who is called late, or a code that is used up, may open other rules; nobody is told of them either.
    let ran = drill("2026-12-01", &["--save", &saved]);
    let line = "  accepted  notices/recovery-untold of ana in story two, in ";
    assert!(ran.out.contains(line), "{}", ran.out);
    assert!(ran.out.contains("  no longer needed  single-use/link-twice in story two, accepted until 2026-01-01: nothing objected in 60 runs"), "{}", ran.out);
    let result: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let accepted: Vec<&str> =
        result["accepted"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(accepted.len(), 5, "{accepted:?}");
    let is_accepted = |finding: &serde_json::Value| {
        ["notices/recovery-untold", "notices/assignment-untold", "notices/deactivation-untold"]
            .contains(&finding["rule"].as_str().unwrap())
    };
    assert!(!result["findings"].as_array().unwrap().iter().any(is_accepted), "{}", result["findings"]);
    let ran = drill("2027-01-02", &[]);
    assert_eq!(ran.exit, 1);
    let ended = "  accepted until 2027-01-01, which has passed: notices/recovery-untold";
    assert!(ran.out.contains(ended), "{}", ran.out);
    let result: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let says: Vec<&str> = result["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["says"].as_str())
        .collect();
    assert!(
        says.iter().any(|says| says.contains("; its acceptance ended on 2027-01-01 (because: ")),
        "{says:?}"
    );
}

#[test]
fn what_a_drill_saves_is_never_what_the_story_accepts() {
    // Ben is the first to recover.
    let folder = two("accepts-one-of-two", &TWO.replace("account: ana", "account: ben"));
    let (story, saved) = (shown(&folder.join("two.yaml")), folder.join("saved"));
    let ran = on_a_day(&["drill", &story, "--runs", "100", "--save", &shown(&saved)]);
    assert_eq!(ran.exit, 1);
    let features: Vec<String> = fs::read_dir(&saved)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "feature"))
        .map(|path| fs::read_to_string(path).unwrap())
        .filter(|feature| feature.contains("(notices/recovery-untold, "))
        .collect();
    assert!(!features.is_empty());
    for feature in features {
        assert!(feature.contains("was never sent to ana@example.com"), "{feature}");
    }
    // The same, once the acceptance has ended: now it may be either.
    let later = shown(&folder.join("later"));
    let ran = lostkey(&["drill", &story, "--runs", "100", "--save", &later, "--today", "2027-01-02"]);
    assert!(ran.out.contains("notices/recovery-untold: "), "{}", ran.out);
    let known = lostkey(&["drill", &story, "--runs", "1", "--known", &later, "--today", "2027-01-02"]);
    assert!(known.out.contains(" 0 fixed\n"), "{}", known.out);
}

#[test]
fn a_baseline_of_a_run_lets_known_findings_pass_and_new_ones_fail() {
    let folder = two("baseline-run", TWO);
    let (dir, file) = (shown(&folder), shown(&folder.join("baseline.json")));
    let run = |more: &[&str]| on_a_day(&[&["run", &dir, "--scenarios", &dir], more].concat());
    assert_eq!(run(&[]).exit, 1);
    let ran = run(&["--write-baseline", &file]);
    assert_eq!(ran.exit, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("FAIL"), "what goes into the baseline is shown: {}", ran.out);
    insta::assert_snapshot!("baseline-file", fs::read_to_string(&file).unwrap());
    let ran = run(&["--baseline", &file]);
    assert_eq!(ran.exit, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("  known     3 findings of the baseline "), "{}", ran.out);
    // Another rule objects.
    let story = fs::read_to_string(folder.join("two.yaml")).unwrap();
    let weaker = story.replace("{ notify: nobody }", "{ notify: nobody, rotation: never }");
    fs::write(folder.join("two.yaml"), weaker).unwrap();
    let ran = run(&["--baseline", &file]);
    assert_eq!(ran.exit, 1);
    assert!(ran.out.contains("  why     session/not-renamed"), "{}", ran.out);
    assert!(!ran.out.contains("  finding notices/"), "{}", ran.out);
    // It goes into the baseline, and what was there stays.
    let ran = run(&["--baseline", &file, "--write-baseline", &file]);
    assert_eq!(ran.exit, 0, "{}{}", ran.out, ran.err);
    assert_eq!(run(&["--baseline", &file]).exit, 0);
    fs::write(folder.join("two.yaml"), story.replace("policy: { notify: nobody }", "")).unwrap();
    let ran = run(&["--baseline", &file]);
    assert_eq!(ran.exit, 0, "{}", ran.out);
    assert!(ran.out.contains("others did not occur"), "{}", ran.out);
    // What did not occur stays in a baseline that is added to.
    assert_eq!(run(&["--baseline", &file, "--write-baseline", &file]).exit, 0);
    fs::write(folder.join("two.yaml"), &story).unwrap();
    assert_eq!(run(&["--baseline", &file]).exit, 0);
    // A step that does not hold is no finding.
    let broken = FEATURE
        .replace("the story comes", "within 1 minute she reads \"No such text\"\n    And the story comes");
    fs::write(folder.join("two.feature"), broken).unwrap();
    assert_eq!(run(&["--write-baseline", &file]).exit, 1);
}

#[test]
fn a_baseline_of_a_drill_holds_for_other_seeds_and_fails_for_other_rules() {
    let text = TWO.replace("accepts:", "# accepts:").replace("  - {", "#  - {");
    let folder = two("baseline-drill", &text.replace("notify: nobody", "rotation: never"));
    let story = shown(&folder.join("two.yaml"));
    let (file, json) = (shown(&folder.join("baseline.json")), shown(&folder.join("first.json")));
    let drill = |more: &[&str]| lostkey(&[&["drill", &story, "--runs", "200"], more].concat());
    assert_eq!(drill(&["--json", &json]).exit, 1);
    let ran = drill(&["--write-baseline", &file]);
    assert_eq!(ran.exit, 0, "{}{}", ran.out, ran.err);
    // The result of a drill is a baseline, too.
    for baseline in [&file, &json] {
        for seed in ["1", "2"] {
            let ran = drill(&["--baseline", baseline, "--seed", seed, "--expect", "tickets < 100%"]);
            assert_eq!(ran.exit, 0, "{baseline} {seed}: {}{}", ran.out, ran.err);
            assert!(ran.out.contains("  known     ") && ran.out.contains("; no findings\n"), "{}", ran.out);
        }
    }
    // An expectation that is not met fails all the same.
    assert_eq!(drill(&["--baseline", &file, "--expect", "tickets = 100%"]).exit, 1);
    assert_eq!(drill(&["--write-baseline", &file, "--expect", "tickets = 100%"]).exit, 1);
    let weaker = fs::read_to_string(&story)
        .unwrap()
        .replace("{ rotation: never }", "{ notify: nobody, rotation: never }");
    fs::write(&story, weaker).unwrap();
    let second = shown(&folder.join("second.json"));
    let ran = drill(&["--baseline", &file, "--json", &second]);
    assert_eq!(ran.exit, 1);
    assert!(
        ran.out.contains("notices/recovery-untold: ") && !ran.out.contains("session/not-renamed: "),
        "{}",
        ran.out
    );
    let result: serde_json::Value = serde_json::from_str(&fs::read_to_string(&second).unwrap()).unwrap();
    let rules = |list: &str| -> Vec<String> {
        let all = result[list].as_array().unwrap().iter();
        all.map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert!(rules("findings").iter().all(|rule| rule != "session/not-renamed"), "{:?}", rules("findings"));
    assert!(rules("known").contains(&"session/not-renamed".to_owned()), "{:?}", rules("known"));
    // Shards and a merge judge by the same baseline.
    for i in ["1", "2"] {
        let (shard, part) = (format!("{i}/2"), shown(&folder.join(format!("shard-{i}"))));
        drill(&["--shard", &shard, "--json", &part]);
    }
    let parts = [shown(&folder.join("shard-1")), shown(&folder.join("shard-2"))];
    let merge = |baseline: &str| lostkey(&["merge", &parts[0], &parts[1], "--baseline", baseline]).exit;
    assert_eq!((merge(&file), merge(&second)), (1, 0));
}

#[test]
fn what_is_no_baseline_ends_with_2_before_anything_is_played() {
    let folder = two("baseline-bad", TWO);
    let (dir, file) = (shown(&folder), folder.join("bad.json"));
    let mut all = String::new();
    for text in [
        "",
        "{\"lostkey-baseline\": 1,",
        "{\"issues\": []}",
        "{\"lostkey-baseline\": 1, \"norm\": \"asvs\", \"findings\": []}",
    ] {
        fs::write(&file, text).unwrap();
        let bad = shown(&file);
        let ran = on_a_day(&["run", &dir, "--scenarios", &dir, "--baseline", &bad]);
        let drilled = lostkey(&["drill", "--runs", "1", "--baseline", &bad]);
        assert_eq!((ran.exit, drilled.exit), (2, 2), "{text}");
        assert_eq!((ran.out.as_str(), &ran.err), ("", &drilled.err), "{text}");
        all.push_str(&told(&ran, &folder));
    }
    let ran = lostkey(&["drill", "--runs", "1", "--baseline", &shown(&folder.join("none.json"))]);
    assert_eq!(ran.exit, 2);
    all.push_str(&told(&ran, &folder));
    let ran = lostkey(&["drill", "--runs", "1", "--against", &shown(&file)]);
    assert_eq!(ran.exit, 2);
    all.push_str(&told(&ran, &folder));
    let ran = lostkey(&["drill", "--runs", "1", "--write-baseline", &dir]);
    assert_eq!(ran.exit, 3);
    all.push_str(&told(&ran, &folder));
    insta::assert_snapshot!("baseline-bad", all);
}

#[test]
fn a_drill_is_compared_with_an_earlier_one() {
    let folder = folder("against");
    let (story, last) = (folder.join("two.yaml"), shown(&folder.join("last.json")));
    let with = |policy: &str| {
        let text = TWO.replace("accepts:", "# accepts:").replace("  - {", "#  - {");
        fs::write(&story, text.replace("{ notify: nobody }", policy)).unwrap();
    };
    let drill = |more: &[&str]| lostkey(&[&["drill", &shown(&story), "--runs", "200"], more].concat());
    with("{ notify: nobody }");
    drill(&["--json", &last]);
    let same = drill(&["--seed", "2", "--against", &last]);
    assert!(
        same.out.contains("  still there   notices/recovery-untold [outside the norm] (two: ana): in "),
        "{}",
        same.out
    );
    assert!(!same.out.contains("  new ") && !same.out.contains("  gone "), "{}", same.out);
    assert!(!same.out.contains("drew from other stories"), "{}", same.out);
    with("{ rotation: never }");
    let other = drill(&["--against", &last]);
    assert!(
        other.out.contains(
            "  gone          notices/recovery-untold [outside the norm] (two: ana): in 0 of 200 runs, "
        ),
        "{}",
        other.out
    );
    assert!(other.out.contains("  new           session/not-renamed ["), "{}", other.out);
    assert!(other.out.contains("note: it drew from other stories"), "{}", other.out);
    // What a drill does not draw from is not gone.
    let drawn = ["drill", "scenarios/lost-device.yaml", "--runs", "200"];
    let others = lostkey(&[&drawn[..], &["--against", &last]].concat());
    assert!(others.out.contains("  not drawn     notices/recovery-untold ["), "{}", others.out);
    assert!(!others.out.contains("  gone "), "{}", others.out);
    let lost = shown(&folder.join("lost.json"));
    lostkey(&[&drawn[..], &["--json", &lost]].concat());
    with("{ notify: nobody }");
    let others = drill(&["--against", &lost]);
    assert!(others.out.contains(": the other drill did not draw from its story"), "{}", others.out);
    // A drill of a few runs claims nothing.
    with("{}");
    let few = lostkey(&["drill", &shown(&story), "--runs", "1", "--against", &last]);
    assert!(
        few.out.contains("too few to tell whether it is gone; ") && !few.out.contains("  gone "),
        "{}",
        few.out
    );
    let ran = lostkey(&["drill", &shown(&story), "--runs", "1", "--against", &last, "--norm", "asvs"]);
    assert_eq!(ran.exit, 2);
    assert!(ran.err.contains("is judged by the norm `nist`, and this drill by `asvs`"), "{}", ran.err);
}

#[test]
fn known_failures_are_played_first_and_told_as_failing_or_fixed() {
    let folder = folder("known");
    let (story, saved) = (folder.join("S06.yaml"), folder.join("saved"));
    fs::copy("scenarios/weaknesses/S06.yaml", &story).unwrap();
    let dir = shown(&saved);
    let drill = |more: &[&str]| lostkey(&[&["drill", &shown(&story), "--runs", "60"], more].concat());
    let first = drill(&["--save", &dir]);
    assert_eq!(first.exit, 1);
    assert!(!first.out.contains("known failure"), "{}", first.out);
    let again = drill(&["--save", &dir]);
    assert!(again.out.contains(" played first: ") && again.out.contains("  still fails  "), "{}", again.out);
    let line =
        again.out.lines().find_map(|line| line.split_once("; lostkey ").map(|(_, rest)| rest)).unwrap();
    let pasted: Vec<&str> = line.split(' ').collect();
    assert_eq!(lostkey(&pasted).exit, 1, "{line}");
    // What the baseline knows is no failure, under the names of saved stories, too.
    let baseline = shown(&folder.join("baseline.json"));
    drill(&["--write-baseline", &baseline]);
    let known = drill(&["--known", &dir, "--baseline", &baseline]);
    assert_eq!(known.exit, 0, "{}", known.out);
    assert!(known.out.contains(", as the baseline knows"), "{}", known.out);
    // The policy of the drill is mended, that of the saved stories is not.
    let text = fs::read_to_string(&story).unwrap();
    fs::write(&story, text.replace("other-sessions: keep", "other-sessions: end")).unwrap();
    let mended = drill(&["--save", &dir]);
    assert_eq!(mended.exit, 0, "{}{}", mended.out, mended.err);
    assert!(mended.out.contains(", by the policy of this drill; with its own, it fails"), "{}", mended.out);
    let mut paths: Vec<PathBuf> = fs::read_dir(&saved).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, text.replace("other-sessions: keep", "other-sessions: end")).unwrap();
    }
    let fixed = drill(&["--known", &dir]);
    assert_eq!(fixed.exit, 0, "{}", fixed.out);
    assert!(fixed.out.contains(&format!("0 still fail, {} fixed", paths.len())), "{}", fixed.out);
    // A folder of stories must be one; the folder of --save may hold other files.
    fs::write(saved.join("pods.yaml"), "kind: Pod\n").unwrap();
    assert_eq!((drill(&["--known", &dir]).exit, drill(&["--save", &dir]).exit), (2, 0));
    let none = drill(&["--known", &shown(&folder.join("none"))]);
    assert_eq!(none.exit, 2);
    assert!(none.err.starts_with("error: cannot read "), "{}", none.err);
}
