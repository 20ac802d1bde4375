//! Throttling across sessions and restarts: failure counts with growing waits, and rate limits.
//!
//! RFC 4226 section 7.3: "across login sessions". NIST SP 800-63B section 3.2.2: growing waits, at most
//! 100 consecutive failures. Rule 8 of the flow: some way in always reopens.

use crate::base::time::{Span, Time};
use crate::policy::{Counting, Kept, Policy};
use crate::service::reference::Recovery;

/// Consecutive failures, and the wait that they caused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) failures: u16,
    /// When the wait takes effect: at once, unless the policy counts too late.
    from: Time,
    until: Time,
}

impl Counts {
    /// The end of the current wait, during which tries are refused unchecked.
    pub(super) fn throttled(&self, now: Time) -> Option<Time> {
        (self.from <= now && now < self.until).then_some(self.until)
    }

    /// Counts a failure; waits begin with the failure number `free`. Returns the end of the new wait, if
    /// there is one.
    pub(super) fn fail(&mut self, policy: &Policy, free: u16, now: Time) -> Option<Time> {
        self.failures = self.failures.saturating_add(1);
        let beyond = self.failures.checked_sub(free)?;
        self.until = now + wait(policy, beyond);
        self.from = match policy.counting {
            Counting::WithTheCheck => now,
            Counting::AfterTheCheck => now + Span::from_millis(1),
        };
        Some(self.until)
    }

    /// Resets the count and the wait after a success.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The counts of one kind of failure: of browsers that have signed in to the account before, and of all others. A
/// stranger's tries are among the others, so that they make nobody wait in a browser of their own (OWASP's device
/// cookies; NIST SP 800-63B-4 section 3.2.2 lists likewise measures against lock-out).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByBrowser {
    known: Counts,
    others: Counts,
}

/// Consecutive wrong passwords that are checked in all (N11: at most 100).
const PASSWORDS_MAX: u16 = 100;

/// How many of these are left to the known browsers alone.
const FOR_KNOWN: u16 = 5;

impl ByBrowser {
    /// The counts of a browser.
    pub(super) const fn of(&mut self, is_known: bool) -> &mut Counts {
        if is_known { &mut self.known } else { &mut self.others }
    }

    /// Whether a browser may try no more passwords. A right one from a known browser, or a reset by support,
    /// lifts this.
    pub(super) const fn is_used_up(&self, is_known: bool) -> bool {
        let kept = if is_known { 0 } else { FOR_KNOWN };
        self.known.failures.saturating_add(self.others.failures) >= PASSWORDS_MAX - kept
    }

    /// Resets all counts and waits after a success.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The wait `beyond` failures after the first one that causes a wait; it doubles up to a maximum.
fn wait(policy: &Policy, beyond: u16) -> Span {
    let factor = 1_u64.checked_shl(u32::from(beyond)).unwrap_or(u64::MAX);
    (policy.throttle_first * factor).min(policy.throttle_max)
}

/// The times of recent actions, as far back as the longest limit looks.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    times: Vec<Time>,
}

impl Recent {
    /// Records `now` and returns `true` if no limit is reached; each limit is a maximum count per span.
    pub(super) fn allow(&mut self, now: Time, limits: &[(u16, Span)]) -> bool {
        let longest = limits.iter().map(|(_, span)| *span).max().unwrap_or(Span::ZERO);
        self.times.retain(|time| now.since(*time) < longest);
        let free = limits.iter().all(|(most, span)| {
            self.times.iter().filter(|time| now.since(**time) < *span).count() < usize::from(*most)
        });
        if free {
            self.times.push(now);
        }
        free
    }

    /// Removes the action at `time`, which failed through no fault of the user.
    pub(super) fn give_back(&mut self, time: Time) {
        if let Some(at) = self.times.iter().rposition(|recent| *recent == time) {
            self.times.remove(at);
        }
    }

    fn clear(&mut self) {
        self.times.clear();
    }
}

impl Recovery {
    /// Drops all counts after a restart, if the policy keeps them in memory.
    pub(super) fn forget_counts_in_memory(&mut self) {
        if self.policy.counts_kept == Kept::InMemory {
            self.durable.passwords.clear();
            for account in &mut self.durable.accounts {
                account.codes.clear();
                account.phone_codes.clear();
                account.mails.clear();
                account.calls.clear();
                for device in &mut account.devices {
                    device.failures = 0;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_the_first_to_the_longest() {
        let mut counts = Counts::default();
        let mut now = Time::ZERO;
        let mut waits = Vec::new();
        for _ in 0..14 {
            let until = counts.fail(&Policy::NORM, 5, now);
            waits.push(until.map_or(0, |until| until.since(now).as_secs()));
            now = until.unwrap_or(now);
        }
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
    }

    #[test]
    fn a_success_forgets_the_failures_and_the_wait() {
        let mut counts = Counts { failures: 9, from: Time::ZERO, until: Time::from_millis(5) };
        assert_eq!(counts.throttled(Time::ZERO), Some(Time::from_millis(5)));
        counts.clear();
        assert_eq!(counts.throttled(Time::ZERO), None);
    }

    #[test]
    fn a_budget_opens_again_as_time_goes_by() {
        let limits = [(3, Span::HOUR), (4, Span::DAY)];
        let mut calls = Recent::default();
        let at = |minutes| Time::ZERO + Span::from_mins(minutes);
        let allowed =
            [0, 1, 2, 3, 59, 60, 120, 1_439, 1_440].map(|minutes| calls.allow(at(minutes), &limits));
        assert_eq!(allowed, [true, true, true, false, false, true, false, false, true]);
    }

    #[test]
    fn what_was_given_back_can_be_used() {
        let limits = [(1, Span::HOUR)];
        let mut calls = Recent::default();
        assert!(calls.allow(Time::ZERO, &limits));
        calls.give_back(Time::ZERO);
        assert!(calls.allow(Time::ZERO, &limits));
        assert!(!calls.allow(Time::ZERO, &limits));
    }
}
