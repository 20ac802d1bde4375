//! Requests to the console's pages, and the pages that come back.

use crate::crossing::Action;
use crate::crossing::Proof;
use crate::event::Control;
use crate::event::Notice;
use crate::event::PageName;
use crate::id::BrowserId;
use crate::id::DeviceId;
use crate::number::Masked;
use crate::otp::Kind;
use crate::secret::Code;
use crate::secret::Seed;
use crate::secret::Token;

/// How many browsers and tabs a person has.
pub const BROWSERS_EACH: u16 = 3;

/// The browser whose cookies a browser or tab uses: each person's third is a tab of the first.
pub const fn jar_of(browser: BrowserId) -> BrowserId {
    if browser.0 % BROWSERS_EACH == 2 { BrowserId(browser.0 - 2) } else { browser }
}

/// A request as the console gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The session cookie that the browser sent, if any.
    pub cookie: Option<Token>,
    /// Whether the form's CSRF token belongs to that cookie.
    pub csrf: Proof,
    /// What is asked.
    pub action: Action,
}

/// A page as the console gives it, with what happens to the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageReply {
    /// The page.
    pub page: Page,
    /// What becomes of the browser's session cookie.
    pub cookie: Cookie,
}

/// What a reply does to the browser's session cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// Nothing.
    Keep,
    /// Sets it.
    Set(Token),
    /// Removes it.
    Clear,
}

/// A page as its reader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which page.
    pub name: PageName,
    /// What it tells.
    pub notice: Option<Notice>,
    /// What else stands on it.
    pub shown: Shown,
    /// What can be chosen on it.
    pub offers: Offers,
}

/// The part of a page that differs from one reader to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// Page 7: the number that is called, masked, and the code to key in, while there is one.
    Phone {
        /// The number on file.
        number: Masked,
        /// The code on the screen.
        code: Option<Code>,
    },
    /// Page 9: the devices of the account.
    Devices(Held),
    /// Page 9: the secret of a new device.
    Enrolment {
        /// The new device.
        device: DeviceId,
        /// Of which kind it is to be.
        kind: Kind,
        /// Its secret, as the QR code and as text.
        seed: Seed,
    },
    /// Page 6: the link that the button confirms.
    Link(Token),
}

/// The devices of an account: 8 at most, as with the provider that the flow is modelled on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    devices: [u16; Self::MAX],
    len: u8,
}

impl Held {
    /// How many devices an account can have.
    pub const MAX: usize = 8;

    /// Adds a device; says no when there are 8 already.
    pub fn add(&mut self, device: DeviceId) -> bool {
        let Some(place) = self.devices.get_mut(usize::from(self.len)) else { return false };
        *place = device.0;
        self.len += 1;
        true
    }

    /// The devices in the order in which they were assigned.
    pub fn iter(&self) -> impl Iterator<Item = DeviceId> {
        self.devices.into_iter().take(usize::from(self.len)).map(DeviceId)
    }
}

/// The controls of a page, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offers(u32);

impl Offers {
    /// Nothing to choose.
    pub const NONE: Self = Self(0);

    /// These.
    pub const fn of(offers: &[Control]) -> Self {
        let mut set = 0;
        let mut index = 0;
        while index < offers.len() {
            set |= 1 << offers[index] as u32;
            index += 1;
        }
        Self(set)
    }

    /// This set and `control`.
    #[must_use]
    pub const fn with(self, control: Control) -> Self {
        Self(self.0 | (1 << control as u32))
    }

    /// A bit for each, in the order of the flow.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether `control` can be chosen.
    pub const fn has(self, control: Control) -> bool {
        self.0 & (1 << control as u32) != 0
    }

    /// What can be chosen, in the order of the flow.
    pub fn iter(self) -> impl Iterator<Item = Control> {
        Control::ALL.iter().copied().filter(move |control| self.has(*control))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_devices_fit_and_no_ninth() {
        let mut held = Held::default();
        assert!((0..8).all(|n| held.add(DeviceId(n))));
        assert!(!held.add(DeviceId(8)));
        assert_eq!(held.iter().count(), 8);
    }

    #[test]
    fn offers_are_told_in_the_order_of_the_flow() {
        let offers = Offers::of(&[Control::SignOut, Control::SubmitUser]).with(Control::CallMe);
        assert_eq!(
            offers.iter().collect::<Vec<_>>(),
            [Control::SubmitUser, Control::CallMe, Control::SignOut]
        );
    }
}
