//! A provisional loader.
#![allow(missing_docs, clippy::all)]
use super::*;
use crate::fault::{FaultKind, Which};
use serde::Deserialize;
use std::collections::BTreeMap;
pub fn nearest<'a>(t: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known.min_by_key(|k| strsim::damerau_levenshtein(t, k))
}
#[derive(Debug)]
pub struct StoryError(String);
impl StoryError {
    pub fn rendered(&self) -> String {
        self.0.clone()
    }
}
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Raw {
    about: String,
    #[serde(default)]
    seed: Option<u64>,
    #[serde(default)]
    patience: Option<Span>,
    accounts: BTreeMap<String, RawAccount>,
    #[serde(default)]
    people: Option<BTreeMap<String, RawPerson>>,
    #[serde(default)]
    mail: email::Habits,
    #[serde(default)]
    phone: voice::Habits,
    #[serde(default)]
    support: support::Habits,
    #[serde(default)]
    policy: Policy,
    #[serde(default)]
    faults: Vec<RawFault>,
}
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawAccount {
    user: String,
    password: String,
    number: String,
    #[serde(default)]
    full_name: Option<String>,
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    devices: BTreeMap<String, RawDevice>,
}
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawDevice {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    ahead: Option<Span>,
    #[serde(default)]
    behind: Option<Span>,
    #[serde(default)]
    drift_ppm: i32,
}
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawPerson {
    #[serde(default)]
    owns: Option<String>,
    #[serde(default)]
    wants: Option<String>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    habits: person::Habits,
}
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawFault {
    does: FaultKind,
    #[serde(default)]
    of: Option<String>,
    #[serde(default)]
    on: Which,
}
impl Story {
    pub fn read(text: &str, file: &str) -> Result<Self, Box<StoryError>> {
        let raw: Raw = serde_yaml::from_str(text).map_err(|e| Box::new(StoryError(e.to_string())))?;
        let mut addresses: Vec<String> = vec![];
        let mut addr = |t: &str| {
            let at = addresses.iter().position(|a: &String| a == t).unwrap_or_else(|| {
                addresses.push(t.to_owned());
                addresses.len() - 1
            });
            AddressId(at as u16)
        };
        let mut accounts = vec![];
        let mut devices = vec![];
        for (i, (name, a)) in raw.accounts.iter().enumerate() {
            let user = addr(&a.user);
            let emails: Vec<AddressId> =
                if a.emails.is_empty() { vec![user] } else { a.emails.iter().map(|e| addr(e)).collect() };
            let full_name = a.full_name.clone().unwrap_or_else(|| name.clone());
            for (n, d) in &a.devices {
                devices.push(Device {
                    name: n.clone(),
                    account: AccountId(i as u16),
                    state: match d.state.as_deref() {
                        Some("lost") => DeviceState::Lost,
                        Some("broken") => DeviceState::Broken,
                        _ => DeviceState::Works,
                    },
                    clock_off: d.ahead.map_or(0, |s| s.as_millis() as i64)
                        - d.behind.map_or(0, |s| s.as_millis() as i64),
                    drift_ppm: d.drift_ppm,
                });
            }
            accounts.push(Account {
                name: name.clone(),
                user,
                password: Password::of(&a.password),
                password_text: a.password.clone(),
                number: a.number.replace(' ', "").parse().unwrap(),
                full_name_digest: Digest::of(&full_name),
                full_name,
                emails,
                phone: a.phone.as_ref().map(|p| Number::read(p).unwrap()),
            });
        }
        let names: Vec<String> = raw.accounts.keys().cloned().collect();
        let at = |n: &str| AccountId(names.iter().position(|x| x == n).unwrap() as u16);
        let owner = |n: &str, habits| {
            let id = at(n);
            let a: &Account = &accounts[id.index()];
            (
                id,
                Role::Owner,
                Has { password: true, personal_data: true, identity: true, devices: true },
                a.emails.clone(),
                a.phone.into_iter().collect::<Vec<_>>(),
                habits,
                Some(Time::ZERO),
            )
        };
        let mut people = vec![];
        match &raw.people {
            None => {
                for n in &names {
                    let (account, role, has, reads, answers, habits, begins) =
                        owner(n, person::Habits::default());
                    people.push(Character {
                        name: n.clone(),
                        account,
                        role,
                        has,
                        reads,
                        answers,
                        habits,
                        begins,
                    });
                }
            }
            Some(ps) => {
                for (n, p) in ps {
                    if let Some(o) = &p.owns {
                        let (account, role, has, reads, answers, habits, begins) = owner(o, p.habits);
                        people.push(Character {
                            name: n.clone(),
                            account,
                            role,
                            has,
                            reads,
                            answers,
                            habits,
                            begins,
                        });
                    } else {
                        let id = at(p.wants.as_ref().unwrap());
                        let a: &Account = &accounts[id.index()];
                        let h = |x: &str| p.has.iter().any(|y| y == x);
                        people.push(Character {
                            name: n.clone(),
                            account: id,
                            role: Role::Stranger,
                            has: Has {
                                password: h("password"),
                                personal_data: h("personal-data"),
                                identity: h("identity"),
                                devices: h("devices"),
                            },
                            reads: if h("mailbox") { a.emails.clone() } else { vec![] },
                            answers: if h("phone") { a.phone.into_iter().collect() } else { vec![] },
                            habits: p.habits,
                            begins: None,
                        });
                    }
                }
            }
        }
        let faults = raw
            .faults
            .iter()
            .map(|f| Fault { kind: f.does, of: f.of.as_deref().map(|n| at(n)), which: f.on })
            .collect();
        Ok(Story {
            name: std::path::Path::new(file).file_stem().unwrap().to_string_lossy().into_owned(),
            about: raw.about,
            epoch: Epoch::from_unix_millis(1_772_442_000_000),
            seed: raw.seed.unwrap_or(1),
            patience: raw.patience.unwrap_or(Span::from_days(2)),
            policy: raw.policy,
            accounts,
            people,
            devices,
            addresses,
            mail: raw.mail,
            phone: raw.phone,
            support: raw.support,
            faults,
            moves: vec![],
        })
    }
}
