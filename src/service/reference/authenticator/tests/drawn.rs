//! Property tests of TOTP and HOTP checks under random use of the device.

use proptest::prelude::*;

use super::*;

/// One event in the life of a device.
#[derive(Clone, Copy, Debug)]
enum Happens {
    /// This many button presses, or time steps, without any code typed.
    Passes(u16),
    /// The current code is typed.
    Typed,
    /// The previously typed code is typed again.
    Again,
    /// Two consecutive codes are typed on the re-sync page.
    Pair,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        (0_u16..40).prop_map(Happens::Passes),
        Just(Happens::Typed),
        Just(Happens::Again),
        Just(Happens::Pair),
    ]
}

proptest! {
    /// Compares with the rules of RFC 4226: `next` is the only state that a service needs.
    #[test]
    fn a_counter_does_what_its_rfc_says(
        start in 0_u64..1_000,
        look_ahead in 0_u16..20,
        all in prop::collection::vec(happens(), 1..40),
    ) {
        let policy = Policy { hotp_look_ahead: look_ahead, ..Policy::NORM };
        let (mut token, shows) = token(start);
        let (mut next, mut pressed, mut last) = (start, start, None);
        for happens in all {
            match happens {
                Happens::Passes(times) => pressed += u64::from(times),
                Happens::Typed => {
                    let right = pressed - next <= u64::from(look_ahead);
                    let check = token.check(&policy, NOW, shows.code(pressed));
                    prop_assert_eq!(check, if right { Check::Right(pressed) } else { Check::Wrong });
                    last = Some(pressed);
                    if right {
                        next = pressed + 1;
                    }
                    pressed += 1;
                }
                Happens::Again => {
                    let old = last.filter(|last| *last < next);
                    if let Some(old) = old {
                        prop_assert_ne!(token.check(&policy, NOW, shows.code(old)), Check::Right(old));
                    }
                }
                Happens::Pair => {
                    let ahead = pressed - next;
                    let pair = token.check_pair(&policy, NOW, shows.code(pressed), shows.code(pressed + 1));
                    if ahead < u64::from(policy.resync_window) {
                        prop_assert_eq!(pair, PairCheck::InSync(ahead as i32));
                        next = pressed + 2;
                    } else {
                        prop_assert_eq!(pair, PairCheck::Wrong);
                    }
                    pressed += 2;
                }
            }
            prop_assert_eq!(token.factor, Factor::Counter { next });
        }
    }

    /// Each code is accepted at most once, for either kind of device.
    #[test]
    fn no_code_is_taken_twice(
        kind in kinds(),
        all in prop::collection::vec((happens(), 0_u64..4), 1..40),
    ) {
        let (mut device, shows) = of_kind(kind, 0);
        let (mut now, mut pressed, mut taken) = (NOW, 0_u64, std::collections::BTreeSet::new());
        for (happens, back) in all {
            let here = match kind {
                Kind::Totp { step, .. } => step.at(now),
                Kind::Hotp { .. } => pressed,
            };
            match happens {
                Happens::Passes(times) => {
                    now += u64::from(times) * 10;
                    pressed += u64::from(times) / 4;
                }
                Happens::Typed | Happens::Again => {
                    let step = here.saturating_sub(back);
                    if let Check::Right(step) = device.check(&Policy::NORM, now, shows.code(step)) {
                        prop_assert!(taken.insert(step), "{step} was taken twice");
                    }
                    pressed += 1;
                }
                Happens::Pair => {
                    device.check_pair(&Policy::NORM, now, shows.code(here), shows.code(here + 1));
                    pressed += 2;
                }
            }
        }
    }
}
