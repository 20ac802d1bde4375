//! The events that each oracle reads.
//!
//! Most events are page views, which are irrelevant to most oracles. An oracle only iterates over the events
//! that it reads, and is skipped if the trace has no event that it could object to. Tests compare its
//! findings with those of an iteration over all events. *Enumeration*, *old-session* and *reactions*, which
//! do read page views, are skipped in most runs and iterate over all events in the others.

use crate::event::{CallStatus, EventKind, Notice, PageName, Problem, Said, Typed, Way};
use crate::story::Story;

/// A set of oracles: one bit each, in the order of [`super::ALL`].
pub(super) type Oracles = u32;

pub(super) const ACCESS: Oracles = 1;
pub(super) const SUPPORT_PROOF: Oracles = 1 << 1;
pub(super) const ORDER: Oracles = 1 << 2;
pub(super) const SINGLE_USE: Oracles = 1 << 3;
pub(super) const LIFETIME: Oracles = 1 << 4;
pub(super) const OLD_SECRET: Oracles = 1 << 5;
pub(super) const BUDGETS: Oracles = 1 << 6;
pub(super) const NUMBER_CALLED: Oracles = 1 << 7;
pub(super) const WEBHOOK: Oracles = 1 << 8;
pub(super) const SESSION: Oracles = 1 << 9;
pub(super) const ENUMERATION: Oracles = 1 << 10;
pub(super) const NOTICES: Oracles = 1 << 11;
pub(super) const LOCK_OUT: Oracles = 1 << 12;
pub(super) const RIGHT_CODE: Oracles = 1 << 13;
pub(super) const WAY_OUT: Oracles = 1 << 14;
pub(super) const GOOD_LINK: Oracles = 1 << 15;
pub(super) const FACTORS: Oracles = 1 << 16;
pub(super) const HONEST_NOTICE: Oracles = 1 << 17;
pub(super) const OLD_SESSION: Oracles = 1 << 18;
pub(super) const REACTIONS: Oracles = 1 << 19;

/// The oracles that read each assignment and removal of a device.
const DEVICE_CHANGES: Oracles = ACCESS | OLD_SECRET | SESSION | NOTICES | RIGHT_CODE | GOOD_LINK | FACTORS;

/// The oracles that read this event.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other events are read by kind")]
pub(super) const fn readers(kind: &EventKind) -> Oracles {
    match kind {
        EventKind::Saw { page, notice, .. } if is_promise(*page, *notice) => HONEST_NOTICE,
        EventKind::StatusChanged { status: CallStatus::InProgress, .. } => HONEST_NOTICE,
        EventKind::Spoke { said: Said::KeyInACode, .. } => NUMBER_CALLED,
        _ => readers_of_kind(kind),
    }
}

/// The oracles that read all events of this kind. Each arm is a constant, so that the compiler makes a table
/// of them: this is called for every event of a drill.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most kinds are not read by any oracle, or only on lookup"
)]
const fn readers_of_kind(kind: &EventKind) -> Oracles {
    match kind {
        EventKind::Requested { .. } => SESSION,
        EventKind::PutInCookie { .. } => ACCESS | SESSION | LOCK_OUT | HONEST_NOTICE,
        EventKind::SessionOpened { .. } => SESSION | HONEST_NOTICE,
        EventKind::SessionEnded { .. } => ACCESS | SESSION | LOCK_OUT,
        EventKind::PasswordAccepted { .. } => ACCESS | ORDER | BUDGETS | SESSION | LOCK_OUT,
        EventKind::PasswordRefused { .. } => BUDGETS | LOCK_OUT,
        EventKind::MfaAccepted { .. } => {
            ACCESS | SINGLE_USE | LIFETIME | OLD_SECRET | BUDGETS | RIGHT_CODE | LOCK_OUT
        }
        EventKind::MfaRefused { .. } | EventKind::ResyncRefused { .. } => {
            BUDGETS | SESSION | LOCK_OUT | RIGHT_CODE
        }
        EventKind::SignedIn { .. } => ACCESS | ORDER | OLD_SECRET | SESSION | NOTICES | LOCK_OUT,
        EventKind::RecoveryChosen { .. } => ORDER | SESSION,
        EventKind::Resynced { .. } => ACCESS | SINGLE_USE | NOTICES | RIGHT_CODE,
        EventKind::DeviceDisabled { .. } => RIGHT_CODE | NOTICES,
        EventKind::LinkIssued { .. } => ACCESS | ORDER | OLD_SECRET | BUDGETS | SESSION | GOOD_LINK,
        EventKind::LinkRefused { .. } => GOOD_LINK,
        EventKind::RequestRefused { .. } => BUDGETS | LOCK_OUT | NUMBER_CALLED,
        EventKind::CallOrdered { .. } => BUDGETS,
        EventKind::NotSent { .. } => BUDGETS | HONEST_NOTICE,
        EventKind::Gathered { .. }
        | EventKind::NoDigits { .. }
        | EventKind::CallbackAnswered { .. }
        | EventKind::CallbackFailed { .. }
        | EventKind::DocumentFetched { .. }
        | EventKind::DocumentFailed { .. } => HONEST_NOTICE,
        EventKind::LinkConfirmed { .. } => ACCESS | SINGLE_USE | LIFETIME | OLD_SECRET | GOOD_LINK,
        EventKind::EmailVerified { .. } | EventKind::PhoneVerified { .. } => ORDER | WEBHOOK,
        EventKind::CodeIssued { .. } => {
            ACCESS | ORDER | LIFETIME | OLD_SECRET | BUDGETS | SESSION | HONEST_NOTICE
        }
        EventKind::CodeAccepted { .. } => ACCESS | SINGLE_USE | LIFETIME | OLD_SECRET | BUDGETS | WEBHOOK,
        EventKind::CodeRefused { .. } => BUDGETS | RIGHT_CODE,
        EventKind::MailOrdered { .. } => BUDGETS | HONEST_NOTICE,
        EventKind::PhoneFailed { .. } | EventKind::StatusHeard { .. } => WEBHOOK,
        EventKind::DeviceOffered { .. } => ACCESS | SESSION,
        EventKind::DeviceAssigned { .. } => DEVICE_CHANGES | SINGLE_USE | BUDGETS,
        EventKind::DeviceDeactivated { .. } => DEVICE_CHANGES,
        EventKind::PhoneChanged { .. } => DEVICE_CHANGES & !RIGHT_CODE | SUPPORT_PROOF | NUMBER_CALLED,
        EventKind::PasswordChanged { .. } => OLD_SECRET | SESSION | NOTICES | GOOD_LINK,
        EventKind::FactorsReset { .. } => {
            SUPPORT_PROOF | OLD_SECRET | BUDGETS | SESSION | NOTICES | GOOD_LINK
        }
        EventKind::CallTaken { .. } | EventKind::CallUnclear { .. } => {
            BUDGETS | NUMBER_CALLED | HONEST_NOTICE
        }
        EventKind::CallRefused { .. } => BUDGETS | NUMBER_CALLED,
        EventKind::TicketTaken { .. }
        | EventKind::CalledBack { .. }
        | EventKind::Proved { .. }
        | EventKind::IdentityChecked { .. } => SUPPORT_PROOF,
        EventKind::LeftAlone => WAY_OUT,
        _ => 0,
    }
}

/// Whether a page announces a call or an email.
const fn is_promise(page: PageName, notice: Option<Notice>) -> bool {
    matches!(
        (page, notice),
        (PageName::VerifyPhone, Some(Notice::Calling)) | (PageName::VerifyEmail, Some(Notice::MailSent))
    )
}

/// The oracles that could object after this event. Without such an event, an oracle has no findings.
///
/// *Enumeration* could also object once a user name is typed that is of no account ([`probes`]).
#[expect(clippy::wildcard_enum_match_arm, reason = "all other events are told by kind")]
pub(super) const fn objectors(kind: &EventKind) -> Oracles {
    match kind {
        EventKind::Saw { page: PageName::VerifyPhone, notice: Some(Notice::Calling), .. }
        | EventKind::NotSent { again: None, .. } => HONEST_NOTICE,
        EventKind::SignedIn { way: Way::Recovery, .. } => ACCESS | ORDER | SESSION | NOTICES,
        EventKind::TicketTaken { problem: Problem::NotMe, .. } => REACTIONS,
        EventKind::Spoke { said: Said::KeyInACode, .. } => NUMBER_CALLED,
        _ => objectors_of_kind(kind),
    }
}

/// The oracles that could object after any event of this kind: constants, as in [`readers_of_kind`].
#[expect(clippy::wildcard_enum_match_arm, reason = "most kinds give no reason to object")]
const fn objectors_of_kind(kind: &EventKind) -> Oracles {
    match kind {
        EventKind::ReadNumber { .. } => ENUMERATION,
        EventKind::SessionEnded { .. } => SESSION,
        EventKind::StoleCookie { .. } => OLD_SESSION,
        EventKind::RequestRefused { .. } => BUDGETS | LOCK_OUT | NUMBER_CALLED,
        EventKind::LinkRefused { .. } => GOOD_LINK,
        EventKind::PasswordAccepted { .. } | EventKind::DeviceOffered { .. } => SESSION,
        EventKind::PasswordRefused { .. } => BUDGETS | LOCK_OUT,
        EventKind::LinkConfirmed { .. } => SINGLE_USE | LIFETIME | OLD_SECRET | GOOD_LINK,
        EventKind::MfaAccepted { .. } => SINGLE_USE | LIFETIME | OLD_SECRET,
        EventKind::CodeAccepted { .. } => ACCESS | SINGLE_USE | LIFETIME | OLD_SECRET,
        EventKind::MfaRefused { .. } | EventKind::ResyncRefused { .. } => {
            BUDGETS | SESSION | LOCK_OUT | RIGHT_CODE
        }
        EventKind::SignedIn { .. } => ACCESS | ORDER | SESSION,
        EventKind::RecoveryChosen { .. } | EventKind::LinkIssued { .. } => ORDER | SESSION,
        EventKind::CodeIssued { .. } => ORDER | BUDGETS | SESSION,
        EventKind::EmailVerified { .. } | EventKind::PhoneVerified { .. } => ORDER,
        EventKind::Resynced { .. } => ACCESS | SINGLE_USE | NOTICES,
        EventKind::CodeRefused { .. } => BUDGETS | RIGHT_CODE,
        EventKind::MailOrdered { .. } => BUDGETS,
        EventKind::DeviceAssigned { .. } => ACCESS | SINGLE_USE | OLD_SECRET | SESSION | NOTICES | FACTORS,
        EventKind::DeviceDeactivated { .. } => ACCESS | SESSION | NOTICES | FACTORS,
        EventKind::PhoneChanged { .. } => {
            ACCESS | SUPPORT_PROOF | NUMBER_CALLED | SESSION | NOTICES | FACTORS
        }
        EventKind::PasswordChanged { .. } => SESSION | NOTICES | REACTIONS,
        EventKind::SignedOutEverywhere { .. } | EventKind::OneTimePasswordSet { .. } => REACTIONS,
        EventKind::FactorsReset { .. } => SUPPORT_PROOF | SESSION | NOTICES,
        EventKind::DeviceDisabled { .. } => NOTICES,
        EventKind::CallTaken { .. } | EventKind::CallUnclear { .. } => BUDGETS | NUMBER_CALLED,
        EventKind::CallRefused { .. } => NUMBER_CALLED,
        EventKind::Forged { .. } | EventKind::StatusHeard { .. } => WEBHOOK,
        EventKind::Lured { .. } => ACCESS,
        EventKind::LeftAlone => WAY_OUT,
        _ => 0,
    }
}

/// Whether a user name is typed that is of no account.
pub(super) fn probes(story: &Story, kind: &EventKind) -> bool {
    let EventKind::Requested { typed: Typed::User(address), .. } = kind else { return false };
    !story.accounts.iter().any(|account| account.user == *address)
}
