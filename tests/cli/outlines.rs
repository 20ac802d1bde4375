//! End-to-end tests of how scenarios are read, chosen and reported.

use std::fs;
use std::path::{Path, PathBuf};

use crate::drill::folder;
use crate::{lostkey, without_real_times};

/// Writes a feature in a folder of its own.
fn feature(name: &str, text: &str) -> PathBuf {
    let file = folder(name).join("f.feature");
    fs::write(&file, text).unwrap();
    file
}

/// The names of the scenarios that were played, and the exit code.
fn played(args: &[&str]) -> (Vec<String>, i32) {
    let ran = lostkey(&[&["run"], args].concat());
    let lines = ran.out.lines().take_while(|line| !line.is_empty() && !line.contains(" passed; "));
    let names = lines.filter_map(|line| line.strip_prefix("  ok  ").or_else(|| line.strip_prefix("  FAIL")));
    (names.map(|line| line.trim().split("  ").next().unwrap().to_owned()).collect(), ran.exit)
}

/// An outline with a comment between its rows, and two tables of which one has a tag. Row "c" fails.
const OUTLINE: &str = "\
@all
Feature: Outlines
  @outline
  Scenario Outline: the story of <name>
    Given the story \"lost-device\"
    Then Ana reads \"<text>\"

    @first
    Examples:
      | name | text    |
      | a    | Sign in |
      # a comment
      | b    | Sign in |

    @second
    Examples: others
      | name | text         |
      | c    | Nobody knows |

  @rules
  Rule: a rule
    Background:
      Given the story \"lost-device\"
    Scenario: in a rule
      When 1 minute passes
";

#[test]
fn scenarios_are_chosen_among_the_rows_of_outlines() {
    let file = feature("chosen", &OUTLINE.replace("Then Ana reads \"<text>\"", "When 1 minute passes"));
    let shown = file.display().to_string();
    let line = |line: usize| format!("{shown}:{line}");
    let all = ["the story of a", "the story of b", "the story of c", "in a rule"];
    for (args, names) in [
        (vec![shown.as_str()], &all[..]),
        (vec![&shown, "--tags", "@first"], &all[..2]),
        (vec![&shown, "--tags", "@second"], &all[2..3]),
        (vec![&shown, "--tags", "@outline and not @first"], &all[2..3]),
        (vec![&shown, "--tags", "@rules"], &all[3..]),
        (vec![&shown, "--tags", "@all"], &all),
        (vec![&shown, "--name", "^the story of b$"], &all[1..2]),
        (vec![&line(11)], &all[..1]),
        (vec![&line(13)], &all[1..2]),
        (vec![&line(9)], &all[..2]),
        (vec![&line(15)], &all[2..3]),
        (vec![&line(18)], &all[2..3]),
        (vec![&line(4)], &all[..3]),
        (vec![&format!("{}:7", line(24))], &all[3..]),
        (vec![&line(11), &line(18)], &["the story of a", "the story of c"]),
    ] {
        assert_eq!(played(&args), (names.iter().map(|name| (*name).to_owned()).collect(), 0), "{args:?}");
    }
}

#[test]
fn a_line_of_no_scenario_is_an_error() {
    let file = feature("lines", OUTLINE);
    let shown = file.display().to_string();
    let folder = file.parent().unwrap().display().to_string();
    for (place, says) in [
        (format!("{shown}:99"), "there is no line 99: the file has 25 lines"),
        (format!("{shown}:2"), "line 2 is in no scenario"),
        (format!("{shown}:21"), "line 21 is in no scenario"),
        (format!("{folder}:3"), "is a folder, and has no line 3"),
        ("features/email.feature:9999".to_owned(), "there is no line 9999"),
    ] {
        let ran = lostkey(&["run", &place]);
        assert_eq!(ran.exit, 2, "{place}: {}", ran.out);
        assert!(ran.err.contains(says) && ran.err.contains("help: "), "{place}: {}", ran.err);
    }
}

#[test]
fn the_printed_line_repeats_the_row_that_failed() {
    let file = feature("again", OUTLINE);
    let shown = file.display().to_string();
    let ran = lostkey(&["run", &shown, "--name", "story of c"]);
    assert_eq!(ran.exit, 1);
    let again = format!("again   lostkey run {shown}:18 --stage virtual");
    assert!(ran.out.contains(&again), "{}", ran.out);
    let (names, exit) = played(&[&format!("{shown}:18")]);
    assert_eq!((names, exit), (vec!["the story of c".to_owned()], 1));
}

#[test]
fn the_printed_line_can_be_pasted_whatever_the_path() {
    let folder = folder("again and it's here");
    let file = folder.join("f.feature");
    fs::write(&file, OUTLINE).unwrap();
    let ran = lostkey(&["run", &file.display().to_string()]);
    let line = ran.out.lines().find_map(|line| line.trim().strip_prefix("again   lostkey ")).unwrap();
    let pasted = crate::files_and_machines::shell(&format!("lostkey {line}"));
    assert_eq!(pasted.exit, 1, "{line}: {}", pasted.err);
    assert!(pasted.out.contains("0 of 1 scenario passed"), "{line}: {}", pasted.out);
}

fn report(file: &Path) -> serde_json::Value {
    let json = file.with_extension("json");
    lostkey(&["run", &file.display().to_string(), "--report", &format!("json={}", json.display())]);
    serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap()
}

#[test]
fn reports_hold_all_steps_and_tags() {
    let text = "\
@all
Feature: f
  Background:
    Given the story \"lost-device\"
    When 1 minute passes
  @one
  Scenario: s
    Then Ana is signed in
    And 1 minute passes
  @rules
  Rule: r
    Background:
      When 1 minute passes
      Then Ana is signed in
      When 2 minutes pass
    @all
    Scenario: t
      When 3 minutes pass
      And 4 minutes pass
";
    let report = report(&feature("steps", text));
    let feature = &report[0];
    let names = |of: &serde_json::Value| -> Vec<String> {
        of["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(feature), ["@all"]);
    let elements = feature["elements"].as_array().unwrap();
    let statuses = |at: usize| -> Vec<&str> {
        let steps = elements[at]["steps"].as_array().unwrap();
        steps.iter().map(|step| step["result"]["status"].as_str().unwrap()).collect()
    };
    assert_eq!(names(&elements[0]), ["@all", "@one"]);
    assert_eq!(statuses(0), ["passed", "passed", "failed", "skipped"]);
    assert_eq!(names(&elements[1]), ["@all", "@rules"]);
    assert_eq!(statuses(1), ["passed", "passed", "passed", "failed", "skipped", "skipped", "skipped"]);
    let steps = elements[1]["steps"].as_array().unwrap();
    assert_eq!(steps[6]["name"], "4 minutes pass");
}

#[test]
fn languages_marks_and_bullets_are_read() {
    let bullets = "Feature: f\n  Background:\n    * the story \"lost-device\"\n  Scenario: s\n    * Ana has verified her \
                   email address\n    * she chooses \"Call me now\"\n    * her phone rings within 1 minute\n    * 1 minute passes\n";
    let spanish = "Característica: c\n  Escenario: e\n    Dado the story \"lost-device\"\n    Cuando 1 minute \
                   passes\n    * 2 minutes pass\n";
    for (name, text) in [
        ("bullets", bullets.to_owned()),
        ("mark", format!("\u{feff}{bullets}")),
        ("lines", format!("\u{feff}{}", bullets.replace('\n', "\r\n"))),
        ("es", format!("# language: es\n{spanish}")),
        ("es-tight", format!("#language:es\n{spanish}")),
        ("es-wide", format!("\u{feff}\n  #  language  :  es  \n{spanish}")),
        ("es-late", format!("# Some words about it.\n# language: es\n{spanish}")),
    ] {
        let file = feature(&format!("language-{name}"), &text);
        let shown = file.display().to_string();
        let ran = lostkey(&["check", &shown]);
        assert_eq!(ran.exit, 0, "{name}: {}", ran.out);
        let ran = lostkey(&["run", &shown]);
        assert_eq!(ran.exit, 0, "{name}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("1 of 1 scenario passed"), "{name}: {}", ran.out);
    }
    let file = feature("language-none", "# language: xx\nFeature: f\n");
    let ran = lostkey(&["run", &file.display().to_string()]);
    assert_eq!(ran.exit, 2);
    assert!(ran.err.contains("there is no language `xx`") && ran.err.contains(":1:1"), "{}", ran.err);
}

#[test]
fn an_undefined_step_is_told_by_run_in_the_words_of_check() {
    let text = "Feature: f\n  Scenario: s\n    Given the story \"lost-device\"\n    When 30 days passed\n";
    let file = feature("undefined", text);
    let shown = file.display().to_string();
    let (ran, checked) = (lostkey(&["run", &shown]), lostkey(&["check", &shown]));
    assert_eq!((ran.exit, checked.exit), (1, 2));
    for says in [
        "no `When` step matches",
        "did you mean `{duration} pass(es)`?",
        "to define a new step, write it in Rust:",
        "#[cucumber::when(expr = \"{duration} passed\")]",
    ] {
        assert!(ran.out.contains(says), "{says}: {}", ran.out);
        assert!(checked.out.contains(says), "{says}: {}", checked.out);
    }
}

#[test]
fn a_block_that_no_step_reads_is_a_mistake() {
    let step = "Feature: f\n  Scenario: s\n    Given the story \"lost-device\"\n";
    for (name, block, says) in [
        ("doc", "      \"\"\"\n      words\n      \"\"\"\n", "does not read the doc string below it"),
        ("table", "      | a |\n      | b |\n", "does not read the table below it"),
    ] {
        let file = feature(&format!("block-{name}"), &format!("{step}{block}"));
        for command in ["check", "run"] {
            let ran = lostkey(&[command, &file.display().to_string()]);
            assert_eq!(ran.exit, 2, "{command}: {}", ran.out);
            assert!(format!("{}{}", ran.out, ran.err).contains(says), "{command}: {}{}", ran.out, ran.err);
        }
    }
    let lost = "Feature: f\n  Scenario Outline: s\n    Given the story \"<a>\"\n      | <b> |\n    Examples:\n      | a |\n      | lost-device |\n";
    let ran = lostkey(&["run", &feature("lost-rows", lost).display().to_string()]);
    assert_eq!((ran.exit, ran.err.contains("`<b>` has no column in the examples")), (2, true), "{}", ran.err);
}

/// An outline of 300 rows, two of which fail, and a rule.
fn many() -> String {
    let rows: String = (0..300)
        .map(|row| {
            let calls = if [70, 201].contains(&row) { "1 call was" } else { "0 calls were" };
            format!("      | {row} | {calls} |\n")
        })
        .collect();
    format!(
        "Feature: Many
  Background:
    Given the story \"lost-device\"
  Scenario Outline: row <name>
    Then <calls> placed
    Examples:
      | name | calls |
{rows}
  Rule: a rule
    Scenario: in a rule
      When 1 minute passes
"
    )
}

#[test]
fn outcomes_are_told_in_the_order_of_the_feature_on_any_number_of_threads() {
    let file = feature("threads", &many());
    let shown = file.display().to_string();
    let told = |args: &[&str]| {
        let ran = lostkey(&[&["run", &shown], args].concat());
        assert_eq!(ran.exit, 1, "{}", ran.err);
        without_real_times(&ran.out)
    };
    let alone = told(&["--jobs", "1"]);
    assert!(alone.contains("299 of 301 scenarios passed"), "{alone}");
    for jobs in ["2", "5"] {
        assert_eq!(told(&["--jobs", jobs]), alone);
    }
    let until_the_first = told(&["--jobs", "1", "--fail-fast"]);
    assert!(until_the_first.contains("70 of 71 scenarios passed"), "{until_the_first}");
    assert_eq!(told(&["--jobs", "3", "--fail-fast"]), until_the_first);
}

#[test]
fn a_feature_of_more_than_a_mebibyte_is_played() {
    let long = "x".repeat(1_000);
    let rows: String = (0..1_100).map(|row| format!("      | {row} {long} |\n")).collect();
    let text = format!(
        "Feature: Large\n  Scenario Outline: <name>\n    Given the story \"lost-device\"\n    Examples:\n      | name |\n{rows}"
    );
    assert!(text.len() > 1024 * 1024);
    let file = feature("large", &text);
    let ran = lostkey(&["run", &file.display().to_string()]);
    assert!(ran.out.contains("1100 of 1100 scenarios passed"), "{}{}", ran.err, ran.out.len());
}

#[test]
fn whoever_is_inside_by_a_stolen_cookie_has_been_signed_in() {
    let text = "\
Feature: Inside
  Scenario: by a stolen cookie
    Given the story \"sign-out-drops-the-cookie\"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    Then nobody but Ana has ever been signed in
    When Ana signs out
    And Mallory comes back with the stolen session cookie
    Then nobody but Ana has ever been signed in
";
    let file = feature("inside", text).display().to_string();
    let ran = lostkey(&["run", &file, "--scenarios", "tests/weak/scenarios"]);
    assert_eq!(ran.exit, 1, "{}", ran.err);
    assert!(ran.out.contains("f.feature:9") && ran.out.contains("Mallory has been signed in"), "{}", ran.out);
}
