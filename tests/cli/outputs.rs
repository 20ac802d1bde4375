//! End-to-end tests of outputs: none replaces an input or another output, and none is lost in silence.

use std::fs;
use std::path::Path;

use crate::drill::folder;
use crate::files_and_machines::shell;
use crate::{lostkey, story_of_one};

const FEATURE: &str = "Feature: One\n  Scenario: Only\n    Given the story \"story\"\n";

/// The content of all files in a folder.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap()))
        .collect();
    all.sort();
    all
}

#[test]
fn no_output_replaces_an_input_or_another_output() {
    let folder = folder("overwrites");
    fs::write(folder.join("story.yaml"), story_of_one("")).unwrap();
    fs::write(folder.join("one.feature"), FEATURE).unwrap();
    fs::create_dir_all(folder.join("saved")).unwrap();
    fs::write(folder.join("saved/old.yaml"), story_of_one("")).unwrap();
    let dir = folder.display();
    for shard in ["1", "2"] {
        let made = lostkey(&[
            "drill",
            "--runs",
            "20",
            "--shard",
            &format!("{shard}/2"),
            "--json",
            &format!("{dir}/{shard}"),
        ]);
        assert_eq!(made.exit, 0, "{}", made.err);
    }
    std::os::unix::fs::symlink("story.yaml", folder.join("link")).unwrap();
    let before = contents(&folder);
    for line in [
        "drill D/story.yaml --runs 9 --json D/story.yaml",
        "drill D/story.yaml --runs 9 --json D/link",
        "drill D/story.yaml --runs 9 --write-baseline D/saved/../story.yaml",
        "drill D/story.yaml --runs 9 --json D/new --write-baseline D/new",
        "drill D/story.yaml --runs 9 --json D/new --write-baseline D/new.lines",
        "drill D/story.yaml --runs 9 --json D/new --save D/new",
        "drill D/story.yaml --runs 9 --known D/saved --json D/saved/old.yaml",
        "drill D/story.yaml --runs 9 --save D/saved --json D/saved/old.yaml",
        "drill D/story.yaml --runs 9 --against D/1 --json D/1",
        "drill D/story.yaml --runs 9 --baseline D/1 --json D/1",
        "drill D/story.yaml --weaknesses --runs 9 --json D/story.yaml",
        "run D/one.feature --scenarios D --report junit=D/one.feature",
        "run D --scenarios D --report json=D/one.feature",
        "run D/one.feature --scenarios D --write-baseline D/story.yaml",
        "run D/one.feature --scenarios D --report junit=D/new --report json=D/new",
        "run D/one.feature --scenarios D --report junit=D/new --write-baseline D/new",
        "merge D/1 D/2 --json D/1",
        "merge D/1 D/2 --json D/new --write-baseline D/new",
        "merge D/1 D/2 --write-baseline D/2",
        "serve D/story.yaml --ports-file D/story.yaml",
    ] {
        let line = line.replace("D/", &format!("{dir}/")).replace(" D ", &format!(" {dir} "));
        // A server that is not stopped by its mistake would go on for ever.
        let ran = shell(&format!("timeout 60 lostkey {line}"));
        assert_eq!((ran.exit, ran.out.as_str()), (2, ""), "{line}: {}", ran.err);
        assert!(ran.err.contains("would overwrite "), "{line}: {}", ran.err);
        assert!(ran.err.contains("name another file") || ran.err.contains("name two files"), "{}", ran.err);
        assert_eq!(contents(&folder), before, "{line}");
    }
    // A baseline may be written anew, and devices take any number of outputs.
    for line in [
        "drill D/story.yaml --runs 9 --baseline D/1 --write-baseline D/../overwrites/1",
        "drill D/story.yaml --runs 9 --json /dev/null --write-baseline /dev/null",
        "run D/one.feature --scenarios D --report junit=/dev/null --report json=/dev/null",
    ] {
        let line = line.replace("D/", &format!("{dir}/")).replace(" D ", &format!(" {dir} "));
        let ran = shell(&format!("lostkey {line}"));
        assert_eq!(ran.exit, 0, "{line}: {}", ran.err);
    }
}

#[test]
fn a_hyphen_is_refused_as_a_file() {
    for args in [
        vec!["run", "--report", "junit=-"],
        vec!["run", "--write-baseline", "-"],
        vec!["drill", "--json", "-"],
        vec!["drill", "--save", "-"],
        vec!["merge", "x", "--json", "-"],
        vec!["serve", "--ports-file", "-"],
    ] {
        let ran = lostkey(&args);
        assert_eq!(ran.exit, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains("/dev/stdout"), "{args:?}: {}", ran.err);
    }
}

#[test]
fn standard_output_that_is_a_file_keeps_all_that_is_written_there() {
    let out = folder("standard-output").join("out");
    let shown = out.display();
    let ran = shell(&format!(
        "echo first > {shown}; lostkey run features/email.feature --report junit=/dev/stdout \
         --report json=/dev/stdout >> {shown}"
    ));
    assert_eq!(ran.exit, 0, "{}", ran.err);
    let all = fs::read_to_string(&out).unwrap();
    for part in ["first\n", " passed; ", "<testsuites ", "\"keyword\": \"Feature\""] {
        assert!(all.contains(part), "{part}: {all}");
    }
}

#[test]
fn an_address_that_is_none_is_told_with_one_that_is() {
    for option in ["--smtp", "--smtps", "--http", "--twilio", "--proxy", "--console"] {
        let ran = lostkey(&["serve", option, "localhost"]);
        assert_eq!(ran.exit, 2, "{}", ran.err);
        assert!(ran.err.contains("write an IP address and a port, for example 127.0.0.1:"), "{}", ran.err);
    }
}

#[test]
fn a_server_that_cannot_save_does_not_start() {
    let folder = folder("serve-saves");
    let file = folder.join("file");
    fs::write(&file, "").unwrap();
    let file = file.display();
    for option in [format!("--save-dir {file}"), format!("--ports-file {file}/x")] {
        let ports = "--smtp 127.0.0.1:0 --smtps 127.0.0.1:0 --http 127.0.0.1:0 --twilio 127.0.0.1:0 \
                     --proxy 127.0.0.1:0 --console 127.0.0.1:0";
        let ran = shell(&format!("timeout 60 lostkey serve {ports} {option}"));
        assert_eq!((ran.exit, ran.out.as_str()), (3, ""), "{option}: {}", ran.err);
        assert!(ran.err.contains("cannot write "), "{option}: {}", ran.err);
    }
}
