//! What a flow is open to, for a person: one row for each deviation of the policy, the most frequent first.
//!
//! A row tells the policy key, who needs what, the findings with their runs, the clause, and the line to see it.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};

use crate::base::number::Number;
use crate::cli::drill::artifacts::Case;
use crate::cli::drill::outcome::Outcome;
use crate::cli::drill::print::ReproCommand;
use crate::cli::program::program;
use crate::docs::{PolicyKey, policy_keys};
use crate::drill::{Deviation, Found, OpenedBy, deviations};
use crate::oracle;
use crate::story::{Character, Role, Story};

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Findings that a row tells in a sentence; of the others it tells the rule.
const SENTENCES: usize = 2;

/// Where a line is broken.
const WIDTH: usize = 100;

/// Where the text of a row begins.
const INDENT: usize = 11;

/// Prints a row for each root of the findings, and the deviations of which none was found.
pub(super) fn tell(
    out: &mut dyn Write,
    cases: &[Case<'_>],
    bases: &[Arc<Story>],
    again: &ReproCommand,
) -> io::Result<()> {
    let keys = policy_keys();
    let mut rows: BTreeMap<&OpenedBy, Vec<&Case<'_>>> = BTreeMap::new();
    for case in cases {
        for root in &case.roots {
            rows.entry(root).or_default().push(case);
        }
    }
    let mut rows: Vec<(&OpenedBy, Vec<&Case<'_>>)> = rows.into_iter().collect();
    // Cases are in order, so the first of a row is the most frequent one of its most serious oracle.
    for (_, cases) in &mut rows {
        cases.sort_by_key(|case| seriousness(case.found));
    }
    rows.sort_by_key(|(_, cases)| cases.first().map(|case| order(case.found)));
    if !rows.is_empty() {
        writeln!(out, "{BOLD}{:>9}  opened by{BOLD:#}", "runs")?;
    }
    for (root, cases) in &rows {
        row(out, root, cases, again, &keys)?;
    }
    if !again.stories.is_empty() {
        quiet(out, cases, bases)?;
    }
    if !rows.is_empty() {
        let hint = format!(
            "Runs are those of a row's first finding. `{} explain ID` explains an id; --details shows each finding with its story and what led to it; --stats prints the statistics.",
            program()
        );
        writeln!(out, "{DIM}{}{DIM:#}", wrapped(&hint, 0))?;
    }
    Ok(())
}

/// Prints one row: the root, who needs what, the findings, the clause, and the line to see it.
fn row(
    out: &mut dyn Write,
    root: &OpenedBy,
    cases: &[&Case<'_>],
    again: &ReproCommand,
    keys: &[PolicyKey],
) -> io::Result<()> {
    let Some(first) = cases.first() else { return Ok(()) };
    let label = label(root);
    writeln!(out, "{:>9}  {RED}{label}{RED:#}", grouped(first.found.count))?;
    let mut rules: Vec<&Found> = Vec::new();
    for case in cases {
        // The causes of one rule differ in the person or in the proofs, which are details.
        if rules.iter().all(|known| known.rule != case.found.rule) {
            rules.push(case.found);
        }
    }
    let mut lines: Vec<String> = Vec::new();
    for found in rules.iter().take(SENTENCES) {
        let count = match found.count == first.found.count {
            true => String::new(),
            false => format!(" (in {})", grouped(found.count)),
        };
        lines.push(format!("{}: {}{count}", found.rule, sentence(found)));
    }
    let more = rules.iter().skip(SENTENCES);
    let more: Vec<String> = more.map(|found| format!("{} ({})", found.rule, grouped(found.count))).collect();
    if !more.is_empty() {
        lines.push(format!("also {}", more.join(", ")));
    }
    lines.push(format!("by {}; {}", who(cases), clause(root, first.found, keys)));
    for line in lines {
        writeln!(out, "{}", wrapped(&line, INDENT))?;
    }
    writeln!(out, "{:INDENT$}{}", "", again.line(first.found.seed))
}

/// Lists the findings of a result whose stories are not at hand.
pub(super) fn list(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let mut found: Vec<&Found> = outcome.findings.iter().map(|listed| &listed.found).collect();
    found.sort_by_key(|found| order(found));
    found.into_iter().try_for_each(|found| line(out, found))
}

/// Prints a finding without its story.
pub(super) fn line(out: &mut dyn Write, found: &Found) -> io::Result<()> {
    let Found { rule, verdict, count, seed, says, .. } = found;
    writeln!(out, "{RED}{rule}{RED:#} [{verdict}] in {}; run {seed}: {says}", grouped(*count))
}

/// The most frequent finding first; among equals, the one that a run meets first.
pub(super) fn order(found: &Found) -> (u64, u64, u64, String) {
    (u64::MAX - found.count, found.seed, found.at_ms, found.rule.clone())
}

/// The place of the oracle of a finding: access comes first, and what pages say comes late. Of the findings with
/// one root, a false page is rather a consequence of the wrong access than its root.
fn seriousness(found: &Found) -> usize {
    oracle::ALL.iter().position(|oracle| oracle.id == found.oracle).unwrap_or(oracle::ALL.len())
}

/// What opens the findings of a row.
fn label(root: &OpenedBy) -> String {
    let all = |keys: &[Deviation], word: &str| {
        keys.iter().map(|one| format!("{}: {}", one.key, one.value)).collect::<Vec<_>>().join(word)
    };
    match root {
        OpenedBy::Key(key) | OpenedBy::Setting(key) => format!("{}: {}", key.key, key.value),
        OpenedBy::AnyOf(keys) => all(keys, " or "),
        OpenedBy::Together(keys) => match keys.as_slice() {
            [] => "no single policy key".to_owned(),
            [key] => format!("{}: {} with others", key.key, key.value),
            keys => all(keys, " with "),
        },
        OpenedBy::NoKey => "no policy key".to_owned(),
    }
}

/// What closes a row, and the norms behind it.
fn clause(root: &OpenedBy, found: &Found, keys: &[PolicyKey]) -> String {
    let norms_of = |all: &[Deviation], word: &str| {
        all.iter().map(|key| format!("{}: {}", key.key, key.norm)).collect::<Vec<_>>().join(word)
    };
    let (closes, of) = match root {
        OpenedBy::Key(key) => {
            let key = std::slice::from_ref(key);
            (format!("closed by {}", norms_of(key, "")), key)
        }
        OpenedBy::AnyOf(all) => (format!("closed by {}", norms_of(all, " and ")), all.as_slice()),
        OpenedBy::Together(all) if !all.is_empty() => {
            (format!("closed by {}", norms_of(all, " or ")), all.as_slice())
        }
        OpenedBy::Together(_) => ("no single key opens or closes it".to_owned(), [].as_slice()),
        OpenedBy::Setting(step) => {
            (format!("closed by {}: {}, in the story", step.key, step.norm), [].as_slice())
        }
        OpenedBy::NoKey => ("the norm's policy has it, too".to_owned(), [].as_slice()),
    };
    let mut norms: Vec<&str> = Vec::new();
    for norm in keys.iter().filter(|key| of.iter().any(|one| one.key == key.key)).flat_map(|key| &key.norms) {
        if !norms.contains(&norm.as_str()) {
            norms.push(norm);
        }
    }
    if norms.is_empty() {
        let oracle = oracle::ALL.iter().find(|oracle| oracle.id == found.oracle);
        norms.extend(oracle.map(|oracle| oracle.source));
    }
    format!("{closes} ({})", norms.join(", "))
}

/// Most kinds of people told in a row.
const KINDS: usize = 3;

/// Who takes part in the smallest stories, with what, in the order of the findings.
fn who(cases: &[&Case<'_>]) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for story in cases.iter().map(|case| &case.shrunk.story) {
        let strangers = story.people.iter().filter(|person| person.role == Role::Stranger);
        let strangers: Vec<String> =
            strangers.map(|person| format!("a stranger with {}", holdings(story, person))).collect();
        let told = if strangers.is_empty() { "the owner alone".to_owned() } else { strangers.join(" and ") };
        if !kinds.contains(&told) {
            kinds.push(told);
        }
    }
    kinds.truncate(KINDS);
    kinds.join(", or ")
}

fn holdings(story: &Story, person: &Character) -> String {
    let of_owner = |number: &Number| story.accounts.iter().any(|account| account.phone == Some(*number));
    let has = [
        (person.has.password, "the password"),
        (!person.reads.is_empty(), "the mailbox"),
        (person.answers.iter().any(of_owner), "the phone"),
        (person.has.devices || !person.holds.is_empty(), "the device"),
        (person.has.personal_data, "personal data"),
        (person.has.identity, "the proof of identity"),
        (person.has.session, "a stolen session cookie"),
    ];
    let has: Vec<&str> = has.into_iter().filter(|(has, _)| *has).map(|(_, what)| what).collect();
    if has.is_empty() { "nothing".to_owned() } else { has.join(" and ") }
}

/// What the rule of a finding says, without names.
fn sentence(found: &Found) -> &str {
    let rules = oracle::ALL.iter().flat_map(|oracle| oracle.rules);
    rules.into_iter().find(|rule| rule.id == found.rule).map_or(&found.says, |rule| rule.sentence)
}

/// Tells which deviations no finding is of: they may be harmless, or rarer than the drill is long.
fn quiet(out: &mut dyn Write, cases: &[Case<'_>], bases: &[Arc<Story>]) -> io::Result<()> {
    let mut all: Vec<Deviation> = bases.iter().flat_map(|base| deviations(&base.policy)).collect();
    all.sort();
    all.dedup();
    for root in cases.iter().flat_map(|case| &case.roots) {
        let named: &[Deviation] = match root {
            OpenedBy::Key(key) => std::slice::from_ref(key),
            OpenedBy::AnyOf(keys) | OpenedBy::Together(keys) => keys,
            OpenedBy::Setting(_) | OpenedBy::NoKey => &[],
        };
        all.retain(|key| !named.contains(key));
    }
    if all.is_empty() {
        return Ok(());
    }
    let keys = policy_keys();
    let told: Vec<String> = all.iter().map(|deviation| with_weaknesses(&keys, deviation)).collect();
    let known = told.iter().any(|told| told.ends_with(')'));
    let says = format!(
        "Also different from the norm's policy, without a failure in these runs: {}. {}",
        told.join(", "),
        if known {
            format!(
                "A weakness can need more runs, or a story in which it can be used; `{} explain ID` tells how.",
                program()
            )
        } else {
            format!("`{} policy WORD` says what a key is open to.", program())
        }
    );
    writeln!(out, "{}", wrapped(&says, 0))
}

/// A key with its value, and the weaknesses that the value is known to be open to.
fn with_weaknesses(keys: &[PolicyKey], deviation: &Deviation) -> String {
    let value = keys
        .iter()
        .filter(|key| key.key == deviation.key)
        .flat_map(|key| &key.values)
        .find(|value| value.value == deviation.value);
    let told = format!("{}: {}", deviation.key, deviation.value);
    match value.filter(|value| !value.open_to.is_empty()) {
        Some(value) => format!("{told} (open to {})", value.open_to.join(", ")),
        None => told,
    }
}

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A text in lines of at most [`WIDTH`] characters, indented.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            // Further lines are indented more.
            last => {
                let more = if last.is_some() && indent > 0 { 2 } else { 0 };
                lines.push(format!("{:width$}{word}", "", width = indent + more));
            }
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_and_long_texts_are_broken() {
        for (number, told) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), told);
        }
        let text = wrapped(&["word"; 60].join(" "), INDENT);
        assert!(text.lines().count() > 2 && text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(text.split_whitespace().count(), 60);
    }

    #[test]
    fn the_most_frequent_comes_first_and_then_the_earliest() {
        let found = |rule: &str, count, seed, at_ms| Found {
            rule: rule.to_owned(),
            count,
            seed,
            at_ms,
            ..Found::default()
        };
        let mut all = [found("d", 2, 1, 9), found("c", 2, 1, 5), found("b", 9, 4, 0), found("a", 2, 2, 1)];
        all.sort_by_key(order);
        assert_eq!(all.map(|found| found.rule), ["b", "c", "d", "a"]);
    }

    #[test]
    fn a_row_begins_with_its_most_serious_oracle() {
        let found = |oracle: &str| Found { oracle: oracle.to_owned(), ..Found::default() };
        let mut all = ["honest-notice", "right-code", "nothing-known", "access"].map(found);
        all.sort_by_key(seriousness);
        let order = ["access", "right-code", "honest-notice", "nothing-known"];
        assert_eq!(all.map(|found| found.oracle), order);
    }

    #[test]
    fn roots_are_told_with_what_closes_them() {
        let key =
            |key: &str| Deviation { key: key.to_owned(), value: "bad".to_owned(), norm: "good".to_owned() };
        let keys = policy_keys();
        let found = Found { oracle: "notices".to_owned(), ..Found::default() };
        let told = |root: OpenedBy| (label(&root), clause(&root, &found, &keys));
        let norms = "N1, N2";
        assert_eq!(
            told(OpenedBy::Key(key("notify"))),
            ("notify: bad".to_owned(), format!("closed by notify: good ({norms})"))
        );
        let (label, clause) = told(OpenedBy::AnyOf(vec![key("a"), key("b")]));
        assert_eq!(label, "a: bad or b: bad");
        assert!(clause.starts_with("closed by a: good and b: good (NIST SP 800-63B-4"), "{clause}");
        let (label, clause) = told(OpenedBy::Together(vec![key("a"), key("b")]));
        assert_eq!(label, "a: bad with b: bad");
        assert!(clause.starts_with("closed by a: good or b: good ("), "{clause}");
        assert_eq!(told(OpenedBy::Together(Vec::new())).0, "no single policy key");
        let (label, clause) = told(OpenedBy::Setting(key("step of token")));
        assert_eq!(label, "step of token: bad");
        assert!(clause.starts_with("closed by step of token: good, in the story ("), "{clause}");
        assert!(told(OpenedBy::NoKey).1.starts_with("the norm's policy has it, too ("));
    }
}
