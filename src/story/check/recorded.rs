//! Checks a recording of `lostkey serve`.

mod app;
mod hand;

use std::ops::Range;

use serde_yaml::Spanned;

use crate::base::id::PersonId;
use crate::base::time::Time;
use crate::story::check::{at, at_most, fault, missing, name};
use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::outline::Outline;
use crate::story::raw::{RawInput, RawRecording, RawWebhooks, Text};
use crate::story::{Character, Recorded, RecordedInput, Recording, limit, moment};

/// The parts of the story that a recording is checked against.
pub(super) struct Checker<'a> {
    pub(super) people: &'a [Character],
    pub(super) faults: &'a fault::Checker<'a>,
    pub(super) outline: &'a Outline<'a>,
}

impl Checker<'_> {
    /// Checks the recording; returns it with its tag.
    pub(super) fn checked(&self, raw: RawRecording) -> Checked<(Recording, Option<String>)> {
        let begin = self.outline.root();
        let help = "write when the recording ends: `until: 00:01:30`";
        let until = raw.until.as_ref().ok_or_else(|| missing("until", "`recorded`", begin, help))?;
        let inputs = raw.inputs.unwrap_or_default();
        at_most(&inputs, limit::RECORDED_MAX, "`recorded`", "inputs")?;
        let end = time(until)?;
        let mut all: Vec<RecordedInput> = Vec::new();
        let mut before: Option<Range<usize>> = None;
        for input in inputs {
            let place = self.outline.whole(at(&input));
            let input = self.input(input.value, place.clone())?;
            if let (Some(last), Some(before)) = (all.last(), before)
                && input.at < last.at
            {
                let help = "inputs are listed in the order in which they came: move it up";
                let found = bad("this input is earlier than the one before it", help, place);
                return Err(found.and(before, "the one before it"));
            }
            all.push(input);
            before = Some(place);
        }
        if all.last().is_some_and(|last| last.at > end) {
            return Err(bad("the recording ends before its last input", "write a later time", at(until)));
        }
        let tag = raw.tag.as_ref().map(|tag| short(tag, 1, limit::NAME_MAX)).transpose()?;
        let account = raw.account.as_ref().map(account).transpose()?;
        let at_once = raw.webhooks == Some(RawWebhooks::AtOnce);
        let ends_early = raw.ends_early.unwrap_or(false);
        let recording = Recording { until: end, ends_early, account, at_once, inputs: all };
        Ok((recording, tag.map(|tag| tag.to_ascii_lowercase())))
    }

    fn input(&self, raw: RawInput, place: Range<usize>) -> Checked<RecordedInput> {
        let help = "write when it came: `at: 00:00:10`";
        let when = raw.at.as_ref().ok_or_else(|| missing("at", "this input", place.clone(), help))?;
        let (when, early) = (time(when)?, raw.early.unwrap_or(false));
        Ok(RecordedInput { at: when, early, what: self.what(raw, place)? })
    }

    fn what(&self, raw: RawInput, place: Range<usize>) -> Checked<Recorded> {
        let kinds = [
            raw.order.is_some(),
            raw.webhook.is_some(),
            raw.scanned.is_some(),
            raw.mail.is_some(),
            raw.phone.is_some(),
            raw.person.is_some(),
            raw.sender.is_some(),
            raw.faults.is_some(),
            raw.page.is_some(),
        ];
        let help = "an input has one of: order, webhook, scanned, mail, phone, person, sender, faults, page";
        match kinds.iter().filter(|is| **is).count() {
            1 => {}
            0 => return Err(bad("this input does not say what it is", help, place)),
            _ => return Err(bad("this input is several things at once", help, place)),
        }
        if let Some(order) = &raw.order {
            return app::order(order, &raw, self.outline);
        }
        if let Some(webhook) = &raw.webhook {
            return app::webhook(webhook, &raw, self.outline, place);
        }
        if let Some(url) = &raw.scanned {
            return app::url(url).map(Recorded::Scanned);
        }
        if let Some(from) = &raw.mail {
            return app::mail(from, &raw, place);
        }
        if let Some(number) = &raw.phone {
            return hand::phone(number, &raw, place);
        }
        if let Some(who) = &raw.person {
            let names = self.people.iter().map(|person| person.name.as_str());
            let id = name::person(&who.value, names).map_err(|mistake| Found::new(mistake, at(who)))?;
            return hand::person(PersonId(id), &raw, place);
        }
        if let Some(sender) = &raw.sender {
            return hand::sender(sender, &raw);
        }
        if let Some(page) = &raw.page {
            return app::page(page, &raw);
        }
        self.faults.checked(raw.faults.unwrap_or_default()).map(Recorded::Faults)
    }
}

/// Reads a time as moves have it.
fn time(text: &Text) -> Checked<Time> {
    moment(&text.value).map_err(|says| bad(&says, "write it as `00:10:00` or `1d 00:10:00`", at(text)))
}

fn account(text: &Text) -> Checked<String> {
    let account = short(text, 1, limit::ADDRESS_MAX)?;
    let is_sid = account.starts_with("AC") && account.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_sid {
        return Ok(account);
    }
    Err(bad(
        &format!("`{account}` is not the SID of an account"),
        "it is `AC` and letters and digits",
        at(text),
    ))
}

fn bad(message: &str, help: &str, place: Range<usize>) -> Box<Found> {
    Found::new(Mistake::BadValue { message: message.to_owned(), help: help.to_owned() }, place)
}

/// A text with this number of characters.
fn short(text: &Text, least: usize, most: usize) -> Checked<String> {
    let count = text.value.chars().count();
    if (least..=most).contains(&count) {
        return Ok(text.value.clone());
    }
    let message = format!("this text has {count} characters");
    Err(bad(&message, &format!("write {least} to {most} characters"), at(text)))
}

/// A text as long as a recording may have it, or nothing.
fn long(text: Option<&Text>) -> Checked<String> {
    text.map_or(Ok(String::new()), |text| short(text, 0, limit::FILE_MAX))
}

/// A method and an address, separated by a space.
fn request<'a>(text: &'a Text, methods: &[&'static str]) -> Checked<(&'static str, &'a str)> {
    let (verb, address) = text.value.split_once(' ').unwrap_or((text.value.as_str(), ""));
    let known = methods.iter().find(|known| **known == verb);
    known.map(|known| (*known, address.trim())).ok_or_else(|| {
        let help = format!("write the method and the address, for example `{} …`", methods.join(" …` or `"));
        bad(&format!("`{verb}` is not a method here"), &help, at(text))
    })
}

/// The path of a request.
fn path(address: &str, text: &Text) -> Checked<String> {
    if address.starts_with('/') && !address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Ok(address.to_owned());
    }
    Err(bad(&format!("`{address}` is not a path"), "a path begins with a slash and has no spaces", at(text)))
}

/// The fields of a form: those with one value, and then those with several.
fn fields(raw: &RawInput) -> Vec<(String, String)> {
    let single = raw.form.iter().flat_map(|form| &form.0);
    let several = raw.lists.iter().flat_map(|lists| &lists.0);
    let one = single.map(|(name, value)| (name.value.clone(), value.clone()));
    one.chain(several.flat_map(|(name, all)| all.iter().map(|value| (name.value.clone(), value.clone()))))
        .collect()
}

/// The items of a list that are not too many.
fn few<T>(list: &[Spanned<T>]) -> Checked<()> {
    at_most(list, limit::RECIPIENTS_MAX, "this input", "items")
}
