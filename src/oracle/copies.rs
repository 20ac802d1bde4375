//! Browsers that hold a stolen session cookie. To a service, such a browser is the one that the cookie was copied
//! from, whatever is done there.

use crate::base::id::BrowserId;
use crate::event::{Event, EventKind};
use crate::oracle::{Reading, reading};

/// The browsers with a stolen session cookie at one point of a trace.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// Each with the browser that its cookie was copied from.
    used: Vec<(BrowserId, BrowserId)>,
}

impl Copies {
    /// The browser that the service takes this one for.
    pub(super) fn own(&self, browser: BrowserId) -> BrowserId {
        let stolen = self.used.iter().find(|(own, _)| reading::same_cookies(*own, browser));
        stolen.map_or(browser, |(_, from)| *from)
    }

    /// A thief puts the cookie that was stolen last into this browser.
    pub(super) fn put_in(&mut self, reading: &Reading<'_>, event: &Event, browser: BrowserId) {
        let of_thief = |other: &&Event| other.by == event.by;
        let events = reading.trace.events().iter().filter(of_thief);
        let stolen = events.take_while(|other| *other != event).filter_map(|other| match other.kind {
            EventKind::StoleCookie { of } => of,
            _ => None,
        });
        if let Some(from) = stolen.last() {
            self.use_copy(browser, from);
        }
    }

    /// This browser holds a copy of the cookie of that one. A copy of a copy is one of the first.
    pub(super) fn use_copy(&mut self, browser: BrowserId, from: BrowserId) {
        let from = self.own(from);
        self.used.retain(|(own, _)| !reading::same_cookies(*own, browser));
        self.used.push((browser, from));
    }

    /// Whoever has signed in anew in this browser uses no copy any more.
    pub(super) fn has_own(&mut self, browser: BrowserId) {
        self.used.retain(|(own, _)| !reading::same_cookies(*own, browser));
    }
}
