//! Corrects the recorded origin of typed codes: a guess that happens to be right is not a guess to the
//! oracles.
//!
//! One guess in a million is right, and a drill makes many millions. The trace then names the owner of the
//! code, so that oracles judge the service by the information it had, not by a stranger's luck.

use crate::base::id::{AccountId, BrowserId, CallId, EventId, PersonId};
use crate::base::secret::{Code, Digest};
use crate::event::{Control, Event, EventKind, Typed};
use crate::message::{Action, Digits};
use crate::providers::phone;
use crate::world::World;

impl World {
    /// Corrects the origin of a code typed on a page by `who`, if a device of the account that the attempt is
    /// for shows that code for another origin: a lucky guess, a device with an inaccurate clock, or two devices
    /// of one account that show the same code, which no service can tell apart. What devices of other accounts
    /// show is no matter: nobody signs in with another's password. Pairs are not checked: two coincidences in
    /// a row are too rare for any drill.
    pub(super) fn typed_ground_truth(&mut self, who: PersonId, action: &Action, typed: Typed) -> Typed {
        let control = action.control();
        let may_differ = matches!(control, Control::SubmitCode | Control::SubmitSpoken);
        let code = action.fields().code().filter(|_| may_differ);
        let (Some(code), Typed::Guess(_) | Typed::Code { .. }) = (code, typed) else { return typed };
        let account = self.setup.story.people[who.index()].account;
        if control == Control::SubmitSpoken {
            return self.spoken_ground_truth(account, code).unwrap_or(typed);
        }
        // The service finds the candidate, but the device itself must confirm the code.
        let Some((device, step)) = self
            .service
            .reference_host()
            .and_then(|host| host.machine.device_showing(self.now, account, code))
        else {
            return typed;
        };
        let shown = Typed::Code { device, step };
        let is_so = || self.people.all.iter().any(|person| person.has_code(device, step, code));
        if typed != shown && is_so() { shown } else { typed }
    }

    /// The call that speaks this code for a sign-in to `account`, if there is one.
    fn spoken_ground_truth(&mut self, account: AccountId, code: Code) -> Option<Typed> {
        let right = self.service.reference_host()?.machine.live_phone_code(account, code)?;
        let placed = self.recorder.trace.iter().find_map(|(id, event)| {
            let EventKind::CallTaken { call, .. } = event.kind else { return None };
            let is_of =
                |event: &Event| matches!(event.kind, EventKind::CallOrdered { code, .. } if code == right);
            self.recorder.trace.causes(id).any(|(_, event)| is_of(event)).then_some(call)
        });
        placed.map(Typed::Spoken)
    }

    /// Corrects digits that the phone company gathered: a line that loses or doubles a key can turn other keys
    /// into the code on a screen. Only what the service receives counts.
    pub(super) fn gathered_ground_truth(
        &self,
        kind: &EventKind,
        cause: Option<EventId>,
    ) -> Option<EventKind> {
        let EventKind::Gathered { call, digits, count, .. } = *kind else { return None };
        let shown_in = self.screen_with(digits)?;
        // A key press causes what it completes; a timeout follows the last event of the call.
        let cause = cause.or_else(|| self.recorder.of_call(call));
        let keyed = self.recorder.trace.causes(cause?).find_map(|(_, event)| {
            if let EventKind::KeyedIn { typed, .. } = event.kind { Some(typed) } else { None }
        });
        // Two tabs show the same code.
        let as_keyed = |(browser, code)| {
            keyed == Some(Typed::Screen(browser)) && Digits::of_code(code).digest() == digits
        };
        let changed = !self.screens().any(as_keyed);
        changed.then_some(EventKind::Gathered { call, digits, count, shown_in: Some(shown_in) })
    }

    fn screens(&self) -> impl Iterator<Item = (BrowserId, Code)> {
        self.people.all.iter().flat_map(|person| person.codes_on_screens())
    }

    /// The browser that shows a phone code with these digits. No two codes of the service are the same, so it
    /// is the code of one sign-in.
    fn screen_with(&self, digits: Digest) -> Option<BrowserId> {
        let shown = self.screens().find(|(_, code)| Digits::of_code(*code).digest() == digits);
        shown.map(|(browser, _)| browser)
    }

    /// The same for any fact about `who`, who does not know all: whether a screen shows the keys pressed in a
    /// call, which call's webhook was replayed, and whose cookie was stolen.
    pub(super) fn fact_ground_truth(&self, who: PersonId, kind: &EventKind) -> Option<EventKind> {
        if let EventKind::KeyedIn { call, typed: Typed::Guess(made_up) } = *kind {
            return self.keyed_ground_truth(call, made_up);
        }
        if let EventKind::StoleCookie { .. } = *kind {
            return Some(EventKind::StoleCookie { of: self.browser_of_owner(who) });
        }
        let EventKind::Replayed { webhook, .. } = *kind else { return None };
        let replayed = self.last_webhook(who, Some(webhook))?;
        let call = self.providers.phone.machine.call_of_sid(replayed.sid).map(phone::Call::id);
        Some(EventKind::Replayed { webhook, call })
    }

    /// Corrects the origin of keys pressed in a call, if a screen shows that code.
    fn keyed_ground_truth(&self, call: CallId, made_up: Digest) -> Option<EventKind> {
        let browser = self.screen_with(made_up)?;
        Some(EventKind::KeyedIn { call, typed: Typed::Screen(browser) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::id::DeviceId;
    use crate::base::number::Number;
    use crate::base::time::{Span, Time};
    use crate::event::PageName;
    use crate::message::{Fields, Page, Shown};
    use crate::oracle::judge;
    use crate::people::{Act, Input, Keys};
    use crate::policy::Norm;
    use crate::stage::Play;
    use crate::story::Story;

    const ANA: PersonId = PersonId(0);

    const STORY: &str = "\
about: Ana has her phone.\n\
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    full-name: Ana Alvarez
    emails: [ana@example.com]
    phone: +34 600 000 001
    devices: { phone-app: {} }
";

    fn world() -> World {
        World::new(Arc::new(Story::read(STORY, "story.yaml").unwrap()), 1)
    }

    #[test]
    fn three_codes_in_a_million_are_no_guess() {
        let mut world = world();
        let mut right = Vec::new();
        for number in 0..1_000_000 {
            let typed = Typed::Guess(Digest(u64::from(number)));
            let told = world.typed_ground_truth(
                PersonId(0),
                &Action::new(Control::SubmitCode, Fields::Code(Some(Code::new(number, 6)))),
                typed,
            );
            if let Typed::Code { device: DeviceId(0), step } = told {
                right.push(step);
            } else {
                assert_eq!(told, typed);
            }
        }
        right.sort_unstable();
        let now = world.story().epoch.unix_secs(Time::ZERO) / 30;
        assert_eq!(right, [now - 1, now, now + 1]);
    }

    #[test]
    fn made_up_keys_that_are_the_code_on_a_screen_are_that_code() {
        let mut play = Play::new(Arc::new(Story::read(STORY, "story.yaml").unwrap()), 1);
        play.world_mut().order(PersonId(0), Act::GoTo(PageName::SignIn));
        play.settle().unwrap();
        let world = play.world_mut();
        let browser = BrowserId(0);
        let page = *world.person(PersonId(0)).unwrap().page().unwrap();
        let number = Number::read("+34600000001").unwrap().masked();
        let shown = Shown::Phone { number, code: Some(Code::new(12_345, 6)) };
        let shown = Page { shown, ..page };
        world.feed_person(None, PersonId(0), &Input::Page(browser, Ok(&shown)));
        let keyed = |text: &str| EventKind::KeyedIn {
            call: CallId(0),
            typed: Typed::Guess(Digits::read(text).unwrap().digest()),
        };
        let truth = |text: &str| world.fact_ground_truth(PersonId(0), &keyed(text));
        let on_screen = EventKind::KeyedIn { call: CallId(0), typed: Typed::Screen(browser) };
        assert_eq!(truth("012345"), Some(on_screen));
        for wrong in ["12345", "012346", "#"] {
            assert_eq!(truth(wrong), None);
        }
    }

    /// A play in which Ana has asked for a call, which rings.
    fn called(addition: &str, seed: u64) -> Play {
        let lost = STORY.replace("phone-app: {}", "phone-app: { state: lost }");
        let story = Story::read(&format!("{lost}{addition}"), "story.yaml").unwrap();
        let mut play = Play::new(Arc::new(story), seed);
        play.world_mut().order(ANA, Act::GetTo(PageName::VerifyPhone));
        play.settle().unwrap();
        let on_page = |world: &World| {
            world.person(ANA).unwrap().page().is_some_and(|page| page.name == PageName::VerifyPhone)
        };
        assert!(play.until(Time::ZERO + Span::HOUR, on_page).unwrap());
        play.world_mut().order(ANA, Act::Choose(Control::CallMe));
        play.settle().unwrap();
        let soon = play.world().now() + Span::MINUTE;
        assert!(play.until(soon, |world| world.person(ANA).unwrap().ringing().is_some()).unwrap());
        play
    }

    /// Plays Ana's way in, where she keys in `keys`, and returns whether the code was accepted.
    fn is_taken(keys: Keys, fault: &str, seed: u64) -> bool {
        let mut play = called(&format!("faults: [{{ does: {{ {fault} }}, of: ana, on: 1 }}]\n"), seed);
        for act in [Act::KeyIn(keys), Act::GoTo(PageName::FinishSignIn), Act::Choose(Control::FinishSignIn)] {
            play.world_mut().order(ANA, act);
            play.settle().unwrap();
            let soon = play.world().now() + Span::MINUTE;
            play.until(soon, |_| false).unwrap();
        }
        let story = Arc::clone(play.world().story());
        let trace = play.into_trace();
        assert_eq!(judge(&trace, &story, &Norm::NIST), [], "{keys:?}, {fault}, seed {seed}");
        trace.events().iter().any(|event| matches!(event.kind, EventKind::CodeAccepted { .. }))
    }

    #[test]
    fn keys_that_the_line_makes_right_are_the_code_on_the_screen() {
        // Every tenth code ends in two equal digits, so doubling the fifth key completes it.
        let doubled = |seed| is_taken(Keys::Short, "key-doubled: { nth: 5 }", seed);
        let right = (1..=60).filter(|seed| doubled(*seed)).count();
        assert!((1..20).contains(&right), "{right} of 60");
        assert!((1..=3).all(|seed| is_taken(Keys::Starred, "key-lost: { nth: 1 }", seed)));
        assert!((1..=3).all(|seed| is_taken(Keys::Code, "key-lost: { nth: 7 }", seed)));
    }

    #[test]
    fn one_spoken_code_in_a_million_is_no_guess() {
        let mut play = called("policy: { phone-direction: phone-to-screen }\n", 1);
        let right = (0..1_000_000).filter(|number| {
            let fields = Fields::Code(Some(Code::new(*number, 6)));
            let typed = Typed::Guess(Digest(u64::from(*number)));
            let action = Action::new(Control::SubmitSpoken, fields);
            let truth = play.world_mut().typed_ground_truth(ANA, &action, typed);
            assert!(truth == typed || truth == Typed::Spoken(CallId(0)), "{truth:?}");
            truth != typed
        });
        assert_eq!(right.count(), 1);
    }
}
