//! The phone company: accepts orders, stores the calls, and drives each call when its timer fires.

use crate::base::id::CallId;
use crate::base::machine::{Cx, Reason};
use crate::base::number::Number;
use crate::base::rng::{Rng, Stream};
use crate::base::time::{Epoch, Time};
use crate::event::{EventKind, NoReply};
use crate::fault::{CallVerdict, Connect};
use crate::message::{Body, CallCreate, CallReply, CallWishes, HookReply, Sid};
use crate::providers::phone::call::Phase;
use crate::providers::phone::call_context::CallContext;
use crate::providers::phone::capacity::{Capacity, DialQueue};
use crate::providers::phone::{ApiError, Call, Habits, Input, Output, Update, WebhookId, refuse};

/// Maximum number of calls in one run; further orders are refused with 20429.
pub const CALLS_MAX: usize = 100_000;

/// The phone company as a state machine without sockets, clock or people.
///
/// Call [`take_outputs`](Self::take_outputs) after each input, before the next one.
#[derive(Clone, Debug)]
pub struct PhoneCompany {
    board: CallContext,
    /// All calls, indexed by [`CallId`].
    calls: Vec<Call>,
    /// The calls that have not ended, in order.
    alive: Vec<CallId>,
    by_sid: Index<Sid>,
    by_number: Index<Number>,
}

/// The newest call of each key, in the order of keys. Unlike a tree, it keeps its memory from run to run.
#[derive(Clone, Debug)]
struct Index<K>(Vec<(K, CallId)>);

impl<K: Ord + Copy> Index<K> {
    fn insert(&mut self, key: K, call: CallId) {
        match self.0.binary_search_by_key(&key, |(known, _)| *known) {
            Ok(at) => self.0[at].1 = call,
            Err(at) => self.0.insert(at, (key, call)),
        }
    }

    fn get(&self, key: K) -> Option<CallId> {
        let at = self.0.binary_search_by_key(&key, |(known, _)| *known).ok()?;
        Some(self.0[at].1)
    }
}

/// An order, the document sent with it, and its wishes.
pub(super) type Order = (CallCreate, Option<Body>, CallWishes);

/// The next due event. The field order is the sort order: by time, then by call. Within a call, a cut line
/// comes first, because a dead line sends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Time,
    call: CallId,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    LineIsCut,
    CallIsCanceled,
    DetectionEnds,
    CallGoesOn,
    CallbackIsRetried(WebhookId),
}

impl PhoneCompany {
    /// Creates a company without calls.
    pub fn new(habits: Habits, epoch: Epoch) -> Self {
        Self {
            board: CallContext::new(habits, epoch),
            calls: Vec::new(),
            alive: Vec::new(),
            by_sid: Index(Vec::new()),
            by_number: Index(Vec::new()),
        }
    }

    /// Resets the company and keeps its allocations.
    pub fn reset(&mut self, habits: Habits, epoch: Epoch) {
        self.board.reset(habits, epoch);
        self.calls.clear();
        self.alive.clear();
        self.by_sid.0.clear();
        self.by_number.0.clear();
    }

    /// Sets the capacity for the orders from now on; a reset keeps the default.
    pub fn set_capacity(&mut self, capacity: Capacity) {
        self.board.queue = DialQueue::of(capacity);
    }

    /// Handles an input at the time of `cx`.
    ///
    /// # Panics
    /// If [`take_outputs`](Self::take_outputs) was not called after the previous input.
    pub fn handle_input(&mut self, cx: &mut Cx<'_>, input: Input<'_>) {
        assert!(self.board.is_drained(), "take_outputs before the next input");
        let (now, draw) = (cx.now, &mut *cx.rng);
        match input {
            Input::Create { order, verdict, document, wishes } => {
                self.create((*order, document, *wishes), *verdict, now, draw)
            }
            Input::Update(call, update) => self.update(call, update, now),
            Input::Answered { webhook, reply } => self.answered(webhook, reply, now),
            Input::PickedUp(call) => self.with(call, |call, board| call.pick_up(now, board)),
            Input::Pressed(call, key) => self.with(call, |call, board| call.press(key, now, board)),
            Input::HungUp(call) => self.with(call, |call, board| call.hang_up(now, board)),
            Input::Timeout => self.timeout(now),
        }
    }

    /// Swaps the outputs of the last input into `into`, which must be empty. Its allocation is reused.
    pub const fn take_outputs(&mut self, into: &mut Vec<Output>) {
        self.board.take_outputs(into);
    }

    /// When to send [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Time, Reason)> {
        let due = self.next_due()?;
        let reason = match due.what {
            What::LineIsCut => Reason::CallDrops,
            What::CallIsCanceled => Reason::CallCanceled,
            What::DetectionEnds | What::CallGoesOn => Reason::CallProgress,
            What::CallbackIsRetried(_) => Reason::CallbackRetry,
        };
        Some((due.at, reason))
    }

    /// The call with this id, ended or not.
    pub fn call(&self, call: CallId) -> Option<&Call> {
        self.calls.get(call.index())
    }

    /// The call with this SID, ended or not.
    pub fn call_of_sid(&self, sid: Sid) -> Option<&Call> {
        self.call(self.by_sid.get(sid)?)
    }

    /// The newest call to this number, ended or not.
    pub fn call_of_number(&self, number: Number) -> Option<&Call> {
        self.call(self.by_number.get(number)?)
    }

    /// All calls in the order of their creation.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Changes an active call. Refused if the state of the call does not allow the change.
    fn update(&mut self, id: CallId, update: Update, now: Time) {
        let call = self.call(id).filter(|call| !call.is_over());
        let may = |call: &&Call| match update {
            Update::Cancel => call.taken.is_none(),
            Update::Complete => true,
            Update::Redirect(_) | Update::Document(_) => call.taken.is_some(),
        };
        let Some(sid) = call.filter(may).map(Call::sid) else {
            let reply = CallReply::Refused { http: 400, code: refuse::INVALID_STATE };
            return self.board.put(Output::Reply(Ok(reply)));
        };
        self.with(id, |call, board| match update {
            // Decision: completing a call before the pick-up cancels it.
            Update::Complete if call.taken.is_none() => call.cancel(now, board),
            Update::Cancel => call.cancel(now, board),
            Update::Complete => call.drop_line(now, board),
            Update::Redirect(hook) => call.go_to(hook, now, board),
            Update::Document(body) => call.run_body(body, now, board),
        });
        self.board.put(Output::Reply(Ok(CallReply::Created { sid })));
    }

    fn create(&mut self, order: Order, verdict: CallVerdict, now: Time, draw: &mut Rng) {
        let number = order.0.to;
        let refused = refuse::complaint(&order.0).or_else(|| self.is_full());
        let reply = match (verdict.connect, refused) {
            (Connect::Refused(code), _) => Ok(self.refuse(number, code)),
            (Connect::Error(http), refused) => {
                self.leave_unclear(order, verdict, refused, now, draw);
                Ok(CallReply::Failed { http })
            }
            (Connect::TimesOut, refused) => {
                self.leave_unclear(order, verdict, refused, now, draw);
                Err(NoReply::TimedOut)
            }
            (
                Connect::Rings
                | Connect::Stuck
                | Connect::NeverRings
                | Connect::Busy
                | Connect::Rejected(_)
                | Connect::Declined(_)
                | Connect::Voicemail(_),
                refused,
            ) => Ok(match refused {
                Some(code) => self.refuse(number, code),
                None => CallReply::Created { sid: self.take(order, verdict, now, draw).sid() },
            }),
        };
        self.board.put(Output::Reply(reply));
    }

    fn refuse(&mut self, number: Number, code: u32) -> CallReply {
        self.board.tell(EventKind::CallRefused { number, code });
        match ApiError::of(code).http {
            // Clients do not read the body of a 5xx, so they cannot know whether a call was placed.
            http @ 500.. => CallReply::Failed { http },
            http => CallReply::Refused { http, code },
        }
    }

    /// Sends no proper response. Places the call nevertheless if the verdict says so and the order is
    /// valid.
    fn leave_unclear(
        &mut self,
        order: Order,
        verdict: CallVerdict,
        refused: Option<u32>,
        now: Time,
        draw: &mut Rng,
    ) {
        let number = order.0.to;
        let placed = verdict.placed && refused.is_none();
        let placed = placed.then(|| self.take(order, verdict, now, draw).id());
        self.board.tell(EventKind::CallUnclear { number, placed });
    }

    fn take(&mut self, order: Order, verdict: CallVerdict, now: Time, draw: &mut Rng) -> &Call {
        let place = self.calls.len();
        let id = CallId(u32::try_from(place).unwrap_or_else(|_| unreachable!("`CALLS_MAX` is less")));
        let sid = Sid(draw.wide(Stream::Phone));
        self.by_sid.insert(sid, id);
        self.by_number.insert(order.0.to, id);
        self.calls.push(Call::take(now, id, sid, order, verdict, &mut self.board));
        self.alive.push(id);
        &self.calls[place]
    }

    fn is_full(&self) -> Option<u32> {
        if self.alive.len() >= self.board.queue.capacity.at_once.get() as usize {
            return Some(refuse::TOO_MANY_AT_ONCE);
        }
        (self.calls.len() >= CALLS_MAX).then_some(refuse::TOO_MANY_ORDERS)
    }

    fn answered(&mut self, webhook: WebhookId, reply: Result<HookReply, NoReply>, now: Time) {
        if self.board.callback_answered(now, webhook, &reply) {
            return;
        }
        let asks = |id: &&CallId| match &self.calls[id.index()].phase {
            Phase::Asking(asking) => asking.waits_for(webhook),
            Phase::Queued { .. }
            | Phase::Dialled { .. }
            | Phase::Ringing { .. }
            | Phase::Detecting { .. }
            | Phase::SendingTones { .. }
            | Phase::Running(_)
            | Phase::Over => false,
        };
        if let Some(call) = self.alive.iter().find(asks).copied() {
            self.with(call, |call, board| call.hear(reply, now, board));
        }
    }

    fn timeout(&mut self, now: Time) {
        while let Some(due) = self.next_due().filter(|due| due.at <= now) {
            match due.what {
                What::LineIsCut => self.with(due.call, |call, board| call.drop_line(now, board)),
                What::CallIsCanceled => self.with(due.call, |call, board| call.cancel(now, board)),
                What::DetectionEnds => self.with(due.call, |call, board| call.detected_beside(now, board)),
                What::CallGoesOn => self.with(due.call, |call, board| call.go_on(now, board)),
                What::CallbackIsRetried(id) => self.board.retry_callback(id),
            }
        }
    }

    fn next_due(&self) -> Option<Due> {
        let callback = self.board.callback_due();
        let mut next = callback.map(|(at, call, id)| Due { at, call, what: What::CallbackIsRetried(id) });
        for id in &self.alive {
            let call = &self.calls[id.index()];
            for (at, what) in [
                (call.line_until(), What::LineIsCut),
                (call.canceled_at(), What::CallIsCanceled),
                (call.detects_at, What::DetectionEnds),
                (call.due(), What::CallGoesOn),
            ] {
                let Some(at) = at else { continue };
                let due = Due { at, call: *id, what };
                if next.is_none_or(|next| at <= next.at && due < next) {
                    next = Some(due);
                }
            }
        }
        next
    }

    /// Runs `moves` on a call that exists and has not ended.
    fn with(&mut self, id: CallId, moves: impl FnOnce(&mut Call, &mut CallContext)) {
        let Some(call) = self.calls.get_mut(id.index()).filter(|call| !call.is_over()) else { return };
        moves(call, &mut self.board);
        if call.is_over() {
            self.alive.retain(|alive| *alive != id);
        }
    }
}
