//! Returned pages: records their content, and continues the act in progress.

use crate::base::id::{AddressId, BrowserId};
use crate::base::rng::Rng;
use crate::base::secret::Password;
use crate::base::time::Time;
use crate::event::{Control, EventKind, NoReply, Notice, PageName, Typed};
use crate::message::{Action, Fields, Page};
use crate::people::tasks::{Task, Then, code_of};
use crate::people::{
    CodeChoice, Outcome, PasswordChoice, Person, REFRESH_EVERY, UserChoice, WRONG_PASSWORD, With,
};

impl Person {
    pub(super) fn on_page(&mut self, now: Time, draw: &mut Rng, id: BrowserId, page: Result<&Page, NoReply>) {
        let Some(at) = self.browsers.iter().position(|browser| browser.id == id) else { return };
        let browser = &mut self.browsers[at];
        browser.waiting = browser.waiting.saturating_sub(1);
        let all_here = browser.waiting == 0;
        match page {
            Ok(page) => {
                let old = browser.page.and_then(code_of);
                if old != code_of(*page) {
                    browser.old_code = old.or(browser.old_code);
                }
                let same = browser.page.as_ref() == Some(page);
                browser.page = Some(*page);
                browser.seen = now;
                self.pocket.saw(page);
                let calling = page.name == PageName::VerifyPhone && page.notice == Some(Notice::Calling);
                browser.refresh = calling.then_some(now + REFRESH_EVERY);
                self.fact(EventKind::Saw { browser: id, page: page.name, notice: page.notice });
                self.read_number(id, page);
                self.brain.saw(at == self.at, page, same, self.code_sent);
                if all_here {
                    self.on_page_while_doing(now, draw, at, page);
                }
            }
            Err(lost) => {
                self.fact(EventKind::SawNothing { browser: id, lost });
                self.brain.saw_nothing();
                if self.is_busy() && all_here {
                    self.finish(Outcome::NoPage);
                }
            }
        }
    }

    fn on_page_while_doing(&mut self, now: Time, draw: &mut Rng, at: usize, page: &Page) {
        match self.doing {
            Task::Nothing
            | Task::Waiting { .. }
            | Task::KeepingOpen { .. }
            | Task::Listening(_)
            | Task::Hearing => {}
            Task::Asking | Task::Confirming => self.finish(Outcome::Done),
            Task::SigningIn(with) if at == self.at => self.go_on_signing_in(now, draw, with, page),
            Task::Recovering if at == self.at => self.go_on_recovering(now, draw, page),
            Task::Scanning if at == self.at => self.scan(now, page),
            Task::Resyncing(choice) if at == self.at => self.begin_pair(now, draw, choice),
            Task::Writing(claim) if at == self.at => self.write(claim, page),
            Task::SigningIn(_)
            | Task::Recovering
            | Task::Scanning
            | Task::Resyncing(_)
            | Task::Writing(_) => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "any other page ends the sign-in, wherever it led")]
    pub(super) fn go_on_signing_in(&mut self, now: Time, draw: &mut Rng, with: With, page: &Page) {
        let begun = page.notice.is_none() || page.notice == Some(Notice::SessionOver);
        match page.name {
            PageName::SignIn if begun => {
                let user = match with.user {
                    UserChoice::Own => self.has.user,
                    UserChoice::Nobody => AddressId::UNKNOWN,
                    UserChoice::Other => self.has.other_user.unwrap_or(AddressId::UNKNOWN),
                };
                self.ask(self.at, Action::new(Control::SubmitUser, Fields::User(user)), Typed::User(user));
            }
            PageName::Password if page.notice.is_none() => {
                let (password, of) = match with.password {
                    PasswordChoice::Right => (self.has.password, Some(self.account)),
                    PasswordChoice::Wrong => (Some(Password::of(WRONG_PASSWORD)), None),
                };
                let Some(password) = password else { return self.finish(Outcome::NotKnown) };
                self.ask(
                    self.at,
                    Action::new(Control::SubmitPassword, Fields::Password(password)),
                    Typed::Password(of),
                );
            }
            PageName::MfaCode if page.notice.is_none() => match with.code {
                Some(CodeChoice::Next) => self.wait_for_next(now, Then::SignIn),
                Some(choice) => self.submit_code(now, draw, choice),
                None => self.finish(Outcome::Done),
            },
            _ => self.finish(Outcome::Done),
        }
    }
}
