//! Forms that another site posts from a person's browser.

use super::{FOREIGN_CALL, FOREIGN_DEACTIVATION, FOREIGN_MAIL, FOREIGN_SET_UP, FOREIGN_SIGN_OUT, Judge};
use crate::event::{Actor, Event, EventKind, SessionEnd};
use crate::oracle::rule::Objection;

impl Judge<'_, '_> {
    /// The service acted on a form that another site had posted, without a request by the user (S11).
    pub(super) fn lured(&self, event: &Event) -> Option<Objection> {
        let (rule, did) = match event.kind {
            EventKind::DeviceDeactivated { .. } => (FOREIGN_DEACTIVATION, "deactivated an MFA device"),
            EventKind::DeviceOffered { .. } => (FOREIGN_SET_UP, "began to set up an MFA device"),
            EventKind::LinkIssued { .. } => (FOREIGN_MAIL, "sent an email with a link"),
            EventKind::CodeIssued { .. } => (FOREIGN_CALL, "placed a call"),
            EventKind::SessionEnded { why: SessionEnd::SignedOut, .. } => {
                (FOREIGN_SIGN_OUT, "signed the person out")
            }
            _ => return None,
        };
        let trace = self.reading.trace;
        let asked =
            trace.get(event.cause?).filter(|asked| matches!(asked.kind, EventKind::Requested { .. }))?;
        let before = trace.get(asked.cause?)?;
        match (before.by, before.kind) {
            (Actor::Person(who), EventKind::Lured { .. }) => {
                let name = self.reading.name(who);
                let says =
                    format!("the console {did} for a form that another site posted from {name}'s browser");
                Some(rule.says(says).of(self.reading.role(who)))
            }
            _ => None,
        }
    }
}
