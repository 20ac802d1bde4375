//! Entries for what is defined in code: oracles, faults, policy keys, the provider's refusals.

use crate::docs::{Entry, EntryKind, PolicyKey, read};
use crate::providers::phone::ApiError;
use crate::story::KnownFault;
use crate::{oracle, story};

/// The entries that each kind of fault models.
pub(super) const FAULTS: &str = include_str!("faults.md");

/// An entry of a file, extended by the policy values that are open to it.
pub(super) fn with_policy(entry: Entry, keys: &[PolicyKey]) -> Entry {
    let open = keys.iter().flat_map(|key| key.values.iter().map(move |value| (key, value)));
    let open = open.filter(|(_, value)| value.open_to.contains(&entry.id));
    let open: Vec<String> = open.map(|(key, value)| format!("{}: {}", key.key, value.value)).collect();
    if open.is_empty() {
        return entry;
    }
    let text = format!("{}\nPolicy values that are open to it: {}.", entry.text, open.join("; "));
    Entry { text, ..entry }
}

/// Entries for the errors with which the phone company refuses an order.
pub(super) fn refusals() -> impl Iterator<Item = Entry> {
    ApiError::all().map(|error| Entry {
        id: error.code.to_string(),
        title: error.message.trim_end_matches('.').to_owned(),
        kind: EntryKind::Provider,
        text: format!("The phone company refuses an order with this code and HTTP status {}.", error.http),
        sources: vec![error.more_info(), "TW-errors".to_owned()],
    })
}

/// Entries for oracles.
pub(super) fn oracles() -> impl Iterator<Item = Entry> {
    oracle::ALL.iter().map(|oracle| Entry {
        id: oracle.id.to_owned(),
        title: oracle.sentence.to_owned(),
        kind: EntryKind::Oracle,
        text: "This must hold in every trace. A finding says whether the norm or the policy's own promise is broken.".to_owned(),
        sources: read::list(oracle.source),
    })
}

/// Entries for the rules of oracles, which findings name.
pub(super) fn rules() -> impl Iterator<Item = Entry> {
    oracle::ALL.iter().flat_map(|oracle| {
        oracle.rules.iter().map(|rule| Entry {
            id: rule.id.to_owned(),
            title: rule.sentence.to_owned(),
            kind: EntryKind::Oracle,
            text: format!("A rule of the oracle {}: {}.", oracle.id, oracle.sentence),
            sources: read::list(oracle.source),
        })
    })
}

/// Entries for kinds of faults.
pub(super) fn faults() -> impl Iterator<Item = Entry> {
    let known: Vec<(&str, &str)> = read::rows(FAULTS)
        .filter_map(|row| match row[..] {
            [name, models] => Some((name, models)),
            _ => None,
        })
        .collect();
    story::faults().into_iter().map(move |fault| {
        let sources = known.iter().find(|(name, _)| *name == fault.name);
        let sources = sources.map(|(_, models)| read::list(models)).unwrap_or_default();
        let KnownFault { name, models, fields, reports, counts, example } = fault;
        let mut text = format!("The service learns: {reports}. `on` counts {counts}.");
        for field in fields {
            text.push_str(&format!("\n{} ({}): {}", field.name, field.values, field.says));
        }
        text.push_str(&format!("\nIn a story: - {{ does: {example} }}"));
        let title = models.trim_end_matches('.').to_owned();
        Entry { id: name, title, kind: EntryKind::Fault, text, sources }
    })
}

/// The entry of a policy key.
pub(super) fn policy_key(key: &PolicyKey) -> Entry {
    let mut text = format!("It is {}; the default is {}.", key.takes, key.default);
    for value in &key.values {
        text.push_str(&format!("\n{}: {}", value.value, value.says()));
    }
    Entry {
        id: key.key.clone(),
        title: key.decides.trim_end_matches('.').to_owned(),
        kind: EntryKind::PolicyKey,
        text,
        sources: key.norms.clone(),
    }
}
