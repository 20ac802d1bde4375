//! End-to-end tests of files and machines that do not do what they should.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::drill::{folder, result};
use crate::{Ran, lostkey, root, story_of_one};

/// Runs a shell command line in the repository, in which `lostkey` is the program under test.
pub(crate) fn shell(line: &str) -> Ran {
    let line = line.replace("lostkey ", &format!("{} ", env!("CARGO_BIN_EXE_lostkey")));
    let output = Command::new("sh")
        .args(["-c", &line])
        .current_dir(root())
        .env_remove("CARGO")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    Ran::of(output)
}

fn names(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = all.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

const WEAK: &str = "scenarios/weaknesses/L01.yaml";

#[test]
fn each_cause_is_saved_under_a_name_of_its_own_and_nothing_is_overwritten() {
    let saved = folder("saved-names");
    let shown = saved.display().to_string();
    let args = ["drill", "tests/weak/scenarios/any-page-by-address.yaml", "--runs", "200", "--save", &shown];
    let ran = lostkey(&args);
    assert_eq!(ran.exit, 1, "{}", ran.err);
    let causes = ran.out.matches("  saved   ").count();
    let first = names(&saved);
    assert!(causes > 3 && first.len() == 2 * causes, "{causes}: {first:?}");
    assert!(first.iter().any(|name| name.starts_with("order-") && name.contains("-ana-")), "{first:?}");
    // The same is not saved twice, and something else gets a number.
    lostkey(&args);
    assert_eq!(names(&saved), first);
    fs::write(saved.join(&first[0]), "mine\n").unwrap();
    lostkey(&args);
    assert_eq!(fs::read_to_string(saved.join(&first[0])).unwrap(), "mine\n");
    assert!(names(&saved).len() > first.len());
}

#[test]
fn what_cannot_be_written_is_said_at_the_start() {
    let folder = folder("unwritable");
    let file = folder.join("file");
    fs::write(&file, "").unwrap();
    let (file, none) = (file.display().to_string(), folder.join("none/x").display().to_string());
    let shown = folder.display().to_string();
    for args in [
        vec!["drill", "--runs", "20", "--save", &file],
        vec!["drill", "--runs", "20", "--json", &none],
        vec!["drill", "--runs", "20", "--json", &shown],
        vec!["drill", "--weaknesses", "--runs", "20", "--json", &none],
        vec!["merge", "no-such-result", "--json", &none],
        vec!["run", "features/email.feature", "--report", &format!("json={none}")],
    ] {
        let ran = lostkey(&args);
        assert_eq!((ran.exit, ran.out.as_str()), (3, ""), "{args:?}: {}", ran.err);
        assert!(ran.err.contains("cannot write "), "{args:?}: {}", ran.err);
    }
    assert_eq!(names(&folder), ["file"]);
}

#[test]
fn a_full_disk_loses_the_file_and_nothing_else() {
    let limited = |size: &str, args: &str| shell(&format!("ulimit -f {size}; trap '' XFSZ; lostkey {args}"));
    let saved = folder("full-disk");
    let json = saved.join("result.json");
    let args = format!("drill {WEAK} --runs 60 --save {} --json {}", saved.display(), json.display());
    // Files may have one block: enough to probe, too little for a result or a long story.
    let ran = limited("1", &args);
    assert_eq!(ran.exit, 3, "{}", ran.err);
    assert!(ran.out.contains("single-use/") && ran.out.contains("60 runs in "), "{}", ran.out);
    assert!(ran.err.contains("error: cannot write ") && ran.err.contains("result.json"), "{}", ran.err);
    assert!(!json.exists(), "{}", ran.err);
    assert!(names(&saved).iter().all(|name| !name.ends_with(".part")), "{:?}", names(&saved));
    for name in names(&saved) {
        assert!(fs::metadata(saved.join(&name)).unwrap().len() > 0, "{name}");
    }
}

#[test]
fn output_that_cannot_be_written_is_told_and_a_reader_that_left_is_not() {
    for args in [
        "play scenarios/lost-device.yaml",
        "schema",
        "faults",
        "drill --runs 20",
        "run features/email.feature",
        "--help",
    ] {
        let ran = shell(&format!("lostkey {args} > /dev/full"));
        assert_eq!(ran.exit, 3, "{args}: {}", ran.err);
        assert!(ran.err.contains("error: cannot write to standard output: "), "{args}: {}", ran.err);
        // Whatever cannot be shown on stderr, the result is there.
        let whole = shell(&format!("lostkey {args} 2> /dev/null"));
        let ran = shell(&format!("lostkey {args} 2> /dev/full"));
        assert_eq!((ran.exit, ran.out.is_empty()), (0, false), "{args}");
        assert_eq!(ran.out.lines().count(), whole.out.lines().count(), "{args}");
    }
    assert_eq!(shell("lostkey faults | head -1; true").err, "");
}

#[test]
fn links_to_folders_are_followed_once() {
    let folder = folder("links");
    let (one, shown) = (folder.join("one"), folder.display().to_string());
    fs::create_dir_all(&one).unwrap();
    let feature = "Feature: One\n  Scenario: Only\n    Given the story \"lost-device\"\n";
    fs::write(one.join("one.feature"), feature).unwrap();
    symlink(".", folder.join("a")).unwrap();
    symlink(".", folder.join("b")).unwrap();
    symlink("..", one.join("up")).unwrap();
    let ran = lostkey(&["run", &shown]);
    assert!(ran.out.contains("1 of 1 scenario passed"), "{}{}", ran.out, ran.err);
    let ran = lostkey(&["check", &shown]);
    assert!(ran.out.contains("1 feature with 1 scenario and 1 step"), "{}", ran.out);
    // A link to a folder elsewhere counts.
    let other = folder.with_extension("other");
    fs::create_dir_all(&other).unwrap();
    fs::write(other.join("two.feature"), feature.replace("One", "Two")).unwrap();
    symlink(&other, folder.join("other")).unwrap();
    assert!(lostkey(&["run", &shown]).out.contains("2 of 2 scenarios passed"));
    fs::remove_dir_all(&other).unwrap();
}

#[test]
fn pipes_devices_and_endless_files_are_refused() {
    let folder = folder("pipes");
    for name in ["x.feature", "x.yaml"] {
        assert!(Command::new("mkfifo").arg(folder.join(name)).status().unwrap().success());
    }
    let shown = folder.display().to_string();
    for args in [
        &["check", &shown][..],
        &["run", &shown],
        &["play", &folder.join("x.yaml").display().to_string()],
        &["drill", &folder.join("x.yaml").display().to_string()],
        &["merge", &folder.join("x.yaml").display().to_string()],
        &["play", "/dev/zero"],
        &["run", "/dev/zero"],
        &["check", "/dev/zero"],
        &["merge", "/dev/zero"],
        &["serve", "/dev/zero"],
    ] {
        let ran = lostkey(args);
        assert_eq!(ran.exit, 2, "{args:?}: {}", ran.err);
        let says = format!("{}{}", ran.out, ran.err);
        let why = ["not a file", "is neither a feature nor a story"];
        assert!(why.iter().any(|why| says.contains(why)), "{args:?}: {says}");
    }
    // What a shell has opened is read, up to the limit.
    let ran = shell("cat scenarios/lost-device.yaml | lostkey play /dev/stdin");
    assert_eq!(ran.exit, 0, "{}", ran.err);
    let ran = shell("yes '# endless' | lostkey play /dev/stdin");
    assert_eq!((ran.exit, ran.err.contains("it is longer than")), (2, true), "{}", ran.err);
    let ran = shell("yes '# endless' | lostkey run /dev/stdin");
    assert_eq!((ran.exit, ran.err.contains("is larger than")), (2, true), "{}", ran.err);
}

#[test]
fn a_scenario_that_several_places_name_is_played_once() {
    let folder = folder("twice");
    let file = folder.join("one.feature");
    let scenario = |name: &str| format!("  Scenario: {name}\n    Given the story \"lost-device\"\n");
    fs::write(&file, format!("Feature: Two\n{}{}", scenario("A"), scenario("B"))).unwrap();
    symlink("one.feature", folder.join("link.feature")).unwrap();
    let at = |rest: &str| format!("{}{rest}", file.display());
    let (dir, link) = (folder.display().to_string(), folder.join("link.feature").display().to_string());
    for (places, count) in [
        (vec![at(":2"), at(":3")], 1),
        (vec![at(":3"), at(":4")], 2),
        (vec![at(""), at("")], 2),
        (vec![at(":4"), at("")], 2),
        (vec![dir, at(""), link], 2),
    ] {
        let args: Vec<&str> = ["run"].into_iter().chain(places.iter().map(String::as_str)).collect();
        let ran = lostkey(&args);
        assert_eq!(ran.exit, 0, "{places:?}: {}", ran.err);
        assert_eq!(ran.out.matches("\n  ok ").count(), count, "{places:?}: {}", ran.out);
    }
}

#[test]
fn a_replay_of_a_story_takes_no_others() {
    let story = "scenarios/lost-device.yaml";
    let ran = lostkey(&["replay", story, WEAK]);
    assert_eq!((ran.exit, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains("plays this story alone: leave out scenarios/weaknesses/L01.yaml"),
        "{}",
        ran.err
    );
    let ran = lostkey(&["replay", story, "--story"]);
    assert!(ran.exit == 0 && ran.out.starts_with("about: "), "{}{}", ran.out, ran.err);
}

#[test]
fn a_drill_goes_on_from_its_own_build_only() {
    let folder = folder("builds");
    let file = folder.join("result").display().to_string();
    let args = ["drill", "--runs", "2000", "--jobs", "1", "--json", &file];
    let lines = folder.join("result.lines");
    // As another build of this version would have written it.
    assert_eq!(lostkey(&args).exit, 0);
    let mut setup = result(&folder.join("result"))["setup"].clone();
    setup["shard"] = serde_json::json!({ "i": 1, "n": 1 });
    setup["build"] = "0".into();
    fs::write(&lines, format!("{setup}\n")).unwrap();
    let ran = lostkey(&args);
    assert_eq!(ran.exit, 2, "{}", ran.err);
    assert!(ran.err.contains("belongs to another drill, or to another build"), "{}", ran.err);
}

#[test]
fn a_drill_without_runs_and_one_with_many_threads() {
    let ran = lostkey(&["drill", "--runs", "1", "--shard", "2/2"]);
    assert_eq!(ran.exit, 2, "{}", ran.err);
    assert!(ran.err.contains("no run was played: shard 2/2 of 1 runs has none"), "{}", ran.err);
    let ran = lostkey(&["drill", "--for", "0s"]);
    assert_eq!((ran.exit, ran.err.contains("give the drill more time")), (2, true), "{}", ran.err);
    let ran = shell("ulimit -v 3000000; lostkey drill --runs 3000 --jobs 1000");
    assert_eq!(ran.exit, 0, "{}", ran.err);
}

#[test]
fn ctrl_c_ends_a_drill_with_what_it_has_found() {
    let folder = folder("interrupted");
    let json = folder.join("result").display().to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lostkey"))
        .arg0("lostkey")
        .env_remove("CARGO")
        .env("NO_COLOR", "1")
        .args(["drill", WEAK, "--runs", "9000000", "--jobs", "1", "--json", &json])
        .current_dir(root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    assert!(line.contains(" of 9,000,000 runs"), "{line}");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    err.read_to_string(&mut rest).unwrap();
    let ended = child.wait_with_output().unwrap();
    let out = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{out}{rest}");
    assert!(out.contains("single-use/") && out.contains(" runs in "), "{out}");
    assert!(rest.contains("error: interrupted after ") && rest.contains("result.lines"), "{rest}");
    assert!(folder.join("result.lines").exists() && !folder.join("result").exists());
}

#[test]
fn the_trace_is_all_that_a_play_prints_as_json() {
    let ran = lostkey(&["play", "tests/weak/scenarios/support-behind-sign-in.yaml", "--json"]);
    assert_eq!(ran.exit, 1, "{}", ran.err);
    let _trace: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert!(ran.err.contains("lostkey play tests/weak"), "{}", ran.err);
}

#[test]
fn a_replay_plays_on_its_stage_and_says_what_it_drew_from() {
    let ran = lostkey(&["replay", "1000000000", "--stage", "both"]);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    assert!(ran.err.contains("virtual stage: ") && ran.err.contains("wire stage: "), "{}", ran.err);
    assert!(
        ran.err.contains("drawn from the built-in stories; name the stories of another drill"),
        "{}",
        ran.err
    );
    let ran = lostkey(&["replay", "1000000000", WEAK, "--stage", "wire"]);
    assert!(ran.err.contains("wire stage: ") && !ran.err.contains("built-in"), "{}", ran.err);
}

#[test]
fn the_trouble_of_a_machine_is_no_finding() {
    let feature = folder("machine").join("one.feature");
    fs::write(&feature, "Feature: One\n  Scenario: Only\n    Given the story \"lost-device\"\n").unwrap();
    let feature = feature.display();
    // Too few descriptors for a message, or for the servers.
    for most in [8, 10, 12, 14, 16] {
        let ran = shell(&format!("ulimit -n {most}; lostkey play scenarios/lost-device.yaml --stage wire"));
        assert!(
            ran.exit == 0 || ran.exit == 3 && ran.err.contains("error: "),
            "{most}: {}{}",
            ran.out,
            ran.err
        );
        let ran = shell(&format!("ulimit -n {most}; lostkey run {feature} --stage wire"));
        assert!(ran.exit == 0 || ran.exit == 3, "{most}: {}{}", ran.out, ran.err);
    }
    // Without a loopback interface, where a test may make a network of its own.
    let alone = "unshare --user --map-root-user --net true";
    if shell(alone).exit == 0 {
        for args in ["play scenarios/lost-device.yaml --stage wire", &format!("run {feature} --stage wire")] {
            let ran = shell(&format!("unshare --user --map-root-user --net lostkey {args}"));
            assert_eq!(ran.exit, 3, "{args}: {}{}", ran.out, ran.err);
            let says = format!("{}{}", ran.out, ran.err);
            assert!(says.contains("cannot send a message to itself over 127.0.0.1"), "{args}: {says}");
        }
    }
}

#[test]
fn a_policy_that_contradicts_itself_is_warned_of() {
    let folder = folder("contradictions");
    let file = folder.join("story.yaml");
    fs::write(&file, story_of_one("policy: { link-lifetime: 24h, code-tries: 0 }\n")).unwrap();
    let ran = lostkey(&["check", &file.display().to_string()]);
    assert_eq!(ran.exit, 0, "{}", ran.out);
    for says in [
        "warning: ",
        "story.yaml: `link-lifetime: 1d` is longer than `session-idle: 1h`",
        "or `session-idle: ",
        "`code-tries: 0`: the first wrong try uses a code up, as with 1; write 1 to 10",
    ] {
        assert!(ran.out.contains(says), "{says}: {}", ran.out);
    }
}

#[test]
fn all_mistakes_of_a_story_are_told_at_once() {
    let file = folder("mistakes").join("story.yaml");
    let text = story_of_one("colour: red\nfaults: [{ does: mail-lots }, { does: mail-lost, of: anna }]\n");
    fs::write(&file, text).unwrap();
    let ran = lostkey(&["check", &file.display().to_string()]);
    assert_eq!(ran.exit, 2);
    for says in ["no field `colour`", "no fault `mail-lots`", "no account `anna`", "3 mistakes in 1 file"] {
        assert!(ran.out.contains(says), "{says}: {}", ran.out);
    }
    for command in ["play", "drill", "serve"] {
        let ran = lostkey(&[command, &file.display().to_string()]);
        assert_eq!((ran.exit, ran.err.matches("error: lostkey::story::").count()), (2, 3), "{}", ran.err);
    }
}

#[test]
fn files_keep_their_permissions() {
    let file = folder("permissions").join("result");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    lostkey(&["drill", "--runs", "20", "--json", &file.display().to_string()]);
    let kept = fs::metadata(&file).unwrap();
    assert_eq!((kept.permissions().mode() & 0o777, kept.len() > 100), (0o600, true));
}
