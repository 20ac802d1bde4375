//! Story files: valid ones load and round-trip, invalid ones yield helpful errors.

mod any;
mod recorded;

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;

use super::*;
use crate::event::{ScanRung, ScanTime};
use crate::fault::{FaultKind, Which};
use crate::policy::Replay;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Stores all snapshots next to the broken stories.
fn snapshots() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("tests/broken/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// The stories in `scenarios`.
fn scenarios() -> Vec<(PathBuf, String)> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root().join("scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The rendered error of a broken story.
fn told(text: &str, file: &str) -> String {
    match Story::read(text, file) {
        Ok(story) => panic!("{file} should be broken: {story:?}"),
        Err(error) => error.rendered(),
    }
}

/// A story that uses every section of the format.
const FULL: &str = r#"
about: 'All at once: two accounts, three people, and what can go wrong.'
clock: 2026-03-02T09:30:00.250Z
seed: 7
patience: 3d
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 0234 5678 9012
    full-name: Ana Álvarez
    emails: [ana@example.com, ana@home.example]
    phone: "0600 000 001"
    devices:
      old-phone: { state: lost }
      token: { ahead: 20m, drift-ppm: -12 }
      spare:
  bea:
    user: bea@example.com
    password: 'null'
    number: 1234-5678-9013
people:
  ana:
    owns: ana
    lacks: [devices]
    reads: [ana@home.example]
    begins: 5m
    habits: { reads-mail-after: 2m, answers: not-the-first }
  bea: { owns: bea, begins: never }
  mallory:
    wants: Ana
    has: [password, mailbox, phone, personal-data, identity, devices]
  Eve:
    wants: ana
    reads: [eve@example.net, bea@example.com]
    answers: [+34 600 000 009]
    begins: 0s
mail: { delay: 1m }
phone: { dial: 2s, webhook-retries: 3 }
support: { reads-after: 4h }
policy:
  link-lifetime: 24h
  replay: nothing
faults:
  - { does: mail-lost, of: ana, on: 2 }
  - { does: { mail-late: { by: 2h } }, of: bea, on: every }
  - does: { app-crashes: { around: ticket, when: before, down: 1m 30s } }
    on: first 2
  - { does: { call-to-voicemail: { taken-for: machine-start } }, on: 30% }
  - { does: call-busy, of: ana, on: from 3 }
moves:
  - 00:10:00 mallory signs in with the password and a wrong code
  - '00:10:00 mallory goes to "Step 2: phone number verification"'
  - 00:10:00.250 ana changes the phone number to +34 600 000 002
  - 1d 00:00:05 EVE opens link 1 in another browser
  - 2d 00:00:00 ana asks support because "Other" giving phone +34600000002
"#;

#[test]
fn broken_stories_are_told_well() {
    insta::glob!(root().join("tests/broken/stories"), "*.yaml", |path| {
        let text = fs::read_to_string(path).unwrap();
        let file = format!("stories/{}", path.file_name().unwrap().to_string_lossy());
        snapshots().bind(|| assert_snapshot!("story", told(&text, &file)));
    });
}

#[test]
fn each_scenario_loads_and_reads_back() {
    let scenarios = scenarios();
    assert!(scenarios.len() >= 3);
    for (path, text) in scenarios {
        let file = path.display().to_string();
        let story = Story::read(&text, &file).unwrap_or_else(|error| panic!("{}", error.rendered()));
        assert_eq!(story.name, path.file_stem().unwrap().to_string_lossy());
        let written = story.write();
        assert_eq!(Story::read(&written, &file).unwrap(), story, "{written}");
    }
}

#[test]
fn a_full_story_means_what_it_says() {
    let story = Story::read(FULL, "full.yaml").unwrap_or_else(|error| panic!("{}", error.rendered()));
    assert_eq!(
        story.addresses,
        ["ana@example.com", "ana@home.example", "bea@example.com", "eve@example.net"]
    );
    let [ana, bea] = &story.accounts[..] else { panic!() };
    assert_eq!((ana.number, ana.phone.unwrap().is_e164()), (23_456_789_012, false));
    assert_eq!((bea.full_name.as_str(), bea.password_text.as_str(), bea.phone), ("bea", "null", None));
    assert_eq!(bea.emails, [bea.user]);
    let devices: Vec<_> =
        story.devices.iter().map(|it| (it.name.as_str(), it.clock_off, it.drift_ppm)).collect();
    assert_eq!(devices, [("old-phone", 0, 0), ("token", 1_200_000, -12), ("spare", 0, 0)]);
    let [ana, bea, mallory, eve] = &story.people[..] else { panic!() };
    assert_eq!((ana.role, ana.has.devices, ana.has.identity), (Role::Owner, false, true));
    assert_eq!((ana.reads.as_slice(), ana.answers.len()), (&[AddressId(1)][..], 1));
    assert_eq!(
        (ana.begins, bea.begins, eve.begins),
        (Some(Time::from_millis(300_000)), None, Some(Time::ZERO))
    );
    assert_eq!((mallory.role, mallory.account, mallory.begins), (Role::Stranger, AccountId(0), None));
    assert!(
        mallory.has.password
            && mallory.has.identity
            && mallory.reads.len() == 2
            && mallory.answers.len() == 1
    );
    assert_eq!((eve.has.password, eve.reads.as_slice()), (false, &[AddressId(3), AddressId(2)][..]));
    assert_eq!(story.policy, Policy { link_lifetime: Span::DAY, replay: Replay::Nothing, ..Policy::NORM });
    assert_eq!((story.faults[1].of, story.faults[3].which), (Some(AccountId(1)), Which::Percent(30)));
    assert_eq!(
        (story.moves[3].who, story.moves[3].at),
        (PersonId(3), Time::ZERO + Span::DAY + Span::from_secs(5))
    );
}

#[test]
fn a_story_is_written_for_people() {
    let story = Story::read(FULL, "full.yaml").unwrap();
    snapshots().bind(|| assert_snapshot!("written", story.write()));
    assert_eq!(Story::read(&story.write(), "full.yaml").unwrap(), story);
}

#[test]
fn what_goes_without_saying_is_not_said() {
    let (path, text) = scenarios().into_iter().find(|(path, _)| path.ends_with("lost-device.yaml")).unwrap();
    let story = Story::read(&text, &path.display().to_string()).unwrap();
    let [ana] = &story.people[..] else { panic!() };
    assert_eq!((ana.name.as_str(), ana.role, ana.begins), ("ana", Role::Owner, Some(Time::ZERO)));
    assert_eq!(ana.reads, story.accounts[0].emails);
    assert_eq!(Vec::from_iter(story.accounts[0].phone), ana.answers);
    assert_eq!((story.seed, story.patience, story.policy), (1, Span::from_days(2), Policy::NORM));
    assert!(!story.write().contains("people"));
}

/// A minimal valid story with `more` appended.
fn with(more: &str) -> String {
    format!(
        "about: x\naccounts:\n  ana:\n    user: a@b.example\n    password: p\n    number: 000000000001\n\
         \x20   phone: '1'\n    devices: {{ t: {{}} }}\n{more}"
    )
}

#[test]
fn small_mistakes_are_told_too() {
    for (more, says) in [
        (
            "people: { bob: { owns: ana, lacks: [mailbox], reads: [] } }",
            "`mailbox` is listed here, but `reads` already",
        ),
        ("people: { bob: { wants: ana, lacks: [phone] } }", "is a stranger and has nothing"),
        ("people: { bob: { wants: ana, has: [keys] } }", "`keys` is not a value of `people.bob.has`"),
        ("people: { bob: { wants: ana, begins: soon } }", "is not a time for `begins`"),
        ("people: { bob: { wants: ana, begins: forever } }", "is not a time for `begins`"),
        ("people: { bob: { owns: ana, habits: { mistypes: 101 } } }", "nobody can mistype 101 percent"),
        ("people: { bob: { owns: ana, habits: { mistypes: 256 } } }", "is not a whole number from 0 to 255"),
        ("people: { bob: { owns: ana, habits: { looks-into-spam: yes } } }", "neither true nor false"),
        ("people: { bob: { owns: ana, reads: [x@y.example, X@y.example] } }", "occurs twice in this list"),
        ("people: { bob: { owns: ana, answers: [one] } }", "`o` is not allowed in a phone number"),
        ("people: { 7up: { owns: ana } }", "`7up` is not a valid name"),
        ("people: [ana]", "`people` must be a mapping, but is a list"),
        ("policy: norm", "`policy` must be a mapping, but is a text"),
        ("seed: 1.5", "`1.5` is not a whole number"),
        ("seed: -1", "`-1` is not a whole number"),
        ("faults: [{ of: ana }]", "this fault has no `does`"),
        ("faults: [{ does: mail-lost, of: bob }]", "there is no account `bob`"),
        ("faults: [mail-lost]", "an item of `faults` must be a mapping"),
        ("faults: [{ does: 3 }]", "this is not a fault"),
        ("faults: [{ does: { mail-lost: { by: 2h } } }]", "must be without anything below it"),
        ("faults: [{ does: { mail-late: 2h } }]", "`faults.does.mail-late` must be a mapping"),
        ("faults: [{ does: { mail-late: { by: 2h }, mail-lost: } }]", "an item names one fault"),
        ("faults: [{ does: { key-lost: { nth: 0 } } }]", "`nth` is 0"),
        ("faults: [{ does: { call-rejected: { sip: 200 } } }]", "`sip` is 200"),
        (
            "faults: [{ does: { app-crashes: { around: lunch, when: before, down: 1h } } }]",
            "`lunch` is not a value",
        ),
        ("faults: [{ does: mail-lost, on: 0 }]", "is not a set of occurrences"),
        ("moves: [10m ana confirms]", "`10m` is not a time in a story"),
        ("moves: [ana confirms]", "this one lacks a time"),
        ("moves: ['00:00:00']", "this one lacks a person"),
        ("moves: [00:00:00 ana opens link 0]", "`0` is not the number of a link"),
        ("moves: [00:00:00 ana changes the phone number to 34a]", "`a` is not allowed in a phone number"),
        ("moves: [40000d 00:00:00 ana confirms]", "100 years"),
        ("clock: 2026-03-02T09:00:00+01:00", "`Z` of UTC"),
        ("patience: 101y", "`y` is not a unit of time"),
        ("about: twice", "`about` occurs twice"),
        ("? [a]\n: b", "must be a text, but is a list"),
        ("mail: &m { delay: soon }\nphone: *m", "`soon` does not start with a whole number"),
        ("policy:\n\treplay: nothing", "indented with a tab"),
        ("mail: { delay: 1m }\n\tphone: {}", "indented with a tab"),
        ("mail:\n  delay: 1m\n \t bounces-after: 1m", "indented with a tab"),
    ] {
        let text = with(more);
        let told = told(&text, "small.yaml");
        assert!(
            told.contains(says) && told.contains("help: ") && told.contains("small.yaml:"),
            "{more}\n{told}"
        );
    }
}

#[test]
fn small_mistakes_of_fields_are_told_too() {
    for (from, to, says) in [
        ("devices: { t: {} }", "devices: { t: { drift-ppm: 200000 } }", "a clock cannot drift"),
        ("devices: { t: {} }", "devices: { t: { ahead: forever } }", "`forever` ahead"),
        ("devices: { t: {} }", "devices: { t: { behind: 60d 60h 36000d } }", "before 1970"),
        ("devices: { t: {} }", "devices: { t: { state: stolen } }", "`stolen` is not a value"),
        (
            "about: x",
            "about: x\npeople: { bob: { owns: ana, habits: { thinks-for: 0s } } }",
            "nobody thinks for 0s only",
        ),
        ("user: a@b.example", "user: a b@b.example", "before the `@` is not valid"),
        ("user: a@b.example", "user: a@b.-", "is not a domain"),
        ("user: a@b.example", "user: '@b.example'", "nothing before the `@`"),
        ("password: p", "password: ''", "this text is empty"),
        ("number: 000000000001", "number: '+00000000001'", "`+` is not a digit"),
        ("about: x", "about: '  '", "this text is empty"),
    ] {
        let told = told(&with("").replace(from, to), "small.yaml");
        assert!(told.contains(says) && told.contains("help: "), "{to}\n{told}");
    }
}

#[test]
fn what_is_allowed_though_odd_loads() {
    for more in [
        "mail:\npolicy:\nfaults:\nmoves:\npeople:\n",
        "people: {}",
        "faults: [{ does: { mail-lost: }, on: '2' }]",
        "faults: [{ does: call-stuck, of: ANA, on: 3 }]",
        "people: { bob: &bob { owns: ana }, Ben: *bob }",
        "people: { józsef: { owns: ana } }\nmoves: [00:00:00 JÓZSEF confirms]",
        "# 40 lines of comment\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n\
         # x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\n# x\nseed: 2",
    ] {
        let text = with(more);
        let story = Story::read(&text, "odd.yaml").unwrap_or_else(|error| panic!("{}", error.rendered()));
        assert_eq!(Story::read(&story.write(), "odd.yaml").unwrap(), story, "{}", story.write());
    }
    let dos = with("seed: 2\n").replace('\n', "\r\n");
    assert_eq!(Story::read(&format!("\u{feff}{dos}"), "dos.yaml").unwrap().seed, 2);
}

#[test]
fn a_fault_of_calls_wants_a_phone_or_a_way_to_get_one() {
    let story = |more: &str| with(more).replace("    phone: '1'\n", "");
    assert!(told(&story("faults: [{ does: call-stuck }]"), "x").contains("no account has a phone number"));
    let crash = "{ app-crashes: { around: call, when: after, down: 1m } }";
    assert!(
        told(&story(&format!("faults: [{{ does: {crash} }}]")), "x")
            .contains("`app-crashes` can never strike")
    );
    for more in [
        "faults: [{ does: call-stuck, of: ana }]\nmoves: [00:00:00 ana changes the phone number to +34600000001]",
        "faults: [{ does: call-stuck }]\npolicy: { phone-number: last-typed }",
        "faults: [{ does: mail-lost }, { does: ticket-lost }]",
    ] {
        assert!(Story::read(&story(more), "x").is_ok(), "{more}");
    }
}

#[test]
fn limits_are_held() {
    let many = |count: usize, item: &str| format!("[{}]", vec![item; count].join(",\n  "));
    let people = |count: usize| (0..count).map(|n| format!("  p{n}: {{ owns: ana }}\n")).collect::<String>();
    for (more, fits) in [
        (format!("faults: {}", many(limit::FAULTS_MAX, "{ does: mail-lost }")), true),
        (format!("faults: {}", many(limit::FAULTS_MAX + 1, "{ does: mail-lost }")), false),
        (format!("moves: {}", many(limit::MOVES_MAX, "00:00:00 ana confirms")), true),
        (format!("moves: {}", many(limit::MOVES_MAX + 1, "00:00:00 ana confirms")), false),
        (format!("people:\n{}", people(limit::PEOPLE_MAX)), true),
        (format!("people:\n{}", people(limit::PEOPLE_MAX + 1)), false),
    ] {
        match Story::read(&with(&more), "many.yaml") {
            Ok(_) => assert!(fits),
            Err(error) => {
                assert!(!fits && matches!(error.mistake, Mistake::TooMany { .. }), "{}", error.rendered())
            }
        }
    }
    let values = format!("faults: {}", many(limit::VALUES_MAX, "x"));
    assert!(matches!(Story::read(&with(&values), "x").unwrap_err().mistake, Mistake::TooManyValues));
    let aliases = |count: usize| {
        format!(
            "people:\n  p: &p {{ owns: ana }}\n{}",
            (0..count).map(|n| format!("  q{n}: *p\n")).collect::<String>()
        )
    };
    assert!(Story::read(&with(&aliases(limit::PEOPLE_MAX - 1)), "x").is_ok());
    let error = Story::read(&with(&aliases(limit::ALIASES_MAX + 1)), "x").unwrap_err();
    assert!(matches!(error.mistake, Mistake::TooManyAliases));
}

#[test]
fn what_is_too_large_is_told_without_all_of_it() {
    let large = with(&"# nothing\n".repeat(limit::FILE_MAX / 10));
    snapshots().bind(|| assert_snapshot!("too-large", told(&large, "stories/too-large.yaml")));
    let long = with(&format!("policy: {{ {} }}\nseed: 1\n", "replay: nothing, ".repeat(300)));
    snapshots().bind(|| assert_snapshot!("long-line", told(&long, "stories/long-line.yaml")));
}

#[test]
fn each_kind_of_fault_has_one_example() {
    let Err(error) = serde_yaml::from_str::<FaultKind>("no-such-fault") else { panic!() };
    let serde_yaml::Error::SerdeUnknownVariant { expected, .. } = error.without_snippet() else { panic!() };
    assert_eq!(faults::names(), *expected);
    for kind in FaultKind::ALL.iter().map(|declared| declared.example) {
        let written = write::fault(kind);
        let story = Story::read(&with(&format!("faults: [{{ does: {written} }}]")), "x");
        let story = story.unwrap_or_else(|error| panic!("{}", error.rendered()));
        assert_eq!(story.faults[0].kind, kind, "{written}");
    }
}

#[test]
fn a_fault_whose_fields_all_have_defaults_is_a_word_or_a_mapping() {
    let lost = fs::read_to_string("scenarios/lost-device.yaml").unwrap();
    for (does, read, written) in [
        ("mail-scanned", (None, None), "mail-scanned"),
        ("{ mail-scanned: {} }", (None, None), "mail-scanned"),
        (
            "{ mail-scanned: { rung: form, when: after } }",
            (Some(ScanRung::Form), Some(ScanTime::After)),
            "{ mail-scanned: { rung: form, when: after } }",
        ),
        (
            "{ mail-scanned: { when: with } }",
            (None, Some(ScanTime::With)),
            "{ mail-scanned: { when: with } }",
        ),
    ] {
        let story = Story::read(&format!("{lost}faults:\n  - {{ does: {does} }}\n"), "x").unwrap();
        let (rung, when) = read;
        assert_eq!(story.faults[0].kind, FaultKind::MailScanned { rung, when }, "{does}");
        let text = story.write();
        assert!(text.contains(&format!("- {{ does: {written} }}\n")), "{text}");
    }
    let wrong =
        Story::read(&format!("{lost}faults:\n  - {{ does: {{ mail-scanned: {{ rung: 5 }} }} }}\n"), "x");
    assert!(wrong.is_err());
}
