//! Maps notices to the refusals that they express.

use crate::event::{Notice, Refusal};

/// A refusal on the password page.
pub(super) fn of_password(notice: Option<Notice>) -> Option<Refusal> {
    match notice? {
        Notice::WrongPassword => Some(Refusal::Wrong),
        Notice::TryLater => Some(Refusal::Throttled),
        _ => None,
    }
}

/// A refusal of the current password, which a signed-in user has to type.
pub(super) fn of_current_password(notice: Option<Notice>) -> Option<Refusal> {
    match notice? {
        Notice::WrongCurrentPassword => Some(Refusal::Wrong),
        Notice::TryLater => Some(Refusal::Throttled),
        _ => None,
    }
}

/// A refusal on the MFA code page.
pub(super) fn of_code(notice: Option<Notice>) -> Option<Refusal> {
    match notice? {
        Notice::WrongCode => Some(Refusal::Wrong),
        Notice::UsedCode => Some(Refusal::Used),
        Notice::TryLater => Some(Refusal::Throttled),
        Notice::DeviceDisabled => Some(Refusal::UsedUp),
        _ => None,
    }
}

/// A refusal on a page that takes two consecutive codes.
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

/// A refusal on the page behind a link; the inner `None` means that the page gives no reason.
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

/// A refusal of a spoken code in step 2; the inner `None` means that the page gives no reason.
pub(super) fn of_spoken_code(notice: Option<Notice>) -> Option<Option<Refusal>> {
    match notice? {
        Notice::CodeExpired => Some(Some(Refusal::Expired)),
        Notice::TooManyTries => Some(Some(Refusal::UsedUp)),
        Notice::PhoneFailed => Some(None),
        _ => None,
    }
}
