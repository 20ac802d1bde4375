//! Table tests of single codes and pairs.

mod drawn;
mod weak;

use super::*;
use crate::base::otp::{Digits, Generator, Hash, kinds};
use crate::base::secret::Seed;

const NOW: u64 = 1_800_000_000;
const STEP: u64 = NOW / 30;

const SEED: Seed = Seed::new(*b"12345678901234567890");

/// An authenticator on file, and the matching generator in the owner's hand.
fn of_kind(kind: Kind, counter: u64) -> (Authenticator, Generator) {
    let enrolled = Enrolled { device: DeviceId(0), kind, seed: SEED, counter };
    (Authenticator::new(enrolled), Generator::new(&SEED, kind))
}

fn device() -> (Authenticator, Generator) {
    of_kind(Kind::TOTP, 0)
}

/// An HOTP token whose expected counter is `next`.
fn token(next: u64) -> (Authenticator, Generator) {
    of_kind(Kind::HOTP, next)
}

fn drift(device: &Authenticator) -> Option<i32> {
    match device.factor {
        Factor::Clock { drift, .. } => Some(drift),
        Factor::Counter { .. } => None,
    }
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
fn each_hash_length_and_step_has_its_own_codes() {
    for (hash, digits, secs) in [
        (Hash::Sha1, Digits::Six, 60),
        (Hash::Sha1, Digits::Seven, 15),
        (Hash::Sha256, Digits::Eight, 60),
        (Hash::Sha512, Digits::Eight, 300),
    ] {
        let kind = Kind::Totp { hash, digits, step: Step::from_secs(secs).unwrap() };
        let (_, shows) = of_kind(kind, 0);
        let step = NOW / u64::from(secs);
        for (off, taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let (mut device, _) = of_kind(kind, 0);
            let step = step.saturating_add_signed(off);
            let check = device.check(&Policy::NORM, NOW, shows.code(step));
            assert_eq!(check == Check::Right(step), taken, "{kind:?} {off}");
        }
        let (mut usual, _) = device();
        assert_eq!(usual.check(&Policy::NORM, NOW, shows.code(step)), Check::Wrong, "{kind:?}");
        let (mut device, _) = of_kind(kind, 0);
        let pair = device.check_pair(&Policy::NORM, NOW, shows.code(step - 40), shows.code(step - 39));
        assert_eq!(pair, PairCheck::InSync(-39), "{kind:?}");
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
fn a_counter_may_run_ahead_a_little_and_never_goes_back() {
    for (count, check) in [
        (99, Check::Wrong),
        (489, Check::Wrong),
        (490, Check::Used),
        (499, Check::Used),
        (500, Check::Right(500)),
        (501, Check::Right(501)),
        (510, Check::Right(510)),
        (511, Check::Wrong),
    ] {
        let (mut token, shows) = token(500);
        assert_eq!(token.check(&Policy::NORM, NOW, shows.code(count)), check, "{count}");
        let next = if let Check::Right(count) = check { count + 1 } else { 500 };
        assert_eq!(token.factor, Factor::Counter { next }, "{count}: it moves after a success only");
    }
}

#[test]
fn a_new_counter_begins_at_0() {
    let (mut token, shows) = token(0);
    assert_eq!(token.check(&Policy::NORM, NOW, shows.code(0)), Check::Right(0));
    assert_eq!(token.check(&Policy::NORM, NOW, shows.code(0)), Check::Used);
    let strict = Policy { hotp_look_ahead: 0, ..Policy::NORM };
    assert_eq!(token.check(&strict, NOW, shows.code(0)), Check::Wrong);
    assert_eq!(token.check(&strict, NOW, shows.code(2)), Check::Wrong);
    assert_eq!(token.check(&strict, NOW, shows.code(1)), Check::Right(1));
}

#[test]
fn each_replay_policy_forgets_what_it_says_of_a_counter() {
    for (replay, again, older, back) in [
        (Replay::UsedCodes, Check::Used, Check::Used, Check::Used),
        (Replay::HighWater, Check::Used, Check::Used, Check::Used),
        (Replay::LastCode, Check::Used, Check::Right(499), Check::Right(500)),
        (Replay::Nothing, Check::Right(500), Check::Right(499), Check::Right(500)),
    ] {
        let policy = Policy { replay, ..Policy::NORM };
        let (mut token, shows) = token(500);
        token.check(&policy, NOW, shows.code(500));
        let seen = [500, 499, 500].map(|count| token.check(&policy, NOW, shows.code(count)));
        assert_eq!(seen, [again, older, back], "{replay:?}");
        assert_eq!(token.check(&policy, NOW, shows.code(501)), Check::Right(501), "{replay:?}");
    }
}

#[test]
fn two_consecutive_codes_correct_the_clock_both_ways() {
    for off in [-1_000, -40, 0, 40, 999] {
        let (mut device, shows) = device();
        let theirs = STEP.saturating_add_signed(off);
        let pair = device.check_pair(&Policy::NORM, NOW, shows.code(theirs), shows.code(theirs + 1));
        assert_eq!(pair, PairCheck::InSync(off as i32 + 1), "{off}");
        let later = device.check(&Policy::NORM, NOW + 60, shows.code(theirs + 2));
        assert_eq!(later, Check::Right(theirs + 2), "{off}");
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
fn a_pair_takes_a_counter_forward_only() {
    for (first, second, check, next) in [
        (500, 501, PairCheck::InSync(0), 502),
        (530, 531, PairCheck::InSync(30), 532),
        (1_499, 1_500, PairCheck::InSync(999), 1_501),
        (1_500, 1_501, PairCheck::Wrong, 500),
        (530, 530, PairCheck::NotConsecutive, 500),
        (531, 530, PairCheck::NotConsecutive, 500),
        (530, 532, PairCheck::NotConsecutive, 500),
        (499, 500, PairCheck::Used, 500),
        (400, 401, PairCheck::Used, 500),
        (400, 402, PairCheck::NotConsecutive, 500),
    ] {
        let (mut token, shows) = token(500);
        let pair = token.check_pair(&Policy::NORM, NOW, shows.code(first), shows.code(second));
        assert_eq!(pair, check, "{first} and {second}");
        assert_eq!(token.factor, Factor::Counter { next }, "{first} and {second}");
    }
}

#[test]
fn after_a_pair_the_next_code_of_a_counter_is_taken_and_those_of_the_pair_are_not() {
    for set_up_codes in [SetUpCodes::StillGood, SetUpCodes::Used] {
        let policy = Policy { set_up_codes, ..Policy::NORM };
        for (count, check) in [(530, Check::Used), (531, Check::Used), (532, Check::Right(532))] {
            let (mut token, shows) = token(500);
            token.check_pair(&policy, NOW, shows.code(530), shows.code(531));
            assert_eq!(token.check(&policy, NOW, shows.code(count)), check, "{count} {set_up_codes:?}");
            let again = token.check_pair(&policy, NOW, shows.code(530), shows.code(531));
            assert_eq!(again, PairCheck::Used);
        }
    }
}

#[test]
fn a_forgotten_pair_takes_a_counter_back() {
    let policy = Policy { pair_memory: PairMemory::Forgotten, ..Policy::NORM };
    let (mut token, shows) = token(500);
    let pair = token.check_pair(&policy, NOW, shows.code(300), shows.code(301));
    assert_eq!(pair, PairCheck::InSync(-200));
    assert_eq!(token.check(&policy, NOW, shows.code(302)), Check::Right(302));
}

#[test]
fn weak_policies_take_less_than_a_pair() {
    // The offsets of two codes from the expected one, and the resulting drift.
    for (resync_codes, first, second, check) in [
        (ResyncCodes::Consecutive, 3, 5, PairCheck::NotConsecutive),
        (ResyncCodes::AnyTwo, 3, 5, PairCheck::InSync(5)),
        (ResyncCodes::AnyTwo, -700, 700, PairCheck::InSync(700)),
        (ResyncCodes::AnyTwo, 5, 3, PairCheck::NotConsecutive),
        (ResyncCodes::AnyTwo, 5, 5, PairCheck::NotConsecutive),
        (ResyncCodes::AnyTwo, 5, 1_001, PairCheck::Wrong),
        (ResyncCodes::One, 2, 5_000, PairCheck::InSync(2)),
        (ResyncCodes::One, -900, 5_000, PairCheck::InSync(-900)),
        (ResyncCodes::One, 5_000, 2, PairCheck::Wrong),
    ] {
        let (mut device, shows) = device();
        let [first, second] = [first, second].map(|off| shows.code(STEP.saturating_add_signed(off)));
        let policy = Policy { resync_codes, ..Policy::NORM };
        assert_eq!(device.check_pair(&policy, NOW, first, second), check, "{resync_codes:?}");
    }
    // A counter that re-synced ahead continues after the last code that was matched.
    for (resync_codes, next) in [(ResyncCodes::AnyTwo, 536), (ResyncCodes::One, 531)] {
        let (mut token, shows) = token(500);
        let policy = Policy { resync_codes, ..Policy::NORM };
        let pair = token.check_pair(&policy, NOW, shows.code(530), shows.code(535));
        assert_eq!(pair, PairCheck::InSync(30), "{resync_codes:?}");
        assert_eq!(token.factor, Factor::Counter { next }, "{resync_codes:?}");
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
    assert_eq!(drift(&device), Some(0));
    assert_eq!(device.check(&Policy::NORM, NOW + 570, shows.code(STEP + 21)), Check::Wrong);
}

#[test]
fn codes_with_another_number_of_digits_are_wrong() {
    for (mut device, shows) in [device(), token(STEP)] {
        let [first, second] = [STEP, STEP + 1].map(|step| shows.code(step));
        let [longer, later] = [first, second].map(|code| Code::new(code.reveal(), 7));
        assert_eq!(device.check(&Policy::NORM, NOW, longer), Check::Wrong);
        for (first, second) in [(longer, second), (first, later), (longer, later)] {
            assert_eq!(device.check_pair(&Policy::NORM, NOW, first, second), PairCheck::Wrong);
        }
    }
}

#[test]
fn moving_factors_end_where_64_bits_do() {
    let (mut token, shows) = token(u64::MAX - 1);
    assert_eq!(token.check(&Policy::NORM, NOW, shows.code(u64::MAX)), Check::Right(u64::MAX));
    let (mut device, shows) = device();
    assert_eq!(device.check(&Policy::NORM, u64::MAX, shows.code(u64::MAX / 30)), Check::Right(u64::MAX / 30));
    let (mut early, shows) = of_kind(Kind::TOTP, 0);
    assert_eq!(early.check(&Policy::NORM, 3, shows.code(0)), Check::Right(0));
    assert_eq!(early.check_pair(&Policy::NORM, 3, shows.code(1), shows.code(2)), PairCheck::InSync(2));
}
