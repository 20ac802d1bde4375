//! State shared by all calls of a company: its habits, its epoch, and its outputs.

use crate::base::time::Epoch;
use crate::event::EventKind;
use crate::message::Webhook;
use crate::providers::phone::callback::Callback;
use crate::providers::phone::capacity::DialQueue;
use crate::providers::phone::{Habits, Output, WebhookId};

/// The company state that a call needs while it runs.
#[derive(Clone, Debug)]
pub(super) struct CallContext {
    pub(super) habits: Habits,
    pub(super) epoch: Epoch,
    pub(super) callbacks: Vec<Callback>,
    pub(super) queue: DialQueue,
    outputs: Vec<Output>,
    webhooks: u32,
}

impl CallContext {
    pub(super) fn new(habits: Habits, epoch: Epoch) -> Self {
        let queue = DialQueue::default();
        Self { habits, epoch, callbacks: Vec::new(), queue, outputs: Vec::new(), webhooks: 0 }
    }

    /// Resets the state and keeps its allocations.
    pub(super) fn reset(&mut self, habits: Habits, epoch: Epoch) {
        self.habits = habits;
        self.epoch = epoch;
        self.callbacks.clear();
        self.queue = DialQueue::default();
        self.outputs.clear();
        self.webhooks = 0;
    }

    pub(super) fn put(&mut self, output: Output) {
        self.outputs.push(output);
    }

    pub(super) fn tell(&mut self, fact: EventKind) {
        self.put(Output::Fact(fact));
    }

    /// Allocates an id for a new request.
    pub(super) const fn name(&mut self) -> WebhookId {
        let id = WebhookId(self.webhooks);
        self.webhooks += 1;
        id
    }

    /// Sends a new request and returns its id.
    pub(super) fn ask(&mut self, webhook: Webhook) -> WebhookId {
        let id = self.name();
        self.ask_again(id, webhook);
        id
    }

    /// Retries a request under its existing id.
    pub(super) fn ask_again(&mut self, id: WebhookId, webhook: Webhook) {
        self.put(Output::Webhook { id, webhook });
    }

    pub(super) const fn take_outputs(&mut self, into: &mut Vec<Output>) {
        std::mem::swap(&mut self.outputs, into);
    }

    pub(super) fn is_drained(&self) -> bool {
        self.outputs.is_empty()
    }
}
