//! Stolen session cookies: a copy is taken from the owner's browser, and comes back in the thief's.

use crate::event::{EventKind, PageName, Typed};
use crate::message::Action;
use crate::people::{BrowserChoice, Outcome, Output, Person};

/// The browser in which a thief uses a stolen cookie, with a cookie jar of its own.
const THIEFS: usize = BrowserChoice::Other.index();

impl Person {
    pub(super) fn steal_cookie(&mut self) {
        if !self.has.session {
            return self.finish(Outcome::NoCookie);
        }
        self.has_cookie = true;
        // Only the world knows the owner's browser.
        self.fact(EventKind::StoleCookie { of: None });
        self.outputs.push(Output::StealCookie(self.browsers[THIEFS].id));
        self.finish(Outcome::Done);
    }

    pub(super) fn come_back(&mut self) {
        if !self.has_cookie {
            return self.finish(Outcome::NoCookie);
        }
        self.at = THIEFS;
        let browser = self.browsers[THIEFS].id;
        self.fact(EventKind::PutInCookie { browser });
        self.outputs.push(Output::PutInCookie(browser));
        self.ask_and_wait(THIEFS, Action::open(PageName::SecurityCredentials), Typed::Nothing);
    }
}
