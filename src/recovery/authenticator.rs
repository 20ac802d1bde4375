//! One authenticator on file: which codes it takes, which it refuses, and how far its clock is off.
//!
//! RFC 6238: the window (5.2), "MUST NOT accept the second attempt" (5.2), drift kept in steps (6).

use crate::id::DeviceId;
use crate::otp;
use crate::policy::PairMemory;
use crate::policy::Policy;
use crate::policy::Replay;
use crate::policy::ResyncCodes;
use crate::policy::SetUpCodes;
use crate::recovery::book::Book;
use crate::recovery::store::Enrolled;
use crate::secret::Code;

/// One authenticator on file.
#[derive(Clone, Debug)]
pub struct Authenticator {
    pub(super) device: DeviceId,
    /// How many steps its clock is ahead of ours; negative when it is behind.
    pub(super) drift: i32,
    pub(super) failures: u16,
    pub(super) disabled: bool,
    book: Book,
    /// Steps whose codes were used, newest last; only those that the window can still reach.
    used: Vec<u64>,
    /// The second step of the last pair that was accepted.
    last_pair: Option<u64>,
}

/// What one code came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// It is right; this is its step.
    Right(u64),
    /// It is right, but was used before.
    Used,
    /// It is not right.
    Wrong,
}

/// What two codes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PairCheck {
    /// They are right; the clock was this many steps off.
    InSync(i32),
    /// They are right, but not newer than the last pair.
    Used,
    /// Both are codes of the device, but not consecutive ones.
    NotConsecutive,
    /// They are not codes of the device inside the window.
    Wrong,
}

impl Authenticator {
    /// An authenticator that has never been used; its clock is `drift` steps ahead of ours.
    pub fn new(enrolled: Enrolled, drift: i32) -> Self {
        Self {
            device: enrolled.device,
            drift,
            failures: 0,
            disabled: false,
            book: Book::new(&enrolled.seed),
            used: Vec::new(),
            last_pair: None,
        }
    }

    /// Checks a sign-in code at `unix_secs`, and remembers it if it is right.
    pub(super) fn check(&mut self, policy: &Policy, unix_secs: u64, code: Code) -> Check {
        if code.digits() != otp::DIGITS {
            return Check::Wrong;
        }
        let centre = self.corrected(unix_secs);
        let window = u64::from(policy.sign_in_window);
        let steps = centre.saturating_sub(window)..=centre.saturating_add(window);
        let Some(step) = self.book.find(steps, code) else { return Check::Wrong };
        if self.is_replay(policy.replay, step) {
            return Check::Used;
        }
        self.remember(policy.replay, step, centre.saturating_sub(window));
        Check::Right(step)
    }

    /// Checks two codes at `unix_secs`, and keeps the drift that they show if they are right
    /// (RFC 6238 section 6).
    pub(super) fn check_pair(
        &mut self,
        policy: &Policy,
        unix_secs: u64,
        first: Code,
        second: Code,
    ) -> PairCheck {
        if first.digits() != otp::DIGITS || second.digits() != otp::DIGITS {
            return PairCheck::Wrong;
        }
        let centre = self.corrected(unix_secs);
        let window = u64::from(policy.resync_window);
        // Most clocks are nearly right, so the search begins near ours and widens.
        let mut found = None;
        for radius in SEARCH_RADII.into_iter().filter(|radius| *radius < window).chain([window]) {
            let from = centre.saturating_sub(radius);
            let codes = self.book.codes(from..=centre.saturating_add(radius));
            found = find_pair(policy.resync_codes, codes, from, first, second);
            if found.is_some() {
                break;
            }
        }
        let Some((first_step, last_step)) = found else {
            let codes = self.book.codes(centre.saturating_sub(window)..=centre.saturating_add(window));
            let both = codes.contains(&first.reveal()) && codes.contains(&second.reveal());
            return if both { PairCheck::NotConsecutive } else { PairCheck::Wrong };
        };
        let old = self.last_pair.is_some_and(|last| first_step <= last);
        if old && policy.pair_memory == PairMemory::Remembered {
            return PairCheck::Used;
        }
        self.last_pair = Some(last_step);
        if policy.set_up_codes == SetUpCodes::Used {
            self.used.extend([first_step, last_step]);
        }
        // Both fit: a window is at most 65,535 steps wide.
        self.drift = (last_step as i64 - otp::step_at(unix_secs) as i64) as i32;
        PairCheck::InSync(self.drift)
    }

    /// Our time step, moved to where the device's clock stands.
    fn corrected(&self, unix_secs: u64) -> u64 {
        otp::step_at(unix_secs).saturating_add_signed(i64::from(self.drift))
    }

    fn is_replay(&self, replay: Replay, step: u64) -> bool {
        match replay {
            Replay::UsedCodes => self.used.contains(&step),
            Replay::HighWater => self.used.last().is_some_and(|newest| step <= *newest),
            Replay::LastCode => self.used.last() == Some(&step),
            Replay::Nothing => false,
        }
    }

    fn remember(&mut self, replay: Replay, step: u64, oldest_in_reach: u64) {
        match replay {
            Replay::UsedCodes => {
                // What the window cannot reach now it could only reach again if our clock were
                // set back, or a re-sync moved the window there: keep twice as much.
                self.used.retain(|used| used + USED_KEPT >= oldest_in_reach);
                self.used.push(step);
            }
            Replay::HighWater | Replay::LastCode => {
                self.used.clear();
                self.used.push(step);
            }
            Replay::Nothing => {}
        }
    }
}

/// How far from our own clock a pair is searched before the whole window is.
const SEARCH_RADII: [u64; 2] = [2, 60];

/// How many steps behind the window used codes are still remembered.
const USED_KEPT: u64 = 2_000;

/// The steps of the two codes, as far as the policy takes them for a pair.
fn find_pair(rule: ResyncCodes, codes: &[u32], from: u64, first: Code, second: Code) -> Option<(u64, u64)> {
    let (first, second) = (first.reveal(), second.reveal());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::Generator;
    use crate::secret::Seed;

    const NOW: u64 = 1_800_000_000;
    const STEP: u64 = NOW / 30;

    fn device() -> (Authenticator, Generator) {
        let seed = Seed::new(*b"12345678901234567890");
        (Authenticator::new(Enrolled { device: DeviceId(0), seed }, 0), Generator::new(&seed))
    }

    #[test]
    fn one_step_either_way_is_taken_and_no_more() {
        for (off, taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let (mut device, shows) = device();
            let step = STEP.saturating_add_signed(off);
            let check = device.check(&Policy::NORM, NOW, shows.code(step));
            assert_eq!(check == Check::Right(step), taken, "{off}");
        }
    }

    #[test]
    fn a_code_is_taken_once_and_an_older_unused_one_still_is() {
        let (mut device, shows) = device();
        assert_eq!(device.check(&Policy::NORM, NOW, shows.code(STEP)), Check::Right(STEP));
        assert_eq!(device.check(&Policy::NORM, NOW, shows.code(STEP)), Check::Used);
        assert_eq!(device.check(&Policy::NORM, NOW, shows.code(STEP - 1)), Check::Right(STEP - 1));
        assert_eq!(device.check(&Policy::NORM, NOW, shows.code(STEP)), Check::Used);
    }

    #[test]
    fn each_replay_policy_forgets_what_it_says() {
        for (replay, again, older, back) in [
            (Replay::UsedCodes, Check::Used, Check::Right(STEP - 1), Check::Used),
            (Replay::HighWater, Check::Used, Check::Used, Check::Used),
            (Replay::LastCode, Check::Used, Check::Right(STEP - 1), Check::Right(STEP)),
            (Replay::Nothing, Check::Right(STEP), Check::Right(STEP - 1), Check::Right(STEP)),
        ] {
            let policy = Policy { replay, ..Policy::NORM };
            let (mut device, shows) = device();
            device.check(&policy, NOW, shows.code(STEP));
            let seen = [STEP, STEP - 1, STEP].map(|step| device.check(&policy, NOW, shows.code(step)));
            assert_eq!(seen, [again, older, back], "{replay:?}");
        }
    }

    #[test]
    fn two_consecutive_codes_correct_the_clock_both_ways() {
        for off in [-1_000, -40, 0, 40, 999] {
            let (mut device, shows) = device();
            let theirs = STEP.saturating_add_signed(off);
            let pair = device.check_pair(&Policy::NORM, NOW, shows.code(theirs), shows.code(theirs + 1));
            assert_eq!(pair, PairCheck::InSync(off as i32 + 1), "{off}");
            let later = NOW + 60;
            assert_eq!(
                device.check(&Policy::NORM, later, shows.code(theirs + 2)),
                Check::Right(theirs + 2),
                "{off}"
            );
        }
    }

    #[test]
    fn a_pair_beyond_the_window_is_wrong() {
        for off in [-1_001, 1_000] {
            let (mut device, shows) = device();
            let theirs = STEP.saturating_add_signed(off);
            let pair = device.check_pair(&Policy::NORM, NOW, shows.code(theirs), shows.code(theirs + 1));
            assert_eq!(pair, PairCheck::Wrong, "{off}");
        }
    }

    #[test]
    fn only_consecutive_newer_pairs_are_taken() {
        let (mut device, shows) = device();
        let mut pair =
            |first, second| device.check_pair(&Policy::NORM, NOW, shows.code(first), shows.code(second));
        assert_eq!(pair(STEP, STEP + 2), PairCheck::NotConsecutive);
        assert_eq!(pair(STEP + 1, STEP), PairCheck::NotConsecutive);
        assert_eq!(pair(STEP, STEP), PairCheck::NotConsecutive);
        assert_eq!(pair(STEP, STEP + 1), PairCheck::InSync(1));
        assert_eq!(pair(STEP, STEP + 1), PairCheck::Used);
        assert_eq!(pair(STEP + 1, STEP + 2), PairCheck::Used);
        assert_eq!(pair(STEP - 2, STEP - 1), PairCheck::Used);
        assert_eq!(pair(STEP + 2, STEP + 3), PairCheck::InSync(3));
    }

    #[test]
    fn weak_policies_take_less_than_a_pair() {
        for (resync_codes, second) in [(ResyncCodes::AnyTwo, STEP + 5), (ResyncCodes::One, STEP + 900)] {
            let (mut device, shows) = device();
            let policy = Policy { resync_codes, ..Policy::NORM };
            let pair = device.check_pair(&policy, NOW, shows.code(STEP), shows.code(second));
            assert!(matches!(pair, PairCheck::InSync(_)), "{resync_codes:?}");
        }
    }

    #[test]
    fn codes_of_a_set_up_can_sign_in_unless_the_policy_uses_them_up() {
        for (set_up_codes, check) in
            [(SetUpCodes::StillGood, Check::Right(STEP + 1)), (SetUpCodes::Used, Check::Used)]
        {
            let (mut device, shows) = device();
            let policy = Policy { set_up_codes, ..Policy::NORM };
            device.check_pair(&policy, NOW, shows.code(STEP), shows.code(STEP + 1));
            assert_eq!(device.check(&policy, NOW, shows.code(STEP + 1)), check, "{set_up_codes:?}");
        }
    }

    #[test]
    fn the_edge_does_not_move_the_window() {
        let (mut device, shows) = device();
        for n in 0..20 {
            let now = NOW + n * 30;
            let edge = STEP + n + 1;
            assert_eq!(device.check(&Policy::NORM, now, shows.code(edge)), Check::Right(edge));
        }
        assert_eq!(device.drift, 0);
        assert_eq!(device.check(&Policy::NORM, NOW + 570, shows.code(STEP + 21)), Check::Wrong);
    }

    #[test]
    fn codes_with_another_number_of_digits_are_wrong() {
        let (mut device, shows) = device();
        let seven = Code::read(&format!("0{}", shows.code(STEP).reveal_text())).unwrap();
        assert_eq!(device.check(&Policy::NORM, NOW, seven), Check::Wrong);
        assert_eq!(device.check_pair(&Policy::NORM, NOW, seven, seven), PairCheck::Wrong);
    }
}
