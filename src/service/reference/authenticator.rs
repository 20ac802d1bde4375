//! One authenticator on file: code checks, replay protection, drift and re-sync.
//!
//! RFC 6238: the window (5.2), "MUST NOT accept the second attempt" (5.2), drift kept in steps (6).
//! RFC 4226: the counter advances only on success (7.2), the look-ahead window and re-sync by two
//! consecutive codes (7.4).

use std::ops::RangeInclusive;

use crate::base::id::DeviceId;
use crate::base::otp::{Kind, Step};
use crate::base::secret::Code;
use crate::policy::{
    AfterPair, DriftKept, LoneCode, PairMemory, Policy, Replay, ResyncCodes, ResyncSearch, SetUpCodes,
    WindowFollows, WindowShape,
};
use crate::service::reference::code_cache::Book;
use crate::service::reference::store::Enrolled;
use crate::service::reference::used::Used;

/// An authenticator on file.
#[derive(Clone, Debug)]
pub struct Authenticator {
    pub(super) device: DeviceId,
    pub(super) failures: u16,
    pub(super) disabled: bool,
    digits: u8,
    factor: Factor,
    book: Book,
    used: Used,
    /// The second moving factor of the last accepted pair.
    last_pair: Option<u64>,
    /// The moving factor right after that pair, if the policy refuses it.
    refused: Option<u64>,
}

/// The kind of moving factor, and the device's estimated position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Factor {
    /// Time-based: the device's clock is `drift` steps ahead of ours, or behind if negative.
    Clock { step: Step, drift: i32 },
    /// Counter-based: `next` is the expected counter; earlier ones count as used.
    Counter { next: u64 },
}

/// The result of checking one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The code is right; this is its moving factor.
    Right(u64),
    /// The code is right but was used before.
    Used,
    /// The code is wrong.
    Wrong,
}

/// The result of checking two codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairCheck {
    /// The pair is right; the clock was this many steps off, or the counter this many codes ahead.
    InSync(i32),
    /// The pair is right but not newer than the last pair and the codes used to sign in.
    Used,
    /// Both codes belong to the device but are not consecutive.
    NotConsecutive,
    /// The codes are not in the device's window.
    Wrong,
}

impl Authenticator {
    /// Whether the moving factor is time (TOTP), not a counter (HOTP).
    pub(super) const fn goes_by_time(&self) -> bool {
        matches!(self.factor, Factor::Clock { .. })
    }

    /// Creates an authenticator that has never been used.
    pub fn new(enrolled: Enrolled) -> Self {
        let factor = match enrolled.kind {
            Kind::Totp { step, .. } => Factor::Clock { step, drift: 0 },
            Kind::Hotp { .. } => Factor::Counter { next: enrolled.counter },
        };
        Self {
            device: enrolled.device,
            failures: 0,
            disabled: false,
            digits: enrolled.kind.digits(),
            factor,
            book: Book::new(&enrolled.seed, enrolled.kind),
            used: Used::default(),
            last_pair: None,
            refused: None,
        }
    }

    /// Checks a sign-in code at `unix_secs`, and records it as used if it is right.
    pub fn check(&mut self, policy: &Policy, unix_secs: u64, code: Code) -> Check {
        if code.digits() != self.digits {
            return Check::Wrong;
        }
        match self.factor {
            Factor::Clock { step, drift } => self.check_at(policy, step, unix_secs, drift, code),
            Factor::Counter { next } => self.check_count(policy, next, code),
        }
    }

    /// Checks a TOTP code (RFC 6238).
    fn check_at(&mut self, policy: &Policy, length: Step, unix_secs: u64, drift: i32, code: Code) -> Check {
        let now = length.at(unix_secs);
        let centre = now.saturating_add_signed(i64::from(drift));
        let in_window = self.book.find(looked_at(policy, centre), code);
        let lone = || match policy.lone_code {
            LoneCode::Refused => None,
            LoneCode::Resyncs => self.book.find(around(centre, policy.resync_window), code),
        };
        let Some(step) = in_window.or_else(lone) else { return Check::Wrong };
        let replay = match policy.replay {
            Replay::UsedCodes => self.used.has(step),
            Replay::HighWater => self.used.newest().is_some_and(|newest| step <= newest),
            Replay::LastCode => self.used.last() == Some(step),
            Replay::Nothing => false,
        };
        if replay || self.refused == Some(step) {
            return Check::Used;
        }
        self.used.add(step);
        if in_window.is_none() || policy.window_follows == WindowFollows::EveryCode {
            let drift = (step as i64 - now as i64) as i32;
            self.factor = Factor::Clock { step: length, drift };
        }
        Check::Right(step)
    }

    /// Checks an HOTP code against the look-ahead window from `next` (RFC 4226).
    fn check_count(&mut self, policy: &Policy, next: u64, code: Code) -> Check {
        let most = match policy.window_shape {
            WindowShape::Whole | WindowShape::OnlyBehind => policy.hotp_look_ahead,
            WindowShape::WithoutItsLast => policy.hotp_look_ahead.saturating_sub(1),
        };
        if let Some(count) = self.book.find(ahead(next, most), code) {
            self.used.add(count);
            self.factor = Factor::Counter { next: count.saturating_add(1) };
            return Check::Right(count);
        }
        // Codes behind the counter were used or skipped. They differ from wrong codes, because a code
        // typed twice must not count as a failure.
        let old = behind(next, policy.hotp_look_ahead).and_then(|behind| self.book.find(behind, code));
        let Some(count) = old else { return Check::Wrong };
        let refused = match policy.replay {
            Replay::UsedCodes | Replay::HighWater => true,
            Replay::LastCode => self.used.last() == Some(count),
            Replay::Nothing => false,
        };
        if refused {
            return Check::Used;
        }
        self.used.add(count);
        Check::Right(count)
    }

    /// Forgets which codes were used to sign in.
    pub(super) fn forget_used(&mut self) {
        self.used = Used::default();
    }

    /// Swaps the memory of used codes with that of another device.
    pub(super) const fn swap_used(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.used, &mut other.used);
    }

    /// How many codes have been computed for this device, at one HMAC each.
    pub(super) const fn computed(&self) -> u64 {
        self.book.computed()
    }

    /// The moving factor of `code`, if a sign-in at `unix_secs` would search it.
    pub(super) fn moving_factor_of(&mut self, policy: &Policy, unix_secs: u64, code: Code) -> Option<u64> {
        let steps = match self.factor {
            Factor::Clock { .. } => self.factor.searched(unix_secs, policy.sign_in_window),
            Factor::Counter { .. } => self.factor.searched(unix_secs, policy.hotp_look_ahead),
        };
        (code.digits() == self.digits).then(|| self.book.find(steps, code)).flatten()
    }

    /// Whether the code of this moving factor was used.
    pub(super) fn has_used(&self, step: u64) -> bool {
        self.used.has(step)
    }

    /// Checks two codes at `unix_secs`; if they are right, stores the drift or counter that they show
    /// (RFC 6238 section 6, RFC 4226 section 7.4).
    pub fn check_pair(&mut self, policy: &Policy, unix_secs: u64, first: Code, second: Code) -> PairCheck {
        if first.digits() != self.digits || second.digits() != self.digits {
            return PairCheck::Wrong;
        }
        let (factor, rule) = (self.factor, policy.resync_codes);
        let window = factor.resync_window(policy);
        // Most devices are almost in step, so search near the expected position first.
        let mut near = SEARCH_RADII.into_iter().map(|radius| factor.searched(unix_secs, radius.min(window)));
        let near = near.find_map(|steps| self.find_pair(rule, steps, first, second));
        let everywhere = factor.everywhere(unix_secs, window);
        let found = near.or_else(|| self.find_pair(rule, everywhere.clone(), first, second));
        let Some((first_step, last_step)) = found else {
            let codes = self.book.codes(everywhere);
            let both = codes.contains(&first.reveal()) && codes.contains(&second.reveal());
            return if both { PairCheck::NotConsecutive } else { PairCheck::Wrong };
        };
        let old = match factor {
            // Codes older than a sign-in are as stale as those of an older pair. Accepting them would set
            // the clock back and let anyone who saw them sign in (T09).
            Factor::Clock { .. } => {
                self.last_pair.max(self.used.newest()).is_some_and(|newest| first_step <= newest)
            }
            Factor::Counter { next } => first_step < next,
        };
        if old && policy.pair_memory == PairMemory::Remembered {
            return PairCheck::Used;
        }
        self.last_pair = Some(last_step);
        if policy.set_up_codes == SetUpCodes::Used {
            self.used.add(first_step);
            self.used.add(last_step);
        }
        self.put_in_step(policy, unix_secs, first_step, last_step)
    }

    /// Moves the expected position of the device to the one that the pair shows.
    fn put_in_step(&mut self, policy: &Policy, unix_secs: u64, first_step: u64, last_step: u64) -> PairCheck {
        let next_good = match policy.after_pair {
            AfterPair::NextIsGood => last_step.saturating_add(1),
            AfterPair::NextIsRefused => {
                self.refused = Some(last_step.saturating_add(1));
                last_step.saturating_add(2)
            }
        };
        // The casts are lossless: a window is at most 65,535 steps wide.
        match &mut self.factor {
            Factor::Clock { step, drift } => {
                let shown = (last_step as i64 - step.at(unix_secs) as i64) as i32;
                *drift = match policy.drift_kept {
                    DriftKept::Steps => shown,
                    DriftKept::AheadOnly => shown.max(0),
                    DriftKept::SecondsAsSteps => shown.saturating_mul(step.as_secs() as i32),
                };
                PairCheck::InSync(shown)
            }
            Factor::Counter { next } => {
                let ahead = (first_step as i64 - *next as i64) as i32;
                *next = next_good;
                PairCheck::InSync(ahead)
            }
        }
    }

    /// The moving factors of the two codes, if the policy accepts them as a pair.
    fn find_pair(
        &mut self,
        rule: ResyncCodes,
        steps: RangeInclusive<u64>,
        first: Code,
        second: Code,
    ) -> Option<(u64, u64)> {
        let from = *steps.start();
        let codes = self.book.codes(steps);
        let (first, second) = (first.reveal(), second.reveal());
        // Most wrong pairs end here, at one vectorized comparison.
        if !codes.contains(&first) {
            return None;
        }
        match rule {
            ResyncCodes::Consecutive => {
                let at = codes.windows(2).position(|pair| pair[0] == first && pair[1] == second)? as u64;
                Some((from + at, from + at + 1))
            }
            ResyncCodes::AnyTwo => {
                let at = codes.iter().position(|code| *code == first)?;
                let after = codes[at + 1..].iter().position(|code| *code == second)?;
                Some((from + at as u64, from + (at + 1 + after) as u64))
            }
            ResyncCodes::One => {
                let at = codes.iter().position(|code| *code == first)? as u64;
                Some((from + at, from + at))
            }
        }
    }
}

impl Factor {
    /// The range within `radius` of the expected position. A clock can be off either way; a counter only
    /// moves forward.
    fn searched(self, unix_secs: u64, radius: u16) -> RangeInclusive<u64> {
        match self {
            Self::Clock { step, drift } => {
                around(step.at(unix_secs).saturating_add_signed(i64::from(drift)), radius)
            }
            Self::Counter { next } => ahead(next, radius),
        }
    }

    /// The largest radius that a re-sync searches.
    const fn resync_window(self, policy: &Policy) -> u16 {
        match (policy.resync_search, self) {
            (ResyncSearch::OwnWindow, _) => policy.resync_window,
            (ResyncSearch::SignInWindow, Self::Clock { .. }) => policy.sign_in_window,
            (ResyncSearch::SignInWindow, Self::Counter { .. }) => policy.hotp_look_ahead,
        }
    }

    /// The range to search for either code alone, including counters already passed.
    fn everywhere(self, unix_secs: u64, window: u16) -> RangeInclusive<u64> {
        match self {
            Self::Clock { .. } => self.searched(unix_secs, window),
            Self::Counter { next } => around(next, window),
        }
    }
}

fn around(centre: u64, window: u16) -> RangeInclusive<u64> {
    centre.saturating_sub(u64::from(window))..=centre.saturating_add(u64::from(window))
}

/// The steps that a sign-in checks, around the expected one.
fn looked_at(policy: &Policy, centre: u64) -> RangeInclusive<u64> {
    let whole = around(centre, policy.sign_in_window);
    let (start, end) = (*whole.start(), *whole.end());
    match policy.window_shape {
        WindowShape::Whole => whole,
        WindowShape::OnlyBehind => start..=centre,
        WindowShape::WithoutItsLast => start..=end.saturating_sub(1).max(start),
    }
}

fn ahead(next: u64, window: u16) -> RangeInclusive<u64> {
    next..=next.saturating_add(u64::from(window))
}

fn behind(next: u64, window: u16) -> Option<RangeInclusive<u64>> {
    let last = next.checked_sub(1).filter(|_| window > 0)?;
    Some(next.saturating_sub(u64::from(window))..=last)
}

/// The radii that a pair search tries before the whole window.
const SEARCH_RADII: [u16; 3] = [1, 3, 60];

#[cfg(test)]
mod tests;
