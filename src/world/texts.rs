//! Text messages: orders from outside clients, texts from handsets, and the provider's requests to the
//! service.
//!
//! Only external services send texts, so an order arrives without a crossing, as an email does.

use std::sync::Arc;

use crate::base::account_set::AccountSet;
use crate::base::id::{EventId, TextId};
use crate::base::machine::{Cx, Reason};
use crate::base::number::Number;
use crate::base::time::Time;
use crate::event::{Actor, NoReply};
use crate::fault::{ReceiptVerdict, WebhookVerdict};
use crate::message::{
    Crossing, Hook, Place, TextHookReply, TextOrder, TextReply, TextSender, TextSid, TextWebhook,
    TextWebhookBody,
};
use crate::providers::messaging;
use crate::providers::messaging::{Arrival, InboundHooks, Text, TextWebhookId};
use crate::world::World;
use crate::world::carrier::{Context, Queued, Sender};
use crate::world::schedule::LateThing;

impl World {
    /// An outside client orders a text. Returns the provider's reply, or `None` if the connection must be
    /// closed without one.
    pub fn order_text(&mut self, order: TextOrder) -> Option<TextReply> {
        self.schedule.steps += 1;
        let cause = self.context_about(self.setup.story.accounts_of_number(order.to)).cause;
        self.create_text(cause, order)
    }

    /// Passes an order to the messaging provider, with its faults.
    pub(super) fn create_text(&mut self, cause: Option<EventId>, order: TextOrder) -> Option<TextReply> {
        let about = self.setup.story.accounts_of_number(order.to);
        let verdict = self.faults.plan.text(about, &mut self.rng);
        let verdict = self.unless_unreachable(order.to, verdict);
        self.record_struck(cause);
        self.feed_texts(cause, messaging::Input::Create { order, verdict })
    }

    /// An outside client cancels a scheduled text.
    pub fn cancel_text(&mut self, text: TextId) -> Option<TextReply> {
        self.feed_texts(None, messaging::Input::Cancel(text))
    }

    /// An outside client removes the body of a text.
    pub fn redact_text(&mut self, text: TextId) -> Option<TextReply> {
        self.feed_texts(None, messaging::Input::Redact(text))
    }

    /// A handset sends a text to one of the provider's senders.
    pub fn send_text_by_hand(&mut self, handset: Number, at: TextSender, body: &str) -> Option<TextReply> {
        self.schedule.steps += 1;
        let cause = self.context_about(self.setup.story.accounts_of_number(handset)).cause;
        self.feed_texts(cause, messaging::Input::Receive { handset, at, body: body.into() })
    }

    /// Sets, or removes, the addresses that get texts to this sender.
    pub fn configure_sender(&mut self, sender: TextSender, hooks: Option<InboundHooks>) {
        self.feed_texts(None, messaging::Input::Configure(sender, hooks));
    }

    /// Sets the addresses that the story declares for texts to the provider's numbers.
    pub(super) fn configure_declared_senders(&mut self) {
        if self.setup.story.twilio.numbers.is_empty() {
            return;
        }
        let story = Arc::clone(&self.setup.story);
        for number in &story.twilio.numbers {
            let Some(url) = &number.sms else { continue };
            let at = Place::Url(self.carrier.papers.url_id(url));
            let hook = Hook { method: number.sms_method, ..Hook::post(at) };
            let hooks = InboundHooks { hook, fallback: None };
            self.configure_sender(TextSender::of_number(number.number), Some(hooks));
        }
    }

    /// The text with this id.
    pub fn text(&self, id: TextId) -> Option<&Text> {
        self.providers.texts.machine.text(id)
    }

    /// The text with this SID.
    pub fn text_of_sid(&self, sid: TextSid) -> Option<&Text> {
        self.providers.texts.machine.text_of_sid(sid)
    }

    /// All texts, in the order of their creation.
    pub fn texts(&self) -> &[Text] {
        self.providers.texts.machine.texts()
    }

    /// The texts that have arrived at handsets, in order.
    pub fn arrivals(&self) -> &[Arrival] {
        self.providers.texts.machine.arrivals()
    }

    /// Whether a status callback of this text waits for its answer.
    pub fn reports_text(&self, id: TextId) -> bool {
        self.providers.texts.machine.unanswered_receipts(id).next().is_some()
    }

    pub(super) fn texts_due(&mut self) -> (Time, Option<Reason>) {
        let host = &mut self.providers.texts;
        host.wake.due(|| host.machine.poll_timeout())
    }

    /// Passes `input` to the messaging provider and returns its reply, if there is one.
    pub(super) fn feed_texts(
        &mut self,
        cause: Option<EventId>,
        input: messaging::Input,
    ) -> Option<TextReply> {
        self.schedule.steps += 1;
        let host = &mut self.providers.texts;
        let mut cx = Cx::new(self.now, &mut self.rng);
        let outputs = host.run(|machine, outputs| {
            machine.handle_input(&mut cx, input);
            machine.take_outputs(outputs);
        });
        let (mut reply, mut last) = (None, cause);
        for output in &outputs {
            match output {
                messaging::Output::Fact(kind) => last = Some(self.record(Actor::PhoneCompany, kind, cause)),
                messaging::Output::Reply(answer) => reply = answer.ok(),
                messaging::Output::Webhook { id, webhook } => self.send_text_webhook(*id, *webhook, last),
            }
        }
        self.providers.texts.put_back(outputs);
        reply
    }

    /// Sends a request of the messaging provider, subject to its faults.
    fn send_text_webhook(&mut self, id: TextWebhookId, webhook: TextWebhook, cause: Option<EventId>) {
        let about = self.accounts_of_text(webhook.text);
        let verdict = match webhook.body {
            TextWebhookBody::Status { .. } => self.faults.plan.receipt(about, &mut self.rng),
            TextWebhookBody::Inbound => ReceiptVerdict::Pass,
        };
        self.record_struck(cause);
        let context = Context { cause, about, webhook: WebhookVerdict::Pass };
        let (from, crossing) = (Sender::Text(id), Crossing::Text(webhook));
        match verdict {
            ReceiptVerdict::Pass => self.carrier.push(from, &crossing, context),
            ReceiptVerdict::Twice => {
                self.carrier.push(from, &crossing, context);
                self.carrier.push(Sender::Nobody, &crossing, context);
            }
            ReceiptVerdict::Late(by) => {
                let queued = Queued { from, crossing, context };
                self.schedule.hold_until(self.now + by, LateThing::Crossing(queued));
            }
            // It is never sent, so its answer is lost at once.
            ReceiptVerdict::Lost => {
                self.schedule.hold_until(self.now, LateThing::Unanswered(from, NoReply::Cut, cause));
            }
        }
    }

    /// The answer to a request of the messaging provider has arrived.
    pub(super) fn text_webhook_answered(
        &mut self,
        cause: Option<EventId>,
        webhook: TextWebhookId,
        reply: Result<TextHookReply, NoReply>,
    ) {
        self.feed_texts(cause, messaging::Input::Answered { webhook, reply });
    }

    fn accounts_of_text(&self, text: TextId) -> AccountSet {
        let handset = self.text(text).map(Text::handset);
        handset.map_or(AccountSet::NONE, |handset| self.setup.story.accounts_of_number(handset))
    }
}
