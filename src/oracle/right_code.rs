//! *Right codes*: right codes of an owner are accepted.
//!
//! A service that refuses right codes drives its owners into recovery, which attackers can exploit. The
//! oracle checks the policy's own promises: its windows, with slow and fast clocks, and the exact digits
//! shown on the page.

use crate::base::id::{AccountId, BrowserId, CallId, CodeId, EventId, PersonId};
use crate::event::{Actor, Event, EventKind, Refusal, Typed};
use crate::oracle::authenticators::Authenticators;
use crate::oracle::copies::Copies;
use crate::oracle::reading::same_cookies;
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::policy::Policy;
use crate::story::Role;

rules! {
    "right-code";
    CODE_AS_WRONG = "mfa-code-refused-as-wrong", "the owner's right MFA code was refused as wrong";
    CODE_AS_USED = "mfa-code-refused-as-used", "the owner's right MFA code was refused as used";
    DISABLED_UNDULY = "device-disabled-unduly", "the owner's right MFA code was refused because its device was disabled before too many wrong codes in a row";
    PAIR_REFUSED = "pair-refused", "the owner's two consecutive MFA codes did not re-sync the device";
    PHONE_CODE_REPLACED = "phone-code-replaced", "the owner's right phone code was refused as replaced although its sign-in requested no other";
    PHONE_CODE_REFUSED = "phone-code-refused", "the owner's right phone code was refused as wrong";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "right-code",
    sentence: "an owner's correct code inside the window, correct pair of codes and correct phone code are not refused as wrong or used",
    source: "RFC 6238 sections 4.2, 5.2 and 6 (T1, T2, T5); RFC 4226 section 7.4 (R6); T04 to T06, T12, T13, T16, P21, K02; rule 4",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut authenticators = Authenticators::new(reading);
    for (id, event) in reading.events_for(dispatch::RIGHT_CODE) {
        if let Some(objection) = complaint(reading, &authenticators, id, event) {
            findings.push(reading.finding(objection, verdict(&reading.story.policy), id));
        }
        authenticators.take_in(event);
    }
}

/// A policy that declares such a flaw does not break its own promise.
fn verdict(policy: &Policy) -> Verdict {
    let norm = Policy::NORM;
    let promised = policy.window_shape == norm.window_shape
        && policy.resync_search == norm.resync_search
        && policy.drift_kept == norm.drift_kept
        && policy.after_pair == norm.after_pair
        && policy.failures_cleared == norm.failures_cleared
        && policy.code_kept == norm.code_kept
        && policy.new_call_voids == norm.new_call_voids
        && policy.unix_time == norm.unix_time;
    if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm }
}

fn complaint(
    reading: &Reading<'_>,
    authenticators: &Authenticators<'_, '_>,
    id: EventId,
    event: &Event,
) -> Option<Objection> {
    match event.kind {
        EventKind::MfaRefused {
            account,
            why: why @ (Refusal::Wrong | Refusal::Used | Refusal::UsedUp),
            ..
        } => {
            let name = owner(reading, reading.asked_directly(event)?.person, account)?;
            let used = why == Refusal::Used;
            let device = authenticators.should_be_taken(event, account, used)?;
            let disabled = authenticators.is_disabled_unduly(device);
            let device = reading.device(device);
            if disabled {
                let says = format!(
                    "{name}'s right MFA code of {device} is refused, because {device} was disabled although fewer than {} wrong MFA codes came in a row",
                    reading.story.policy.failures_max
                );
                return Some(DISABLED_UNDULY.says(says));
            }
            // Used up: all devices are disabled.
            if why == Refusal::UsedUp {
                return None;
            }
            let (rule, so) = if used { (CODE_AS_USED, "used") } else { (CODE_AS_WRONG, "wrong") };
            Some(rule.says(format!("{name}'s right MFA code of {device} is refused as {so}")))
        }
        EventKind::ResyncRefused { account, why: Refusal::Wrong | Refusal::NotConsecutive, .. } => {
            let name = owner(reading, reading.asked_directly(event)?.person, account)?;
            let device = authenticators.should_be_in_step(event, account)?;
            let device = reading.device(device);
            let says = format!("{name}'s two consecutive MFA codes of {device} do not re-sync it");
            Some(PAIR_REFUSED.says(says))
        }
        EventKind::CodeRefused { code: Some(refused), why: Refusal::Wrong } => {
            let (name, code) = keyed_in_right(reading, id, refused)?;
            let says = if code == refused {
                format!("phone {code} is refused as wrong, as {name} read it")
            } else {
                format!("phone {code} is refused as wrong, as {name} read it: it was compared with {refused}")
            };
            Some(PHONE_CODE_REFUSED.says(says))
        }
        EventKind::CodeRefused { code: Some(refused), why: Refusal::Replaced } => {
            let (name, code) = keyed_in_right(reading, id, refused)?;
            let says = format!(
                "phone {code} is refused as replaced, as {name} read it, although its sign-in requested no other"
            );
            (code == refused && !is_replaced(reading, id, code)).then(|| PHONE_CODE_REPLACED.says(says))
        }
        _ => None,
    }
}

/// Whether the sign-in attempt of this code requested another one since, or a factor of its account changed.
fn is_replaced(reading: &Reading<'_>, id: EventId, code: CodeId) -> bool {
    let mut own = None;
    reading.trace.iter().take_while(|(at, _)| *at < id).any(|(_, event)| match (event.kind, own) {
        (EventKind::CodeIssued { code: issued, session, account }, _) if issued == code => {
            own = Some((session, account));
            false
        }
        (EventKind::CodeIssued { session, .. }, Some((own, _))) => reading.same_attempt(own, session),
        (
            EventKind::DeviceAssigned { account, .. }
            | EventKind::DeviceDeactivated { account, .. }
            | EventKind::PhoneChanged { account, .. }
            | EventKind::FactorsReset { account, .. },
            Some((_, own)),
        ) => account == own,
        _ => false,
    })
}

/// The name of the person who sent the request, if it is the account's owner.
fn owner<'a>(reading: &'a Reading<'_>, person: PersonId, account: AccountId) -> Option<&'a str> {
    let character = reading.story.people.get(person.index())?;
    (character.role == Role::Owner && character.account == account).then_some(&*character.name)
}

/// The owner who typed the code spoken by the call, or keyed in the code shown on the page, and the code that
/// the call was placed for, if exactly this code certainly reached the service.
fn keyed_in_right<'a>(reading: &'a Reading<'_>, id: EventId, refused: CodeId) -> Option<(&'a str, CodeId)> {
    let (person, call, screen) =
        reading.trace.causes(id).find_map(|(_, event)| match (event.by, event.kind) {
            (Actor::Person(person), EventKind::KeyedIn { call, typed: Typed::Screen(browser) }) => {
                Some(Some((person, call, Some(browser))))
            }
            (Actor::Person(person), EventKind::Requested { typed: Typed::Spoken(call), .. }) => {
                Some(Some((person, call, None)))
            }
            // Other keys, even if right ones in an earlier call led to this one.
            (_, EventKind::KeyedIn { .. }) => Some(None),
            _ => None,
        })??;
    let code = reading.code_of_call(call)?;
    let account = reading.story.people.get(person.index())?.account;
    let read = match screen {
        Some(browser) => stood_on_screen(reading, id, (code, account), browser, call),
        // A code of an earlier call may be typed after the next was asked for.
        None => code == refused,
    };
    if read { Some((owner(reading, person, account)?, code)) } else { None }
}

/// Whether the account's newest code was shown in the browser that requested it, as its first and only code,
/// and keyed in once, without any fault or earlier key press.
fn stood_on_screen(
    reading: &Reading<'_>,
    id: EventId,
    (code, account): (CodeId, AccountId),
    browser: BrowserId,
    call: CallId,
) -> bool {
    let (mut shown, mut seen, mut codes, mut keyed, mut gathered) = (false, false, 0, 0, 0);
    let mut copies = Copies::default();
    for (_, event) in reading.trace.iter().take_while(|(at, _)| *at < id) {
        match event.kind {
            EventKind::CodeIssued { code: issued, account: of, .. } if of == account => {
                let asked = reading.asked_directly(event).map(|asked| asked.browser);
                // A code of another sign-in shows on another screen. One that was asked for with a stolen cookie is
                // of this sign-in.
                let own = |browser| copies.own(browser);
                if asked.is_some_and(|asked| same_cookies(own(asked), own(browser))) {
                    codes += 1;
                    shown = issued == code && asked == Some(browser);
                    seen = false;
                }
            }
            EventKind::PutInCookie { browser } => copies.put_in(reading, event, browser),
            EventKind::Saw { browser: at, .. } => seen |= at == browser && keyed == 0,
            EventKind::KeyedIn { call: on, .. } if on == call => keyed += 1,
            EventKind::Gathered { call: on, count: 6, .. } if on == call => gathered += 1,
            EventKind::Gathered { call: on, .. } if on == call => return false,
            EventKind::FaultStruck { .. } | EventKind::Replayed { .. } | EventKind::Forged { .. } => {
                return false;
            }
            _ => {}
        }
    }
    shown && seen && codes == 1 && keyed == 1 && gathered == 1
}
