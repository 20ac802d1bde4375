//! Page requests to the service, and the pages that it returns.

use crate::base::id::{AddressId, BrowserId, DeviceId};
use crate::base::number::Masked;
use crate::base::otp::Kind;
use crate::base::secret::{Code, Seed, Token};
use crate::event::{Control, Notice, PageName};
use crate::message::{Action, Authenticity};

/// Number of browsers and tabs per person.
pub const BROWSERS_EACH: u16 = 3;

/// The browser whose cookies this browser uses: each person's third is a tab of the first.
pub const fn jar_of(browser: BrowserId) -> BrowserId {
    if browser.0 % BROWSERS_EACH == 2 { BrowserId(browser.0 - 2) } else { browser }
}

/// A request as received by the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The session cookie that the browser sent, if any.
    pub cookie: Option<Token>,
    /// Whether the form's CSRF token matches the cookie.
    pub csrf: Authenticity,
    /// The request.
    pub action: Action,
}

/// A page as returned by the service, with the change of the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageReply {
    /// The page.
    pub page: Page,
    /// The change of the browser's session cookie.
    pub cookie: Cookie,
}

/// A change of the browser's session cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// No change.
    Keep,
    /// Sets the cookie.
    Set(Token),
    /// Removes the cookie.
    Clear,
}

/// What a thief does with the session cookie of another person's browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieTheft {
    /// Copies the cookie that a browser has now.
    Copied {
        /// The browser that has it.
        from: BrowserId,
        /// The thief's browser, which gets the copy later.
        by: BrowserId,
    },
    /// Puts the copy into the jar of the thief's browser.
    PutIn {
        /// The thief's browser.
        by: BrowserId,
    },
}

/// A page as seen by its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The name of the page.
    pub name: PageName,
    /// The notice at the top, if any.
    pub notice: Option<Notice>,
    /// The reader-specific content.
    pub shown: Shown,
    /// The available controls.
    pub offers: Offers,
}

/// The reader-specific content of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// Page 7: the called number, masked, and the code to key in, if any.
    Phone {
        /// The number on file.
        number: Masked,
        /// The code on the screen.
        code: Option<Code>,
    },
    /// Page 5: the address that the email goes to, which the page masks.
    Address(AddressId),
    /// Page 9: the devices of the account.
    Devices(Held),
    /// Page 9: the secret of a new device.
    Enrolment {
        /// The new device.
        device: DeviceId,
        /// The kind of device.
        kind: Kind,
        /// Its secret, shown as a QR code and as text.
        seed: Seed,
    },
    /// Page 6: the link that the button confirms.
    Link(Token),
}

/// The devices of an account: at most 8, as with the provider that the flow is modelled on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    devices: [u16; Self::MAX],
    len: u8,
    /// One bit for each device that no longer counts, by index.
    stopped: u8,
}

impl Held {
    /// Maximum number of devices per account.
    pub const MAX: usize = 8;

    /// Adds a device. Returns false if there are already 8.
    pub fn add(&mut self, device: DeviceId) -> bool {
        let Some(place) = self.devices.get_mut(usize::from(self.len)) else { return false };
        *place = device.0;
        self.len += 1;
        true
    }

    /// Adds a device that no longer counts. Returns false if there are already 8 devices.
    pub fn add_stopped(&mut self, device: DeviceId) -> bool {
        let bit = 1_u8.checked_shl(self.len.into()).unwrap_or(0);
        let fits = self.add(device);
        if fits {
            self.stopped |= bit;
        }
        fits
    }

    /// The devices that count, in the order of assignment.
    pub fn iter(&self) -> impl Iterator<Item = DeviceId> {
        self.which(false)
    }

    /// The devices that no longer count, in the order in which they stopped.
    pub fn stopped(&self) -> impl Iterator<Item = DeviceId> {
        self.which(true)
    }

    fn which(&self, stopped: bool) -> impl Iterator<Item = DeviceId> {
        let (devices, bits) = (self.devices, self.stopped);
        let is_one = move |at: &usize| (bits >> at & 1 == 1) == stopped;
        (0..usize::from(self.len)).filter(is_one).map(move |at| DeviceId(devices[at]))
    }
}

/// A set of controls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offers(u32);

impl Offers {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// The set of these controls.
    pub const fn of(offers: &[Control]) -> Self {
        let mut set = 0;
        let mut index = 0;
        while index < offers.len() {
            set |= 1 << offers[index] as u32;
            index += 1;
        }
        Self(set)
    }

    /// The set with `control` added.
    #[must_use]
    pub const fn with(self, control: Control) -> Self {
        Self(self.0 | (1 << control as u32))
    }

    /// One bit per control, in the order of the flow.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether `control` is available.
    pub const fn has(self, control: Control) -> bool {
        self.0 & (1 << control as u32) != 0
    }

    /// The available controls, in the order of the flow.
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
        assert!(!held.add_stopped(DeviceId(8)));
        assert_eq!(held.stopped().count(), 0);
    }

    #[test]
    fn a_device_counts_or_it_does_not() {
        let mut held = Held::default();
        assert!(held.add(DeviceId(5)) && held.add_stopped(DeviceId(3)) && held.add(DeviceId(4)));
        assert!((0..5).all(|n| held.add_stopped(DeviceId(n))));
        assert_eq!(held.iter().collect::<Vec<_>>(), [5, 4].map(DeviceId));
        assert_eq!(held.stopped().collect::<Vec<_>>(), [3, 0, 1, 2, 3, 4].map(DeviceId));
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
