//! Checks the names in a story and resolves references to them.

use crate::story::check::at;
use crate::story::error::{Checked, Found};
use crate::story::limit;
use crate::story::mistake::Mistake;
use crate::story::nearest::nearest;
use crate::story::raw::{Named, Text};

/// Checks the number of names, their syntax, and that they are distinct.
pub(super) fn all<T>(named: &Named<T>, max: usize, of: &str, what: &'static str) -> Checked<()> {
    if let Some((name, _)) = named.0.get(max) {
        let mistake = Mistake::TooMany { of: of.to_owned(), what, count: named.0.len(), max };
        return Err(Found::new(mistake, at(name)));
    }
    for (index, (name, _)) in named.0.iter().enumerate() {
        if !is_name(&name.value) {
            return Err(Found::new(Mistake::BadName { name: name.value.clone() }, at(name)));
        }
        let earlier = named.0.iter().take(index).map(|(earlier, _)| earlier);
        if let Some(earlier) = earlier.into_iter().find(|earlier| same(&earlier.value, &name.value)) {
            let mistake = Mistake::SameName { name: name.value.clone(), other: earlier.value.clone() };
            return Err(Found::new(mistake, at(name)).and(at(earlier), "first here"));
        }
    }
    Ok(())
}

/// Whether a text is a single word that moves and feature files can refer to.
fn is_name(text: &str) -> bool {
    text.starts_with(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        && text.chars().count() <= limit::NAME_MAX
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The index of the account with this name.
pub(super) fn account<'a>(name: &Text, known: impl Iterator<Item = &'a str> + Clone) -> Checked<u16> {
    find(&name.value, known.clone()).ok_or_else(|| {
        let (near, known) = meant(&name.value, known);
        Found::new(Mistake::UnknownAccount { name: name.value.clone(), near, known }, at(name))
    })
}

/// The index of the person with this name.
pub(super) fn person<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Result<u16, Mistake> {
    find(name, known.clone()).ok_or_else(|| {
        let (near, known) = meant(name, known);
        Mistake::UnknownPerson { name: name.to_owned(), near, known }
    })
}

fn find<'a>(name: &str, mut known: impl Iterator<Item = &'a str>) -> Option<u16> {
    known.position(|known| same(known, name)).and_then(|place| u16::try_from(place).ok())
}

fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> (Option<String>, Vec<String>) {
    (nearest(name, known.clone()).map(str::to_owned), known.map(str::to_owned).collect())
}
