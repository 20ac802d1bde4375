//! Checks people: role, account, possessions, mailboxes, phones, habits and start time.

use serde_yaml::Spanned;

use crate::base::id::{AccountId, AddressId, DeviceId};
use crate::base::number::Number;
use crate::base::time::{Span, Time};
use crate::people::Habits;
use crate::story::check::account::{Accounts, phone_number};
use crate::story::check::{at, at_most, device, name};
use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::outline::Outline;
use crate::story::raw::{Named, RawPerson, Text, Thing};
use crate::story::{Account, Character, Has, Role, limit};

/// The value of `begins` for a person who acts only on instructions and moves.
pub(in crate::story) const NEVER: &str = "never";

/// Checks all people, in file order.
pub(super) fn people(
    named: Named<RawPerson>,
    accounts: &mut Accounts,
    outline: &Outline<'_>,
) -> Checked<Vec<Character>> {
    name::all(&named, limit::PEOPLE_MAX, "the story", "people")?;
    named.0.iter().map(|(name, raw)| character(name, raw, accounts, outline)).collect()
}

/// The default people of a story: one owner per account, named after the account.
pub(in crate::story) fn owners(accounts: &[Account]) -> Vec<Character> {
    let owner = |(place, account): (usize, &Account)| Character {
        name: account.name.clone(),
        account: AccountId(u16::try_from(place).unwrap_or(u16::MAX)),
        role: Role::Owner,
        has: Has { password: true, personal_data: true, identity: true, devices: true, session: false },
        holds: Vec::new(),
        reads: account.emails.clone(),
        answers: account.phone.into_iter().collect(),
        habits: Habits::default(),
        begins: begins_of(Role::Owner),
    };
    accounts.iter().enumerate().map(owner).collect()
}

/// The default start time of a person.
pub(in crate::story) const fn begins_of(role: Role) -> Option<Time> {
    match role {
        Role::Owner => Some(Time::ZERO),
        Role::Stranger => None,
    }
}

fn character(
    name: &Text,
    raw: &RawPerson,
    accounts: &mut Accounts,
    outline: &Outline<'_>,
) -> Checked<Character> {
    let (role, aim) = aim(name, raw, accounts)?;
    let account = AccountId(name::account(aim, accounts.names())?);
    let on_file = accounts.accounts.get(account.index());
    let things = Things::checked(name, role, raw, outline)?;
    let emails = on_file.map(|account| account.emails.clone()).unwrap_or_default();
    let phone = on_file.and_then(|account| account.phone);
    if let (Role::Stranger, None, Some(thing)) = (role, phone, things.said(Thing::Phone)) {
        let account = on_file.map(|account| account.name.clone()).unwrap_or_default();
        return Err(Found::new(Mistake::NoPhoneToHave { account, name: name.value.clone() }, at(thing)));
    }
    let holds = devices(name, raw.holds.as_deref().unwrap_or_default(), accounts)?;
    let reads = match &raw.reads {
        None if things.has(Thing::Mailbox) => emails,
        None => Vec::new(),
        Some(list) => {
            things.not_said_twice(Thing::Mailbox, "reads")?;
            mailboxes(name, list, accounts)?
        }
    };
    let answers = match &raw.answers {
        None if things.has(Thing::Phone) => phone.into_iter().collect(),
        None => Vec::new(),
        Some(list) => {
            things.not_said_twice(Thing::Phone, "answers")?;
            numbers(name, list)?
        }
    };
    Ok(Character {
        name: name.value.clone(),
        account,
        role,
        has: Has {
            password: things.has(Thing::Password),
            personal_data: things.has(Thing::PersonalData),
            identity: things.has(Thing::Identity),
            devices: things.has(Thing::Devices),
            session: things.role == Role::Stranger && things.has(Thing::Session),
        },
        holds,
        reads,
        answers,
        habits: match &raw.habits {
            None => Habits::default(),
            Some(said) => habits(said, outline)?,
        },
        begins: raw.begins.as_ref().map_or_else(|| Ok(begins_of(role)), begins)?,
    })
}

/// The role of the person, and the name of the account.
fn aim<'a>(name: &Text, raw: &'a RawPerson, accounts: &Accounts) -> Checked<(Role, &'a Text)> {
    match (&raw.owns, &raw.wants) {
        (Some(owns), None) => Ok((Role::Owner, owns)),
        (None, Some(wants)) => Ok((Role::Stranger, wants)),
        (Some(owns), Some(wants)) => {
            let mistake = Mistake::OwnsAndWants { name: name.value.clone() };
            Err(Found::new(mistake, at(wants)).and(at(owns), "the other"))
        }
        (None, None) => {
            let account = accounts.names().next().unwrap_or("ana").to_owned();
            Err(Found::new(Mistake::NoAim { name: name.value.clone(), account }, at(name)))
        }
    }
}

/// The meaning of `has` and `lacks`.
struct Things<'a> {
    role: Role,
    list: &'a [Spanned<Thing>],
}

impl<'a> Things<'a> {
    fn checked(name: &Text, role: Role, raw: &'a RawPerson, outline: &Outline<'_>) -> Checked<Self> {
        let list = match (role, &raw.has, &raw.lacks) {
            (Role::Owner, Some(has), _) => {
                return Err(Found::new(
                    Mistake::OwnerHas { name: name.value.clone() },
                    outline.whole(at(has)),
                ));
            }
            (Role::Stranger, _, Some(lacks)) => {
                return Err(Found::new(
                    Mistake::StrangerLacks { name: name.value.clone() },
                    outline.whole(at(lacks)),
                ));
            }
            (Role::Owner, None, list) | (Role::Stranger, list, None) => list.as_ref(),
        };
        let things = Self { role, list: list.map_or(&[], |list| list.value.as_slice()) };
        match things.said(Thing::Session) {
            Some(said) if role == Role::Owner => {
                let message = format!("`{}` owns the account and steals no session of it", name.value);
                let help = "remove `session`; it is for strangers, under `has`".to_owned();
                Err(Found::new(Mistake::BadValue { message, help }, at(said)))
            }
            _ => Ok(things),
        }
    }

    fn has(&self, thing: Thing) -> bool {
        match self.role {
            Role::Owner => self.said(thing).is_none(),
            Role::Stranger => self.said(thing).is_some(),
        }
    }

    fn said(&self, thing: Thing) -> Option<&Spanned<Thing>> {
        self.list.iter().find(|said| said.value == thing)
    }

    fn not_said_twice(&self, thing: Thing, field: &'static str) -> Checked<()> {
        match self.said(thing) {
            None => Ok(()),
            Some(said) => Err(Found::new(Mistake::SaidTwice { thing: thing.word(), field }, at(said))),
        }
    }
}

fn devices(name: &Text, list: &[Text], accounts: &Accounts) -> Checked<Vec<DeviceId>> {
    at_most(list, limit::REACH_MAX, &format!("`{}`", name.value), "devices to hold")?;
    list.iter().map(|said| device::find(said, &accounts.devices, &accounts.accounts)).collect()
}

fn mailboxes(name: &Text, list: &[Text], accounts: &mut Accounts) -> Checked<Vec<AddressId>> {
    at_most(list, limit::REACH_MAX, &format!("`{}`", name.value), "mailboxes to read")?;
    accounts.addresses.all(list)
}

fn numbers(name: &Text, list: &[Text]) -> Checked<Vec<Number>> {
    at_most(list, limit::REACH_MAX, &format!("`{}`", name.value), "phone numbers to answer")?;
    list.iter().map(phone_number).collect()
}

/// Whoever thinks for no time acts again and again at one instant, and the story never goes on.
const THINKS_MIN: Span = Span::from_millis(100);

fn habits(habits: &Spanned<Habits>, outline: &Outline<'_>) -> Checked<Habits> {
    if habits.value.thinks_for < THINKS_MIN {
        let message = format!("nobody thinks for {} only", habits.value.thinks_for);
        let help =
            format!("`thinks-for` is at least {THINKS_MIN}; the usual is {}", Habits::default().thinks_for);
        let place = outline.field_from(at(habits).start, "thinks-for").unwrap_or_else(|| at(habits));
        return Err(Found::new(Mistake::BadValue { message, help }, place));
    }
    if habits.value.mistypes > 100 {
        let message = format!("nobody can mistype {} percent of codes", habits.value.mistypes);
        let help = "`mistypes` is a percentage from 0 to 100".to_owned();
        let place = outline.field_from(at(habits).start, "mistypes").unwrap_or_else(|| at(habits));
        return Err(Found::new(Mistake::BadValue { message, help }, place));
    }
    Ok(habits.value)
}

fn begins(begins: &Text) -> Checked<Option<Time>> {
    if begins.value == NEVER {
        return Ok(None);
    }
    let span: Result<Span, _> = begins.value.parse();
    match span {
        Ok(span) if span != Span::FOREVER => Ok(Some(Time::ZERO + span)),
        Ok(_) | Err(_) => {
            let message = format!("`{}` is not a time for `begins`", begins.value);
            let help = "write how long after the story began, `90s` or `1h 30m`, or `never` for a person who only makes moves".to_owned();
            Err(Found::new(Mistake::BadValue { message, help }, at(begins)))
        }
    }
}
