//! Read access to a person's state: pages, letters, calls.

use crate::base::id::{BrowserId, CallId, DeviceId, TicketId};
use crate::base::secret::Code;
use crate::event::Control;
use crate::message::{Letter, Page};
use crate::people::tasks::Task;
use crate::people::{HeldDevice, Person, tasks};

impl Person {
    /// The page in the current browser.
    pub fn page(&self) -> Option<&Page> {
        self.browsers[self.at].page.as_ref()
    }

    /// The current browser.
    pub const fn browser(&self) -> BrowserId {
        self.browsers[self.at].id
    }

    /// The page in the browser on the other device.
    pub fn other_page(&self) -> Option<&Page> {
        self.browsers[1].page.as_ref()
    }

    /// The received letters, oldest first.
    pub fn letters(&self) -> &[Letter] {
        self.mailbox.letters()
    }

    /// The ringing call.
    pub fn ringing(&self) -> Option<CallId> {
        self.telephone.ringing()
    }

    /// The support desk's ringing call.
    pub fn called_back(&self) -> Option<TicketId> {
        self.telephone.desk()
    }

    /// Whether an email with a link has arrived.
    pub fn has_a_link(&self) -> bool {
        self.mailbox.verification(0).is_some()
    }

    /// Whether this person has the device and `code` is its code for this moving factor.
    pub fn has_code(&self, device: DeviceId, step: u64, code: Code) -> bool {
        self.gadget_of(device).is_some_and(|gadget| gadget.is_code(step, code))
    }

    /// Number of codes computed by this person's devices: one HMAC each.
    pub fn codes_computed(&self) -> u64 {
        self.has.gadgets.iter().map(HeldDevice::codes_computed).sum()
    }

    /// The phone codes shown in this person's browsers.
    pub fn codes_on_screens(&self) -> impl Iterator<Item = (BrowserId, Code)> {
        self.browsers.iter().filter_map(|browser| Some((browser.id, tasks::code_of(browser.page?)?)))
    }

    /// Whether a call is ringing or connected.
    pub const fn is_on_the_phone(&self) -> bool {
        self.telephone.is_in_use()
    }

    /// Whether a browser shows "Verify your email address".
    pub fn can_confirm(&self) -> bool {
        let pages = self.browsers.iter().filter_map(|browser| browser.page);
        pages.into_iter().any(|page| page.offers.has(Control::ConfirmLink))
    }

    /// Whether an act is in progress.
    pub fn is_busy(&self) -> bool {
        !matches!(self.doing, Task::Nothing)
    }

    /// Whether the person acts by habit.
    pub fn acts_by_habit(&self) -> bool {
        self.brain.is_on()
    }
}
