//! End-to-end tests of results of drills that are no such results.

use std::fs;

use crate::drill::folder;
use crate::lostkey;

const WEAK: &str = "scenarios/weaknesses/L01.yaml";

#[test]
fn results_that_no_drill_writes_are_refused() {
    let folder = folder("impossible");
    let (good, bad) = (folder.join("good"), folder.join("bad"));
    let (shown, bad_shown) = (good.display().to_string(), bad.display().to_string());
    lostkey(&["drill", "--runs", "20", "--json", &shown]);
    let text = fs::read_to_string(&good).unwrap();
    let seconds = regex::Regex::new(r#""seconds": [0-9.e-]+"#).unwrap();
    let with = |value: &str| seconds.replace(&text, format!("\"seconds\": {value}")).into_owned();
    for (changed, says) in [
        (with("-1"), "no drill takes -1 seconds"),
        (with("1e300"), "no drill takes 1"),
        (text.replace("\"i\": 1,", "\"i\": 0,").replace("\"n\": 1\n", "\"n\": 0\n"), "there is no shard 0/0"),
        (text.replace("\"i\": 1,", "\"i\": 3,"), "there is no shard 3/1"),
        (
            text.replace("\"n\": 1\n", "\"n\": 18446744073709551615\n"),
            "shard 2/18446744073709551615 is missing",
        ),
    ] {
        assert_ne!(changed, text, "{says}");
        fs::write(&bad, changed).unwrap();
        let ran = lostkey(&["merge", &bad_shown]);
        assert_eq!(ran.exit, 2, "{says}: {}", ran.err);
        assert!(ran.err.contains(says), "{says}: {}", ran.err);
    }
    // Each shard has as many runs as there can be, and both have more.
    let halves = [("\"i\": 1,", 1), ("\"i\": 2,", 2)].map(|(i, number)| {
        let half = folder.join(format!("half-{number}"));
        fs::write(&half, text.replace("\"i\": 1,", i).replace("\"n\": 1\n", "\"n\": 2\n")).unwrap();
        half.display().to_string()
    });
    let ran = lostkey(&["merge", &halves[0], &halves[1]]);
    assert_eq!(ran.exit, 2, "{}", ran.out);
    assert!(ran.err.contains("have 40 runs together, but the whole has 20 at the most"), "{}", ran.err);
}

#[test]
fn counts_that_no_drill_comes_to_are_refused_by_all_that_read_them() {
    let folder = folder("counts");
    let (good, bad) = (folder.join("good"), folder.join("bad"));
    let (shown, bad_shown) = (good.display().to_string(), bad.display().to_string());
    lostkey(&["drill", WEAK, "--runs", "60", "--json", &shown]);
    let value: serde_json::Value = serde_json::from_str(&fs::read_to_string(&good).unwrap()).unwrap();
    let cause = value["tally"]["findings"].as_object().unwrap().keys().next().unwrap().clone();
    let set = |path: &[&str], to: u64| {
        let mut value = value.clone();
        let (last, first) = path.split_last().unwrap();
        let inner = first.iter().fold(&mut value, |value, key| &mut value[*key]);
        match last.parse::<usize>() {
            Ok(at) if inner.is_array() => inner[at] = to.into(),
            Ok(_) | Err(_) => inner[*last] = to.into(),
        }
        value
    };
    let found = ["tally", "findings", &cause, "count"];
    for (path, to, says) in [
        (&["tally", "runs"][..], 5, "it is of 60 runs, and its tally of 5"),
        (&["runs"], 5, "it is of 5 runs, and its tally of 60"),
        (&["setup", "runs"], 59, "it counts 60 runs, but there can be 59 at the most"),
        (&["tally", "ends", "recovered"], 99_999_999, " owners of runs, but there can be "),
        (&found, u64::MAX, "it counts 18446744073709551615 runs with `"),
        (&["tally", "sometimes", "0"], 61, "it counts 61 runs that reach a situation, but there can be 60"),
        (&["tally", "events", "9"], 61, " runs with a number of events, but there can be 60 at the most"),
        (
            &["tally", "figures", "emails", "counts", "1"],
            u64::MAX,
            " runs with a number of emails, but there",
        ),
    ] {
        fs::write(&bad, set(path, to).to_string()).unwrap();
        for args in [
            vec!["merge", &bad_shown],
            vec!["drill", WEAK, "--runs", "1", "--against", &bad_shown],
            vec!["drill", WEAK, "--runs", "1", "--baseline", &bad_shown],
        ] {
            let ran = lostkey(&args);
            assert_eq!((ran.exit, ran.out.as_str()), (2, ""), "{args:?} {path:?}: {}", ran.err);
            assert!(ran.err.contains(says) && ran.err.contains(&bad_shown), "{args:?}: {}", ran.err);
        }
    }
}

#[test]
fn a_file_that_is_no_result_is_told_by_what_is_missing() {
    let folder = folder("no-result");
    let file = folder.join("file");
    let shown = file.display().to_string();
    let ran = lostkey(&["merge", &shown]);
    assert_eq!((ran.exit, ran.err), (2, format!("error: cannot read {shown}: there is no such file\n")));
    for (text, says) in [
        ("", "it ends too early: the rest is missing"),
        ("{\"setup\": {", "it ends too early: the rest is missing"),
        ("no", "it is no JSON at line 1, column 2"),
        ("[1]", "it has no `setup`"),
        ("{\"a\": 1}", "it has no `setup`"),
        ("{\"setup\": {\"format\": 3}}", "it has no `version`"),
    ] {
        fs::write(&file, text).unwrap();
        for args in [vec!["merge", &shown], vec!["drill", "--runs", "1", "--against", &shown]] {
            let ran = lostkey(&args);
            let whole = format!("error: {shown} is not the result of a drill: {says}\n");
            assert_eq!((ran.exit, ran.err), (2, whole), "{text}");
        }
    }
}
