//! The recovery flow core: sign-in, re-sync, alternative factors, support, and the way back to MFA.
//!
//! This is the service whose users lose their devices. It is a machine without I/O: a page request
//! comes in, a page goes out; mails, calls and tickets leave through an outbox. It has two halves:
//! the *durable* one is what a store would keep, the *volatile* one is lost in a crash. Things are
//! recorded, then sent, then marked as sent, so that each crash point is one that real services
//! have. What the flow does is the policy's to say; the core has no other switch for flaws.
//!
//! It knows nothing of HTTP, HTML, SMTP or Twilio's names, and it cannot read a clock.

#![warn(clippy::wildcard_enum_match_arm)]

mod authenticator;
mod book;
mod budget;
mod call_ref;
mod factor;
mod link;
mod outbox;
mod page;
mod phone;
mod resync;
mod session;
mod sign_in;
mod store;
mod support;
mod used;
mod webhook;

#[cfg(test)]
mod rehearsal;
#[cfg(test)]
mod tests;

pub use self::authenticator::Authenticator;
pub use self::authenticator::Check;
pub use self::authenticator::PairCheck;
pub use self::call_ref::redirects_to;
pub use self::phone::CALLER;
use self::store::Durable;
pub use self::store::Enrolled;
pub use self::store::Subscriber;
use self::store::Volatile;
use crate::crossing::Answer;
use crate::crossing::Crossing;
use crate::crossing::PageRequest;
use crate::crossing::ResetRequest;
use crate::crossing::Webhook;
use crate::event::EventKind;
use crate::id::DeviceId;
use crate::id::OutboxId;
use crate::machine::Cx;
use crate::machine::Reason;
use crate::machine::earlier;
use crate::policy::Boot;
use crate::policy::Policy;
use crate::policy::UnixTime;
use crate::secret::Code;
use crate::time::Epoch;
use crate::time::Span;
use crate::time::Time;

/// How long after a boot the clock is put right.
const TIME_SYNC: Span = Span::from_mins(10);

/// The service.
#[derive(Clone, Debug)]
pub struct Recovery {
    policy: Policy,
    epoch: Epoch,
    durable: Durable,
    volatile: Volatile,
    outputs: Vec<Output>,
    running: bool,
    /// How far its clock is behind, and until when, where the policy does not wait for the time.
    behind: Option<(Span, Time)>,
    crashed: Time,
}

/// What comes in, to be read where it lies.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A browser's request; answered by one [`Output::Reply`] with a page.
    Page(&'a PageRequest),
    /// A request of a call; answered by one [`Output::Reply`].
    Webhook(&'a Webhook),
    /// The desk's request; answered by one [`Output::Reply`].
    Reset(ResetRequest),
    /// The answer to what the outbox sent.
    Sent(OutboxId, &'a Answer),
    /// Something is due.
    Timeout,
    /// The process dies: the volatile half is gone, nothing is answered until it boots.
    Crash,
    /// The process boots from its durable half.
    Restart,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Output {
    /// Something happened.
    Fact(EventKind),
    /// The answer to the input; at most one.
    Reply(Answer),
    /// This is to be carried; its answer comes back as [`Input::Sent`].
    Send(OutboxId, Crossing),
}

impl Recovery {
    /// A service with these subscribers, in the order of their ids. `new_devices_from` is the
    /// first device id that is free for devices assigned later.
    pub fn new(policy: Policy, epoch: Epoch, subscribers: Vec<Subscriber>, new_devices_from: u16) -> Self {
        Self {
            policy,
            epoch,
            durable: Durable::new(subscribers, new_devices_from),
            volatile: Volatile::default(),
            outputs: Vec::new(),
            running: true,
            behind: None,
            crashed: Time::ZERO,
        }
    }

    /// Starts over in the same memory, as [`Recovery::new`] would begin.
    pub fn begin_again(
        &mut self,
        policy: Policy,
        epoch: Epoch,
        subscribers: impl Iterator<Item = Subscriber>,
        new_devices_from: u16,
    ) {
        self.policy = policy;
        self.epoch = epoch;
        self.durable.begin_again(subscribers, new_devices_from);
        self.volatile.sending.clear();
        self.volatile.half_written.clear();
        self.outputs.clear();
        self.behind = None;
        self.crashed = Time::ZERO;
        self.running = true;
    }

    /// Takes in what came. Never fails: a refusal is an output.
    ///
    /// # Panics
    /// If outputs of an earlier input were not drained: that is a mistake of the caller's.
    pub fn handle_input(&mut self, cx: &mut Cx<'_>, input: Input<'_>) {
        assert!(self.outputs.is_empty(), "take_outputs before the next input");
        let (now, draw) = (cx.now, &mut *cx.rng);
        match input {
            Input::Page(request) => self.on_page(now, draw, request),
            Input::Webhook(webhook) => self.on_webhook(now, webhook),
            Input::Reset(request) => self.on_reset(now, request),
            Input::Sent(outbox, answer) => self.on_sent(now, draw, outbox, answer),
            Input::Timeout => self.on_timeout(now),
            Input::Crash => self.on_crash(now),
            Input::Restart => self.on_restart(now),
        }
        self.pump(now);
    }

    /// The device on file whose code this is now, and its moving factor, as a sign-in would look for
    /// it: for telling a made-up code that happens to be right from one that is wrong.
    pub fn device_showing(&mut self, now: Time, code: Code) -> Option<(DeviceId, u64)> {
        let unix_secs = self.epoch.unix_secs(now);
        let devices = self.durable.accounts.iter_mut().flat_map(|account| &mut account.devices);
        devices
            .into_iter()
            .find_map(|device| Some((device.device, device.moving_factor_of(&self.policy, unix_secs, code)?)))
    }

    /// How many codes were computed so far: an HMAC each (RFC 4226 section 5.3).
    pub fn codes_computed(&self) -> u64 {
        let devices = self.durable.accounts.iter().flat_map(|account| &account.devices);
        self.durable.computed + devices.map(Authenticator::computed).sum::<u64>()
    }

    /// Swaps the outputs of the last input for `into`, which must be empty: its memory is used again.
    pub const fn take_outputs(&mut self, into: &mut Vec<Output>) {
        std::mem::swap(&mut self.outputs, into);
    }

    /// When [`Input::Timeout`] is due, if anything is waited for.
    pub fn poll_timeout(&self) -> Option<(Time, Reason)> {
        if !self.running {
            return None;
        }
        let outbox = self.next_retry().map(|at| (at, Reason::OutboxRetry));
        let calls = self.next_call_deadline().map(|at| (at, Reason::CallDeadline));
        earlier(outbox, calls)
    }

    fn fact(&mut self, kind: EventKind) {
        self.outputs.push(Output::Fact(kind));
    }

    fn reply(&mut self, answer: Answer) {
        self.outputs.push(Output::Reply(answer));
    }

    /// Unix time in seconds, as far as the service can count it.
    fn unix_secs(&self, now: Time) -> u64 {
        let behind = self.behind.filter(|(_, until)| now < *until).map_or(0, |(behind, _)| behind.as_secs());
        let secs = self.epoch.unix_secs(now).saturating_sub(behind);
        match self.policy.unix_time {
            UnixTime::Bits64 => secs,
            // It wraps to 1901; time steps begin in 1970.
            UnixTime::Bits32 => u64::try_from(secs as i32).unwrap_or(0),
        }
    }

    fn on_timeout(&mut self, now: Time) {
        self.expire_calls(now);
    }

    fn on_crash(&mut self, now: Time) {
        self.running = false;
        self.crashed = now;
        self.lose_half_written();
        self.volatile = Volatile::default();
        self.forget_unrecorded();
        self.forget_notices_in_memory();
    }

    fn on_restart(&mut self, now: Time) {
        self.running = true;
        self.behind = match self.policy.boot {
            Boot::AfterTimeSync => None,
            Boot::BeforeTimeSync => Some((now.since(self.crashed), now + TIME_SYNC)),
        };
        self.forget_counts_in_memory();
        self.reopen_outbox();
    }
}
