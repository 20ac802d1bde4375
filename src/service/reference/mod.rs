//! The recovery flow core: sign-in, re-sync, alternative factors, support, and the way back to MFA.
//!
//! The service whose users lose their MFA devices, as a state machine without I/O: a page request goes
//! in, a page comes out; emails, phone calls and tickets leave through an outbox. Its *durable* half is
//! what a database would keep; its *volatile* half is lost in a crash. Each effect is recorded, then
//! sent, then marked as sent, so crashes hit the same windows as in real services. [`Policy`] is the only
//! source of weaknesses: the core has no other switch for them.
//!
//! The core knows nothing of HTTP, HTML, SMTP or Twilio's parameter names, and it cannot read a clock.

#![warn(clippy::wildcard_enum_match_arm)]

mod authenticator;
mod budget;
mod call_ref;
mod code_cache;
mod earlier;
mod factor;
mod fresh;
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
mod testkit;
#[cfg(test)]
mod tests;

pub use self::authenticator::{Authenticator, Check, PairCheck};
pub use self::call_ref::redirects_to;
pub use self::phone::CALLER;
use self::store::{CodeState, Durable, PhoneCode, Volatile};
pub use self::store::{Enrolled, Subscriber};
use crate::base::id::{AccountId, CodeId, DeviceId, OutboxId};
use crate::base::machine::{Cx, Reason, earlier};
use crate::base::secret::Code;
use crate::base::time::{Epoch, Span, Time};
use crate::event::EventKind;
use crate::message::{Answer, PageRequest, ResetRequest, Webhook};
use crate::policy::{Boot, Kept, Policy, UnixTime};

/// How long after a boot the clock stays wrong until time synchronization corrects it.
const TIME_SYNC: Span = Span::from_mins(10);

/// The recovery service.
#[derive(Clone, Debug)]
pub struct Recovery {
    policy: Policy,
    epoch: Epoch,
    durable: Durable,
    volatile: Volatile,
    outputs: Vec<Output>,
    running: bool,
    /// How far the clock lags and until when, if the policy boots before time synchronization.
    behind: Option<(Span, Time)>,
    crashed: Time,
}

/// Inputs. Requests are borrowed and name the place for their answer, because answers are large.
#[derive(Debug)]
pub enum Input<'a> {
    /// A page request from a browser; the answer is a page.
    Page(&'a PageRequest, &'a mut Answer),
    /// A webhook of a phone call.
    Webhook(&'a Webhook, &'a mut Answer),
    /// A reset request from the support desk.
    Reset(ResetRequest, &'a mut Answer),
    /// The answer to an outbox entry that was sent.
    Sent(OutboxId, &'a Answer),
    /// A deadline is due.
    Timeout,
    /// The process crashes: its volatile half is lost, and it answers nothing until it restarts.
    Crash,
    /// The process restarts from its durable half.
    Restart,
}

/// Outputs of one input.
#[derive(Clone, Copy, Debug)]
pub enum Output {
    /// A fact for the trace.
    Fact(EventKind),
    /// An outbox entry to deliver, whose text is [`Recovery::message`]; its answer comes back as
    /// [`Input::Sent`].
    Send(OutboxId),
}

impl Recovery {
    /// Creates a service with these subscribers, indexed by account id. `new_devices_from` is the first
    /// free id for devices assigned later.
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

    /// Resets to the state that [`Recovery::new`] creates, reusing allocations.
    pub fn reset(
        &mut self,
        policy: Policy,
        epoch: Epoch,
        subscribers: impl Iterator<Item = Subscriber>,
        new_devices_from: u16,
    ) {
        self.policy = policy;
        self.epoch = epoch;
        self.durable.reset(subscribers, new_devices_from);
        self.volatile.sending.clear();
        self.volatile.half_written.clear();
        self.outputs.clear();
        self.behind = None;
        self.crashed = Time::ZERO;
        self.running = true;
    }

    /// Handles one input. Never fails: a refusal is an output.
    ///
    /// # Panics
    /// If the outputs of the previous input were not drained, which is a bug in the caller.
    pub fn handle_input(&mut self, cx: &mut Cx<'_>, input: Input<'_>) {
        assert!(self.outputs.is_empty(), "take_outputs before the next input");
        let (now, draw) = (cx.now, &mut *cx.rng);
        match input {
            Input::Page(request, answer) => *answer = Answer::Page(self.on_page(now, draw, request)),
            Input::Webhook(webhook, answer) => *answer = Answer::Webhook(self.on_webhook(now, webhook)),
            Input::Reset(request, answer) => *answer = Answer::Reset(self.on_reset(now, request)),
            Input::Sent(outbox, answer) => self.on_sent(now, draw, outbox, answer),
            Input::Timeout => self.on_timeout(now),
            Input::Crash => self.on_crash(now),
            Input::Restart => self.on_restart(now),
        }
        self.pump(now);
    }

    /// Finds the device that a sign-in to `account` would match `code` to now, and the moving factor it
    /// matched. Tells a lucky guess apart from a wrong code.
    pub fn device_showing(&mut self, now: Time, account: AccountId, code: Code) -> Option<(DeviceId, u64)> {
        let unix_secs = self.epoch.unix_secs(now);
        let devices = &mut self.durable.accounts.get_mut(account.index())?.devices;
        let mut used = None;
        for device in devices.iter_mut().filter(|device| !device.disabled) {
            let Some(step) = device.moving_factor_of(&self.policy, unix_secs, code) else { continue };
            if !device.has_used(step) {
                return Some((device.device, step));
            }
            used = used.or(Some((device.device, step)));
        }
        used
    }

    /// The phone code of this account that is right now, if its digits are these.
    pub fn live_phone_code(&self, account: AccountId, code: Code) -> Option<CodeId> {
        let is_it = |known: &PhoneCode| {
            known.account == account && known.state == CodeState::Live && known.code == code
        };
        let at = self.durable.codes.iter().rposition(is_it)?;
        u32::try_from(at).ok().map(CodeId)
    }

    /// How many codes have been computed so far, at one HMAC each (RFC 4226 section 5.3).
    pub fn codes_computed(&self) -> u64 {
        let devices =
            self.durable.accounts.iter().flat_map(|account| account.devices.iter().chain(&account.stopped));
        self.durable.computed + devices.map(Authenticator::computed).sum::<u64>()
    }

    /// Swaps the outputs of the last input with `into`, which must be empty, to reuse its allocation.
    pub const fn take_outputs(&mut self, into: &mut Vec<Output>) {
        std::mem::swap(&mut self.outputs, into);
    }

    /// When and why [`Input::Timeout`] is due next, if it is.
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

    /// Unix time in seconds, as the service sees it.
    fn unix_secs(&self, now: Time) -> u64 {
        let behind = self.behind.filter(|(_, until)| now < *until).map_or(0, |(behind, _)| behind.as_secs());
        let secs = self.epoch.unix_secs(now).saturating_sub(behind);
        match self.policy.unix_time {
            UnixTime::Bits64 => secs,
            // The value wraps to 1901; time steps begin in 1970.
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
        self.forget_secrets_in_memory();
        self.reopen_outbox();
    }

    /// Forgets after a restart which codes were used and which resets were carried out, if the policy keeps
    /// them in memory.
    fn forget_secrets_in_memory(&mut self) {
        if self.policy.used_codes_kept == Kept::InMemory {
            for account in &mut self.durable.accounts {
                account.devices.iter_mut().for_each(Authenticator::forget_used);
            }
        }
        if self.policy.resets_kept == Kept::InMemory {
            self.durable.resets.clear();
        }
    }
}
