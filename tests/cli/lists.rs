//! End-to-end tests of the commands that print lists: text, Markdown, JSON, and searches.

use serde_json::Value;

use crate::lostkey;

/// The commands that print lists, each with a word that only some items contain.
const LISTS: [(&str, &str); 4] =
    [("oracles", "notice"), ("faults", "voicemail"), ("steps", "inbox"), ("policy", "resend")];

/// A text without its line breaks and columns.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The output of a list command.
fn list(args: &[&str]) -> String {
    let ran = lostkey(args);
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{args:?}");
    ran.out
}

fn json(args: &[&str]) -> Value {
    let mut args = args.to_vec();
    args.extend(["--format", "json"]);
    serde_json::from_str(&list(&args)).unwrap()
}

#[test]
fn lists_are_read_like_this() {
    for (name, word) in LISTS {
        insta::assert_snapshot!(format!("list-{name}-{word}"), list(&[name, word]));
        insta::assert_snapshot!(format!("list-{name}-{word}-md"), list(&[name, word, "--format", "md"]));
    }
}

#[test]
fn no_line_in_a_pipe_is_longer_than_100_columns() {
    for (name, _) in LISTS {
        for line in list(&[name]).lines() {
            assert!(line.chars().count() <= 100, "{name}: {line}");
        }
    }
}

#[test]
fn a_word_that_nothing_has_exits_2() {
    for (name, _) in LISTS {
        for format in ["text", "md", "json"] {
            let ran = lostkey(&[name, "no such word", "--format", format]);
            assert_eq!((ran.exit, ran.out.as_str()), (2, ""), "{name}");
            assert!(ran.err.contains("contains `no such word`;"), "{}", ran.err);
        }
    }
}

#[test]
fn a_word_chooses_in_each_format() {
    for (name, word) in LISTS {
        let (all, some) = (json(&[name]), json(&[name, word]));
        let of = |value: &Value| value["steps"].as_array().or(value.as_array()).unwrap().len();
        assert!(of(&some) >= 1 && of(&some) < of(&all), "{name}: {some}");
        let items = |out: String| out.lines().filter(|line| line.starts_with("### ")).count();
        let (all, some) =
            (items(list(&[name, "--format", "md"])), items(list(&[name, word, "--format", "md"])));
        assert!(some >= 1 && some < all, "{name}: {some} of {all}");
    }
}

#[test]
fn steps_have_their_expressions_summaries_and_examples() {
    let catalogue = lostkey::gherkin::catalogue();
    let text = flat(&list(&["steps"]));
    let markdown = list(&["steps", "--format", "md"]);
    for step in catalogue {
        assert!(text.contains(&flat(&step.expression)), "{}", step.expression);
        assert!(text.contains(&flat(&format!("e.g. {}", step.example))), "{}", step.example);
        assert!(
            markdown.contains(&format!(" {}`\n\n{}\n", step.expression, step.summary)),
            "{}",
            step.expression
        );
    }
    let json = json(&["steps"]);
    let steps = json["steps"].as_array().unwrap();
    assert_eq!(steps.len(), catalogue.len());
    let opens = steps.iter().find(|step| step["example"] == "Given the story \"lost-device\"").unwrap();
    assert_eq!((&opens["noun"], &opens["keywords"][0]), (&"story".into(), &"Given".into()));
    let mut names = json["parameters"].as_array().unwrap().iter().map(|parameter| &parameter["name"]);
    assert!(names.any(|name| name == "who"));
}

#[test]
fn faults_have_their_fields_reports_and_examples() {
    let faults = lostkey::story::faults();
    let text = flat(&list(&["faults"]));
    let markdown = list(&["faults", "--format", "md"]);
    for fault in &faults {
        assert!(text.contains(&flat(&format!("{} {}", fault.name, fault.models))), "{}", fault.name);
        assert!(text.contains(&flat(&format!("- {{ does: {} }}", fault.example))), "{}", fault.name);
        assert!(markdown.contains(&format!("### `{}`\n\n{}\n", fault.name, fault.models)), "{}", fault.name);
    }
    let json = json(&["faults"]);
    let late = json.as_array().unwrap().iter().find(|fault| fault["name"] == "callback-late").unwrap();
    assert_eq!((&late["fields"][0]["name"], &late["counts"]), (&"by".into(), &"status callbacks".into()));
    assert_eq!(json.as_array().unwrap().len(), faults.len());
}

#[test]
fn policy_keys_have_defaults_weaknesses_and_norms() {
    let json = json(&["policy"]);
    let key = |name: &str| json.as_array().unwrap().iter().find(|key| key["key"] == name).unwrap().clone();
    let uses = key("link-uses");
    assert_eq!(
        (uses["default"].as_str(), &uses["values"][1]["open_to"]),
        (Some("once"), &serde_json::json!(["L01"]))
    );
    assert_eq!(key("link-lifetime")["default"], "1h");
    assert_eq!(key("link-lifetime")["norms"], serde_json::json!(["N4", "F3"]));
    assert_eq!(key("machine-detection")["default"], "false");
}

#[test]
fn ids_are_explained() {
    for (name, args) in [
        ("kinds", &["explain", "N8", "L09", "W15", "page", "7", "21211", "550", "TW-gather"][..]),
        ("code", &["explain", "way-out", "call-to-voicemail", "resend", "sign-in-window"]),
        ("markdown", &["explain", "L09", "rule 9", "--format", "md"]),
        ("json", &["explain", "l09", "Rule-9", "--format", "json"]),
    ] {
        insta::assert_snapshot!(format!("explain-{name}"), list(args));
    }
}

#[test]
fn unknown_ids_exit_2_with_the_nearest() {
    for (name, args) in [
        ("unknown", &["explain", "L099"][..]),
        ("a-word", &["explain", "voicemail"]),
        ("one-of-two", &["explain", "N8", "call-to-voicemal"]),
        ("nothing-like-it", &["explain", "qwertyuiop asdfghjkl"]),
        ("no-id", &["explain"]),
    ] {
        let ran = lostkey(args);
        assert_eq!((ran.exit, ran.out.as_str()), (2, ""), "{name}");
        insta::assert_snapshot!(format!("explain-bad-{name}"), ran.told());
    }
}
