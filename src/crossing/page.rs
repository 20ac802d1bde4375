//! Requests to the console's pages, and the pages that come back.

use crate::crossing::Link;
use crate::crossing::Proof;
use crate::crossing::TicketForm;
use crate::event::ActionName;
use crate::event::Notice;
use crate::event::PageName;
use crate::id::AddressId;
use crate::id::BrowserId;
use crate::id::DeviceId;
use crate::number::Masked;
use crate::number::Number;
use crate::otp::Kind;
use crate::secret::Code;
use crate::secret::Password;
use crate::secret::Seed;
use crate::secret::Token;

/// How many browsers and tabs a person has.
pub const BROWSERS_EACH: u16 = 3;

/// The browser whose cookies a browser or tab uses: each person's third is a tab of the first.
pub const fn jar_of(browser: BrowserId) -> BrowserId {
    if browser.0 % BROWSERS_EACH == 2 { BrowserId(browser.0 - 2) } else { browser }
}

/// What a person asks of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `GET` of a page.
    Open(PageName),
    /// The user name, on page 1.
    SubmitUser(AddressId),
    /// The password, on page 1.
    SubmitPassword(Password),
    /// The code, on page 2; `None` when what was typed is no code at all.
    SubmitCode(Option<Code>),
    /// "Troubleshoot MFA", on page 2.
    Troubleshoot,
    /// "Re-sync MFA device", on page 3.
    ChooseResync,
    /// "Sign in using alternative factors", on page 3.
    ChooseAlternative,
    /// "MFA code 1" and "MFA code 2", on page 4.
    SubmitPair(Option<Code>, Option<Code>),
    /// "Send verification email" and "Resend the email", on page 5.
    SendEmail,
    /// `GET` of a mail's link; `None` when it is not even shaped like one.
    FollowLink(Option<Link>),
    /// `HEAD` of a mail's link.
    ProbeLink(Option<Link>),
    /// "Verify your email address", on page 6.
    ConfirmLink(Option<Token>),
    /// "Call me now", on page 7.
    CallMe,
    /// The code that the call spoke, on page 7, where the policy has that direction.
    SubmitSpoken(Option<Code>),
    /// "Sign in to the console", on page 8.
    FinishSignIn,
    /// "Deactivate", on page 9.
    Deactivate(DeviceId),
    /// "Assign MFA device", on page 9.
    BeginAssign,
    /// Two consecutive codes of the new device.
    FinishAssign(Option<Code>, Option<Code>),
    /// A new phone number, on page 9; `None` when what was typed is none.
    ChangePhone(Option<Number>),
    /// "Sign out".
    SignOut,
    /// The form of page 10.
    SubmitTicket(TicketForm),
}

impl Action {
    /// Which of the actions it is, without what was typed.
    pub const fn name(self) -> ActionName {
        match self {
            Self::Open(_) => ActionName::Open,
            Self::SubmitUser(_) => ActionName::SubmitUser,
            Self::SubmitPassword(_) => ActionName::SubmitPassword,
            Self::SubmitCode(_) => ActionName::SubmitCode,
            Self::Troubleshoot => ActionName::Troubleshoot,
            Self::ChooseResync => ActionName::ChooseResync,
            Self::ChooseAlternative => ActionName::ChooseAlternative,
            Self::SubmitPair(..) => ActionName::SubmitPair,
            Self::SendEmail => ActionName::SendEmail,
            Self::FollowLink(_) => ActionName::FollowLink,
            Self::ProbeLink(_) => ActionName::ProbeLink,
            Self::ConfirmLink(_) => ActionName::ConfirmLink,
            Self::CallMe => ActionName::CallMe,
            Self::SubmitSpoken(_) => ActionName::SubmitSpoken,
            Self::FinishSignIn => ActionName::FinishSignIn,
            Self::Deactivate(_) => ActionName::Deactivate,
            Self::BeginAssign => ActionName::BeginAssign,
            Self::FinishAssign(..) => ActionName::FinishAssign,
            Self::ChangePhone(_) => ActionName::ChangePhone,
            Self::SignOut => ActionName::SignOut,
            Self::SubmitTicket(_) => ActionName::SubmitTicket,
        }
    }

    /// Whether it only looks: `GET` and `HEAD`, which must change nothing (RFC 9110 section 9.2.1).
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Open(_) | Self::FollowLink(_) | Self::ProbeLink(_))
    }

    /// Whether it goes to another place than the reference service: a foreign mail's link.
    pub const fn leads_elsewhere(self) -> bool {
        matches!(self, Self::FollowLink(Some(Link::Url(_))) | Self::ProbeLink(Some(Link::Url(_))))
    }
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

/// Something that can be chosen on a page: a button or a link, with its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Offer {
    /// Page 1.
    Next,
    /// Page 1.
    SignIn,
    /// Page 2.
    SubmitCode,
    /// Page 2.
    Troubleshoot,
    /// Page 3.
    Resync,
    /// Page 3.
    Alternative,
    /// Page 4.
    SubmitPair,
    /// Page 5.
    SendEmail,
    /// Page 5.
    ResendEmail,
    /// Page 6.
    ConfirmEmail,
    /// Page 7.
    CallMe,
    /// Page 7, where the call speaks the code.
    SubmitSpoken,
    /// Page 8.
    FinishSignIn,
    /// Page 9.
    Deactivate,
    /// Page 9.
    Assign,
    /// Page 9.
    FinishAssign,
    /// Page 9.
    ChangePhone,
    /// Page 9.
    SignOut,
    /// Page 10, and the way to it from pages 3 to 7.
    Support,
    /// Page 10.
    SubmitTicket,
}

impl Offer {
    /// All of them, in the order of the flow.
    pub const ALL: [Self; 20] = [
        Self::Next,
        Self::SignIn,
        Self::SubmitCode,
        Self::Troubleshoot,
        Self::Resync,
        Self::Alternative,
        Self::SubmitPair,
        Self::SendEmail,
        Self::ResendEmail,
        Self::ConfirmEmail,
        Self::CallMe,
        Self::SubmitSpoken,
        Self::FinishSignIn,
        Self::Deactivate,
        Self::Assign,
        Self::FinishAssign,
        Self::ChangePhone,
        Self::SignOut,
        Self::Support,
        Self::SubmitTicket,
    ];

    /// The text on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Next => "Next",
            Self::SignIn => "Sign in",
            Self::SubmitCode => "Submit MFA code",
            Self::Troubleshoot => "Troubleshoot MFA",
            Self::Resync => "Re-sync MFA device",
            Self::Alternative => "Sign in using alternative factors",
            Self::SubmitPair => "Re-sync",
            Self::SendEmail => "Send verification email",
            Self::ResendEmail => "Resend the email",
            Self::ConfirmEmail => "Verify your email address",
            Self::CallMe => "Call me now",
            Self::SubmitSpoken => "Submit the code",
            Self::FinishSignIn => "Sign in to the console",
            Self::Deactivate => "Deactivate",
            Self::Assign => "Assign MFA device",
            Self::FinishAssign => "Add MFA",
            Self::ChangePhone => "Change phone number",
            Self::SignOut => "Sign out",
            Self::Support => "Contact support",
            Self::SubmitTicket => "Submit request",
        }
    }

    /// The one with this text, letter for letter.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|offer| offer.label() == label)
    }
}

/// A set of [`Offer`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offers(u32);

impl Offers {
    /// Nothing to choose.
    pub const NONE: Self = Self(0);

    /// These.
    pub const fn of(offers: &[Offer]) -> Self {
        let mut set = 0;
        let mut index = 0;
        while index < offers.len() {
            set |= 1 << offers[index] as u32;
            index += 1;
        }
        Self(set)
    }

    /// This set and `offer`.
    #[must_use]
    pub const fn with(self, offer: Offer) -> Self {
        Self(self.0 | (1 << offer as u32))
    }

    /// A bit for each, in the order of the flow.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether `offer` can be chosen.
    pub const fn has(self, offer: Offer) -> bool {
        self.0 & (1 << offer as u32) != 0
    }

    /// What can be chosen, in the order of the flow.
    pub fn iter(self) -> impl Iterator<Item = Offer> {
        Offer::ALL.into_iter().filter(move |offer| self.has(*offer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_offer_has_a_text_of_its_own() {
        for offer in Offer::ALL {
            assert_eq!(Offer::from_label(offer.label()), Some(offer));
        }
    }

    #[test]
    fn eight_devices_fit_and_no_ninth() {
        let mut held = Held::default();
        assert!((0..8).all(|n| held.add(DeviceId(n))));
        assert!(!held.add(DeviceId(8)));
        assert_eq!(held.iter().count(), 8);
    }

    #[test]
    fn offers_are_told_in_the_order_of_the_flow() {
        let offers = Offers::of(&[Offer::SignOut, Offer::Next]).with(Offer::CallMe);
        assert_eq!(offers.iter().collect::<Vec<_>>(), [Offer::Next, Offer::CallMe, Offer::SignOut]);
    }
}
