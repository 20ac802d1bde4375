//! One example of each kind of fault, for help lines and tests.

use crate::event::AnsweredBy;
use crate::event::WebhookKind;
use crate::fault::Around;
use crate::fault::CrashWhen;
use crate::fault::FaultKind;
use crate::story::write;
use crate::time::Span;

/// Each kind once, in the order in which they are declared.
pub(super) const FAULTS: [FaultKind; 36] = [
    FaultKind::MailLate { by: Span::from_hours(2) },
    FaultKind::MailLost,
    FaultKind::MailToSpam,
    FaultKind::MailTwice { after: Span::from_mins(5) },
    FaultKind::MailBounced,
    FaultKind::MailRefused { code: 450 },
    FaultKind::MailCut { taken: true },
    FaultKind::MailScanned,
    FaultKind::LinkTruncated,
    FaultKind::CallRefused { code: 21_211 },
    FaultKind::CallFailed { http: 503, placed: false },
    FaultKind::CallTimesOut { placed: true },
    FaultKind::CallQueued { by: Span::from_mins(3) },
    FaultKind::CallStuck,
    FaultKind::CallNeverRings,
    FaultKind::CallBusy,
    FaultKind::CallRejected { sip: 480 },
    FaultKind::CallDeclined { sip: 603 },
    FaultKind::CallCanceled { after: Span::from_secs(6) },
    FaultKind::CallToVoicemail { taken_for: AnsweredBy::MachineStart },
    FaultKind::CallDrops { after: Span::from_secs(9) },
    FaultKind::KeyLost { nth: 4 },
    FaultKind::KeyDoubled { nth: 2 },
    FaultKind::KeysSilent,
    FaultKind::WebhookFails { webhook: WebhookKind::Fetch, http: 500 },
    FaultKind::WebhookTimesOut { webhook: WebhookKind::Action, heard: true },
    FaultKind::WebhookUnreadable { webhook: WebhookKind::Fetch },
    FaultKind::WebhookHtml { webhook: WebhookKind::Action },
    FaultKind::WebhookRedirected { webhook: WebhookKind::Action },
    FaultKind::CallbackLost,
    FaultKind::CallbackTwice,
    FaultKind::CallbackLate { by: Span::from_mins(2) },
    FaultKind::AppCrashes { around: Around::Mail, when: CrashWhen::After, down: Span::from_mins(1) },
    FaultKind::TicketLost,
    FaultKind::TicketFails,
    FaultKind::TicketLate { by: Span::DAY },
];

/// The names of all faults.
pub(super) fn names() -> Vec<String> {
    FAULTS.iter().map(|kind| name(*kind)).collect()
}

/// How an example of the fault with this name is written.
pub(super) fn fault(name_wanted: &str) -> Option<String> {
    FAULTS.iter().find(|kind| name(**kind) == name_wanted).map(|kind| write::fault(*kind))
}

/// The name of a fault: the word, or the one key.
pub(super) fn name(kind: FaultKind) -> String {
    let written = write::fault(kind);
    written.trim_start_matches("{ ").split(':').next().unwrap_or_default().to_owned()
}
