//! What can be seen of a person from outside: the page, the letters, what rings.

use crate::crossing::Letter;
use crate::crossing::Offer;
use crate::crossing::Page;
use crate::id::BrowserId;
use crate::id::CallId;
use crate::id::DeviceId;
use crate::id::TicketId;
use crate::person::Gadget;
use crate::person::Person;
use crate::person::hands;
use crate::person::hands::Doing;
use crate::secret::Code;

impl Person {
    /// The page that the browser which is used now shows.
    pub fn page(&self) -> Option<&Page> {
        self.browsers[self.at].page.as_ref()
    }

    /// The page that the browser on the other device shows.
    pub fn other_page(&self) -> Option<&Page> {
        self.browsers[1].page.as_ref()
    }

    /// The letters that have come, oldest first.
    pub fn letters(&self) -> &[Letter] {
        self.mailbox.letters()
    }

    /// The call that rings, if one does.
    pub fn ringing(&self) -> Option<CallId> {
        self.telephone.ringing()
    }

    /// The support desk's call that rings, if one does.
    pub fn called_back(&self) -> Option<TicketId> {
        self.telephone.desk()
    }

    /// Whether a mail with a link has come.
    pub fn has_a_link(&self) -> bool {
        self.mailbox.awaited(0).is_some()
    }

    /// Whether this person has the device, and `code` is its code for this moving factor.
    pub fn has_code(&self, device: DeviceId, step: u64, code: Code) -> bool {
        self.gadget_of(device).is_some_and(|gadget| gadget.is_code(step, code))
    }

    /// How many codes this person's devices have computed so far: an HMAC each.
    pub fn codes_computed(&self) -> u64 {
        self.has.gadgets.iter().map(Gadget::codes_computed).sum()
    }

    /// The codes for the phone that stand on the screens of this person's browsers.
    pub fn codes_on_screens(&self) -> impl Iterator<Item = (BrowserId, Code)> {
        self.browsers.iter().filter_map(|browser| Some((browser.id, hands::code_of(browser.page?)?)))
    }

    /// Whether a call rings or is on.
    pub const fn is_on_the_phone(&self) -> bool {
        self.telephone.is_in_use()
    }

    /// Whether some browser shows "Verify your email address".
    pub fn can_confirm(&self) -> bool {
        let pages = self.browsers.iter().filter_map(|browser| browser.page);
        pages.into_iter().any(|page| page.offers.has(Offer::ConfirmEmail))
    }

    /// Whether the person is in the middle of something that was ordered.
    pub fn is_busy(&self) -> bool {
        !matches!(self.doing, Doing::Nothing)
    }

    /// Whether the person acts by habit.
    pub fn acts_by_habit(&self) -> bool {
        self.brain.is_on()
    }
}
