//! Compares the witness's claims in drilled runs with the reference service's reports.
//!
//! With the norm's policy, no claim is invented and each miss has a reason. A weakness may mislead
//! the witness only in the ways that the tables here list.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use lostkey::drill::{Mix, Runner, built_in};
use lostkey::policy::Norm;
use lostkey::story::Story;
use lostkey::witness::Fact;
use lostkey::witness::comparison::{Reason, Table, compare};

/// Number of runs by the norm; CI raises it with `LOSTKEY_WITNESS_RUNS`.
const RUNS: u64 = 4_000;

/// Number of runs of each weakness; `LOSTKEY_WITNESS_WEAKNESS_RUNS` overrides it.
const WEAKNESS_RUNS: u64 = 40;

/// Claims that a weakness makes the witness invent, and why.
const INVENTED: [(&str, Fact, &str); 7] = [
    ("P22", Fact::CodeAccepted, "the code of another's call is accepted"),
    ("P22", Fact::CodeRefused, "the code of another's call is refused"),
    ("P12", Fact::SignedIn, "the password alone leads to the page of whoever is signed in"),
    ("S02", Fact::SignedIn, "the password alone leads to the page of whoever is signed in"),
    ("S03", Fact::MfaAccepted, "no code is typed, its sender is let in, and nothing was checked"),
    ("S15", Fact::SessionEnded, "the page says so, and the session goes on without its cookie"),
    ("S05", Fact::SessionOpened, "the session gains rights and keeps its name"),
];

/// Facts that a weakness causes without showing them on a page, and how.
const NOT_SAID: [(&str, Fact, &str); 5] = [
    ("C04", Fact::DeviceDeactivated, "the old device is dropped as soon as the secret of a new one is shown"),
    ("C05", Fact::DeviceAssigned, "a new device counts as soon as its secret is shown"),
    ("S01", Fact::SessionOpened, "opening a page signs its reader in"),
    ("S08", Fact::SignedIn, "the password signs in, and the page asks for a code all the same"),
    ("U06", Fact::PhoneChanged, "the number in a support form goes on file"),
];

/// Facts of a weakness that the witness takes for others, and why.
const TAKEN_FOR_OTHERS: [(&str, Fact, &str); 2] = [
    ("P22", Fact::CodeAccepted, "the call was placed for another code"),
    ("P22", Fact::CodeRefused, "the call was placed for another code"),
];

/// Facts that must occur in drilled runs of the norm, so that the comparison is meaningful.
const MUST_OCCUR: [Fact; 17] = [
    Fact::PasswordAccepted,
    Fact::PasswordRefused,
    Fact::MfaAccepted,
    Fact::MfaRefused,
    Fact::SignedIn,
    Fact::LinkConfirmed,
    Fact::LinkRefused,
    Fact::Resynced,
    Fact::ResyncRefused,
    Fact::DeviceDeactivated,
    Fact::DeviceAssigned,
    Fact::CodeAccepted,
    Fact::CodeRefused,
    Fact::SessionOpened,
    Fact::SessionEnded,
    Fact::MailOrdered,
    Fact::CallOrdered,
];

fn count(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |runs| runs.parse().unwrap())
}

fn table(bases: Vec<Arc<Story>>, runs: u64) -> Table {
    let mut runner = Runner::new(bases, Mix::usual(), Norm::NIST);
    let mut table = Table::default();
    for seed in 1..=runs {
        let ran = runner.run(seed);
        assert_eq!(ran.stuck, None, "run {seed}");
        table.add(seed, ran.story, ran.trace, &compare(ran.trace, ran.story));
    }
    table
}

#[test]
fn no_claim_is_invented_on_the_norm_and_each_miss_has_its_reason() {
    let table = table(built_in(), count("LOSTKEY_WITNESS_RUNS", RUNS));
    assert_eq!(table.invented_by_norm(), 0, "{:#?}", table.invented);
    assert!(table.unexplained.is_empty(), "{:#?}", table.unexplained);
    for (fact, row) in &table.rows {
        assert_eq!(row.missed.get(&Reason::NotSaid), None, "{fact:?}: the page says it");
        assert_eq!(row.reported, row.seen + row.missed.values().sum::<u64>(), "{fact:?}");
    }
    for fact in MUST_OCCUR {
        assert!(table.rows.get(&fact).is_some_and(|row| row.seen > 0), "{fact:?} is never seen");
    }
}

#[test]
fn a_weakness_misleads_the_witness_only_where_that_is_known() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/weaknesses");
    let runs = count("LOSTKEY_WITNESS_WEAKNESS_RUNS", WEAKNESS_RUNS);
    let (mut invented, mut not_said) = (BTreeSet::new(), BTreeSet::new());
    let mut played = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let story = Story::read(&fs::read_to_string(&path).unwrap(), &path.to_string_lossy()).unwrap();
        let id = story.weakness.as_ref().unwrap().id.clone();
        let table = table(vec![Arc::new(story)], runs);
        let is_known = |fact: &Fact| TAKEN_FOR_OTHERS.iter().any(|(of, known, _)| *of == id && known == fact);
        assert!(table.unexplained.keys().all(is_known), "{id}: {:#?}", table.unexplained);
        for (fact, row) in &table.rows {
            if row.invented > 0 {
                let known = INVENTED.iter().any(|(of, known, _)| *of == id && known == fact);
                assert!(known, "{id}: {:#?}", table.invented);
                invented.insert((id.clone(), *fact));
            }
            if row.missed.contains_key(&Reason::NotSaid) {
                let known = NOT_SAID.iter().any(|(of, known, _)| *of == id && known == fact);
                assert!(known, "{id}: {fact:?} happens, and no page says so");
                not_said.insert((id.clone(), *fact));
            }
        }
        played += 1;
    }
    assert!(played >= 88, "{played} weaknesses");
    // These two hardly depend on the drawn runs.
    assert!(invented.contains(&("S05".to_owned(), Fact::SessionOpened)), "{invented:?}");
    assert!(not_said.contains(&("S08".to_owned(), Fact::SignedIn)), "{not_said:?}");
}
