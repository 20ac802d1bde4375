//! Counts occurrences and combines the faults that strike one delivery into its verdict.

use crate::base::account_set::AccountSet;
use crate::base::rng::{Rng, Stream};
use crate::event::{ScanTime, WebhookKind};
use crate::fault::{
    Around, CallVerdict, Connect, Crash, Fault, FaultKind, KeyFault, MailVerdict, Point, ReceiptVerdict,
    Refusal, Scan, TextConnect, TextVerdict, TicketVerdict, Transfer, VerifyConnect, WebhookVerdict, Which,
};

/// Faults that struck one delivery, as indices into the story's list.
pub type Struck = [Option<u16>; FaultPlan::STRUCK_MAX];

/// The faults of a story, each with the number of deliveries that it applied to so far.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    faults: Vec<Fault>,
    seen: Vec<u16>,
    struck: Struck,
    /// The points at which a fault is in force, as a bit set. Most deliveries pass a point without faults.
    points: u32,
    /// The number of faults that are no longer in force; they keep their indices.
    past: usize,
}

impl FaultPlan {
    /// Maximum number of faults recorded per delivery; further faults strike without a record.
    pub const STRUCK_MAX: usize = 4;

    /// A book with these faults and no occurrences.
    pub fn new(faults: &[Fault]) -> Self {
        let mut plan = Self::default();
        plan.refill(faults);
        plan
    }

    /// Resets the book to these faults and keeps the allocations.
    pub fn refill(&mut self, faults: &[Fault]) {
        self.faults.clear();
        self.faults.extend_from_slice(faults);
        self.seen.clear();
        self.seen.resize(faults.len(), 0);
        self.struck = [None; Self::STRUCK_MAX];
        self.points = points_of(faults);
        self.past = 0;
    }

    /// Puts these faults in force and all others out of it.
    pub fn replace(&mut self, faults: &[Fault]) {
        self.past = self.faults.len();
        self.faults.extend_from_slice(faults);
        self.seen.resize(self.faults.len(), 0);
        self.points = points_of(faults);
    }

    /// Whether a fault is in force.
    pub fn has_any(&self) -> bool {
        self.faults.len() > self.past
    }

    /// The faults in force.
    pub fn in_force(&self) -> &[Fault] {
        &self.faults[self.past..]
    }

    /// Whether a fault struck since [`FaultPlan::take_struck`] was called.
    pub const fn has_struck(&self) -> bool {
        self.struck[0].is_some()
    }

    /// Takes the faults that struck since the last call, as indices into the story's list.
    pub fn take_struck(&mut self) -> Struck {
        std::mem::replace(&mut self.struck, [None; Self::STRUCK_MAX])
    }

    /// Whether a fault in force may strike an email to an address outside the story.
    pub fn may_strike_outside(&self, to: &str) -> bool {
        let strikes =
            |fault: &Fault| fault.of.is_none() && fault.to.as_ref().is_none_or(|all| all.matches(to));
        self.in_force().iter().any(|fault| fault.kind.point() == Point::Mail && strikes(fault))
    }

    /// The verdict on the next email to the address `to`, which is one of these accounts.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`point` selects the kinds that occur here")]
    pub fn mail(&mut self, about: AccountSet, to: &str, draw: &mut Rng) -> MailVerdict {
        let mut verdict = MailVerdict::default();
        self.strike_at(Point::Mail, about, Some(to), draw, |kind| match kind {
            FaultKind::MailLate { by } => verdict.late = verdict.late + by,
            FaultKind::MailLost => verdict.lost = true,
            FaultKind::MailToSpam => verdict.spam = true,
            FaultKind::MailTwice { after } => verdict.again = Some(after),
            FaultKind::MailBounced => verdict.bounced = true,
            FaultKind::MailRefused { code, like, taken_after, taken } => {
                verdict.transfer = Transfer::Refused(Refusal { code, like, taken_after, taken });
            }
            FaultKind::MailCut { taken, at } => {
                verdict.transfer = if taken { Transfer::CutAfter } else { Transfer::CutBefore };
                verdict.cut_at = at.unwrap_or_default();
            }
            FaultKind::MailScanned { rung, when } => {
                verdict.scanned = Some(Scan { rung, when: when.unwrap_or(ScanTime::Before) });
            }
            FaultKind::LinkTruncated => verdict.truncated = true,
            _ => unreachable!("`point` names the faults of emails"),
        });
        verdict
    }

    /// The verdict on the next call about these accounts.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`point` selects the kinds that occur here")]
    pub fn call(&mut self, about: AccountSet, draw: &mut Rng) -> CallVerdict {
        let mut verdict = CallVerdict::default();
        self.strike(Point::Call, about, draw, |kind| match kind {
            FaultKind::CallRefused { code } => verdict.connect = Connect::Refused(code),
            FaultKind::CallFailed { http, placed } => {
                verdict.connect = Connect::Error(http);
                verdict.placed = placed;
            }
            FaultKind::CallTimesOut { placed } => {
                verdict.connect = Connect::TimesOut;
                verdict.placed = placed;
            }
            FaultKind::CallQueued { by } => verdict.queued = verdict.queued + by,
            FaultKind::CallStuck => verdict.connect = Connect::Stuck,
            FaultKind::CallNeverRings => verdict.connect = Connect::NeverRings,
            FaultKind::CallBusy => verdict.connect = Connect::Busy,
            FaultKind::CallRejected { sip } => verdict.connect = Connect::Rejected(sip),
            FaultKind::CallDeclined { sip } => verdict.connect = Connect::Declined(sip),
            FaultKind::CallCanceled { after } => verdict.canceled = Some(after),
            FaultKind::CallToVoicemail { taken_for } => verdict.connect = Connect::Voicemail(taken_for),
            FaultKind::CallDrops { after } => verdict.drops = Some(after),
            FaultKind::KeyLost { nth } => verdict.keys = KeyFault::Lost(nth),
            FaultKind::KeyDoubled { nth } => verdict.keys = KeyFault::Doubled(nth),
            FaultKind::KeysSilent => verdict.keys = KeyFault::Silent,
            _ => unreachable!("`point` names the faults of calls"),
        });
        verdict
    }

    /// The verdict on the next request of this kind in a call about these accounts. The last fault that
    /// strikes wins.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`point` selects the kinds that occur here")]
    pub fn webhook(&mut self, webhook: WebhookKind, about: AccountSet, draw: &mut Rng) -> WebhookVerdict {
        let mut verdict = WebhookVerdict::default();
        self.strike(Point::Webhook(webhook), about, draw, |kind| {
            verdict = match kind {
                FaultKind::WebhookFails { http, .. } => WebhookVerdict::Fails(http),
                FaultKind::WebhookTimesOut { heard, .. } => WebhookVerdict::TimesOut { heard },
                FaultKind::WebhookUnreadable { .. } => WebhookVerdict::Unreadable,
                FaultKind::WebhookHtml { .. } => WebhookVerdict::Html,
                FaultKind::WebhookRedirected { .. } => WebhookVerdict::Redirected,
                FaultKind::CallbackLost => WebhookVerdict::Lost,
                FaultKind::CallbackTwice => WebhookVerdict::Twice,
                FaultKind::CallbackLate { by } => WebhookVerdict::Late(by),
                _ => unreachable!("`point` names the faults of webhooks"),
            }
        });
        verdict
    }

    /// The verdict on the next text to the number of these accounts.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`point` selects the kinds that occur here")]
    pub fn text(&mut self, about: AccountSet, draw: &mut Rng) -> TextVerdict {
        let mut verdict = TextVerdict::default();
        self.strike(Point::Text, about, draw, |kind| match kind {
            FaultKind::TextRefused { code } => verdict.connect = TextConnect::Refused(code),
            FaultKind::TextFailed { http, sent } => {
                verdict.connect = TextConnect::Error(http);
                verdict.sent = sent;
            }
            FaultKind::TextTimesOut { sent } => {
                verdict.connect = TextConnect::TimesOut;
                verdict.sent = sent;
            }
            FaultKind::TextQueued { by } => verdict.queued = verdict.queued + by,
            FaultKind::TextLate { by } => verdict.late = verdict.late + by,
            FaultKind::TextLost => verdict.lost = true,
            FaultKind::TextTwice { after } => verdict.again = Some(after),
            FaultKind::TextTruncated => verdict.truncated = true,
            FaultKind::TextUndelivered { code } => verdict.undelivered = Some(code),
            FaultKind::TextUnsent { code, arrives } => verdict.failed = Some((code, arrives)),
            FaultKind::TextAnsweredLate => verdict.answered_late = true,
            _ => unreachable!("`point` names the faults of texts"),
        });
        verdict
    }

    /// The verdict on the next status callback of a text to these accounts. The last fault that strikes
    /// wins.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`point` selects the kinds that occur here")]
    pub fn receipt(&mut self, about: AccountSet, draw: &mut Rng) -> ReceiptVerdict {
        let mut verdict = ReceiptVerdict::default();
        self.strike(Point::Receipt, about, draw, |kind| {
            verdict = match kind {
                FaultKind::ReceiptLost => ReceiptVerdict::Lost,
                FaultKind::ReceiptTwice => ReceiptVerdict::Twice,
                FaultKind::ReceiptLate { by } => ReceiptVerdict::Late(by),
                _ => unreachable!("`point` names the faults of receipts"),
            }
        });
        verdict
    }

    /// The verdict on the next start of a verification of the number or address of these accounts. The last
    /// fault that strikes wins.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`point` selects the kinds that occur here")]
    pub fn verification(&mut self, about: AccountSet, draw: &mut Rng) -> VerifyConnect {
        let mut verdict = VerifyConnect::default();
        self.strike(Point::Verify, about, draw, |kind| {
            verdict = match kind {
                FaultKind::VerifyRefused { code } => VerifyConnect::Refused(code),
                FaultKind::VerifyTimesOut { sent } => VerifyConnect::TimesOut { sent },
                _ => unreachable!("`point` names the faults of verifications"),
            }
        });
        verdict
    }

    /// The verdict on the next ticket about these accounts.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`point` selects the kinds that occur here")]
    pub fn ticket(&mut self, about: AccountSet, draw: &mut Rng) -> TicketVerdict {
        let mut verdict = TicketVerdict::default();
        self.strike(Point::Ticket, about, draw, |kind| match kind {
            FaultKind::TicketLost => verdict.lost = true,
            FaultKind::TicketFails => verdict.fails = true,
            FaultKind::TicketLate { by } => verdict.late = verdict.late + by,
            _ => unreachable!("`point` names the faults of tickets"),
        });
        verdict
    }

    /// The crash around the next delivery of this kind, if any.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`point` selects the kinds that occur here")]
    pub fn crash(&mut self, around: Around, about: AccountSet, draw: &mut Rng) -> Option<Crash> {
        let mut verdict = None;
        self.strike(Point::Crash(around), about, draw, |kind| match kind {
            FaultKind::AppCrashes { when, down, .. } => verdict = Some(Crash { when, down }),
            _ => unreachable!("`point` names the faults that are crashes"),
        });
        verdict
    }

    fn strike(&mut self, point: Point, about: AccountSet, draw: &mut Rng, fold: impl FnMut(FaultKind)) {
        self.strike_at(point, about, None, draw, fold);
    }

    fn strike_at(
        &mut self,
        point: Point,
        about: AccountSet,
        to: Option<&str>,
        draw: &mut Rng,
        mut fold: impl FnMut(FaultKind),
    ) {
        if self.points & point.bit() == 0 {
            return;
        }
        for (index, (fault, seen)) in self.faults.iter().zip(&mut self.seen).enumerate().skip(self.past) {
            if fault.kind.point() != point || fault.of.is_some_and(|of| !about.has(of)) {
                continue;
            }
            if fault.to.as_ref().is_some_and(|all| !to.is_some_and(|to| all.matches(to))) {
                continue;
            }
            *seen = seen.saturating_add(1);
            let strikes = match fault.which {
                Which::Every => true,
                Which::Nth(n) => *seen == n,
                Which::First(n) => *seen <= n,
                Which::From(n) => *seen >= n,
                Which::Percent(n) => draw.chance(Stream::Console, u32::from(n) * 10),
            };
            if strikes {
                if let Some(free) = self.struck.iter_mut().find(|place| place.is_none()) {
                    *free = u16::try_from(index).ok();
                }
                fold(fault.kind);
            }
        }
    }
}

/// The points at which these faults strike.
fn points_of(faults: &[Fault]) -> u32 {
    faults.iter().fold(0, |points, fault| points | fault.kind.point().bit())
}

#[cfg(test)]
mod tests;
