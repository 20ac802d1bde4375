//! The state of each authenticator as far as oracles need it: account, clock drift and counter, derived from
//! what people actually typed.

use crate::base::id::{AccountId, DeviceId};
use crate::base::otp::Kind;
use crate::event::{Event, EventKind, Refusal, Typed};
use crate::oracle::Reading;
use crate::oracle::by_id::ById;

/// The authenticators on file at one point of a trace.
#[derive(Debug)]
pub(super) struct Authenticators<'a, 'b> {
    reading: &'a Reading<'b>,
    on_file: ById<OnFile>,
    /// The accounts to which an authenticator was assigned.
    assigned: Vec<AccountId>,
    /// Wrong codes of each account since its last correct one.
    failures: ById<u16>,
}

#[derive(Clone, Copy, Debug)]
struct OnFile {
    account: AccountId,
    kind: Kind,
    /// Steps by which its clock is ahead, according to the last pair.
    drift: i64,
    /// The moving factor after the last accepted one.
    next: u64,
    /// Disabled after too many wrong codes in a row; all its codes are refused.
    disabled: bool,
    /// Disabled although fewer wrong codes than the policy's limit came in a row.
    disabled_unduly: bool,
}

impl<'a, 'b> Authenticators<'a, 'b> {
    /// The authenticators on file when the story begins.
    pub(super) fn new(reading: &'a Reading<'b>) -> Self {
        let mut on_file = ById::default();
        for (at, device) in reading.story.devices.iter().enumerate() {
            let (account, kind, next) = (device.account, device.kind, device.counter);
            on_file.insert(
                at,
                OnFile { account, kind, drift: 0, next, disabled: false, disabled_unduly: false },
            );
        }
        Self { reading, on_file, assigned: Vec::new(), failures: ById::default() }
    }

    /// Updates the state; called after the event was checked.
    pub(super) fn take_in(&mut self, event: &Event) {
        match event.kind {
            EventKind::MfaRefused { account, why: Refusal::Wrong, .. }
            | EventKind::ResyncRefused { account, why: Refusal::Wrong | Refusal::NotConsecutive, .. } => {
                *self.failures.or_default(account.index()) += 1;
            }
            EventKind::MfaAccepted { account, .. } => {
                self.failures.remove(account.index());
                if let Some((device, step)) = self.code(event, account)
                    && let Some(on_file) = self.on_file.get_mut(device.index())
                {
                    on_file.next = on_file.next.max(step.saturating_add(1));
                }
            }
            EventKind::DeviceAssigned { account, device, .. } => {
                let kind = self.reading.story.kind_of(device);
                let new =
                    OnFile { account, kind, drift: 0, next: 0, disabled: false, disabled_unduly: false };
                self.on_file.insert(device.index(), new);
                self.assigned.push(account);
                self.failures.remove(account.index());
                self.take_pair(event, account, device);
            }
            EventKind::Resynced { account, device, .. } => self.take_pair(event, account, device),
            EventKind::DeviceDisabled { account, device } => {
                let in_a_row = self.failures.get(account.index()).copied().unwrap_or(0);
                let duly = in_a_row >= self.reading.story.policy.failures_max;
                if let Some(on_file) = self.on_file.get_mut(device.index()) {
                    (on_file.disabled, on_file.disabled_unduly) = (duly, !duly);
                }
            }
            EventKind::DeviceDeactivated { device, .. } => {
                self.on_file.remove(device.index());
            }
            _ => {}
        }
    }

    /// Whether a device is on file for this account.
    pub(super) fn is_on_file(&self, device: DeviceId, account: AccountId) -> bool {
        self.on_file.get(device.index()).is_some_and(|on_file| on_file.account == account)
    }

    /// Whether sign-in requires an MFA code.
    pub(super) fn any_of(&self, account: AccountId) -> bool {
        self.on_file.iter().any(|(_, on_file)| on_file.account == account)
    }

    /// Whether MFA was on at some time and is off now.
    pub(super) fn were_removed(&self, account: AccountId) -> bool {
        let from_the_start = || self.reading.story.devices.iter().any(|device| device.account == account);
        !self.any_of(account) && (from_the_start() || self.assigned.contains(&account))
    }

    /// Whether the accepted code was shown by a device of this account, within the window of its clock or
    /// counter. Replay is checked elsewhere.
    pub(super) fn is_code_of(&self, event: &Event, account: AccountId) -> bool {
        let Some((device, step)) = self.code(event, account) else { return false };
        let (norm, Some(on_file)) = (self.reading.norm, self.on_file.get(device.index())) else {
            return false;
        };
        match on_file.kind {
            Kind::Totp { .. } => {
                let off = (step as i64 - self.true_step(event, on_file.kind) - on_file.drift).unsigned_abs();
                off <= u64::from(norm.sign_in_window)
            }
            Kind::Hotp { .. } => step <= on_file.next.saturating_add(u64::from(norm.hotp_look_ahead)),
        }
    }

    /// The device, if the policy promises to accept the refused code: on file and inside the window. A code
    /// refused as used must be newer than all used codes.
    pub(super) fn should_be_taken(&self, event: &Event, account: AccountId, used: bool) -> Option<DeviceId> {
        let (device, step) = self.code(event, account)?;
        let on_file = self.on_file.get(device.index()).filter(|on_file| !on_file.disabled)?;
        let (policy, norm) = (&self.reading.story.policy, self.reading.norm);
        let right = match on_file.kind {
            Kind::Totp { .. } => {
                let off = (step as i64 - self.true_step(event, on_file.kind) - on_file.drift).unsigned_abs();
                off <= u64::from(policy.sign_in_window.min(norm.sign_in_window))
                    && (!used || step >= on_file.next)
            }
            Kind::Hotp { .. } => {
                let most = policy.hotp_look_ahead.min(norm.hotp_look_ahead);
                (on_file.next..=on_file.next.saturating_add(u64::from(most))).contains(&step)
            }
        };
        right.then_some(device)
    }

    /// The device, if the policy promises to accept the pair that was refused as wrong: two consecutive codes
    /// of a device on file, inside the re-sync window.
    pub(super) fn should_be_in_step(&self, event: &Event, account: AccountId) -> Option<DeviceId> {
        let Typed::Pair { device, first, apart: 1 } = self.reading.asked_directly(event)?.typed else {
            return None;
        };
        let on_file = self.on_file.get(device.index());
        let on_file = on_file.filter(|on_file| on_file.account == account && !on_file.disabled)?;
        let window = i64::from(self.reading.story.policy.resync_window);
        let first_off = match on_file.kind {
            Kind::Totp { .. } => first as i64 - self.true_step(event, on_file.kind) - on_file.drift,
            Kind::Hotp { .. } => first as i64 - on_file.next as i64,
        };
        let least = if on_file.kind.is_counter() { 0 } else { -window };
        (first_off >= least && first_off < window).then_some(device)
    }

    /// Whether this device was disabled before the policy's number of wrong codes in a row.
    pub(super) fn is_disabled_unduly(&self, device: DeviceId) -> bool {
        self.on_file.get(device.index()).is_some_and(|on_file| on_file.disabled_unduly)
    }

    /// The code that was typed, if it belongs to a device of this account.
    fn code(&self, event: &Event, account: AccountId) -> Option<(DeviceId, u64)> {
        let Typed::Code { device, step } = self.reading.asked_directly(event)?.typed else { return None };
        (self.on_file.get(device.index())?.account == account).then_some((device, step))
    }

    /// Updates clock drift and counter from two consecutive codes of the device.
    fn take_pair(&mut self, event: &Event, account: AccountId, device: DeviceId) {
        let Some(Typed::Pair { device: shown, first, apart: 1 }) =
            self.reading.asked_directly(event).map(|asked| asked.typed)
        else {
            return;
        };
        let Some(kind) = self.on_file.get(device.index()).map(|on_file| on_file.kind) else { return };
        let true_step = self.true_step(event, kind);
        let on_file = self.on_file.get_mut(device.index());
        if let Some(on_file) = on_file.filter(|on_file| shown == device && on_file.account == account) {
            let second = first.saturating_add(1);
            on_file.drift = second as i64 - true_step;
            on_file.next = second.saturating_add(1);
        }
    }

    /// The time step that a correct clock of this kind shows at `event`.
    fn true_step(&self, event: &Event, kind: Kind) -> i64 {
        match kind {
            Kind::Totp { step, .. } => step.at(self.reading.story.epoch.unix_secs(event.at)) as i64,
            Kind::Hotp { .. } => 0,
        }
    }
}
