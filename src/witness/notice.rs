//! Notices that say no, and the reason that each gives.

use crate::event::Notice;
use crate::event::Refusal;

/// The password page refuses.
pub(super) fn of_password(notice: Option<Notice>) -> Option<Refusal> {
    match notice? {
        Notice::WrongPassword => Some(Refusal::Wrong),
        Notice::TryLater => Some(Refusal::Throttled),
        _ => None,
    }
}

/// The page of the MFA code refuses.
pub(super) fn of_code(notice: Option<Notice>) -> Option<Refusal> {
    match notice? {
        Notice::WrongCode => Some(Refusal::Wrong),
        Notice::UsedCode => Some(Refusal::Used),
        Notice::TryLater => Some(Refusal::Throttled),
        Notice::DeviceDisabled => Some(Refusal::UsedUp),
        _ => None,
    }
}

/// A page that takes two consecutive codes refuses.
pub(super) fn of_pair(notice: Option<Notice>) -> Option<Refusal> {
    match notice? {
        Notice::NotConsecutive => Some(Refusal::NotConsecutive),
        Notice::NotInWindow => Some(Refusal::Wrong),
        Notice::PairUsed => Some(Refusal::Used),
        Notice::TryLater => Some(Refusal::Throttled),
        Notice::DeviceDisabled => Some(Refusal::UsedUp),
        Notice::TooManyDevices => Some(Refusal::TooMany),
        _ => None,
    }
}

/// The page behind a link refuses; the inner `None` is a reason that the page does not tell.
pub(super) fn of_link(notice: Option<Notice>) -> Option<Option<Refusal>> {
    match notice? {
        Notice::LinkExpired => Some(Some(Refusal::Expired)),
        Notice::LinkUsed => Some(Some(Refusal::Used)),
        Notice::LinkReplaced => Some(Some(Refusal::Replaced)),
        Notice::SessionOver => Some(Some(Refusal::NoSession)),
        Notice::LinkUnknown => Some(None),
        _ => None,
    }
}

/// The page of step 2 refuses a spoken code; the inner `None` is a reason that it does not tell.
pub(super) fn of_spoken_code(notice: Option<Notice>) -> Option<Option<Refusal>> {
    match notice? {
        Notice::CodeExpired => Some(Some(Refusal::Expired)),
        Notice::TooManyTries => Some(Some(Refusal::UsedUp)),
        Notice::PhoneFailed => Some(None),
        _ => None,
    }
}
