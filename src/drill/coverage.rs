//! Coverage: pages seen per role, in combination with the fault kinds that struck before.

use serde::{Deserialize, Serialize};

use crate::event::{Actor, Event, EventKind, PageName};
use crate::fault::FaultKind;
use crate::story::{Role, Story};

/// For each role and page, the fault kinds that struck before the page was seen, as a bit set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    owner: Vec<u64>,
    stranger: Vec<u64>,
}

/// Pseudo fault kind that counts as struck from the start of every run.
pub(super) const NO_FAULT: u64 = 1 << 63;

const _: () = assert!(FaultKind::ALL.len() < 64, "one bit per kind of fault");

impl Coverage {
    /// Resizes for all pages; called once per run, before [`Coverage::take_in`].
    pub(super) fn make_room(&mut self) {
        self.owner.resize(PageName::ALL.len(), 0);
        self.stranger.resize(PageName::ALL.len(), 0);
    }

    /// Records the next event of a run. `struck` accumulates the fault kinds that struck so far.
    pub(super) fn take_in(&mut self, event: &Event, story: &Story, struck: &mut u64) {
        match (event.by, event.kind) {
            (_, EventKind::FaultStruck { fault }) => {
                if let Some(fault) = story.faults.get(usize::from(fault)) {
                    *struck |= 1 << fault.kind.index();
                }
            }
            (Actor::Person(who), EventKind::Saw { page, .. }) => {
                let role = story.people.get(who.index()).map(|person| person.role);
                let pages = if role == Some(Role::Stranger) { &mut self.stranger } else { &mut self.owner };
                pages[page as usize] |= *struck;
            }
            _ => {}
        }
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for (here, there) in [(&mut self.owner, &other.owner), (&mut self.stranger, &other.stranger)] {
            here.resize(here.len().max(there.len()), 0);
            for (bits, more) in here.iter_mut().zip(there) {
                *bits |= more;
            }
        }
    }

    /// The number of covered combinations of page, fault kind (or none) and role, and the total number.
    pub fn share(&self) -> (u32, u32) {
        let seen = self.owner.iter().chain(&self.stranger).map(|bits| bits.count_ones()).sum();
        (seen, 2 * PageName::ALL.len() as u32 * (FaultKind::ALL.len() as u32 + 1))
    }

    /// For each page, the number of fault kinds covered for an owner and for a stranger.
    pub fn pages(&self) -> impl Iterator<Item = (PageName, u32, u32)> {
        let count = |of: &[u64], page: PageName| of.get(page as usize).map_or(0, |bits| bits.count_ones());
        PageName::ALL.iter().map(move |page| (*page, count(&self.owner, *page), count(&self.stranger, *page)))
    }
}
