//! End-to-end tests of the command: output, exit codes, and command lines to paste.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "cli/drill.rs"]
mod drill;
#[path = "cli/expect.rs"]
mod expect;
#[path = "cli/files.rs"]
mod files_and_machines;
#[path = "cli/lists.rs"]
mod lists;
#[path = "cli/living.rs"]
mod living;
#[path = "cli/machine.rs"]
mod machine;
#[path = "cli/open_to.rs"]
mod open_to;
#[path = "cli/outlines.rs"]
mod outlines;
#[path = "cli/outputs.rs"]
mod outputs;
#[path = "cli/recipes.rs"]
mod recipes;
#[path = "cli/results.rs"]
mod results;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The result of a command line.
struct Ran {
    exit: i32,
    out: String,
    err: String,
}

impl Ran {
    /// Exit code and both outputs for a snapshot, without real times.
    fn told(&self) -> String {
        let mut told = format!("exit {}\n", self.exit);
        for (name, text) in [("stdout", &self.out), ("stderr", &self.err)] {
            if !text.is_empty() {
                told.push_str(&format!("--- {name}\n{}", without_real_times(text)));
            }
        }
        told
    }
}

/// Replaces `in 0.123 s` by `in … s`.
fn without_real_times(text: &str) -> String {
    regex::Regex::new(r"in \d+\.\d+ (s\b|ms\b|µs\b)|in \d+\.\d+(µs|ms|s)\b")
        .unwrap()
        .replace_all(text, "in … s")
        .into_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `lostkey` with these arguments in the repository.
fn lostkey(args: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_lostkey"))
        // Start it by its name, as a person does, not through cargo.
        .arg0("lostkey")
        .env_remove("CARGO")
        .args(args)
        .current_dir(root())
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    Ran::of(output)
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The files in a folder with this extension, in order.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        all.filter(|path| path.extension().is_some_and(|extension| extension == ending)).collect();
    files.sort();
    files.iter().map(|path| path.strip_prefix(root()).unwrap().to_owned()).collect()
}

/// A story about Ana alone, with more fields.
fn story_of_one(more: &str) -> String {
    format!(
        "about: Ana has lost her phone.\naccounts:\n  ana:\n    user: ana@example.com\n    password: x\n    \
         number: 1234 5678 9012\n    phone: +34 600 000 001\n{more}"
    )
}

const FAILING: [&str; 4] = ["run", "tests/failing", "--scenarios", "tests/failing/scenarios"];

#[test]
fn failures_say_where_why_and_how_to_see_them_again() {
    let ran = lostkey(&FAILING);
    assert_eq!(ran.exit, 1);
    insta::assert_snapshot!("failures", ran.told());
}

#[test]
fn the_printed_line_shows_the_same_failure_again() {
    for stage in ["virtual", "wire"] {
        let mut args = FAILING.to_vec();
        args.extend(["--stage", stage]);
        let ran = lostkey(&args);
        assert_eq!(ran.exit, 1, "{}", ran.out);
        let blocks: Vec<&str> = ran.out.split("\nFAIL ").skip(1).collect();
        assert_eq!(blocks.len(), 6, "{}", ran.out);
        for block in blocks {
            let block = block.split("  1 of").next().unwrap().split("  0 of").next().unwrap();
            let again = block.lines().find_map(|line| line.trim().strip_prefix("again   lostkey ")).unwrap();
            let pasted: Vec<&str> = again.split(' ').collect();
            let once_more = lostkey(&pasted);
            assert_eq!(once_more.exit, 1, "{again}");
            let failure = block.trim_end();
            assert!(once_more.out.contains(failure), "{again}\n{failure}\n---\n{}", once_more.out);
        }
    }
}

/// Snapshots of `check` are stored next to the broken files.
fn assert_broken(name: &str, ran: &Ran) {
    assert_eq!(ran.exit, 2, "{name}: {}{}", ran.out, ran.err);
    assert!(
        !ran.err.contains("panicked") && ran.out.starts_with("error: "),
        "{name}: {}{}",
        ran.out,
        ran.err
    );
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("tests/broken/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, ran.told()));
}

#[test]
fn everything_broken_is_told_by_check_with_line_and_help() {
    let (features, stories) =
        (files("tests/broken/features", "feature"), files("tests/broken/stories", "yaml"));
    assert!(features.len() >= 12 && stories.len() >= 12 && features.len() + stories.len() >= 30);
    for (kind, paths) in [("feature", features), ("story", stories)] {
        for path in paths {
            let ran = lostkey(&["check", path.to_str().unwrap()]);
            let place = format!("─[{}:", path.display());
            assert!(ran.out.contains(&place) && ran.out.contains("  help: "), "{}", ran.out);
            assert_broken(&format!("check-{kind}-{}", path.file_stem().unwrap().display()), &ran);
        }
    }
    assert_broken("check-two-features", &lostkey(&["check", "tests/broken/twins"]));
    assert_broken("check-other-file", &lostkey(&["check", "README.md", "no-such-folder", "benches"]));
}

#[test]
fn what_cannot_be_played_is_refused_by_run_in_the_words_of_check() {
    let mut refused = 0;
    for path in files("tests/broken/features", "feature") {
        let path = path.to_str().unwrap();
        let (ran, checked) = (lostkey(&["run", path]), lostkey(&["check", path]));
        if ran.exit == 2 && ran.err.contains("lostkey::feature::") {
            refused += 1;
            for error in ran.err.split("error: ").skip(1) {
                assert!(checked.out.contains(error.trim_end()), "{path}: {error}\n---\n{}", checked.out);
            }
        }
    }
    assert!(refused >= 10, "{refused}");
}

#[test]
fn everything_shipped_passes_check() {
    for args in [
        &["check"][..],
        &["check", "features", "scenarios"],
        &["check", "tests/weak", "--scenarios", "tests/weak/scenarios"],
        &["check", "tests/failing/scenarios"],
    ] {
        let ran = lostkey(args);
        assert_eq!(ran.exit, 0, "{args:?}: {}{}", ran.out, ran.err);
        assert!(ran.out.starts_with("ok ") && ran.out.lines().count() == 1, "{}", ran.out);
    }
    let counts = lostkey(&["check"]).out;
    let features = files("features", "feature").len();
    assert!(counts.starts_with(&format!("ok checked: {features} features with ")), "{counts}");
}

#[test]
fn bad_command_lines_exit_2_and_say_what_would_work() {
    for (name, args) in [
        ("no-subcommand", &[][..]),
        ("unknown-stage", &["run", "--stage", "paper"]),
        ("nothing-to-run", &["run", "--name", "no scenario has this name"]),
        ("bad-tags", &["run", "--tags", "@a and"]),
        ("bad-name", &["run", "--name", "("]),
        ("bad-report", &["run", "--report", "html=x"]),
        ("no-such-path", &["run", "no-such-folder"]),
        ("no-such-story", &["play", "no-such-story.yaml"]),
        ("empty-folder", &["run", "scenarios"]),
    ] {
        let ran = lostkey(args);
        assert_eq!(ran.exit, 2, "{name}: {}{}", ran.out, ran.err);
        insta::assert_snapshot!(format!("bad-{name}"), ran.told());
    }
}

#[test]
fn scenarios_are_chosen_by_tag_name_and_line() {
    for (args, passed) in [
        (&["run", "--tags", "@W24"][..], 2),
        (&["run", "--tags", "@W13 and not @W14"], 2),
        (&["run", "--name", "^The call never comes$"], 1),
        (&["run", "features/device.feature:5"], 1),
        (&["run", "features/lost-device.feature", "features/email.feature:5"], 3),
    ] {
        let ran = lostkey(args);
        assert_eq!(ran.exit, 0, "{args:?}: {}", ran.out);
        let noun = if passed == 1 { "scenario" } else { "scenarios" };
        let says = format!("{passed} of {passed} {noun} passed");
        assert!(ran.out.contains(&says), "{args:?}: {}", ran.out);
    }
}

#[test]
fn fail_fast_stops_after_the_first_failure() {
    let mut args = FAILING.to_vec();
    args.push("--fail-fast");
    let ran = lostkey(&args);
    assert_eq!((ran.exit, ran.out.matches("\nFAIL ").count()), (1, 1), "{}", ran.out);
}

#[test]
fn a_play_prints_the_same_bytes_each_time_on_either_stage() {
    let first = lostkey(&["play", "scenarios/lost-device.yaml"]);
    assert_eq!(first.exit, 0, "{}", first.err);
    insta::assert_snapshot!("play-lost-device", first.out);
    for stage in ["virtual", "wire", "both"] {
        let again = lostkey(&["play", "scenarios/lost-device.yaml", "--stage", stage]);
        assert!(again.out == first.out, "{stage}: {}", again.out);
    }
    let other = lostkey(&["play", "scenarios/lost-device.yaml", "--seed", "2"]);
    assert!(other.out != first.out, "another seed tells another story");
}

#[test]
fn a_play_with_a_finding_exits_1_and_says_the_line_to_paste() {
    let ran = lostkey(&["play", "tests/weak/scenarios/support-behind-sign-in.yaml"]);
    assert_eq!(ran.exit, 1, "{}", ran.err);
    assert!(ran.out.contains("way-out/gave-up [outside the norm]"), "{}", ran.out);
    let again = ran.out.lines().next_back().unwrap();
    let args: Vec<&str> = again.strip_prefix("lostkey ").unwrap().split(' ').collect();
    assert!(lostkey(&args).out == ran.out);
}

#[test]
fn the_schema_is_printed_as_it_is_kept() {
    let kept = fs::read_to_string(root().join("scenarios/story.schema.json")).unwrap();
    assert!(lostkey(&["schema"]).out == kept, "lostkey schema > scenarios/story.schema.json");
}

#[test]
fn reports_hold_what_readers_need() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (junit, json) = (folder.join("junit.xml"), folder.join("cucumber.json"));
    let mut args = FAILING.map(str::to_owned).to_vec();
    args.extend(["--report".to_owned(), format!("junit={}", junit.display())]);
    args.extend(["--report".to_owned(), format!("json={}", json.display())]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert_eq!(lostkey(&args).exit, 1);

    let xml = fs::read_to_string(junit).unwrap();
    let xml =
        regex::Regex::new(r#"(time|timestamp)="[^"]*""#).unwrap().replace_all(&xml, r#"$1="…""#).into_owned();
    insta::assert_snapshot!("junit", xml);

    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let elements = report[0]["elements"].as_array().unwrap();
    let statuses: Vec<Vec<&str>> = elements
        .iter()
        .map(|element| {
            element["steps"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step["result"]["status"].as_str().unwrap())
                .collect()
        })
        .collect();
    assert_eq!(report[0]["uri"], "tests/failing/failing.feature");
    assert_eq!(statuses[0], ["passed", "passed", "failed"]);
    assert_eq!(statuses[1], ["passed", "passed", "passed", "failed", "skipped"]);
    assert_eq!(statuses[2], ["passed", "undefined", "skipped"]);
    assert_eq!(statuses[4], ["passed", "passed", "passed", "passed", "failed"]);
}

/// The commands of the README's `console` blocks.
fn readme_commands() -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = readme.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks
        .flat_map(|block| block.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned))
        .collect()
}

#[test]
fn the_commands_of_the_readme_do_what_it_says() {
    let commands = readme_commands();
    assert!(commands.iter().any(|command| command == "cargo test"), "CI calls the README's test command");
    let ours: Vec<&str> =
        commands.iter().filter_map(|command| command.strip_prefix("cargo run --release -- ")).collect();
    assert!(ours.len() >= 3 && ours.len() + 1 == commands.len(), "{commands:?}");
    for command in ours {
        let ran = lostkey(&command.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.exit, 0, "{command}: {}{}", ran.out, ran.err);
        assert!(ran.out.lines().count() > 20, "{command} shows something worth seeing");
    }
}

#[test]
fn the_story_in_the_readme_is_played() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let yaml = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme-story.yaml");
    fs::write(&file, yaml).unwrap();
    let ran = lostkey(&["play", file.to_str().unwrap()]);
    assert_eq!(ran.exit, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("is back in, with a working device"), "{}", ran.out);
}

#[test]
fn broken_stories_exit_2_wherever_they_are_opened() {
    let broken = files("tests/broken/stories", "yaml");
    assert!(broken.len() >= 12);
    for path in broken {
        let ran = lostkey(&["play", path.to_str().unwrap()]);
        assert_eq!(ran.exit, 2, "{}: {}{}", path.display(), ran.out, ran.err);
        assert!(ran.err.starts_with("error: lostkey::story::"), "{}: {}", path.display(), ran.err);
    }
}

#[test]
fn serve_refuses_what_it_cannot_serve() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let any = ["--smtp", "--smtps", "--http", "--twilio", "--proxy", "--console"]
        .into_iter()
        .flat_map(|option| [option, "127.0.0.1:0"]);
    for (last, exit, says) in [
        (["--clock", "slow"], 2, "`x10`"),
        (["--http", "0.0.0.0:0"], 2, "not a loopback address"),
        (["--twilio", address.as_str()], 3, "the voice API cannot listen at"),
        (["--ports-file", "no-such-folder/ports.json"], 3, "cannot write no-such-folder/ports.json"),
    ] {
        // The options before are those of a server that could start.
        let mut args: Vec<&str> = ["serve"].into_iter().chain(any.clone()).collect();
        match args.iter().position(|arg| *arg == last[0]) {
            Some(at) => args[at + 1] = last[1],
            None => args.extend(last),
        }
        let ran = lostkey(&args);
        assert_eq!(ran.exit, exit, "{last:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(says), "{last:?}: {}", ran.err);
        assert!(!ran.out.contains("ready"), "{last:?}: {}", ran.out);
    }
    let broken = lostkey(&["serve", "no-such-story.yaml"]);
    assert_eq!((broken.exit, broken.err.contains("cannot read no-such-story.yaml")), (2, true));
}

#[test]
fn serve_writes_a_log_when_asked() {
    let ports = Path::new(env!("CARGO_TARGET_TMPDIR")).join("log-ports.json");
    for (option, told) in [
        (vec![], vec![]),
        (vec!["--log", "json"], vec!["\"kind\":{\"mail-taken\"", "\"kind\":{\"mail-delivered\""]),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lostkey"));
        command.args(["serve", "--ports-file", ports.to_str().unwrap(), "--clock", "x1000"]);
        for server in ["--smtp", "--smtps", "--http", "--twilio", "--proxy", "--console"] {
            command.args([server, "127.0.0.1:0"]);
        }
        let mut served = command.args(option).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(served.stdout.take().unwrap());
        assert!(out.lines().any(|line| line.unwrap().starts_with("ready")));
        let ports: serde_json::Value = serde_json::from_str(&fs::read_to_string(&ports).unwrap()).unwrap();
        let http = ports["http"].as_str().unwrap().trim_start_matches("http://");
        let mut smtp = TcpStream::connect(ports["smtp"].as_str().unwrap()).unwrap();
        smtp.write_all(
            b"EHLO a\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<ana@example.com>\r\nDATA\r\n\r\nHi\r\n.\r\nQUIT\r\n",
        )
        .unwrap();
        smtp.read_to_string(&mut String::new()).unwrap();
        let mut wait = TcpStream::connect(http).unwrap();
        wait.write_all(
            b"GET /control/v1/messages/wait?since=0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        )
        .unwrap();
        let mut answer = String::new();
        wait.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(Command::new("kill").arg(served.id().to_string()).status().unwrap().success());
        let ended = served.wait_with_output().unwrap();
        assert!(ended.status.success());
        let log = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(log.lines().count(), told.len(), "{log}");
        for (line, part) in log.lines().zip(told) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(line.to_string().contains(part) && line["sandbox"] == "default", "{line}");
        }
    }
}
