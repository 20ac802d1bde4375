//! Status callbacks in flight: sent, retried, given up.
//!
//! Callbacks outlive their call and a failed one never affects it.

use crate::base::id::CallId;
use crate::base::time::Time;
use crate::event::{EventKind, NoReply};
use crate::message::{HookReply, Webhook};
use crate::providers::phone::answer::ForCallback;
use crate::providers::phone::call_context::CallContext;
use crate::providers::phone::{WebhookId, answer};

/// Maximum number of callbacks in flight. Twilio also drops callbacks beyond its queue (15002).
pub(super) const CALLBACKS_MAX: usize = 1_024;

/// A status callback without a response.
#[derive(Clone, Debug)]
pub(super) struct Callback {
    id: WebhookId,
    call: CallId,
    webhook: Webhook,
    retries: u8,
    redirects: u8,
    /// When the first attempt was sent.
    sent: Time,
    again: Option<Time>,
}

impl CallContext {
    pub(super) fn call_back(&mut self, call: CallId, webhook: Webhook, now: Time) {
        if self.callbacks.len() >= CALLBACKS_MAX {
            return self.tell(EventKind::CallbackFailed { call, status: webhook.status });
        }
        let id = self.ask(webhook);
        let (retries, redirects, again) = (0, 0, None);
        self.callbacks.push(Callback { id, call, webhook, retries, redirects, sent: now, again });
    }

    /// Handles the response to callback `id`. Returns false if `id` is not a callback.
    pub(super) fn callback_answered(
        &mut self,
        now: Time,
        id: WebhookId,
        reply: &Result<HookReply, NoReply>,
    ) -> bool {
        let Some(place) = self.callbacks.iter().position(|callback| callback.id == id) else { return false };
        let habits = self.habits;
        let callback = &mut self.callbacks[place];
        if callback.again.is_some() {
            return true;
        }
        let (call, status) = (callback.call, callback.webhook.status);
        let retries = callback.webhook.hook.retries;
        if let Some(again) = habits.again(retries, reply, callback.retries, callback.sent, now) {
            callback.retries += 1;
            callback.again = Some(again);
            return true;
        }
        match answer::for_callback(reply) {
            ForCallback::Redirected(hook) if callback.redirects < answer::REDIRECTS_MAX => {
                let mut next = self.callbacks.remove(place);
                next.redirects += 1;
                (next.retries, next.sent) = (0, now);
                next.webhook.hook = hook;
                next.id = self.ask(next.webhook);
                self.callbacks.push(next);
                return true;
            }
            ForCallback::Arrived(http) => self.tell(EventKind::CallbackAnswered { call, status, http }),
            ForCallback::Nobody | ForCallback::Redirected(_) | ForCallback::Lost => {
                self.tell(EventKind::CallbackFailed { call, status });
            }
        }
        self.callbacks.remove(place);
        true
    }

    /// The callback with the earliest retry.
    pub(super) fn callback_due(&self) -> Option<(Time, CallId, WebhookId)> {
        self.callbacks.iter().filter_map(|callback| Some((callback.again?, callback.call, callback.id))).min()
    }

    pub(super) fn retry_callback(&mut self, id: WebhookId) {
        let Some(callback) = self.callbacks.iter_mut().find(|callback| callback.id == id) else { return };
        callback.again = None;
        let webhook = callback.webhook;
        self.ask_again(id, webhook);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;
    use crate::fault::{CallVerdict, Connect};
    use crate::message::{Events, Hook, Retries};
    use crate::providers::phone::harness::{Answer, Rehearsal};

    /// Calls a busy number: two callbacks, at 1 s and at 5 s.
    #[track_caller]
    fn check(answers: Vec<Answer>, expected: &str) {
        let verdict = CallVerdict { connect: Connect::Busy, ..CallVerdict::default() };
        let rehearsal = Rehearsal { status: answers, ..Rehearsal::with(verdict) };
        rehearsal.check(
            "0 order",
            &format!("0 taken: +34600000001\n0 queued\n0 reply 201\n1 initiated\n1 → #0 initiated @1001\n{expected}"),
        );
    }

    #[test]
    fn whatever_the_service_answers_is_an_answer() {
        check(
            vec![HookReply::bare(500).into(), HookReply::bare(403).into()],
            "1 callback initiated: 500
             5 busy
             5 → #1 busy after 0s sip 486 @1005
             5 callback busy: 403",
        );
    }

    #[test]
    fn where_nobody_listens_it_is_sent_once_more_as_it_was() {
        check(
            vec![NoReply::Down.into(), HookReply::HEARD.into()],
            "2 → #0 initiated @1001
             2 callback initiated: 204
             5 busy
             5 → #1 busy after 0s sip 486 @1005
             5 callback busy: 204",
        );
        check(
            vec![NoReply::Down.into(), NoReply::Down.into(), HookReply::HEARD.into()],
            "2 → #0 initiated @1001
             2 callback initiated: failed
             5 busy
             5 → #1 busy after 0s sip 486 @1005
             5 callback busy: 204",
        );
    }

    #[test]
    fn how_often_and_how_soon_are_habits() {
        let mut rehearsal = Rehearsal::with(CallVerdict { connect: Connect::Busy, ..CallVerdict::default() });
        rehearsal.status = vec![NoReply::Down.into()];
        rehearsal.habits.webhook_retries = 2;
        rehearsal.habits.webhook_retry_after = Span::from_secs(10);
        rehearsal.check_line(
            "0 order",
            "0 taken: +34600000001
             0 queued
             0 reply 201
             1 initiated
             1 → #0 initiated @1001
             5 busy
             5 → #1 busy after 0s sip 486 @1005
             11 → #0 initiated @1001
             15 → #1 busy after 0s sip 486 @1005
             21 → #0 initiated @1001
             21 callback initiated: failed
             25 → #1 busy after 0s sip 486 @1005
             25 callback busy: failed",
        );
    }

    #[test]
    fn no_answer_in_time_is_final() {
        for lost in [NoReply::TimedOut, NoReply::Cut] {
            check(
                vec![Answer::Later(Span::from_secs(15), Err(lost)), HookReply::HEARD.into()],
                "5 busy
                 5 → #1 busy after 0s sip 486 @1005
                 5 callback busy: 204
                 16 callback initiated: failed",
            );
        }
    }

    #[test]
    fn the_url_says_how_often_and_after_what() {
        let late = || Answer::Later(Span::from_secs(3), Err(NoReply::TimedOut));
        let mut rehearsal = Rehearsal::with(CallVerdict { connect: Connect::Busy, ..CallVerdict::default() });
        let retries = Retries::of_fragment(Some("rc=2&rp=5xx,rt"));
        rehearsal.order.status =
            rehearsal.order.status.map(|(hook, events)| (Hook { retries, ..hook }, events));
        rehearsal.status = vec![HookReply::bare(503).into(), late(), HookReply::bare(503).into()];
        rehearsal.clone().check(
            "0 order",
            "0 taken: +34600000001
             0 queued
             0 reply 201
             1 initiated
             1 → #0 initiated @1001
             2 → #0 initiated @1001
             5 busy
             5 → #1 busy after 0s sip 486 @1005
             6 → #0 initiated @1001
             6 → #1 busy after 0s sip 486 @1005
             6 callback initiated: 503
             7 → #1 busy after 0s sip 486 @1005
             7 callback busy: 503",
        );
        // A time-out is retried only while the whole request may take longer.
        rehearsal.status = vec![Answer::Later(Span::from_secs(15), Err(NoReply::TimedOut))];
        rehearsal.order.status = rehearsal.order.status.map(|(hook, _)| (hook, Events::COMPLETED));
        rehearsal.check_line(
            "0 order",
            "0 taken: +34600000001
             0 queued
             0 reply 201
             1 initiated
             5 busy
             5 → #0 busy after 0s sip 486 @1005
             20 callback busy: failed",
        );
    }

    #[test]
    fn redirects_are_followed_ten_times() {
        let redirects = |times| vec![Answer::redirect(); times];
        let again = "1 → #0 initiated @1001\n";
        let rest = "5 busy\n5 → #1 busy after 0s sip 486 @1005\n5 callback busy: 204";
        let answers = [redirects(10), vec![HookReply::HEARD.into()]].concat();
        check(answers, &format!("{}1 callback initiated: 204\n{rest}", again.repeat(10)));
        let answers = [redirects(11), vec![HookReply::HEARD.into()]].concat();
        check(answers, &format!("{}1 callback initiated: failed\n{rest}", again.repeat(10)));
    }

    #[test]
    fn a_callback_without_an_answer_disturbs_nothing() {
        check(vec![Answer::Never], "5 busy\n5 → #1 busy after 0s sip 486 @1005");
    }
}
