//! Traces for devices that are removed or disabled.

use super::*;
use crate::policy::EarlierDevices;

#[test]
fn access_asks_for_one_alternative_factor_after_mfa_was_removed() {
    let off = |session| EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session };
    let reset = || Told::new().then(Actor::Console, off(None));
    let says = "ana got into the account of ana with the password alone after MFA had been removed";
    reset().with_password().signed_in(Way::Password).rejected_by("access", Verdict::OutsideNorm, says);
    let mailed = reset().with_password().mailed_link().confirmed_link();
    mailed.signed_in(Way::OneAlternative).accepted_by("access");
    // The browser in which a proven session removed it is known.
    let (step, told) = (Told::new().step(), Told::new().with_password());
    let removed = told.with_code(TOKEN, step).signed_in(Way::Mfa);
    let removed = removed.asks(Control::Deactivate, Typed::Nothing).then(Actor::Console, off(Some(SESSION)));
    removed.anew().with_password().signed_in(Way::Password).accepted_by("access");
    // An account that never had a device signs in with the password.
    let never = Told::of(&STORY.replace("    devices:\n      token: {}\n", ""));
    never.with_password().signed_in(Way::Password).accepted_by("access");
}

#[test]
fn a_recovery_may_remove_the_devices_before_a_new_sign_in() {
    let off = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    let removed = |told: Told| told.asks(Control::FinishSignIn, Typed::Nothing).then(Actor::Console, off);
    let accepted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
    let at_step_2 = || Told::new().with_password().mailed_link().confirmed_link().called("+34600000001");
    let proven = at_step_2().keyed_in(Typed::Screen(BROWSER)).then(Actor::Console, accepted);
    removed(proven).accepted_by("access");
    let says = "ana deactivated an MFA device of ana having proven only the password and the email address";
    removed(at_step_2()).rejected_by("access", Verdict::OutsideNorm, says);
}

/// Ana signs in with alternative factors and assigns device 2.
fn recovered() -> Told {
    Told::new().with_password().mailed_link().confirmed_link().signed_in(Way::Recovery).assigned(NEW, 7)
}

const NEW: DeviceId = DeviceId(1);

#[test]
fn old_secret_rejects_a_device_from_before_a_recovery() {
    let says = "a code of token was accepted, although its account was recovered without it and a new device was assigned";
    let next = |told: Told, device| {
        let step = told.step();
        told.anew().with_password().with_code(device, step)
    };
    next(recovered(), TOKEN).rejected_by("old-secret", Verdict::OutsideNorm, says);
    next(recovered(), NEW).accepted_by("old-secret");
    // Two codes brought it back.
    next(recovered().assigned(TOKEN, 7), TOKEN).accepted_by("old-secret");
    // A second new device of the same session leaves the first alone.
    next(recovered().assigned(DeviceId(2), 7), NEW).accepted_by("old-secret");
    // A sign-in with a code leaves the others alone; so does a recovery that assigns nothing.
    let told = Told::new().with_password().signed_in(Way::Mfa).assigned(NEW, 7);
    next(told, TOKEN).accepted_by("old-secret");
    let told = Told::new().with_password().mailed_link().confirmed_link().signed_in(Way::Recovery);
    next(told, TOKEN).accepted_by("old-secret");
}

#[test]
fn a_device_that_a_recovery_stopped_may_come_back_and_a_removed_one_may_not() {
    let off = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    let on = EventKind::DeviceAssigned { session: SESSION, account: ACCOUNT, device: TOKEN };
    let pair = Typed::Pair { device: TOKEN, first: 7, apart: 1 };
    let off_and_on = |first: Control, second: Control| {
        let told = Told::new().asks(first, Typed::Nothing).then(Actor::Console, off);
        told.asks(second, pair).then(Actor::Console, on)
    };
    let says = "token was removed, and then assigned again with the secret that it had before";
    off_and_on(Control::FinishAssign, Control::Reactivate).accepted_by("old-secret");
    for (first, second) in
        [(Control::FinishAssign, Control::FinishAssign), (Control::Deactivate, Control::Reactivate)]
    {
        off_and_on(first, second).rejected_by("old-secret", Verdict::OutsideNorm, says);
    }
}

#[test]
fn factors_and_notices_know_that_a_recovery_stops_earlier_devices() {
    let off = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    let stopped = |told: Told| told.because_of(2, Actor::Console, off);
    let says = "token was removed by a request that does not ask for it";
    stopped(recovered()).accepted_by("factors");
    let told = || Told::new().with_password().signed_in(Way::Mfa).assigned(NEW, 7);
    stopped(told()).rejected_by("factors", Verdict::BrokePolicy, says);
    let mut keeps = stopped(recovered());
    keeps.story.policy.earlier_devices = EarlierDevices::Keep;
    keeps.rejected_by("factors", Verdict::BrokePolicy, says);
    let told = || {
        let told = stopped(recovered()).told_everybody(MailKind::RecoveryNotice);
        told.told_everybody(MailKind::AssignmentNotice)
    };
    told().told_everybody(MailKind::StoppedNotice).accepted_by("notices");
    assert_eq!(told().told_everybody(MailKind::DeactivationNotice).findings("notices").len(), 2);
}

#[test]
fn the_owner_is_told_of_a_device_that_was_disabled() {
    let disabled = EventKind::DeviceDisabled { account: ACCOUNT, device: TOKEN };
    let told = || Told::new().then(Actor::Console, disabled);
    told().told_everybody(MailKind::DisabledNotice).accepted_by("notices");
    assert_eq!(told().findings("notices").len(), 2);
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    access_asks_for_one_alternative_factor_after_mfa_was_removed,
    a_recovery_may_remove_the_devices_before_a_new_sign_in,
    the_owner_is_told_of_a_device_that_was_disabled,
    old_secret_rejects_a_device_from_before_a_recovery,
    a_device_that_a_recovery_stopped_may_come_back_and_a_removed_one_may_not,
    factors_and_notices_know_that_a_recovery_stops_earlier_devices,
];
