//! *Honest notice*: pages 5 and 7 announce emails and calls only while they can still arrive.

use crate::base::id::{BrowserId, CallId, CodeId, EventId, OutboxId};
use crate::base::time::Time;
use crate::event::{CallStatus, Event, EventKind, Notice, PageName};
use crate::oracle::by_id::ById;
use crate::oracle::copies::Copies;
use crate::oracle::reading::same_cookies;
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::policy::{PhoneDirection, SilentCalls};

rules! {
    "honest-notice";
    CALL_IS_OVER = "call-is-over", "a page announced a call after the service had learned that it was over";
    CALL_IS_SILENT = "call-is-silent", "a page announced a call after the last time at which its status could arrive";
    MAIL_GIVEN_UP = "mail-given-up", "a page announced an email after the service had given it up";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "honest-notice",
    sentence: "page 7 announces a call only while one can still arrive, and page 5 an email only while it can still be sent",
    source: "OWASP Forgot Password Cheat Sheet (F1: \"a user always has a way to recover\"); H09, H10, H12; rule 9",
    evidence: Evidence::Observed,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut judge = Judge {
        reading,
        calls: ById::default(),
        codes: ById::default(),
        asked_call: Vec::new(),
        asked_mail: Vec::new(),
        copies: Copies::default(),
    };
    for (id, event) in reading.events_for(dispatch::HONEST_NOTICE) {
        if let Some((verdict, objection)) = judge.take(id, event) {
            findings.push(reading.finding(objection, verdict, id));
        }
    }
}

/// What the service can know about the call for a code.
#[derive(Clone, Copy)]
enum Call {
    /// The call may still make progress until this time, without further callbacks.
    May(Time),
    /// The phone company reported its end, and the service received the report.
    Over(CallStatus, Time),
}

struct Judge<'a> {
    reading: &'a Reading<'a>,
    /// State of the calls, by code.
    calls: ById<Call>,
    /// The code of each call.
    codes: ById<CodeId>,
    /// Browsers that requested calls, in order. A browser with a stolen session cookie is the one of its owner,
    /// here and below: both get the page of one session.
    asked_call: Vec<(BrowserId, CodeId)>,
    /// Browsers that requested emails, and when the service gave up on them, in order.
    asked_mail: Vec<(BrowserId, OutboxId, Option<Time>)>,
    copies: Copies,
}

impl Judge<'_> {
    fn take(&mut self, id: EventId, event: &Event) -> Option<(Verdict, Objection)> {
        match event.kind {
            EventKind::PutInCookie { browser } => self.copies.put_in(self.reading, event, browser),
            EventKind::SessionOpened { from: None, .. } => {
                self.copies.has_own(self.reading.asked_directly(event)?.browser);
            }
            EventKind::CodeIssued { code, .. } => {
                self.calls.insert(code.index(), Call::May(self.unanswered(event.at)));
                self.asked_call.push((self.asker(id)?, code));
            }
            EventKind::CallTaken { call, .. } | EventKind::CallUnclear { placed: Some(call), .. } => {
                self.codes.insert(call.index(), self.reading.code_ordered(id)?);
            }
            EventKind::CallbackAnswered { call, status, http: 200..=299 } => {
                self.hear(call, status, event.at, true);
            }
            // The service may have received a failed callback and crashed while processing it.
            EventKind::CallbackFailed { call, status } => self.hear(call, status, event.at, false),
            EventKind::DocumentFetched { call, .. } | EventKind::DocumentFailed { call, .. } => {
                self.hear(call, CallStatus::InProgress, event.at, true);
            }
            // The phone company asks for a document when somebody picks up, and when a gather ends. The
            // service may have received that request even if the call ended before the answer came back.
            EventKind::StatusChanged { call, status: CallStatus::InProgress }
            | EventKind::Gathered { call, .. }
            | EventKind::NoDigits { call } => {
                self.hear(call, CallStatus::InProgress, event.at, false);
            }
            EventKind::MailOrdered { outbox, link: Some(_), .. } => {
                self.asked_mail.push((self.asker(id)?, outbox, None));
            }
            EventKind::NotSent { outbox, again: None } => {
                let (.., given_up) = self.asked_mail.iter_mut().find(|(_, asked, _)| *asked == outbox)?;
                given_up.get_or_insert(event.at);
            }
            EventKind::Saw { page: PageName::VerifyPhone, notice: Some(Notice::Calling), .. } => {
                return self.says_calling(id);
            }
            EventKind::Saw { page: PageName::VerifyEmail, notice: Some(Notice::MailSent), .. } => {
                return self.says_sent(id);
            }
            _ => {}
        }
        None
    }

    /// The browser whose request led to an event.
    fn asker(&self, event: EventId) -> Option<BrowserId> {
        Some(self.copies.own(self.reading.asked(event)?.browser))
    }

    /// The service received a call's status, or answered a request of the call; with `sure` false, it may
    /// have.
    fn hear(&mut self, call: CallId, status: CallStatus, at: Time, sure: bool) {
        let spoken = self.reading.story.policy.phone_direction == PhoneDirection::PhoneToScreen;
        let until = match status {
            // The code was spoken and can still be typed.
            CallStatus::Completed if spoken => Time::NEVER,
            CallStatus::InProgress => at + self.reading.norm.call_talks,
            _ => self.unanswered(at),
        };
        let code = self.codes.get(call.index());
        let Some(call) = code.and_then(|code| self.calls.get_mut(code.index())) else { return };
        if let Call::May(before) = *call {
            let over = sure && status.is_terminal() && until != Time::NEVER;
            *call = if over { Call::Over(status, at) } else { Call::May(before.max(until)) };
        }
    }

    fn unanswered(&self, at: Time) -> Time {
        at + self.reading.story.policy.ring_timeout + self.reading.norm.call_silence
    }

    fn says_calling(&self, saw: EventId) -> Option<(Verdict, Objection)> {
        let asked = self.reading.asked(saw)?;
        let browser = self.copies.own(asked.browser);
        let (_, code) = self.asked_call.iter().rev().find(|(by, _)| same_cookies(*by, browser))?;
        let name = self.reading.name(asked.person);
        match *self.calls.get(code.index())? {
            Call::Over(status, since) if since < asked.at => {
                let says = format!(
                    "{name} was told that a call is coming, {} after the service had learned that it was {}",
                    asked.at.since(since),
                    status.label()
                );
                Some((Verdict::BrokePolicy, CALL_IS_OVER.says(says).of(self.reading.role(asked.person))))
            }
            Call::May(until) if until < asked.at => {
                let promised = self.reading.story.policy.silent_calls == SilentCalls::GivenUp;
                let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
                let says = format!(
                    "{name} was told that a call is coming, {} after its last possible status",
                    asked.at.since(until)
                );
                Some((verdict, CALL_IS_SILENT.says(says).of(self.reading.role(asked.person))))
            }
            Call::Over(..) | Call::May(_) => None,
        }
    }

    fn says_sent(&self, saw: EventId) -> Option<(Verdict, Objection)> {
        let asked = self.reading.asked(saw)?;
        let browser = self.copies.own(asked.browser);
        let (_, _, given_up) = self.asked_mail.iter().rev().find(|(by, ..)| same_cookies(*by, browser))?;
        let since = given_up.filter(|since| *since < asked.at)?;
        let name = self.reading.name(asked.person);
        let says = format!(
            "{name} was told that an email was sent, {} after the service had given it up",
            asked.at.since(since)
        );
        Some((Verdict::BrokePolicy, MAIL_GIVEN_UP.says(says).of(self.reading.role(asked.person))))
    }
}
