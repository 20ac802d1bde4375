//! Checks the fields of a story: references resolve, and values are possible.

mod accepts;
mod account;
mod device;
mod fault;
mod gateway;
mod in_order;
mod name;
mod person;
mod plan;
mod recorded;
mod twilio;

use std::ops::Range;

use serde_yaml::Spanned;

pub use self::accepts::date;
use self::account::Accounts;
pub(super) use self::device::called;
pub(super) use self::person::{NEVER, begins_of, owners};
use crate::base::time::Span;
use crate::policy::Policy;
use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::outline::Outline;
use crate::story::parse::bytes;
use crate::story::raw::{RawStory, RawWeakness, Text};
use crate::story::{Story, Weakness, limit, moment};

/// Default for how long an honest owner may take after the last fault.
pub(super) const DEFAULT_PATIENCE: Span = Span::from_days(2);

/// The default seed.
pub(super) const DEFAULT_SEED: u64 = 1;

/// Checks the fields and builds the story.
pub(super) fn story(raw: RawStory, name: String, outline: &Outline<'_>) -> Checked<Story> {
    let begin = outline.root();
    let help = "add a sentence that describes the story: `about: Ana has lost her phone.`";
    let about = raw.about.as_ref().ok_or_else(|| missing("about", "the story", begin.clone(), help))?;
    let about = sentence(about)?;
    let weakness = raw.weakness.as_ref().map(weakness).transpose()?;
    let epoch = match &raw.clock {
        None => moment::DEFAULT_EPOCH,
        Some(clock) => moment::read_epoch(&clock.value).map_err(|mistake| Found::new(mistake, at(clock)))?,
    };
    let Some(named) = raw.accounts.filter(|accounts| !accounts.0.is_empty()) else {
        let help =
            "add at least one: its name under `accounts:`, and under that `user`, `password` and `number`";
        return Err(missing("accounts", "the story", begin, help));
    };
    let mut accounts = Accounts::checked(named, epoch, outline)?;
    let people = match raw.people {
        Some(people) => person::people(people, &mut accounts, outline)?,
        None => owners(&accounts.accounts),
    };
    let policy = raw.policy.unwrap_or(Policy::NORM);
    let on_file = (accounts.devices.as_slice(), accounts.accounts.as_slice());
    let moves = plan::moves(raw.moves.unwrap_or_default(), &people, on_file, outline)?;
    let checker = fault::Checker {
        accounts: &accounts.accounts,
        people: &people,
        policy: &policy,
        moves: &moves,
        outline,
    };
    let faults = checker.checked(raw.faults.unwrap_or_default())?;
    let recorded = match raw.recorded {
        None => None,
        Some(recorded) => {
            Some(recorded::Checker { people: &people, faults: &checker, outline }.checked(recorded)?)
        }
    };
    let accepts = accepts::accepts(raw.accepts.unwrap_or_default(), &accounts.accounts, outline)?;
    let (recorded, tag) = recorded.map_or((None, None), |(recorded, tag)| (Some(recorded), tag));
    let Accounts { accounts, devices, addresses } = accounts;
    Ok(Story {
        name,
        about,
        weakness,
        accepts,
        epoch,
        seed: raw.seed.unwrap_or(DEFAULT_SEED),
        patience: raw.patience.unwrap_or(DEFAULT_PATIENCE),
        policy,
        accounts,
        people,
        devices,
        addresses: addresses.into_texts(),
        mail: raw.mail.unwrap_or_default(),
        phone: raw.phone.unwrap_or_default(),
        support: raw.support.unwrap_or_default(),
        gateways: gateway::gateways(raw.gateways.unwrap_or_default(), outline)?,
        twilio: raw.twilio.map(twilio::twilio).transpose()?.unwrap_or_default(),
        faults,
        moves,
        recorded,
        tag,
    })
}

fn weakness(raw: &RawWeakness) -> Checked<Weakness> {
    Ok(Weakness { id: text(&raw.id)?, found_by: text(&raw.found_by)? })
}

/// The byte range of a value.
fn at<T>(value: &Spanned<T>) -> Range<usize> {
    bytes(value.referenced)
}

fn missing(field: &str, of: &str, at: Range<usize>, help: &str) -> Box<Found> {
    Found::new(
        Mistake::MissingField { field: field.to_owned(), of: of.to_owned(), help: help.to_owned() },
        at,
    )
}

/// Checks that a text is neither empty nor too long.
fn text(value: &Text) -> Checked<String> {
    let count = value.value.chars().count();
    let message = match count {
        0 => "this text is empty".to_owned(),
        1..=limit::TEXT_MAX => return Ok(value.value.clone()),
        _ => format!("this text has {count} characters; the maximum is {}", limit::TEXT_MAX),
    };
    let help = format!("write 1 to {} characters", limit::TEXT_MAX);
    Err(Found::new(Mistake::BadValue { message, help }, at(value)))
}

/// Checks a text without the surrounding whitespace that the YAML block styles `>` and `|` add.
fn sentence(value: &Text) -> Checked<String> {
    let trimmed = Spanned::new(value.value.trim().to_owned(), value.referenced, value.defined);
    text(&trimmed)
}

/// Checks that a list is not too long.
fn at_most<T>(list: &[Spanned<T>], max: usize, of: &str, what: &'static str) -> Checked<()> {
    match list.get(max) {
        None => Ok(()),
        Some(first_too_many) => {
            let mistake = Mistake::TooMany { of: of.to_owned(), what, count: list.len(), max };
            Err(Found::new(mistake, at(first_too_many)))
        }
    }
}
