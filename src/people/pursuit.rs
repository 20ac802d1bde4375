//! Acts that take several pages or hours: reaching step 1, leaving a page open.

use crate::base::rng::Rng;
use crate::base::time::{Span, Time};
use crate::event::{Control, PageName, Typed};
use crate::message::{Action, Page};
use crate::people::tasks::Task;
use crate::people::{Outcome, PasswordChoice, Person, UserChoice, With};

/// Refresh interval of a page that is left open, well within the idle timeout of a session.
const STAYS_FRESH: Span = Span::from_mins(20);

/// The credentials for starting a recovery.
const SIGNS_IN: With = With { user: UserChoice::Own, password: PasswordChoice::Right, code: None };

impl Person {
    /// Signs in by password, and chooses alternative factors.
    pub(super) fn begin_recovery(&mut self) {
        if self.has.password.is_none() {
            return self.finish(Outcome::NotKnown);
        }
        self.ask(self.at, Action::open(PageName::SignIn), Typed::Nothing);
        self.doing = Task::Recovering;
    }

    /// Requests the next page on the way to step 1.
    pub(super) fn go_on_recovering(&mut self, now: Time, draw: &mut Rng, page: &Page) {
        match (page.name, page.notice) {
            (PageName::MfaCode, None) => self.ask(self.at, Action::of(Control::Troubleshoot), Typed::Nothing),
            (PageName::TroubleshootMfa, None) => {
                self.ask(self.at, Action::of(Control::ChooseAlternative), Typed::Nothing);
            }
            _ => self.go_on_signing_in(now, draw, SIGNS_IN, page),
        }
    }

    /// Acts by habit up to this page. Whoever acts by habit already gets there, and goes on.
    pub(super) fn get_to(&mut self, page: PageName) {
        if !self.brain.acts_freely() {
            self.act_by_habit(Some(page));
        }
        self.finish(Outcome::Done);
    }

    /// Leaves the page open until `until`.
    pub(super) fn keep_open(&mut self, now: Time, until: Time) {
        if now >= until {
            return self.finish(Outcome::Done);
        }
        self.doing = Task::KeepingOpen { until, next: until.min(now + STAYS_FRESH) };
    }
}
