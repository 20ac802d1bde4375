//! Checks faults: kind, account, numbers, and whether a fault can strike at all.

use std::ops::Range;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use serde_json::json;
use serde_yaml::Spanned;

use crate::base::id::AccountId;
use crate::fault::{AddressPattern, CutAt, Fault, FaultKind, Limit, Point};
use crate::people::Act;
use crate::policy::{PhoneNumber, Policy};
use crate::story::check::{at, at_most, missing, name};
use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::nearest::nearest;
use crate::story::outline::Outline;
use crate::story::raw::{Does, RawFault};
use crate::story::{Account, Character, Move, faults, limit};

/// The parts of the story that faults are checked against.
pub(super) struct Checker<'a> {
    pub(super) accounts: &'a [Account],
    pub(super) people: &'a [Character],
    pub(super) policy: &'a Policy,
    pub(super) moves: &'a [Move],
    pub(super) outline: &'a Outline<'a>,
}

impl Checker<'_> {
    /// Checks all faults.
    pub(super) fn checked(&self, faults: Vec<Spanned<RawFault>>) -> Checked<Vec<Fault>> {
        at_most(&faults, limit::FAULTS_MAX, "the story", "faults")?;
        faults.iter().map(|fault| self.fault(fault)).collect()
    }

    fn fault(&self, raw: &Spanned<RawFault>) -> Checked<Fault> {
        let Some(does) = &raw.value.does else {
            let help = "name the fault: `does: mail-lost`";
            return Err(missing("does", "this fault", self.outline.whole(at(raw)), help));
        };
        let kind = kind(does)?;
        let place = self.outline.whole(at(does));
        self.numbers(kind, &place)?;
        let names = self.accounts.iter().map(|account| account.name.as_str());
        let of = raw.value.of.as_ref().map(|of| name::account(of, names).map(AccountId)).transpose()?;
        let to = raw.value.to.as_ref().map(|to| pattern(kind, to)).transpose()?;
        if kind.point().needs_a_phone() && !self.can_be_called(of) {
            let mistake = self.no_phone(kind, of);
            let found = Found::new(mistake, place);
            return Err(match &raw.value.of {
                Some(of) => found.and(at(of), "no phone on file"),
                None => found,
            });
        }
        Ok(Fault { kind, of, to, which: raw.value.on.unwrap_or_default() })
    }

    /// Checks that the numbers of a fault are ones that the real counterpart could send.
    fn numbers(&self, kind: FaultKind, does: &Range<usize>) -> Checked<()> {
        let bad = |message: &str, help: &str| {
            let mistake = Mistake::BadValue { message: message.to_owned(), help: help.to_owned() };
            Err(Found::new(mistake, does.clone()))
        };
        if let FaultKind::MailRefused { taken: true, taken_after: Some(_), .. } = kind {
            let message = "an email that is taken at once is not taken after a wait";
            return bad(message, "write either `taken: true` or `taken-after`");
        }
        if let FaultKind::MailCut { taken: true, at: Some(CutAt::Recipient | CutAt::Data | CutAt::Text) } =
            kind
        {
            let message = "an email cannot be taken before it has arrived";
            return bad(message, "write `taken: false`, or leave out `at`");
        }
        if let FaultKind::MailRefused { code, .. } = kind {
            return self.smtp_code(code, does);
        }
        let Some(Limit { field, is, from, to, why }) = kind.limit() else { return Ok(()) };
        if (from..=to).contains(&is) {
            return Ok(());
        }
        Err(self.bad_number(field, is, why, format!("`{field}` is {from} to {to}"), does))
    }

    /// Checks that a mail client would read this code as a refusal.
    fn smtp_code(&self, code: u16, does: &Range<usize>) -> Checked<()> {
        let why = match (code, code % 100) {
            (400..=599, 0..60) => return Ok(()),
            // The grammar of SMTP replies limits the second digit to 0-5.
            (400..=599, _) => "SMTP reply codes end with 00 to 59 (RFC 5321 section 4.2)",
            _ => "an SMTP refusal is 4xx (try again) or 5xx (never)",
        };
        let help = "`code` is 400 to 459, or 500 to 559".to_owned();
        Err(self.bad_number("code", u32::from(code), why, help, does))
    }

    fn bad_number(&self, field: &str, is: u32, why: &str, help: String, does: &Range<usize>) -> Box<Found> {
        let place = self.outline.field_from(does.start, field).unwrap_or_else(|| does.clone());
        Found::new(Mistake::BadValue { message: format!("`{field}` is {is}: {why}"), help }, place)
    }

    /// Whether the service could ever call this account, or any account if `of` is `None`.
    fn can_be_called(&self, of: Option<AccountId>) -> bool {
        let concerns = |account: AccountId| of.is_none_or(|of| of == account);
        let on_file = self.accounts.iter().enumerate().any(|(place, account)| {
            account.phone.is_some() && u16::try_from(place).is_ok_and(|place| concerns(AccountId(place)))
        });
        let put_on_file_later = self.moves.iter().any(|next| {
            matches!(next.does, Act::ChangePhone(_) | Act::PostPhone(_))
                && self.people.get(next.who.index()).is_some_and(|person| concerns(person.account))
        });
        on_file || put_on_file_later || self.policy.phone_number == PhoneNumber::LastTyped
    }

    fn no_phone(&self, kind: FaultKind, of: Option<AccountId>) -> Mistake {
        let account = of.and_then(|of| self.accounts.get(of.index())).map(|account| account.name.as_str());
        let (why, help) = match account {
            Some(name) => (
                format!("account `{name}` has no phone number on file, so no call is ever placed"),
                format!("give account `{name}` a `phone`, or remove the fault"),
            ),
            None => (
                "no account has a phone number on file, so no call is ever placed".to_owned(),
                "give an account a `phone`, or remove the fault".to_owned(),
            ),
        };
        Mistake::NeverStrikes { fault: format!("`{}`", kind.name()), why, help }
    }
}

/// Reads the addresses of a fault, which only faults of emails have.
fn pattern(kind: FaultKind, to: &Spanned<String>) -> Checked<AddressPattern> {
    let (message, help) = match (kind.point(), to.value.parse()) {
        (Point::Mail, Ok(pattern)) => return Ok(pattern),
        (Point::Mail, Err(bad)) => (bad.to_string(), "write an address or a pattern".to_owned()),
        (point, _) => (
            format!("`to` is an address of emails, and `{}` strikes {}", kind.name(), point.counts()),
            "leave out `to`; `of` names an account".to_owned(),
        ),
    };
    Err(Found::new(Mistake::BadValue { message, help }, at(to)))
}

fn kind(does: &Spanned<Does>) -> Checked<FaultKind> {
    let word = match &does.value {
        Does::With(kind) => return Ok(*kind),
        Does::Word(word) => word,
    };
    let deserializer: StrDeserializer<'_, Error> = word.as_str().into_deserializer();
    // Without its fields, if all of them have defaults.
    let bare = || serde_json::from_value(json!({ word.as_str(): {} }));
    FaultKind::deserialize(deserializer).or_else(|_| bare()).map_err(|_| {
        let mistake = match faults::example(word) {
            Some(example) => Mistake::BadValue {
                message: format!("`{word}` lacks a field"),
                help: format!("write for example `does: {example}`"),
            },
            None => {
                let known = faults::names();
                let near = nearest(word, known.iter().copied()).map(str::to_owned);
                let known = known.into_iter().map(str::to_owned).collect();
                Mistake::UnknownFault { word: word.clone(), near, known }
            }
        };
        Found::new(mistake, at(does))
    })
}
