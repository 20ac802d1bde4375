//! End-to-end tests of machines with too little of something, and of signals.

use std::fs;

use crate::Ran;
use crate::drill::folder;
use crate::files_and_machines::shell;

const WEAK: &str = "scenarios/weaknesses/L01.yaml";

/// Whether it ended because of the machine, and says so without a panic.
fn is_of_the_machine(ran: &Ran) -> bool {
    let all = format!("{}{}", ran.out, ran.err);
    ran.exit == 3 && (all.contains("error: ") || all.contains("  why ")) && !all.contains("panicked")
}

#[test]
fn too_few_descriptors_are_the_trouble_of_the_machine() {
    let feature = folder("descriptors").join("one.feature");
    fs::write(&feature, "Feature: One\n  Scenario: Only\n    Given the story \"lost-device\"\n").unwrap();
    let feature = feature.display();
    let events = |ran: &Ran| {
        ran.err
            .lines()
            .filter_map(|line| line.split(": ").nth(1)?.split(' ').next())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let whole = events(&shell("lostkey play scenarios/lost-device.yaml --stage both"));
    assert_eq!(whole.len(), 2, "{whole:?}");
    for most in (4..=24).chain([28, 32, 36, 40, 44, 48, 56, 64]) {
        let ran = shell(&format!("ulimit -n {most}; lostkey play scenarios/lost-device.yaml --stage both"));
        let well = ran.exit == 0 && events(&ran) == whole;
        assert!(well || is_of_the_machine(&ran), "{most}: {} {}{}", ran.exit, ran.out, ran.err);
        assert!(well || most < 64, "{most}: {}", ran.err);
    }
    for most in [6, 7, 8, 12, 18, 22, 40, 50] {
        let ran = shell(&format!("ulimit -n {most}; lostkey run {feature} --stage both"));
        assert!(ran.exit == 0 || is_of_the_machine(&ran), "{most}: {} {}{}", ran.exit, ran.out, ran.err);
        assert!(ran.exit == 0 || !ran.out.contains("are equal"), "{most}: {}", ran.out);
        let is_half = ran.out.contains("wire stage");
        assert!(ran.exit == 0 || !is_half || ran.out.contains("so no traces were compared"), "{}", ran.out);
        let ran = shell(&format!("ulimit -n {most}; lostkey drill {WEAK} --runs 60"));
        assert!(ran.exit == 1 || is_of_the_machine(&ran), "{most}: {} {}{}", ran.exit, ran.out, ran.err);
    }
    for most in [6, 7, 12] {
        let ran = shell(&format!("ulimit -n {most}; timeout 60 lostkey serve"));
        assert!(is_of_the_machine(&ran), "{most}: {} {}{}", ran.exit, ran.out, ran.err);
    }
}

#[test]
fn a_limit_of_the_length_of_files_loses_the_file_and_nothing_else() {
    let folder = folder("file-limit");
    let json = folder.join("result.json");
    let ran = shell(&format!("ulimit -f 1; lostkey drill {WEAK} --runs 60 --json {}", json.display()));
    assert_eq!(ran.exit, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("single-use/") && ran.out.contains("60 runs in "), "{}", ran.out);
    assert!(ran.err.contains("error: cannot write ") && ran.err.contains("result.json"), "{}", ran.err);
    assert!(!json.exists());
    let out = folder.join("out");
    for args in ["play scenarios/lost-device.yaml", "schema"] {
        let ran = shell(&format!("ulimit -f 1; lostkey {args} > {}", out.display()));
        assert_eq!(ran.exit, 3, "{args}: {}", ran.err);
        assert!(ran.err.contains("error: cannot write to standard output: "), "{args}: {}", ran.err);
    }
}

#[test]
fn a_terminal_that_is_gone_ends_a_drill_with_its_results_unless_it_is_to_go_on() {
    // The shell waits for the line that a drill prints when it has begun, and sends the signal then.
    let drill = |before: &str, signal: &str| {
        let folder = folder(&format!("hang-up-{}", before.len()));
        let lines = folder.join("result.json.lines");
        shell(&format!(
            "{before} lostkey drill {WEAK} --runs 900000 --json {} & pid=$!; \
             while ! [ -s {lines} ] || [ $(wc -l < {lines}) -lt 2 ]; do :; done; \
             kill -{signal} $pid; wait $pid",
            folder.join("result.json").display(),
            lines = lines.display(),
        ))
    };
    let ran = drill("", "HUP");
    assert_eq!(ran.exit, 1, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("error: interrupted after ") && ran.out.contains("single-use/"), "{}", ran.err);
    // As under `nohup`. If the first signal counted, the second one would end the drill at once, with 130.
    let ran = drill("trap '' HUP;", "HUP $pid; kill -TERM");
    assert_eq!(ran.exit, 1, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("error: interrupted after ") && ran.out.contains("single-use/"), "{}", ran.err);
}
