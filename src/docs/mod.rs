//! References: the meaning of the ids that oracles, comments and stories cite.
//!
//! The Markdown files beside this module are part of these docs, and `lostkey explain ID` prints
//! any of their entries. Oracles, kinds of faults, policy keys and the provider's refusals are
//! described in the code; for these, the files only add the weaknesses they are open to and the
//! norms behind them.

mod code;
mod entry;
mod policy;
mod read;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

pub use self::entry::{Entry, EntryKind};
pub use self::policy::{PolicyKey, PolicyValue, policy_keys};

#[doc = include_str!("norms.md")]
pub mod norms {}

#[doc = include_str!("weaknesses.md")]
pub mod weaknesses {}

#[doc = include_str!("owners.md")]
pub mod owners {}

#[doc = include_str!("flow.md")]
pub mod flow {}

#[doc = include_str!("providers.md")]
pub mod providers {}

#[doc = include_str!("policy.md")]
pub mod policy_reference {}

#[doc = include_str!("faults.md")]
pub mod faults {}

#[doc = include_str!("figures.md")]
pub mod figures {}

/// The page about the figures of a drill.
#[cfg(test)]
pub(crate) const FIGURES: &str = include_str!("figures.md");

/// The files of entries, and the kind of their entries.
const FILES: [(&str, EntryKind); 5] = [
    (include_str!("norms.md"), EntryKind::Norm),
    (include_str!("weaknesses.md"), EntryKind::Weakness),
    (include_str!("owners.md"), EntryKind::Situation),
    (include_str!("flow.md"), EntryKind::Flow),
    (include_str!("providers.md"), EntryKind::Provider),
];

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let keys = policy_keys();
    let written = FILES.iter().flat_map(|(text, kind)| read::entries(text, *kind));
    let mut all: Vec<Entry> = written.map(|entry| code::with_policy(entry, &keys)).collect();
    all.extend(code::refusals());
    all.extend(code::oracles());
    all.extend(code::rules());
    all.extend(code::faults());
    all.extend(keys.iter().map(code::policy_key));
    all
});

/// All entries: those of the files in order, then those of the code.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The entries with this id. Spelling is lenient: `rule 9`, `Rule-9` and `ASVS 6.3.8` are found. A
/// number alone also finds the protocol replies with this code: `550` is `SMTP-550`.
pub fn find(id: &str) -> Vec<&'static Entry> {
    let wanted = folded(id);
    let exact: Vec<&Entry> = entries().iter().filter(|entry| folded(&entry.id) == wanted).collect();
    if !exact.is_empty() || wanted.is_empty() || !wanted.chars().all(|c| c.is_ascii_digit()) {
        return exact;
    }
    let replies = entries().iter().filter(|entry| entry.kind == EntryKind::Provider);
    replies.filter(|entry| folded(&entry.id).rsplit('-').next() == Some(&wanted)).collect()
}

/// Suggestions for an unknown id: ids whose title contains the word, or else those with the nearest spelling.
pub fn suggestions(id: &str) -> Vec<&'static str> {
    let wanted = folded(id);
    let titled = entries().iter().filter(|entry| {
        wanted.len() >= 4
            && entry.title.split(|c: char| !c.is_alphanumeric()).any(|word| folded(word) == wanted)
    });
    let mut near: Vec<&str> = titled.map(|entry| entry.id.as_str()).take(SUGGESTIONS).collect();
    if near.is_empty() {
        let within = wanted.chars().count().div_ceil(2);
        let mut by_distance: Vec<(usize, &str)> = entries()
            .iter()
            .map(|entry| (strsim::damerau_levenshtein(&wanted, &folded(&entry.id)), entry.id.as_str()))
            .filter(|(distance, _)| *distance <= within)
            .collect();
        // The sort is stable, so equally near ids keep their order.
        by_distance.sort_by_key(|(distance, _)| *distance);
        near.extend(by_distance.into_iter().map(|(_, id)| id).take(SUGGESTIONS));
    }
    near
}

/// The maximum number of ids to suggest.
const SUGGESTIONS: usize = 3;

/// An id without differences of case and separators.
fn folded(id: &str) -> String {
    let joined = id.trim().chars().map(|c| if matches!(c, ' ' | '_') { '-' } else { c });
    joined.map(|c| c.to_ascii_lowercase()).collect()
}
