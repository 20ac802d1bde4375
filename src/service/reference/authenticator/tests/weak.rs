//! Weak windows and wrongly stored drifts, each a flaw of some service.

use super::*;
use crate::policy::{AfterPair, DriftKept, LoneCode, ResyncSearch, WindowFollows, WindowShape};

/// Whether a code this many steps or counts off is accepted.
fn taken(policy: &Policy, off: i64) -> bool {
    let (mut device, shows) = device();
    let step = STEP.saturating_add_signed(off);
    device.check(policy, NOW, shows.code(step)) == Check::Right(step)
}

#[test]
fn a_window_that_looks_one_way_or_leaves_an_end_out() {
    let shaped = |window_shape| Policy { window_shape, sign_in_window: 2, ..Policy::NORM };
    for (shape, taken_off) in [
        (WindowShape::Whole, -2..=2),
        (WindowShape::OnlyBehind, -2..=0),
        (WindowShape::WithoutItsLast, -2..=1),
    ] {
        for off in -4..=4 {
            assert_eq!(taken(&shaped(shape), off), taken_off.contains(&off), "{shape:?} {off}");
        }
    }
    let narrow = Policy { sign_in_window: 0, ..shaped(WindowShape::WithoutItsLast) };
    assert!(taken(&narrow, 0) && !taken(&narrow, 1));
}

#[test]
fn a_look_ahead_that_leaves_its_last_count_out() {
    let policy = Policy { window_shape: WindowShape::WithoutItsLast, ..Policy::NORM };
    for (ahead, whole, shaped) in [(9, true, true), (10, true, false), (11, false, false)] {
        for (policy, taken) in [(Policy::NORM, whole), (policy, shaped)] {
            let (mut device, shows) = token(40);
            let check = device.check(&policy, NOW, shows.code(40 + ahead));
            assert_eq!(check == Check::Right(40 + ahead), taken, "{ahead}");
        }
    }
}

#[test]
fn a_resync_that_searches_the_window_of_sign_in() {
    let policy = Policy { resync_search: ResyncSearch::SignInWindow, ..Policy::NORM };
    for (off, norm, short) in [(0, true, true), (20, true, false), (-900, true, false)] {
        for (policy, in_sync) in [(Policy::NORM, norm), (policy, short)] {
            let (mut device, shows) = device();
            let second = STEP.saturating_add_signed(off);
            let check = device.check_pair(&policy, NOW, shows.code(second - 1), shows.code(second));
            assert_eq!(check == PairCheck::InSync(off as i32), in_sync, "{off}");
        }
    }
    let (mut device, shows) = token(0);
    assert_eq!(device.check_pair(&policy, NOW, shows.code(20), shows.code(21)), PairCheck::Wrong);
}

#[test]
fn one_code_far_off_that_signs_in() {
    let policy = Policy { lone_code: LoneCode::Resyncs, ..Policy::NORM };
    let (mut device, shows) = device();
    assert_eq!(device.check(&Policy::NORM, NOW, shows.code(STEP + 400)), Check::Wrong);
    assert_eq!(device.check(&policy, NOW, shows.code(STEP + 1_001)), Check::Wrong);
    assert_eq!(device.check(&policy, NOW, shows.code(STEP + 400)), Check::Right(STEP + 400));
    assert_eq!(drift(&device), Some(400));
    assert_eq!(device.check(&Policy::NORM, NOW, shows.code(STEP + 401)), Check::Right(STEP + 401));
}

#[test]
fn what_is_kept_of_a_drift() {
    for (kept, shown, then) in [
        (DriftKept::Steps, 5, 5),
        (DriftKept::Steps, -5, -5),
        (DriftKept::AheadOnly, 5, 5),
        (DriftKept::AheadOnly, -5, 0),
        (DriftKept::SecondsAsSteps, 5, 150),
        (DriftKept::SecondsAsSteps, 0, 0),
    ] {
        let policy = Policy { drift_kept: kept, ..Policy::NORM };
        let (mut device, shows) = device();
        let second = STEP.saturating_add_signed(shown);
        let check = device.check_pair(&policy, NOW, shows.code(second - 1), shows.code(second));
        assert_eq!(check, PairCheck::InSync(shown as i32), "{kept:?}");
        assert_eq!(drift(&device), Some(then), "{kept:?} {shown}");
    }
}

#[test]
fn a_window_that_walks_with_each_code() {
    let walk = |policy: &Policy| {
        let (mut device, shows) = device();
        let checks = (1..=5).map(|step| device.check(policy, NOW, shows.code(STEP + step)));
        checks.filter(|check| matches!(check, Check::Right(_))).count()
    };
    assert_eq!(walk(&Policy::NORM), 1);
    assert_eq!(walk(&Policy { window_follows: WindowFollows::EveryCode, ..Policy::NORM }), 5);
}

#[test]
fn a_pair_after_which_the_next_code_counts_as_used() {
    let policy = Policy { after_pair: AfterPair::NextIsRefused, ..Policy::NORM };
    for (policy, next) in [(Policy::NORM, Check::Right(STEP + 1)), (policy, Check::Used)] {
        let (mut device, shows) = device();
        let check = device.check_pair(&policy, NOW, shows.code(STEP - 1), shows.code(STEP));
        assert_eq!(check, PairCheck::InSync(0));
        assert_eq!(device.check(&policy, NOW, shows.code(STEP + 1)), next);
        assert_eq!(device.check(&policy, NOW + 30, shows.code(STEP + 2)), Check::Right(STEP + 2));
    }
    for (policy, next) in [(Policy::NORM, Check::Right(42)), (policy, Check::Used)] {
        let (mut device, shows) = token(40);
        assert_eq!(device.check_pair(&policy, NOW, shows.code(40), shows.code(41)), PairCheck::InSync(0));
        assert_eq!(device.check(&policy, NOW, shows.code(42)), next);
        assert_eq!(device.check(&policy, NOW, shows.code(43)), Check::Right(43));
    }
}
