//! Tests the witness: checks its claims against the reports of the reference service.
//!
//! A claim is *confirmed* by a report of the same fact about the same object, made for the same request;
//! otherwise it is *invented*. A report is *seen* if it confirms a claim; otherwise it is *missed*, for a
//! [`Reason`]. This is the only part of the witness that reads the service's reports.

mod ledger;
mod matching;
mod reason;
mod table;

use serde::Serialize;

use self::ledger::Ledger;
pub use self::reason::Reason;
pub use self::table::{Example, Row, Table};
use crate::base::id::EventId;
use crate::event::{Actor, EventKind, Trace};
use crate::story::Story;
use crate::witness::claim::{Claim, Fact};
use crate::witness::claims;

/// A claim, and whether a report confirms it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The claim.
    pub claim: Claim,
    /// Whether a report confirms it.
    pub confirmed: bool,
}

/// A report of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The event.
    pub event: EventId,
    /// The fact that it reports.
    pub fact: Fact,
    /// Why no claim states it; `None` if one does.
    pub missed: Option<Reason>,
}

/// All claims and all reports of one trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The claims, in order of observation.
    pub claims: Vec<Held>,
    /// The reports, in order of time.
    pub reports: Vec<Report>,
}

/// Compares the claims about `trace` with the service's reports in it.
pub fn compare(trace: &Trace, story: &Story) -> Comparison {
    let ledger = Ledger::of(trace);
    let reported: Vec<(EventId, Fact)> = trace
        .iter()
        .filter(|(_, event)| event.by == Actor::Console)
        .filter_map(|(id, event)| Some((id, fact(&event.kind)?)))
        .collect();
    let mut seen = vec![false; reported.len()];
    let mut held = Vec::new();
    for claim in claims(trace, story) {
        let mut confirmed = false;
        for ((report, fact), seen) in reported.iter().zip(&mut seen) {
            if *fact == claim.what.fact() && ledger.bears_out(*report, &claim) {
                *seen = true;
                confirmed = true;
            }
        }
        held.push(Held { claim, confirmed });
    }
    let reports = reported.into_iter().zip(seen).map(|((event, fact), seen)| Report {
        event,
        fact,
        missed: (!seen).then(|| ledger.reason(event)),
    });
    let reports = reports.collect();
    Comparison { claims: held, reports }
}

/// The fact that an event reports; `None` if the witness does not cover it.
const fn fact(kind: &EventKind) -> Option<Fact> {
    Some(match kind {
        EventKind::PasswordAccepted { .. } => Fact::PasswordAccepted,
        EventKind::PasswordRefused { .. } => Fact::PasswordRefused,
        EventKind::MfaAccepted { .. } => Fact::MfaAccepted,
        EventKind::MfaRefused { .. } => Fact::MfaRefused,
        EventKind::SignedIn { .. } => Fact::SignedIn,
        EventKind::LinkConfirmed { .. } => Fact::LinkConfirmed,
        EventKind::LinkRefused { .. } => Fact::LinkRefused,
        EventKind::Resynced { .. } => Fact::Resynced,
        EventKind::ResyncRefused { .. } => Fact::ResyncRefused,
        EventKind::DeviceDeactivated { .. } => Fact::DeviceDeactivated,
        EventKind::DeviceAssigned { .. } => Fact::DeviceAssigned,
        EventKind::AssignRefused { .. } => Fact::AssignRefused,
        EventKind::PhoneChanged { .. } => Fact::PhoneChanged,
        EventKind::PasswordChanged { .. } => Fact::PasswordChanged,
        EventKind::CodeAccepted { .. } => Fact::CodeAccepted,
        EventKind::CodeRefused { .. } => Fact::CodeRefused,
        EventKind::SessionOpened { .. } => Fact::SessionOpened,
        EventKind::SessionEnded { .. } => Fact::SessionEnded,
        EventKind::FactorsReset { .. } => Fact::FactorsReset,
        EventKind::MailOrdered { .. } => Fact::MailOrdered,
        EventKind::CallOrdered { .. } => Fact::CallOrdered,
        _ => return None,
    })
}
