//! Checks of the source tree: allowed imports, length of files, forbidden constructs.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "tidy/citations.rs"]
mod citations;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Allowed imports between modules. Machines never import each other, and oracles import no machine.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("event", &["base"]),
    ("fault", &["base", "event"]),
    ("policy", &["base"]),
    ("message", &["base", "event"]),
    ("providers/mail", MACHINE),
    ("providers/phone", MACHINE),
    ("providers/messaging", MACHINE),
    ("providers/desk", MACHINE),
    ("providers/messaging", MACHINE),
    ("providers/verify", MACHINE),
    ("people", MACHINE),
    ("service/reference", MACHINE),
    (
        "story",
        &[
            "base",
            "event",
            "message",
            "fault",
            "policy",
            "providers/mail",
            "providers/phone",
            "providers/desk",
            "people",
        ],
    ),
    (
        "world",
        &[
            "base",
            "event",
            "fault",
            "policy",
            "message",
            "providers/mail",
            "providers/messaging",
            "providers/phone",
            "providers/verify",
            "providers/desk",
            "people",
            "service/reference",
            "story",
        ],
    ),
    ("stage", &["base", "event", "fault", "message", "story", "world", "wire"]),
    ("oracle", &["base", "event", "policy", "story"]),
    ("witness", &["base", "event", "story"]),
    // A drill's people choose among the acts of a person, by what the world shows them.
    (
        "drill",
        &["base", "event", "fault", "policy", "message", "people", "story", "world", "stage", "oracle"],
    ),
    // References describe the other modules, and nothing imports them but the command.
    ("docs", &["policy", "providers/phone", "story", "oracle"]),
    ("report", &["base", "event", "fault", "policy", "story", "oracle"]),
    (
        "wire",
        &[
            "base",
            "event",
            "fault",
            "message",
            "story",
            "world",
            "providers/mail",
            "providers/messaging",
            "providers/phone",
            "providers/verify",
            "people",
        ],
    ),
    (
        "gherkin",
        &[
            "base", "event", "fault", "policy", "message", "people", "story", "world", "stage", "wire",
            "oracle", "report",
        ],
    ),
    (
        "serve",
        &[
            "base",
            "event",
            "message",
            "people",
            "providers/phone",
            "providers/messaging",
            "story",
            "world",
            "stage",
            "wire",
            // `POST /save` writes a feature, and `report` writes features.
            "report",
        ],
    ),
];

const MACHINE: &[&str] = &["base", "event", "fault", "policy", "message"];

/// Folders whose folders are modules of their own in the import table.
const FAMILIES: [&str; 2] = ["providers", "service"];

/// The machines, in which each match must list every input and state.
const MACHINES: [&str; 7] = [
    "service/reference",
    "providers/mail",
    "providers/phone",
    "providers/messaging",
    "providers/verify",
    "providers/desk",
    "people",
];

/// Modules that do I/O.
const DOES_IO: [&str; 5] = ["wire", "stage", "serve", "cli", "gherkin"];

/// Longest file, in lines.
const LINES_MAX: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` with this extension, in order.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// The module of a source file: the folder or file right below `src`, or below a family's folder.
fn module(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).unwrap();
    let mut parts = below.iter().map(|part| part.to_string_lossy().trim_end_matches(".rs").to_owned());
    let first = parts.next().unwrap();
    match parts.next() {
        Some(second) if FAMILIES.contains(&first.as_str()) && second != "mod" => format!("{first}/{second}"),
        _ => first,
    }
}

/// The modules that code names after `crate::`, one or several in braces.
fn named(rest: &str) -> Vec<String> {
    let ident = |text: &str| -> String {
        text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    if let Some(list) = rest.strip_prefix('{').and_then(|list| list.split('}').next()) {
        return list.split(',').map(ident).filter(|name| !name.is_empty()).collect();
    }
    let first = ident(rest);
    let Some(below) = rest[first.len()..].strip_prefix("::").filter(|_| FAMILIES.contains(&first.as_str()))
    else {
        return vec![first];
    };
    let inner = below.strip_prefix('{').and_then(|list| list.split('}').next());
    let members = inner.map_or_else(|| vec![ident(below)], |list| list.split(',').map(ident).collect());
    members
        .into_iter()
        .filter(|member| !member.is_empty())
        .map(|member| format!("{first}/{member}"))
        .collect()
}

/// The text of a source file without its tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap()
}

fn assert_none(wrong: &[String], rule: &str) {
    assert!(wrong.is_empty(), "{rule}:\n  {}", wrong.join("\n  "));
}

#[test]
fn imports_go_one_way() {
    let table: BTreeMap<&str, BTreeSet<&str>> =
        MAY_IMPORT.iter().map(|(of, may)| (*of, may.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let of = module(&path);
        if ["lib", "main", "cli", "providers", "service"].contains(&of.as_str())
            || path.ends_with("tests.rs")
            || path.ends_with("traces.rs")
        {
            continue;
        }
        let Some(may) = table.get(of.as_str()) else {
            wrong.push(format!("{}: the module `{of}` is not in the import table", shown(&path)));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in without_tests(&text).lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for rest in line.split("crate::").skip(1) {
                for name in named(rest) {
                    if name != of && !may.contains(name.as_str()) {
                        wrong.push(format!("{}:{}: `{of}` imports `{name}`", shown(&path), number + 1));
                    }
                }
            }
        }
    }
    assert_none(&wrong, "src/lib.rs and this test list the allowed imports");
}

#[test]
fn only_the_wire_the_command_and_gherkin_do_io() {
    let forbidden = [
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        "std::thread",
        "std::io",
        "tokio::",
        "Instant::now",
        "SystemTime::now",
        "reqwest",
        "println!",
        "eprintln!",
    ];
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let of = module(&path);
        if DOES_IO.contains(&of.as_str()) || of == "main" || path.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap();
            if let Some(what) = forbidden.iter().find(|what| code.contains(*what)) {
                wrong.push(format!("{}:{}: {what}", shown(&path), number + 1));
            }
        }
    }
    assert_none(&wrong, "machines, oracles and reports do no I/O and read no clock");
}

#[test]
fn every_module_says_what_it_is() {
    let all = files("src", "rs").into_iter().chain(files("tests", "rs"));
    let wrong: Vec<String> = all
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! "))
        .map(|path| shown(&path))
        .collect();
    assert_none(&wrong, "each file begins with a sentence of documentation (`//! `)");
}

#[test]
fn rooms_are_small_and_named_for_what_is_in_them() {
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        if lines > LINES_MAX && !path.ends_with("tests.rs") {
            wrong.push(format!("{}: {lines} lines, {LINES_MAX} at the most", shown(&path)));
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if ["utils", "util", "common", "helpers", "manager", "misc", "imp"].contains(&name.as_str()) {
            wrong.push(format!("{}: the name is not specific", shown(&path)));
        }
    }
    assert_none(&wrong, "one concept per file");
}

#[test]
fn nobody_writes_these() {
    // Concatenated, so that this file does not match itself.
    let never = [
        ["#[", "allow"].concat(),
        ["#![", "allow"].concat(),
        ["#[", "ignore"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
        ["thread::", "sleep"].concat(),
        ["time::", "sleep"].concat(),
        ["FIX", "ME"].concat(),
    ];
    let mut wrong = Vec::new();
    for path in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            if let Some(what) = never.iter().find(|what| line.contains(what.as_str())) {
                wrong.push(format!("{}:{}: {what}", shown(&path), number + 1));
            }
        }
    }
    assert_none(&wrong, "use `expect` with a reason, wait for an event, and finish the code or leave it out");
}

/// The OpenAPI document is made of the descriptions that `Routes::on` takes, so nothing may go around it.
#[test]
fn requests_of_the_control_api_are_described_where_they_are_added() {
    let mailpit = root().join("src/wire/inbox/mailpit");
    let mut wrong = Vec::new();
    for path in files("src/serve", "rs").into_iter().chain(files("src/wire/inbox", "rs")) {
        let text = fs::read_to_string(&path).unwrap();
        let describes =
            !path.starts_with(&mailpit) && !path.ends_with("tests.rs") && !shown(&path).contains("/tests/");
        for (number, line) in without_tests(&text).lines().enumerate().filter(|_| describes) {
            let line = line.trim();
            if [".route(", ".route_service(", ".nest_service("].iter().any(|way| line.contains(way)) {
                wrong.push(format!("{}:{}: {line}", shown(&path), number + 1));
            }
        }
    }
    assert_none(&wrong, "add requests with `Routes::on` and their description, see src/wire/contract");
}

#[test]
fn machines_think_of_every_case() {
    let wrong: Vec<String> = MACHINES
        .iter()
        .map(|machine| root().join("src").join(machine).join("mod.rs"))
        .filter(|path| {
            !fs::read_to_string(path).unwrap().contains("#![warn(clippy::wildcard_enum_match_arm)]")
        })
        .map(|path| shown(&path))
        .collect();
    assert_none(&wrong, "matches in machines must list every state and input");
}

/// The stories that a feature opens, literally or in its examples.
fn opened(feature: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut column = None;
    for line in feature.lines().map(str::trim) {
        if let Some(rest) = line.split("the story \"").nth(1) {
            names.extend(rest.split('"').next().map(str::to_owned));
        }
        if line.starts_with('|') {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            match column {
                None => column = cells.iter().position(|cell| *cell == "story"),
                Some(at) => names.extend(cells.get(at).map(|cell| (*cell).to_owned())),
            }
        } else if !line.is_empty() {
            column = None;
        }
    }
    names
}

#[test]
fn every_story_is_played_and_every_scenario_opens_one() {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for path in files("features", "feature") {
        let text = fs::read_to_string(&path).unwrap();
        used.extend(opened(&text));
        for scenario in text.split("Scenario").skip(1).filter(|part| part.starts_with([':', ' '])) {
            let background = text.contains("Background:");
            if !background && !scenario.contains("the story \"") {
                let name = scenario.lines().next().unwrap().trim_start_matches([':', ' ']);
                wrong.push(format!("{}: the scenario \"{name}\" opens no story", shown(&path)));
            }
        }
    }
    for entry in fs::read_dir(root().join("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "yaml") && !used.contains(&name) {
            wrong.push(format!("{}: no feature plays it", shown(&path)));
        }
    }
    assert_none(&wrong, "stories and scenarios go together");
}

#[test]
fn there_are_four_test_binaries_at_most() {
    let tests = fs::read_dir(root().join("tests")).unwrap().map(|entry| entry.unwrap().path());
    let binaries: Vec<PathBuf> =
        tests.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect();
    assert!(binaries.len() <= 4, "each links everything: {binaries:?}");
}

#[test]
fn editors_know_the_schema_of_every_story() {
    let mut wrong = Vec::new();
    for (folder, up) in [
        ("scenarios", ""),
        ("tests/weak/scenarios", "../../../scenarios/"),
        ("tests/failing/scenarios", "../../../scenarios/"),
        ("scenarios/weaknesses", "../"),
        ("tests/another-crate/scenarios", "../../../scenarios/"),
    ] {
        let schema = root().join(folder).join(up).join("story.schema.json");
        assert!(schema.is_file(), "{}", schema.display());
        let modeline = format!("# yaml-language-server: $schema={up}story.schema.json");
        let here = root().join(folder);
        for path in files(folder, "yaml").into_iter().filter(|path| path.parent() == Some(&here)) {
            if fs::read_to_string(&path).unwrap().lines().next() != Some(modeline.as_str()) {
                wrong.push(format!("{}: begins with `{modeline}`", shown(&path)));
            }
        }
    }
    assert_none(&wrong, "a story's first line names the schema");
}

#[test]
fn w01_to_w32_are_all_played() {
    let mut tags: BTreeMap<String, usize> = BTreeMap::new();
    let mut scenarios = 0;
    for path in files("features", "feature") {
        let text = fs::read_to_string(&path).unwrap();
        let feature = gherkin::Feature::parse(&text, gherkin::GherkinEnv::default()).unwrap();
        for scenario in feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios))
        {
            let tables = scenario.examples.iter().filter_map(|examples| examples.table.as_ref());
            let rows: usize = tables.map(|table| table.rows.len() - 1).sum();
            scenarios += if scenario.examples.is_empty() { 1 } else { rows };
            let examples = scenario.examples.iter().flat_map(|examples| &examples.tags);
            for tag in feature.tags.iter().chain(&scenario.tags).chain(examples) {
                *tags.entry(tag.clone()).or_default() += 1;
            }
        }
    }
    let missing: Vec<String> =
        (1..=32).map(|way| format!("W{way:02}")).filter(|tag| !tags.contains_key(tag)).collect();
    assert_none(&missing, "each of W01 to W32 tags a scenario");
    assert!(scenarios >= 60, "{scenarios} scenarios");
    assert!(files("scenarios", "yaml").len() >= 40);
}

/// A `use` line as its visibility with its module, and whether it ends on the same line.
fn used_module(line: &str) -> Option<(&str, &str)> {
    let (visibility, rest) = line.split_once("use ")?;
    if !["", "pub ", "pub(crate) ", "pub(super) "].contains(&visibility.trim_start()) {
        return None;
    }
    let path = rest.split('{').next()?.trim_end_matches(';');
    let module = match rest.contains('{') {
        true => path.trim_end_matches("::"),
        false => path.rsplit_once("::")?.0,
    };
    Some((visibility, module))
}

#[test]
fn imports_have_one_line_per_module() {
    assert_eq!(used_module("use crate::base::time::{Span, Time};"), Some(("", "crate::base::time")));
    assert_eq!(used_module("pub use self::a::B;"), Some(("pub ", "self::a")));
    assert_eq!(used_module("    // use it"), None);
    let mut wrong = Vec::new();
    for path in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        let text = fs::read_to_string(&path).unwrap();
        let mut seen = BTreeSet::new();
        for (number, line) in text.lines().enumerate() {
            match used_module(line) {
                Some(module) if !seen.insert(module) => {
                    wrong.push(format!("{}:{}: `{}` again", shown(&path), number + 1, module.1));
                }
                Some(_) => {}
                // The lines of a group in braces belong to it; any other line ends the block.
                None if line.starts_with([' ', '}']) && !line.trim().is_empty() => {}
                None => seen.clear(),
            }
        }
    }
    assert_none(&wrong, "items of one module are imported by one `use`");
}

#[test]
fn a_world_is_a_small_struct() {
    let text = fs::read_to_string(root().join("src/world/mod.rs")).unwrap();
    let body = text.split("pub struct World {").nth(1).unwrap().split("\n}").next().unwrap();
    let fields = body.lines().map(str::trim).filter(|line| line.ends_with(',') && !line.starts_with("//"));
    let fields: Vec<&str> = fields.collect();
    assert!((8..=12).contains(&fields.len()), "12 fields at the most: {fields:?}");
    assert!(fields.iter().all(|field| !field.starts_with("pub")), "fields are private: {fields:?}");
}
