//! Writes a story as YAML that [`Story::read`] reads back.
//!
//! Fields with default values are omitted. The YAML is formatted by hand for readability, with one
//! line for each device, fault and move.

mod accepts;
mod recorded;

use std::fmt::Write;

use serde::Serialize;

use crate::base::otp::{Spec, Standard};
use crate::base::time::{Span, Time};
use crate::fault::{Fault, FaultKind, Which};
use crate::message::Method;
use crate::story::check::{DEFAULT_PATIENCE, DEFAULT_SEED, NEVER, begins_of, called, owners};
use crate::story::raw::Thing;
use crate::story::scalar::scalar;
use crate::story::{
    Account, Character, Device, DeviceState, Gateway, GatewayAnswer, Move, Role, Story, Twilio, moment, moves,
};

/// Indentation of the fields of accounts and people, and of devices.
const FIELD: usize = 4;
const BELOW_FIELD: usize = 6;

/// Writes the whole file.
pub(super) fn story(story: &Story) -> String {
    let mut out = Out::default();
    out.field(0, "about", &scalar(&story.about));
    if let Some(weakness) = &story.weakness {
        let (id, found_by) = (scalar(&weakness.id), scalar(&weakness.found_by));
        out.field(0, "weakness", &format!("{{ id: {id}, found-by: {found_by} }}"));
    }
    accepts::section(&mut out, story);
    if story.epoch != moment::DEFAULT_EPOCH {
        out.field(0, "clock", &moment::write_epoch(story.epoch));
    }
    if story.seed != DEFAULT_SEED {
        out.field(0, "seed", &story.seed.to_string());
    }
    if story.patience != DEFAULT_PATIENCE {
        out.field(0, "patience", &story.patience.to_string());
    }
    out.accounts(story);
    if story.people != owners(&story.accounts) {
        out.people(story);
    }
    out.section("mail", &differing(&story.mail));
    out.section("phone", &differing(&story.phone));
    out.section("support", &differing(&story.support));
    out.gateways(&story.gateways);
    out.twilio(&story.twilio);
    out.section("policy", &differing(&story.policy));
    out.faults(story);
    out.moves(story);
    if let Some(recording) = &story.recorded {
        recorded::section(&mut out, story, recording);
    }
    out.text
}

/// Writes a fault as the value of `does:`: a word if it has no fields, or a mapping in braces.
pub(super) fn fault(kind: FaultKind) -> String {
    // The values are names, durations, numbers and booleans, none of which needs quotes.
    let json = serde_json::to_string(&kind).unwrap_or_default();
    if json.ends_with("{}}") {
        return kind.name().to_owned();
    }
    let spaced = json.replace('{', "{ ").replace('}', " }").replace(':', ": ").replace(',', ", ");
    spaced.replace('"', "")
}

/// The fields that differ from the default, one per line. The fields are words, durations, numbers,
/// booleans, and mappings of those.
fn differing<T: Serialize + Default>(value: &T) -> Vec<String> {
    fields_of(value)
        .into_iter()
        .zip(fields_of(&T::default()))
        .filter(|(is, usual)| is != usual)
        .map(|(is, _)| is)
        .collect()
}

/// Formats each field on one line: `name: value`, nested mappings in braces.
fn fields_of<T: Serialize>(value: &T) -> Vec<String> {
    let yaml = serde_yaml::to_string(value).unwrap_or_default();
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    for line in yaml.lines() {
        match fields.last_mut().filter(|_| line.starts_with(' ')) {
            Some((_, below)) => below.push(line.trim().to_owned()),
            None => fields.push((line.to_owned(), Vec::new())),
        }
    }
    let on_a_line = |(field, below): (String, Vec<String>)| {
        if below.is_empty() { field } else { format!("{field} {{ {} }}", below.join(", ")) }
    };
    fields.into_iter().map(on_a_line).collect()
}

/// Formats items as a flow sequence on one line.
fn in_brackets(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

#[derive(Default)]
struct Out {
    text: String,
}

impl Out {
    fn line(&mut self, indent: usize, line: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{:indent$}{line}", "");
    }

    fn field(&mut self, indent: usize, name: &str, value: &str) {
        self.line(indent, &format!("{name}: {value}"));
    }

    fn section(&mut self, name: &str, fields: &[String]) {
        if !fields.is_empty() {
            self.line(0, &format!("{name}:"));
            for field in fields {
                self.line(2, field);
            }
        }
    }

    fn gateways(&mut self, gateways: &[Gateway]) {
        if !gateways.is_empty() {
            self.line(0, "gateways:");
        }
        for Gateway { path, to, text, from, answer } in gateways {
            self.line(2, &format!("- path: {}", scalar(path)));
            self.field(FIELD, "to", &scalar(to.as_str()));
            self.field(FIELD, "text", &scalar(text.as_str()));
            if let Some(from) = from {
                self.field(FIELD, "from", &scalar(from.as_str()));
            }
            let usual = GatewayAnswer::default();
            let mut fields = Vec::new();
            if answer.status != usual.status {
                fields.push(format!("status: {}", answer.status));
            }
            if answer.body != usual.body {
                fields.push(format!("body: {}", scalar(&answer.body)));
            }
            if answer.kind != usual.kind {
                fields.push(format!("content-type: {}", scalar(&answer.kind)));
            }
            if !fields.is_empty() {
                self.field(FIELD, "answer", &format!("{{ {} }}", fields.join(", ")));
            }
        }
    }

    fn accounts(&mut self, story: &Story) {
        self.line(0, "accounts:");
        for (place, account) in story.accounts.iter().enumerate() {
            self.line(2, &format!("{}:", scalar(&account.name)));
            self.account(story, account);
            let devices: Vec<&Device> =
                story.devices.iter().filter(|device| device.account.index() == place).collect();
            if !devices.is_empty() {
                self.line(FIELD, "devices:");
            }
            for held in devices {
                self.field(BELOW_FIELD, &scalar(&held.name), &device(held));
            }
        }
    }

    fn account(&mut self, story: &Story, account: &Account) {
        let address = |id| scalar(story.addresses.get(usize::from(id)).map_or("", String::as_str));
        self.field(FIELD, "user", &address(account.user.0));
        self.field(FIELD, "password", &scalar(&account.password_text));
        let digits = format!("{:012}", account.number);
        self.field(FIELD, "number", &format!("{} {} {}", &digits[..4], &digits[4..8], &digits[8..]));
        if account.full_name != account.name {
            self.field(FIELD, "full-name", &scalar(&account.full_name));
        }
        if account.emails != [account.user] {
            let emails = account.emails.iter().map(|email| address(email.0));
            self.field(FIELD, "emails", &in_brackets(emails));
        }
        if let Some(phone) = account.phone {
            self.field(FIELD, "phone", &scalar(&phone.to_string()));
        }
    }

    fn people(&mut self, story: &Story) {
        if story.people.is_empty() {
            self.field(0, "people", "{}");
            return;
        }
        self.line(0, "people:");
        for person in &story.people {
            let fields = person_fields(story, person);
            let name = scalar(&person.name);
            match fields.as_slice() {
                [only] => self.field(2, &name, &format!("{{ {only} }}")),
                fields => {
                    self.line(2, &format!("{name}:"));
                    for field in fields {
                        self.line(FIELD, field);
                    }
                }
            }
        }
    }

    fn twilio(&mut self, twilio: &Twilio) {
        if *twilio == Twilio::default() {
            return;
        }
        self.line(0, "twilio:");
        if let Some(account) = &twilio.account {
            self.field(2, "account", &scalar(&account.sid));
            self.field(2, "token", &scalar(&account.token));
            if !account.keys.is_empty() {
                self.line(2, "keys:");
            }
            for (key, secret) in &account.keys {
                self.field(FIELD, &scalar(key), &scalar(secret));
            }
        }
        if let Some(cps) = twilio.calls_per_second {
            self.field(2, "cps", &cps.to_string());
        }
        if let Some(most) = twilio.calls_at_once {
            self.field(2, "calls-at-once", &most.to_string());
        }
        if !twilio.numbers.is_empty() {
            self.line(2, "numbers:");
        }
        for number in &twilio.numbers {
            let mut fields = Vec::new();
            fields.extend(number.sms.as_ref().map(|url| format!("sms: {}", scalar(url))));
            if number.sms_method != Method::default() {
                fields.push(format!("sms-method: {}", number.sms_method.name()));
            }
            fields.extend(number.voice.as_ref().map(|url| format!("voice: {}", scalar(url))));
            let fields =
                if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) };
            self.field(FIELD, &scalar(&number.number.to_string()), &fields);
        }
    }

    fn faults(&mut self, story: &Story) {
        if !story.faults.is_empty() {
            self.line(0, "faults:");
        }
        for fault in &story.faults {
            self.line(2, &one_fault(story, fault));
        }
    }

    fn moves(&mut self, story: &Story) {
        if !story.moves.is_empty() {
            self.line(0, "moves:");
        }
        for Move { at, who, does } in &story.moves {
            let name = story.people.get(who.index()).map_or("nobody", |person| person.name.as_str());
            let line = format!("{} {name} {}", moment::write_time(*at), moves::phrase(*does));
            self.line(2, &format!("- {}", scalar(&line)));
        }
    }
}

/// Writes a fault as an item of a list.
fn one_fault(story: &Story, Fault { kind, of, to, which }: &Fault) -> String {
    let mut line = format!("- {{ does: {}", fault(*kind));
    if let Some(account) = of.and_then(|of| story.accounts.get(of.index())) {
        let _ = write!(line, ", of: {}", scalar(&account.name));
    }
    if let Some(to) = to {
        let _ = write!(line, ", to: {}", scalar(&to.to_string()));
    }
    if *which != Which::Every {
        let _ = write!(line, ", on: {which}");
    }
    format!("{line} }}")
}

fn device(device: &Device) -> String {
    let mut fields: Vec<String> = Vec::new();
    let spec = Spec::from(device.kind);
    if spec.kind == Standard::Hotp {
        fields.push("kind: hotp".to_owned());
    }
    fields.extend(spec.hash.map(|hash| format!("hash: {}", hash.to_string().to_lowercase())));
    fields.extend(spec.digits.map(|digits| format!("digits: {digits}")));
    fields.extend(spec.step.map(|step| format!("step: {step}")));
    match device.state {
        DeviceState::Works => {}
        DeviceState::Lost => fields.push("state: lost".to_owned()),
        DeviceState::Broken => fields.push("state: broken".to_owned()),
        DeviceState::Dead => fields.push("state: dead".to_owned()),
    }
    let off = Span::from_millis(device.clock_off.unsigned_abs());
    match device.clock_off {
        0 => {}
        1.. => fields.push(format!("ahead: {off}")),
        ..=-1 => fields.push(format!("behind: {off}")),
    }
    if device.drift_ppm != 0 {
        fields.push(format!("drift-ppm: {}", device.drift_ppm));
    }
    if device.counter != 0 {
        fields.push(format!("counter: {}", device.counter));
    }
    if device.ran_ahead != 0 {
        fields.push(format!("ran-ahead: {}", device.ran_ahead));
    }
    if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
}

fn person_fields(story: &Story, person: &Character) -> Vec<String> {
    let account = story.accounts.get(person.account.index());
    let name = account.map_or("nobody", |account| account.name.as_str());
    let emails = account.map(|account| account.emails.as_slice()).unwrap_or_default();
    let phone: Vec<_> = account.and_then(|account| account.phone).into_iter().collect();
    let (aim, list, owner) = match person.role {
        Role::Owner => ("owns", "lacks", true),
        Role::Stranger => ("wants", "has", false),
    };
    let mut fields = vec![format!("{aim}: {}", scalar(name))];
    let mut things: Vec<Thing> = [
        (Thing::Password, person.has.password),
        (Thing::PersonalData, person.has.personal_data),
        (Thing::Identity, person.has.identity),
        (Thing::Devices, person.has.devices),
    ]
    .into_iter()
    .filter(|(_, has)| *has != owner)
    .map(|(thing, _)| thing)
    .collect();
    // `has: [mailbox]` means that a stranger reads exactly these mailboxes; owners read them by default.
    let reads_all = person.reads == emails;
    let answers_all = person.answers == phone;
    if !owner {
        things.extend(person.has.session.then_some(Thing::Session));
        things.extend((reads_all && !person.reads.is_empty()).then_some(Thing::Mailbox));
        things.extend((answers_all && !person.answers.is_empty()).then_some(Thing::Phone));
    }
    if !things.is_empty() {
        let things = things.into_iter().map(|thing| thing.word().to_owned());
        fields.push(format!("{list}: {}", in_brackets(things)));
    }
    if !person.holds.is_empty() {
        let held = person.holds.iter().filter_map(|id| story.devices.get(id.index()));
        let names = held.map(|held| scalar(&called(held, &story.devices, &story.accounts)));
        fields.push(format!("holds: {}", in_brackets(names)));
    }
    if !reads_all && (owner || !person.reads.is_empty()) {
        let text = |at: usize| scalar(story.addresses.get(at).map_or("", String::as_str));
        fields.push(format!("reads: {}", in_brackets(person.reads.iter().map(|id| text(id.index())))));
    }
    if !answers_all && (owner || !person.answers.is_empty()) {
        let numbers = person.answers.iter().map(|number| scalar(&number.to_string()));
        fields.push(format!("answers: {}", in_brackets(numbers)));
    }
    if person.begins != begins_of(person.role) {
        let begins = person.begins.map_or(NEVER.to_owned(), |begins| begins.since(Time::ZERO).to_string());
        fields.push(format!("begins: {begins}"));
    }
    let habits = differing(&person.habits);
    if !habits.is_empty() {
        fields.push(format!("habits: {{ {} }}", habits.join(", ")));
    }
    fields
}
