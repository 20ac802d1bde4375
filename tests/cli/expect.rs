//! End-to-end tests of `drill --expect`.

use std::fs;

use crate::drill::{folder, result};
use crate::lostkey;

const STORY: &str = "scenarios/lost-device.yaml";

#[test]
fn an_expectation_that_is_not_met_ends_with_1_and_shows_a_run() {
    let drill = |expect: &str| lostkey(&["drill", STORY, "--runs", "300", "--expect", expect]);
    for met in ["recovered >= 1%", "time to recover p95 < 10d", "tickets mean < 9", "locked out <= 5%"] {
        let ran = drill(met);
        assert_eq!((ran.exit, ran.err.contains("error")), (0, false), "{met}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(&format!("  met       {met}: it is ")), "{}", ran.out);
    }
    for (unmet, shows) in [
        ("recovered = 100%", "GotIn"),
        ("time to recover max < 1s", "signs ana in by alternative factors"),
        ("tickets = 0%", "support"),
        ("device-assigned = 0%", "assign"),
    ] {
        let ran = drill(unmet);
        assert_eq!(ran.exit, 1, "{unmet}: {}", ran.out);
        assert!(ran.err.contains(&format!("error: expected {unmet}, but it is ")), "{}", ran.err);
        let line = ran.out.lines().find(|line| line.starts_with("  NOT MET   ")).unwrap();
        let (_, pasted) = line.split_once("; lostkey ").unwrap();
        let replayed = lostkey(&pasted.split(' ').collect::<Vec<_>>());
        assert_eq!(replayed.exit, 0, "{pasted}: {}", replayed.err);
        if shows != "GotIn" {
            assert!(replayed.out.contains(shows), "{unmet}: {pasted}\n{}", replayed.out);
        }
    }
}

#[test]
fn a_mistake_in_an_expectation_is_shown_with_a_caret() {
    let ran = lostkey(&["drill", "--expect", "time to recovr p95 < 1h", "--expect", "tickets < 3"]);
    assert_eq!(ran.exit, 2);
    insta::assert_snapshot!("expect-bad", ran.told());
    let help = lostkey(&["drill", "--help"]);
    for name in ["recovered when needed", "time to recover", "tickets"] {
        assert!(help.out.contains(name), "{}", help.out);
    }
}

#[test]
fn jobs_shards_and_a_resumed_drill_measure_the_same() {
    let folder = folder("expect");
    let file = |name: &str| folder.join(name).display().to_string();
    let expect = [
        "--expect",
        "time to recover p95 < 1s",
        "--expect",
        "tickets mean = 7",
        "--expect",
        "calls p50 >= 0",
    ];
    let drill = |more: &[&str]| {
        let ran = lostkey(&[&["drill", STORY, "--runs", "3000"], &expect[..], more].concat());
        assert_eq!(ran.exit, 1, "{}", ran.err);
        ran.out
    };
    // The lines about expectations, as a person reads them.
    let measured = |out: &str| -> Vec<String> {
        let lines =
            out.lines().filter(|line| line.starts_with("  NOT MET   ") || line.starts_with("  met       "));
        lines.map(str::to_owned).collect()
    };
    let whole = measured(&drill(&["--jobs", "1", "--json", &file("whole")]));
    assert_eq!(whole.len(), 3, "{whole:?}");
    assert_eq!(measured(&drill(&["--jobs", "3", "--json", &file("jobs")])), whole);
    assert_eq!(result(&folder.join("jobs")), result(&folder.join("whole")));
    let shards: Vec<String> = (1..=3).map(|i| file(&format!("shard-{i}"))).collect();
    for (i, shard) in shards.iter().enumerate() {
        drill(&["--shard", &format!("{}/3", i + 1), "--json", shard]);
    }
    let mut args = vec!["merge"];
    args.extend(shards.iter().map(String::as_str));
    args.extend(expect);
    let merged = lostkey(&args);
    assert_eq!((merged.exit, measured(&merged.out)), (1, whole.clone()), "{}", merged.err);
    // A drill that was cut off after its first thousand runs.
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let first = ["drill", STORY, "--runs", "1000", "--json", &file("first")];
    assert_eq!(lostkey(&first).exit, 0);
    let chunk = serde_json::json!({ "chunk": 0, "seconds": 1.5, "tally": read("first")["tally"] });
    fs::write(folder.join("resumed.lines"), format!("{}\n{chunk}\n", read("whole")["setup"])).unwrap();
    assert_eq!(measured(&drill(&["--json", &file("resumed")])), whole);
    assert_eq!(result(&folder.join("resumed")), result(&folder.join("whole")));
}
