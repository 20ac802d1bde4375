//! End-to-end tests of drills: saved findings, shards, determinism, and resuming.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{files, lostkey};

/// Creates an empty folder for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A drill's result without real times and shard, which differ between runs.
pub(crate) fn result(file: &Path) -> serde_json::Value {
    let mut result: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    for time in ["seconds", "runs_per_second"] {
        assert!(result[time].is_number(), "{time}");
        result[time] = serde_json::Value::Null;
    }
    result["setup"]["shard"] = serde_json::Value::Null;
    result
}

/// Ten weaknesses that are found quickly, and the policy value that fixes each.
const MENDED: [(&str, &str, &str); 10] = [
    ("L01", "link-uses: many", "link-uses: once"),
    ("L10", "link-fetch: confirms", "link-fetch: shows-button"),
    ("M01", "notify: nobody", "notify: all-addresses"),
    ("P16", "phone-proof: completed-call", "phone-proof: right-digits"),
    ("P17", "webhook-signature: ignored", "webhook-signature: required"),
    ("S01", "step-order: free", "step-order: enforced"),
    ("S05", "rotation: never", "rotation: at-each-step"),
    ("S06", "other-sessions: keep", "other-sessions: end"),
    ("T03", "sign-in-window: 60", "sign-in-window: 1"),
    ("U01", "support-proof: nothing", "support-proof: call-back-and-identity"),
];

#[test]
fn what_is_saved_fails_on_both_stages_and_passes_once_the_policy_is_mended() {
    for (id, flaw, mended) in MENDED {
        let saved = folder(&format!("saved-{id}"));
        let (weak, shown) = (format!("scenarios/weaknesses/{id}.yaml"), saved.display().to_string());
        let ran = lostkey(&["drill", &weak, "--runs", "60", "--save", &shown]);
        assert_eq!(ran.exit, 1, "{id}: {}", ran.err);
        assert!(ran.out.contains(" lostkey replay "), "{}", ran.out);
        let features: Vec<PathBuf> = fs::read_dir(&saved)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "feature"))
            .collect();
        assert!(!features.is_empty(), "{id} saved nothing");
        for feature in features {
            let feature = feature.display().to_string();
            let again = ["run", &feature, "--scenarios", &shown, "--stage", "both"];
            let ran = lostkey(&again);
            assert_eq!(ran.exit, 1, "{id}: {}{}", ran.out, ran.err);
            let objects = ["[outside the norm]", "[broke its own policy]"];
            assert!(objects.iter().any(|verdict| ran.out.contains(verdict)), "{id}: {}", ran.out);
            // Whatever else fails, the finding that the file is named for comes first.
            let why = ran.out.split("\n  why     ").nth(1).unwrap().split(' ').next().unwrap();
            let name = Path::new(&feature).file_stem().unwrap().to_string_lossy().into_owned();
            assert!(name.starts_with(&why.replace('/', "-")), "{name} begins with {why}");
            assert!(ran.out.contains("\n  oracle  "), "{}", ran.out);
            assert!(ran.out.contains("The traces of both stages are equal"), "{id}: {}", ran.out);
            let story = feature.replace(".feature", ".yaml");
            let text = fs::read_to_string(&story).unwrap();
            assert!(text.contains(flaw), "{id}: {text}");
            fs::write(&story, text.replace(flaw, mended)).unwrap();
            let ran = lostkey(&again);
            assert_eq!(ran.exit, 0, "{id} mended: {}{}", ran.out, ran.err);
        }
    }
}

#[test]
fn each_weakness_is_found_by_its_oracle() {
    let file = folder("weaknesses").join("result.json");
    let ran = lostkey(&["drill", "--weaknesses", "--runs", "300", "--json", &file.display().to_string()]);
    let result: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let all = result["weaknesses"].as_array().unwrap();
    assert_eq!(all.len(), files("scenarios/weaknesses", "yaml").len());
    let found = all.iter().filter(|one| one["found"] == true).count();
    // The rarest ones take thousands of runs, which are left to longer drills.
    assert!(found >= 24, "{found}: {}", ran.out);
    assert_eq!(ran.exit, i32::from(found < all.len()));
}

#[test]
fn shards_make_the_whole_and_jobs_change_nothing() {
    let folder = folder("shards");
    let file = |name: &str| folder.join(name).display().to_string();
    let drill = |more: &[&str]| {
        let ran = lostkey(&[&["drill", "scenarios/weaknesses/S05.yaml", "--runs", "2000"], more].concat());
        assert_eq!(ran.exit, 1, "{}", ran.err);
    };
    drill(&["--jobs", "1", "--json", &file("whole"), "--check-determinism", "1%"]);
    drill(&["--jobs", "3", "--json", &file("three-jobs")]);
    let whole = result(&folder.join("whole"));
    assert_eq!(result(&folder.join("three-jobs")), whole);
    for i in 1..=4 {
        drill(&["--shard", &format!("{i}/4"), "--json", &file(&format!("shard-{i}"))]);
    }
    let shards: Vec<String> = (1..=4).map(|i| file(&format!("shard-{i}"))).collect();
    let merge = |shards: &[String]| {
        let mut args = vec!["merge"];
        args.extend(shards.iter().map(String::as_str));
        let merged = file("merged");
        args.extend(["--json", &merged]);
        lostkey(&args)
    };
    assert_eq!(merge(&shards).exit, 1);
    assert_eq!(result(&folder.join("merged")), whole);
    let ran = merge(&shards[..3]);
    assert_eq!((ran.exit, ran.err.as_str()), (2, "error: shard 4/4 is missing\n"));
}

#[test]
fn a_drill_in_which_nobody_gets_through_is_not_clean() {
    let folder = folder("must-reach");
    let (file, no_phone) = (folder.join("result").display().to_string(), folder.join("no-phone.yaml"));
    // Nobody can be called here, so everybody recovers with support, and no invariant is violated.
    let story = fs::read_to_string("scenarios/lost-device.yaml").unwrap();
    let story: String =
        story.lines().filter(|line| !line.contains("phone:")).map(|l| l.to_owned() + "\n").collect();
    fs::write(&no_phone, story).unwrap();
    let drill = |must: &str| {
        let story = no_phone.display().to_string();
        let ran = lostkey(&["drill", &story, "--runs", "200", "--json", &file, "--must-reach", must]);
        (ran.exit, ran.err.lines().last().unwrap_or_default().to_owned())
    };
    assert_eq!(drill("support-reset").0, 0);
    let says = "error: no run reached recovered, voicemail";
    assert_eq!(drill("support-reset,voicemail,recovered"), (1, says.to_owned()));
    let ran = lostkey(&["merge", &file, "--must-reach", "all"]);
    assert_eq!(ran.exit, 1);
    assert!(ran.err.starts_with("error: no run reached recovered, "), "{}", ran.err);
    let ran = lostkey(&["drill", "--must-reach", "recoverd"]);
    assert_eq!(ran.exit, 2);
    assert!(ran.err.contains("did you mean `recovered`?"), "{}", ran.err);
}

#[test]
fn a_drill_that_was_cut_off_goes_on_from_its_lines() {
    let folder = folder("cut-off");
    let shown = folder.join("result").display().to_string();
    let args = ["drill", "scenarios/weaknesses/S05.yaml", "--runs", "3000", "--json", &shown];
    assert_eq!(lostkey(&args).exit, 1);
    let whole = result(&folder.join("result"));
    assert!(!folder.join("result.lines").exists(), "the lines have done their work");
    // As if it had been killed while writing its second line: header, one chunk, half a chunk.
    let runs = whole["runs"].as_u64().unwrap();
    assert_eq!(runs, 3_000);
    let setup: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("result")).unwrap()).unwrap();
    // The counts of all three chunks show that this one is not played again.
    let chunk = serde_json::json!({ "chunk": 0, "seconds": 1.5, "tally": whole["tally"] });
    let half = &chunk.to_string()[..40];
    // The journal's header is the setup of the result.
    fs::write(folder.join("result.lines"), format!("{}\n{chunk}\n{half}", setup["setup"])).unwrap();
    assert_eq!(lostkey(&args).exit, 1);
    assert_eq!(result(&folder.join("result"))["runs"], 2_000 + 3_000);
    // Whatever a power cut leaves after the last line, and counts that no chunk comes to, are played again.
    let mut impossible = chunk.clone();
    impossible["tally"]["ends"]["recovered"] = u64::MAX.into();
    for (rest, runs) in [
        ([chunk.to_string().as_bytes(), b"\n\xff\x00\xfe\x80"].concat(), 5_000),
        ([chunk.to_string().as_bytes(), b"\n\xff\x00\xfe\x80\n"].concat(), 5_000),
        ([b"\xff\n", chunk.to_string().as_bytes(), b"\n"].concat(), 5_000),
        (format!("{impossible}\n").into_bytes(), 3_000),
    ] {
        let lines = [format!("{}\n", setup["setup"]).as_bytes(), &rest].concat();
        fs::write(folder.join("result.lines"), lines).unwrap();
        let ran = lostkey(&args);
        assert_eq!(ran.exit, 1, "{}", ran.err);
        assert_eq!(result(&folder.join("result"))["runs"], runs);
    }
    let mut other = setup["setup"].clone();
    other["seed"] = 99.into();
    for (line, says) in [
        (format!("{other}\n").into_bytes(), "belongs to another drill"),
        (b"{\"another\": \"drill\"}\n".to_vec(), "result.lines is damaged at line 1: delete it"),
        (b"\xff\xfe\n".to_vec(), "result.lines is damaged at line 1: delete it"),
    ] {
        fs::write(folder.join("result.lines"), line).unwrap();
        let ran = lostkey(&args);
        assert_eq!(ran.exit, 2);
        assert!(ran.err.contains(says), "{}", ran.err);
    }
}

#[test]
fn a_drill_that_is_killed_loses_nothing_that_it_reported() {
    let folder = folder("killed");
    let args = |name: &str| -> Vec<String> {
        let json = folder.join(name).display().to_string();
        let fixed = ["drill", "--runs", "20000", "--shard", "2/2", "--seed", "5", "--jobs", "1", "--json"];
        fixed.into_iter().map(str::to_owned).chain([json]).collect()
    };
    let mut child = Command::new(env!("CARGO_BIN_EXE_lostkey"))
        .arg0("lostkey")
        .env_remove("CARGO")
        .args(args("result"))
        .current_dir(crate::root())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // Without a terminal, a line reports the first chunk once it is recorded.
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.ends_with(" of 10,000 runs, no findings so far\n"), "{line}");
    // SIGKILL: the process cannot clean up.
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = fs::read_to_string(folder.join("result.lines")).unwrap();
    assert!(kept.lines().count() >= 2, "{kept}");
    assert!(!folder.join("result").exists());
    let again = args("result");
    let again: Vec<&str> = again.iter().map(String::as_str).collect();
    assert_eq!(lostkey(&again).exit, 0);
    let whole = args("whole");
    let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
    assert_eq!(lostkey(&whole).exit, 0);
    assert_eq!(result(&folder.join("result")), result(&folder.join("whole")));
}

#[test]
fn a_run_is_replayed_from_its_seed() {
    let ran = lostkey(&["replay", "1000000000"]);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    assert!(ran.out.contains("ana"), "{}", ran.out);
    let story = lostkey(&["replay", "1000000000", "--story"]);
    let file = folder("replayed").join("story.yaml");
    fs::write(&file, &story.out).unwrap();
    let again = lostkey(&["replay", &file.display().to_string(), "--stage", "both"]);
    assert_eq!((again.exit, again.out), (0, ran.out));
}

#[test]
fn the_witness_says_the_same_whatever_the_number_of_threads() {
    let table = |jobs: &str| {
        let ran = lostkey(&["drill", "--runs", "1500", "--jobs", jobs, "--witness"]);
        assert_eq!(ran.exit, 0, "{}{}", ran.out, ran.err);
        let (_, table) = ran.out.split_once("\nwitness ").unwrap();
        table.to_owned()
    };
    let one = table("1");
    let seen = one.lines().find(|line| line.starts_with("password accepted")).unwrap();
    let figures: Vec<u64> = seen.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [reported, seen, invented, ..] = figures[..] else { panic!("{seen}") };
    assert!(seen > 1_000 && reported >= seen && invented == 0, "{one}");
    assert_eq!(table("2"), one);
}

#[test]
fn a_drill_without_the_witness_prints_no_table_of_it() {
    let ran = lostkey(&["drill", "--runs", "20"]);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    assert!(!ran.out.contains("witness"), "{}", ran.out);
}

#[test]
fn the_witness_is_refused_where_its_table_could_not_be_kept() {
    let json = folder("witness").join("result.json").display().to_string();
    for more in [&["--json", &json][..], &["--weaknesses"]] {
        let args: Vec<&str> = ["drill", "--witness"].iter().chain(more).copied().collect();
        let ran = lostkey(&args);
        assert_eq!(ran.exit, 2, "{more:?}");
        assert!(ran.err.contains("cannot be used with"), "{}", ran.err);
    }
}
