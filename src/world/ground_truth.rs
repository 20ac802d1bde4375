//! Corrects the recorded origin of typed codes: a guess that happens to be right is not a guess to the
//! oracles.
//!
//! One guess in a million is right, and a drill makes many millions. The trace then names the owner of the
//! code, so that oracles judge the service by the information it had, not by a stranger's luck.

use crate::base::id::{CallId, PersonId};
use crate::base::secret::Digest;
use crate::event::{Control, EventKind, Typed};
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
        let typed_here = action.control() == Control::SubmitCode;
        let code = action.fields().code().filter(|_| typed_here);
        let (Some(code), Typed::Guess(_) | Typed::Code { .. }) = (code, typed) else { return typed };
        let account = self.setup.story.people[who.index()].account;
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

    /// Corrects the origin of keys pressed in a call, if a screen shows that code. No two codes of the service
    /// are the same, so it is the code of one sign-in.
    fn keyed_ground_truth(&self, call: CallId, made_up: Digest) -> Option<EventKind> {
        let screens = self.people.all.iter().flat_map(|person| person.codes_on_screens());
        let same = screens.into_iter().find(|(_, code)| Digits::of_code(*code).digest() == made_up);
        same.map(|(browser, _)| EventKind::KeyedIn { call, typed: Typed::Screen(browser) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::id::{BrowserId, DeviceId};
    use crate::base::number::Number;
    use crate::base::secret::Code;
    use crate::base::time::Time;
    use crate::message::{Fields, Page, Shown};
    use crate::people::{Act, Input};
    use crate::stage::Play;
    use crate::story::Story;

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
        play.world_mut().order(PersonId(0), Act::GoTo(crate::event::PageName::SignIn));
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
}
