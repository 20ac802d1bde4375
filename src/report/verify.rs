//! Sentences for the events of verifications.

use crate::event::EventKind;

/// What happened to a verification, as a sentence without its subject; `None` for other events.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds are about something else")]
pub(super) fn verify_words(kind: &EventKind) -> Option<String> {
    Some(match *kind {
        EventKind::VerificationStarted { verification, number: Some(number) } => {
            format!("starts {verification} of {number}")
        }
        EventKind::VerificationStarted { verification, number: None } => {
            format!("starts {verification} of an email address")
        }
        EventKind::VerificationSent { verification, channel } => {
            format!("sends the code of {verification} by {channel}")
        }
        EventKind::VerificationRefused { verification: Some(verification), code } => {
            format!("refuses a request about {verification} (error {code})")
        }
        EventKind::VerificationRefused { verification: None, code } => {
            format!("refuses to verify (error {code})")
        }
        EventKind::VerificationUnclear { started: Some(verification) } => {
            format!("does not answer, but sends the code of {verification}")
        }
        EventKind::VerificationUnclear { started: None } => "does not answer, and sends no code".to_owned(),
        EventKind::VerificationChecked { verification, right: true } => {
            format!("finds the code of {verification} right")
        }
        EventKind::VerificationChecked { verification, right: false } => {
            format!("finds the code of {verification} wrong")
        }
        EventKind::VerificationClosed { verification, status } => {
            format!("changes {verification} to {status}")
        }
        _ => return None,
    })
}
