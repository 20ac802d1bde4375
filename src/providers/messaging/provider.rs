//! The messaging provider: its texts, its agenda, and the orders that it takes or refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::id::TextId;
use crate::base::machine::{Cx, Reason};
use crate::base::number::Number;
use crate::base::rng::{Rng, Stream};
use crate::base::time::Time;
use crate::event::{EventKind, NoReply};
use crate::fault::{TextConnect, TextVerdict};
use crate::message::{MessagingServiceSid, TextOrder, TextReply, TextSender, TextSid};
use crate::providers::messaging::inbound::is_toll_free;
use crate::providers::messaging::receipt::Request;
use crate::providers::messaging::text::{Direction, Text};
use crate::providers::messaging::{InboundHooks, Input, Output, TextWebhookId};

/// Most texts of one provider.
pub const TEXTS_MAX: usize = 100_000;

/// Most bytes of all bodies and media addresses together.
pub const TEXT_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Most arrivals kept; a text that arrives beyond them is lost.
const ARRIVALS_MAX: usize = 2 * TEXTS_MAX;

/// Most senders whose inbound addresses, and most opt-outs, are kept.
const SENDERS_MAX: usize = 10_000;

/// Too many orders.
const TOO_MANY_ORDERS: u32 = 20_429;
/// The recipient has opted out.
pub(super) const OPTED_OUT: u32 = 21_610;
/// There is no route from this sender to this recipient.
pub(super) const NO_ROUTE: u32 = 21_612;
/// The carrier blocks the text.
const BLOCKED: u32 = 30_004;

/// What an opt-out covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    Sender(TextSender),
    Service(MessagingServiceSid),
}

/// Something on the agenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The text takes its next step.
    Progress(TextId),
    /// It arrives at the handset.
    Arrives(TextId),
    /// A webhook whose connection failed is sent again.
    Retry(TextWebhookId),
}

/// A text at a handset.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// When it arrived.
    pub at: Time,
    /// The text.
    pub text: TextId,
    /// The number of the handset.
    pub number: Number,
    /// What the handset shows.
    pub body: Arc<str>,
}

/// The messaging provider.
#[derive(Debug, Default)]
pub struct Messaging {
    texts: Vec<Text>,
    by_sid: BTreeMap<u128, TextId>,
    bytes: usize,
    /// By time, then in the order of planning.
    agenda: BTreeMap<(Time, u64), Due>,
    planned: u64,
    pub(super) requests: BTreeMap<TextWebhookId, Request>,
    pub(super) next_webhook: u32,
    pub(super) opted_out: BTreeSet<(Scope, Number)>,
    pub(super) inbound: BTreeMap<TextSender, InboundHooks>,
    /// The messaging service that has used a sender last.
    pub(super) pools: BTreeMap<TextSender, MessagingServiceSid>,
    pub(super) arrivals: Vec<Arrival>,
    pub(super) outputs: Vec<Output>,
    /// Whether there was an input. Most runs of a drill have none, and then a reset costs nothing.
    used: bool,
}

impl Messaging {
    /// Forgets everything.
    pub fn reset(&mut self) {
        if self.used {
            *self = Self::default();
        }
    }

    /// The bytes that all bodies and media addresses take together.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Handles one input. It never fails: a refusal is an output.
    pub fn handle_input(&mut self, cx: &mut Cx<'_>, input: Input) {
        debug_assert!(self.outputs.is_empty(), "take_outputs before the next input");
        self.used = true;
        match input {
            Input::Create { order, verdict } => self.create(order, verdict, cx.now, cx.rng),
            Input::Cancel(text) => self.cancel(text, cx.now),
            Input::Redact(text) => self.redact(text),
            Input::Receive { handset, at, body } => self.receive((handset, at, body), cx.now, cx.rng),
            Input::Configure(sender, hooks) => self.configure(sender, hooks),
            Input::Answered { webhook, reply } => self.answered(webhook, reply, cx),
            Input::Timeout => self.timeout(cx.now),
        }
    }

    /// Swaps the outputs of the last input into `into`, which must be empty.
    pub const fn take_outputs(&mut self, into: &mut Vec<Output>) {
        std::mem::swap(&mut self.outputs, into);
    }

    /// When to send [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Time, Reason)> {
        self.agenda.keys().next().map(|(at, _)| (*at, Reason::TextProgress))
    }

    /// The text with this id.
    pub fn text(&self, id: TextId) -> Option<&Text> {
        self.texts.get(id.index())
    }

    /// The text with this SID.
    pub fn text_of_sid(&self, sid: TextSid) -> Option<&Text> {
        self.text(*self.by_sid.get(&sid.id)?).filter(|text| text.sid() == sid)
    }

    /// All texts in the order of their creation.
    pub fn texts(&self) -> &[Text] {
        &self.texts
    }

    /// The texts that have arrived at handsets, in order.
    pub fn arrivals(&self) -> &[Arrival] {
        &self.arrivals
    }

    pub(super) fn text_mut(&mut self, id: TextId) -> Option<&mut Text> {
        self.texts.get_mut(id.index())
    }

    pub(super) fn tell(&mut self, kind: EventKind) {
        self.outputs.push(Output::Fact(kind));
    }

    pub(super) fn plan(&mut self, at: Time, due: Due) {
        self.agenda.insert((at, self.planned), due);
        self.planned += 1;
    }

    /// Drops what is planned for this text.
    pub(super) fn unplan(&mut self, id: TextId) {
        self.agenda.retain(|_, due| *due != Due::Progress(id));
    }

    fn timeout(&mut self, now: Time) {
        while let Some(next) = self.agenda.first_entry().filter(|next| next.key().0 <= now) {
            match next.remove() {
                Due::Progress(id) => self.progress(now, id),
                Due::Arrives(id) => self.arrive(now, id),
                Due::Retry(id) => self.ask_again(id),
            }
        }
    }

    fn create(&mut self, order: TextOrder, verdict: TextVerdict, now: Time, draw: &mut Rng) {
        let number = order.to;
        let reply = match verdict.connect {
            TextConnect::Taken => Ok(self.accept(order, verdict, None, now, draw)),
            TextConnect::Refused(code) => Ok(self.accept(order, verdict, Some(code), now, draw)),
            TextConnect::Error(http) => {
                self.leave_unclear(order, verdict, now, draw);
                Ok(TextReply::Failed { http })
            }
            TextConnect::TimesOut => {
                self.leave_unclear(order, verdict, now, draw);
                Err(NoReply::TimedOut)
            }
        };
        if let Ok(TextReply::Refused { code, .. }) = reply {
            self.tell(EventKind::TextRefused { number, code });
        }
        self.outputs.push(Output::Reply(reply));
    }

    /// Takes an order or refuses it. With a messaging service, some refusals come later (TW-message).
    fn accept(
        &mut self,
        order: TextOrder,
        verdict: TextVerdict,
        fault: Option<u32>,
        now: Time,
        draw: &mut Rng,
    ) -> TextReply {
        let complaint = fault.or_else(|| self.complaint(&order));
        let later = order.service.is_some() && matches!(complaint, Some(OPTED_OUT | NO_ROUTE));
        if let Some(code) = complaint.filter(|_| !later) {
            return refused(code);
        }
        let carrier_blocks = self.is_opted_out(&order);
        match self.take(Direction::Api, order, verdict, draw) {
            Err(code) => refused(code),
            Ok(id) => {
                let number = self.text(id).map_or(Number::NONE, Text::handset);
                self.tell(EventKind::TextTaken { text: id, number });
                match complaint {
                    Some(code) => self.fail_later(now, id, code),
                    None => {
                        if carrier_blocks && let Some(text) = self.text_mut(id) {
                            text.verdict.undelivered = Some(BLOCKED);
                        }
                        self.begin(now, id);
                    }
                }
                TextReply::Created(id)
            }
        }
    }

    fn complaint(&self, order: &TextOrder) -> Option<u32> {
        let from = order.from.as_ref();
        // An alphanumeric sender has no route to the North American plan (TW-message).
        if from.is_some_and(TextSender::is_name) && order.to.to_string().starts_with("+1") {
            return Some(NO_ROUTE);
        }
        (self.is_opted_out(order) && !from.is_some_and(is_toll_free)).then_some(OPTED_OUT)
    }

    pub(super) fn is_opted_out(&self, order: &TextOrder) -> bool {
        let is_out = |scope| self.opted_out.contains(&(scope, order.to));
        order.from.clone().is_some_and(|from| is_out(Scope::Sender(from)))
            || order.service.is_some_and(|service| is_out(Scope::Service(service)))
    }

    fn leave_unclear(&mut self, order: TextOrder, verdict: TextVerdict, now: Time, draw: &mut Rng) {
        let number = order.to;
        let sends = verdict.sent && self.complaint(&order).is_none();
        let sent = sends.then(|| self.take(Direction::Api, order, verdict, draw).ok()).flatten();
        self.tell(EventKind::TextUnclear { number, sent });
        if let Some(id) = sent {
            self.begin(now, id);
        }
    }

    /// Keeps a text.
    ///
    /// # Errors
    /// Twilio's error code, if a limit is reached.
    pub(super) fn take(
        &mut self,
        direction: Direction,
        order: TextOrder,
        verdict: TextVerdict,
        draw: &mut Rng,
    ) -> Result<TextId, u32> {
        let id = u32::try_from(self.texts.len()).map(TextId).map_err(|_| TOO_MANY_ORDERS)?;
        let sid = TextSid { id: draw.wide(Stream::Texts), media: !order.media.is_empty() };
        if let (Some(from), Some(service)) = (&order.from, order.service)
            && self.pools.len() < SENDERS_MAX
        {
            self.pools.insert(from.clone(), service);
        }
        let text = Text::new((id, sid), direction, order, verdict);
        let bytes = self.bytes.saturating_add(text.bytes());
        if self.texts.len() >= TEXTS_MAX || bytes > TEXT_BYTES_MAX {
            return Err(TOO_MANY_ORDERS);
        }
        self.bytes = bytes;
        self.by_sid.insert(sid.id, id);
        self.texts.push(text);
        Ok(id)
    }

    fn redact(&mut self, id: TextId) {
        let Some(text) = self.texts.get_mut(id.index()) else { return };
        self.bytes = self.bytes.saturating_sub(text.bytes());
        text.order.body = "".into();
        text.order.media.clear();
        self.outputs.push(Output::Reply(Ok(TextReply::Created(id))));
    }

    fn configure(&mut self, sender: TextSender, hooks: Option<InboundHooks>) {
        match hooks {
            None => {
                self.inbound.remove(&sender);
            }
            Some(hooks) if self.inbound.len() < SENDERS_MAX || self.inbound.contains_key(&sender) => {
                self.inbound.insert(sender, hooks);
            }
            Some(_) => {}
        }
    }

    pub(super) fn keep_arrival(&mut self, arrival: Arrival) {
        if self.arrivals.len() < ARRIVALS_MAX {
            self.tell(EventKind::TextArrived { text: arrival.text, number: arrival.number });
            self.arrivals.push(arrival);
        }
    }

    pub(super) const fn full() -> TextReply {
        refused(TOO_MANY_ORDERS)
    }
}

/// The refusal with this code.
pub(super) const fn refused(code: u32) -> TextReply {
    let http = match code {
        TOO_MANY_ORDERS => 429,
        20_500 => return TextReply::Failed { http: 500 },
        20_503 => return TextReply::Failed { http: 503 },
        _ => 400,
    };
    TextReply::Refused { http, code }
}
