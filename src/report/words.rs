//! A sentence for each event, with the names of the story.

use std::fmt;

use crate::base::id::{AccountId, AddressId, PersonId};
use crate::event::{Actor, EventKind, NoReply, Refusal, Said, SessionEnd, Way, WebhookKind};
use crate::fault::FaultKind;
use crate::report::text::text_words;
use crate::report::verify::verify_words;
use crate::story::Story;

/// Names things as a story does.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    pub(super) story: &'a Story,
}

impl<'a> Words<'a> {
    /// The words of `story`.
    pub const fn of(story: &'a Story) -> Self {
        Self { story }
    }

    /// The actor's name.
    pub fn actor(&self, actor: Actor) -> String {
        match actor {
            Actor::Person(person) => self.person(person).to_owned(),
            Actor::Console
            | Actor::MailProvider
            | Actor::PhoneCompany
            | Actor::Desk
            | Actor::Story
            | Actor::Outsider => actor.to_string(),
        }
    }

    /// The name of a person.
    pub fn person(&self, person: PersonId) -> &str {
        self.story.people.get(person.index()).map_or("an unknown person", |person| &person.name)
    }

    pub(super) fn account(&self, account: AccountId) -> &str {
        self.story.accounts.get(account.index()).map_or("an unknown account", |account| &account.name)
    }

    pub(super) fn address(&self, address: AddressId) -> &str {
        self.story.addresses.get(address.index()).map_or("an unknown address", String::as_str)
    }

    /// What happened, as a sentence without its subject.
    pub fn sentence(&self, kind: &EventKind) -> String {
        self.of_person(kind)
            .or_else(|| self.of_device(kind))
            .or_else(|| self.of_console(kind))
            .or_else(|| self.of_console_factors(kind))
            .or_else(|| self.of_mail(kind))
            .or_else(|| self.of_phone(kind))
            .or_else(|| text_words(kind))
            .or_else(|| verify_words(kind))
            .unwrap_or_else(|| self.of_desk_or_story(kind))
    }

    fn of_person(&self, kind: &EventKind) -> Option<String> {
        Some(match *kind {
            EventKind::Requested { action, typed, .. } => format!("{action}{}", self.typed(typed)),
            EventKind::Saw { page, notice, .. } => match notice {
                Some(notice) => format!("sees \"{page}\": {notice}"),
                None => format!("sees \"{page}\""),
            },
            EventKind::SawNothing { lost, .. } => format!("receives no page: {}", lost_words(lost)),
            EventKind::Lured { .. } => "visits another site, which posts a form to this one".to_owned(),
            EventKind::ReadNumber { .. } => "sees the full phone number on file".to_owned(),
            EventKind::StoleCookie { .. } => "steals the session cookie of the owner's browser".to_owned(),
            EventKind::PutInCookie { .. } => "puts the stolen session cookie into a browser".to_owned(),
            EventKind::Reacted { mail } => {
                format!("acts on {mail}, which tells of something they did not do")
            }
            EventKind::ReadMail { mail } => format!("reads {mail}"),
            EventKind::PickedUp { call } => format!("picks up {call}"),
            EventKind::KeyedIn { typed, .. } => format!("keys in{}", self.typed(typed)),
            EventKind::Replayed { webhook, call: Some(call) } => {
                format!("replays the {} of {call}", webhook_words(webhook))
            }
            EventKind::Replayed { webhook, call: None } => {
                format!("has no call whose {} to replay", webhook_words(webhook))
            }
            EventKind::Forged { webhook } => format!("forges a call's {}", webhook_words(webhook)),
            EventKind::HungUp { call } => format!("hangs up {call}"),
            EventKind::TookCallBack { ticket } => format!("answers support's call about {ticket}"),
            EventKind::Proved { identity: Some(account), .. } => {
                format!("proves to be the owner of {}'s account", self.account(account))
            }
            EventKind::Proved { identity: None, .. } => "cannot prove their identity".to_owned(),
            EventKind::LeftAlone => "acts by habit from now on".to_owned(),
            EventKind::GotIn => "is back in, with a working device".to_owned(),
            EventKind::GaveUp => "gives up".to_owned(),
            _ => return None,
        })
    }

    fn of_console(&self, kind: &EventKind) -> Option<String> {
        Some(match *kind {
            EventKind::SessionOpened { session, from: None } => format!("opens {session}"),
            EventKind::SessionOpened { session, from: Some(from) } => {
                format!("renames {from} to {session}")
            }
            EventKind::SessionEnded { session, why } => format!("ends {session}: {}", end_words(why)),
            EventKind::PasswordAccepted { account, .. } => {
                format!("accepts {}'s password", self.account(account))
            }
            EventKind::PasswordRefused { why, .. } => format!("refuses the password: {}", why_words(why)),
            EventKind::MfaAccepted { account, device, .. } => {
                format!("accepts {}'s MFA code of {}", self.account(account), self.device(device))
            }
            EventKind::MfaRefused { account, why, .. } => {
                format!("refuses an MFA code for {}: {}", self.account(account), why_words(why))
            }
            EventKind::Throttled { account, until } => {
                format!("accepts no more codes for {} until {until}", self.account(account))
            }
            EventKind::SignedIn { session, account, way } => {
                format!("signs {} in {}, {session}", self.account(account), way_words(way))
            }
            EventKind::RecoveryChosen { account, .. } => {
                format!("starts recovery of {}", self.account(account))
            }
            EventKind::RequestRefused { action, why } => format!("refuses ({action}): {}", why_words(why)),
            EventKind::LinkIssued { link, account, .. } => {
                format!("issues {link} for {}", self.account(account))
            }
            EventKind::LinkVoided { link, why } => format!("voids {link}: {}", why_words(why)),
            EventKind::LinkShown { link } => format!("shows the page behind {link}"),
            EventKind::LinkConfirmed { link, .. } => format!("accepts the confirmation of {link}"),
            EventKind::LinkRefused { link: Some(link), why } => format!("refuses {link}: {}", why_words(why)),
            EventKind::LinkRefused { link: None, why } => format!("refuses a link: {}", why_words(why)),
            EventKind::EmailVerified { account, .. } => {
                format!("marks {}'s email address as verified", self.account(account))
            }
            EventKind::CodeIssued { code, .. } => format!("shows phone {code} on the screen"),
            EventKind::CodeVoided { code, why } => format!("voids phone {code}: {}", why_words(why)),
            EventKind::CodeAccepted { code, .. } => format!("accepts phone {code}"),
            EventKind::CodeRefused { why, .. } => format!("refuses the digits: {}", why_words(why)),
            EventKind::PhoneVerified { account, .. } => {
                format!("marks {}'s phone number as verified", self.account(account))
            }
            EventKind::PhoneFailed { account, .. } => {
                format!("fails {}'s phone verification", self.account(account))
            }
            EventKind::WebhookRefused { webhook, why } => {
                format!("refuses a call's {}: {}", webhook_words(webhook), why_words(why))
            }
            EventKind::StatusHeard { code, status } => {
                format!("learns that the call for phone {code} is {status}")
            }
            _ => return None,
        })
    }

    fn of_console_factors(&self, kind: &EventKind) -> Option<String> {
        Some(match *kind {
            EventKind::PhoneChanged { account, number, .. } => {
                format!("changes {}'s phone number to {number}", self.account(account))
            }
            EventKind::PasswordChanged { account, .. } => {
                format!("changes {}'s password", self.account(account))
            }
            EventKind::SignedOutEverywhere { account, .. } => {
                format!("signs {} out everywhere", self.account(account))
            }
            EventKind::OneTimePasswordSet { account, .. } => {
                format!("sets a one-time password for {}", self.account(account))
            }
            EventKind::FactorsReset { account, ticket } => {
                format!("resets {}'s MFA for {ticket}", self.account(account))
            }
            EventKind::ResetRefused { ticket, why } => {
                format!("refuses to reset MFA for {ticket}: {}", why_words(why))
            }
            EventKind::MailOrdered { kind, to, .. } => {
                format!("queues an email to {}: \"{kind}\"", self.address(to))
            }
            EventKind::CallOrdered { number, .. } => format!("orders a call to {number}"),
            EventKind::TicketOrdered { problem, .. } => format!("files a ticket: \"{problem}\""),
            EventKind::Sent { outbox } => format!("sent {outbox}"),
            EventKind::NotSent { outbox, again: Some(at) } => {
                format!("could not send {outbox}; retries at {at}")
            }
            EventKind::NotSent { outbox, again: None } => format!("could not send {outbox}; gives up"),
            _ => return None,
        })
    }

    fn of_mail(&self, kind: &EventKind) -> Option<String> {
        Some(match *kind {
            EventKind::MailTaken { mail, to, .. } => format!("accepts {mail} to {}", self.address(to)),
            EventKind::MailRefused { to, code } => {
                format!("refuses an email to {} ({code})", self.address(to))
            }
            EventKind::MailCut { to, taken: true } => {
                format!("drops the connection after accepting an email to {}", self.address(to))
            }
            EventKind::MailCut { to, taken: false } => {
                format!("drops the connection before accepting an email to {}", self.address(to))
            }
            EventKind::MailDelivered { mail, folder, .. } => match folder {
                crate::event::Folder::Inbox => format!("delivers {mail}"),
                crate::event::Folder::Spam => format!("delivers {mail} to the spam folder"),
            },
            EventKind::MailLost { mail } => format!("loses {mail}"),
            EventKind::MailBounced { mail } => format!("bounces {mail}"),
            EventKind::LinkScanned { mail } => format!("scans the link in {mail}"),
            _ => return None,
        })
    }

    fn of_phone(&self, kind: &EventKind) -> Option<String> {
        Some(match *kind {
            EventKind::CallTaken { call, number } => format!("accepts {call} to {number}"),
            EventKind::CallRefused { number, code } => format!("refuses to call {number} (error {code})"),
            EventKind::CallUnclear { number, placed: Some(call) } => {
                format!("does not answer the order, but places {call} to {number}")
            }
            EventKind::CallUnclear { number, placed: None } => {
                format!("does not answer the order, and does not call {number}")
            }
            EventKind::StatusChanged { call, status } => format!("changes {call} to {status}"),
            EventKind::MachineDetected { call, answered_by } => {
                format!("detects {answered_by} on {call}")
            }
            EventKind::DocumentFetched { call, .. } => format!("receives the document for {call}"),
            EventKind::DocumentFailed { call, error, .. } => {
                format!("receives no document for {call} (error {error})")
            }
            EventKind::Spoke { said, .. } => format!("says: {}", said_words(said)),
            EventKind::Gathered { call, count, shown_in: Some(_), .. } => {
                format!("collects {count} digits in {call}, which are the code on the screen")
            }
            EventKind::Gathered { call, count: 1, .. } => format!("collects 1 digit in {call}"),
            EventKind::Gathered { call, count, .. } => format!("collects {count} digits in {call}"),
            EventKind::NoDigits { call } => format!("collects no digits in {call}"),
            EventKind::CallbackAnswered { call, status, http } => {
                format!("reports {call} as {status}; the answer is {http}")
            }
            EventKind::CallbackFailed { call, status } => {
                format!("reports {call} as {status}; no answer")
            }
            _ => return None,
        })
    }

    fn of_desk_or_story(&self, kind: &EventKind) -> String {
        match *kind {
            EventKind::TicketTaken { ticket, problem, account: Some(account) } => {
                format!("accepts {ticket} about {}'s account: \"{problem}\"", self.account(account))
            }
            EventKind::TicketTaken { ticket, problem, account: None } => {
                format!("accepts {ticket} about an unknown account: \"{problem}\"")
            }
            EventKind::TicketLost { ticket } => format!("loses {ticket}"),
            EventKind::TicketRead { ticket } => format!("reads {ticket}"),
            EventKind::CalledBack { ticket, number } => format!("calls {number} about {ticket}"),
            EventKind::CallBackMissed { ticket } => format!("reaches nobody about {ticket}"),
            EventKind::IdentityChecked { ticket, passed: true } => {
                format!("accepts the proof of identity for {ticket}")
            }
            EventKind::IdentityChecked { ticket, passed: false } => {
                format!("rejects the proof of identity for {ticket}")
            }
            EventKind::ResetRequested { ticket } => format!("asks the console to reset MFA for {ticket}"),
            EventKind::TicketClosed { ticket, reset: true } => format!("closes {ticket}: MFA was reset"),
            EventKind::TicketClosed { ticket, reset: false } => format!("closes {ticket}: nothing was reset"),
            EventKind::FaultStruck { fault } => self.fault(fault),
            EventKind::AppCrashed => "the console crashes".to_owned(),
            EventKind::AppRestarted => "the console has restarted".to_owned(),
            _ => unreachable!("all other kinds are handled above"),
        }
    }

    /// A fault of the story, in the words of its file.
    fn fault(&self, place: u16) -> String {
        let fault = self.story.faults.get(usize::from(place));
        fault
            .map_or_else(|| "a fault".to_owned(), |fault| format!("fault: {}", Self::fault_kind(&fault.kind)))
    }

    /// A kind of fault with its fields, in the words of a story's file, on one line.
    pub fn fault_kind(kind: &FaultKind) -> String {
        let kind = serde_json::to_value(kind).unwrap_or_default();
        let serde_json::Value::Object(fields) = &kind else {
            return kind.as_str().unwrap_or_default().to_owned();
        };
        let mut told = Vec::new();
        for (word, value) in fields {
            told.push(word.clone());
            for (name, value) in value.as_object().into_iter().flatten() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                told.push(format!("{name} {value}"));
            }
        }
        told.join(", ")
    }
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the words of {}", self.story.name)
    }
}

const fn lost_words(lost: NoReply) -> &'static str {
    match lost {
        NoReply::Down => "the service is down",
        NoReply::Cut => "the connection was cut",
        NoReply::TimedOut => "no answer in time",
    }
}

const fn end_words(why: SessionEnd) -> &'static str {
    match why {
        SessionEnd::SignedOut => "signed out",
        SessionEnd::SignedOutEverywhere => "signed out everywhere",
        SessionEnd::Rotated => "renamed",
        SessionEnd::FactorChanged => "a factor changed",
        SessionEnd::Expired => "expired, or idle for too long",
        SessionEnd::Forgotten => "forgotten in a crash",
        SessionEnd::Replaced => "replaced by another sign-in of its browser",
    }
}

pub(super) const fn way_words(way: Way) -> &'static str {
    match way {
        Way::Password => "by password alone",
        Way::OneAlternative => "by password and one alternative factor",
        Way::Mfa => "by MFA code",
        Way::Recovery => "by alternative factors",
    }
}

/// Why the service refused, in a few words.
pub(super) const fn why_words(why: Refusal) -> &'static str {
    match why {
        Refusal::Wrong => "wrong",
        Refusal::Used => "already used",
        Refusal::Expired => "expired",
        Refusal::Replaced => "replaced by a newer one",
        Refusal::Unknown => "unknown",
        Refusal::NotBound => "belongs to another sign-in",
        Refusal::Throttled => "rate limit reached",
        Refusal::UsedUp => "no tries left",
        Refusal::NotConsecutive => "not consecutive",
        Refusal::TooEarly => "earlier steps are not complete",
        Refusal::NoSession => "the session has ended",
        Refusal::SignInTooOld => "the sign-in is too long ago",
        Refusal::BadSignature => "signature missing or wrong",
        Refusal::BadCsrf => "CSRF token missing or wrong",
        Refusal::NoPhone => "no phone number on file",
        Refusal::TooMany => "limit reached",
        Refusal::Provider => "the provider failed",
        Refusal::NotProven => "not proven",
    }
}

const fn webhook_words(webhook: WebhookKind) -> &'static str {
    match webhook {
        WebhookKind::Fetch => "request for a document",
        WebhookKind::Action => "digits",
        WebhookKind::Status => "status",
    }
}

const fn said_words(said: Said) -> &'static str {
    match said {
        Said::KeyInTheCode => "key in the code on your screen",
        Said::KeyInACode => "key in a code",
        Said::WrongCode => "that was not the code, try again",
        Said::Verified => "your number is verified",
        Said::CouldNot => "verification could not be completed",
        Said::NoInput => "you pressed no key",
        Said::TheCode => "the code, digit by digit",
        Said::ApplicationError => "an application error has occurred",
        Said::SomethingElse => "something else",
    }
}
