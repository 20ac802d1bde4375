//! Conclusions from pages: what a response reveals about the service's actions.

use crate::base::id::{AccountId, BrowserId, DeviceId, EventId, MailId};
use crate::base::time::Time;
use crate::event::{Notice, PageName, Refusal, Typed, Way};
use crate::story::Story;
use crate::witness::claim::{Claim, ClaimKind};
use crate::witness::deed::Deed;
use crate::witness::notice;

/// Browsers per person; the third is a second tab of the first.
const BROWSERS_EACH: u16 = 3;

/// The browser that owns the cookies of this browser or tab.
pub(super) const fn jar_of(browser: BrowserId) -> BrowserId {
    if browser.0 % BROWSERS_EACH == 2 { BrowserId(browser.0 - 2) } else { browser }
}

/// The progress of a browser's session, as shown by its pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Rights {
    /// At most a user name was entered.
    #[default]
    None,
    /// A password was accepted.
    Password,
    SignedIn,
}

/// The known state of a cookie jar's session.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Jar {
    account: Option<AccountId>,
    rights: Rights,
    /// Its cookie is a copy of another browser's, and no page has shown yet whether the session lives.
    is_copied: bool,
}

/// A request and its page.
pub(super) struct Answer<'a> {
    pub(super) at: Time,
    pub(super) seen: EventId,
    pub(super) asked: EventId,
    pub(super) browser: BrowserId,
    pub(super) typed: Typed,
    pub(super) page: PageName,
    pub(super) notice: Option<Notice>,
    pub(super) jar: &'a mut Jar,
    pub(super) claims: &'a mut Vec<Claim>,
}

impl Answer<'_> {
    /// Derives claims from the page, given the kind of request.
    pub(super) fn read(mut self, deed: Deed, story: &Story) {
        if self.page == PageName::SignIn && self.notice == Some(Notice::SessionOver) {
            return self.session_is_over();
        }
        match deed {
            Deed::User => self.user(story),
            Deed::Password => self.password(),
            Deed::Code => self.code(),
            Deed::Pair => self.pair(),
            Deed::Link => self.link(),
            Deed::SpokenCode => self.spoken_code(),
            Deed::FinishSignIn => self.finish_sign_in(),
            Deed::Deactivate => self.deactivate(),
            Deed::BeginAssign => self.begin_assign(),
            Deed::FinishAssign => self.finish_assign(),
            Deed::ChangePhone => self.change_phone(),
            Deed::SignOut => self.sign_out(),
            Deed::Other => {}
        }
        let nobody_yet = matches!(self.page, PageName::SignIn | PageName::Password);
        if nobody_yet && self.notice == Some(Notice::NotYet) {
            self.session_is_over();
        }
        if nobody_yet && self.notice == Some(Notice::SignInAgain) {
            let account = self.jar.account;
            self.session_is_over();
            self.jar.account = account;
        }
        if self.is_inside() {
            self.jar.is_copied = false;
            if self.jar.rights != Rights::SignedIn {
                self.jar.rights = Rights::SignedIn;
                self.claim(ClaimKind::SignedIn { way: None });
            }
        }
    }

    fn claim(&mut self, what: ClaimKind) {
        self.claims.push(Claim {
            at: self.at,
            seen: self.seen,
            asked: Some(self.asked),
            account: self.jar.account,
            what,
        });
    }

    /// Whether the page is only shown to signed-in users.
    const fn is_inside(&self) -> bool {
        matches!(self.page, PageName::SecurityCredentials | PageName::AssignDevice)
    }

    fn session_is_over(&mut self) {
        if self.jar.rights != Rights::None && !self.jar.is_copied {
            self.claim(ClaimKind::SessionEnded { browser: self.browser });
        }
        *self.jar = Jar::default();
    }

    /// The session gained rights, and its id is renewed.
    fn session_opened(&mut self, rights: Rights) {
        self.jar.rights = rights;
        self.claim(ClaimKind::SessionOpened { browser: self.browser });
    }

    fn user(&mut self, story: &Story) {
        let Typed::User(address) = self.typed else { return };
        if self.notice.is_some() || self.page == PageName::SignIn {
            return;
        }
        let place = story.accounts.iter().position(|account| account.user == address);
        let account = place.and_then(|place| u16::try_from(place).ok()).map(AccountId);
        if self.page == PageName::Password {
            // A new sign-in replaces the existing session.
            self.session_is_over();
            self.jar.account = account;
        } else {
            // The session continues for another account, so its rights may be new for that account.
            *self.jar = Jar { account, rights: Rights::Password, is_copied: false };
        }
    }

    fn password(&mut self) {
        if let (PageName::Password, Some(why)) = (self.page, notice::of_password(self.notice)) {
            return self.claim(ClaimKind::PasswordRefused { why });
        }
        match (self.page, self.notice) {
            (PageName::MfaCode, None) => {
                self.claim(ClaimKind::PasswordAccepted);
                self.session_opened(Rights::Password);
            }
            (PageName::VerifyEmail, Some(Notice::MfaOffVerify)) => {
                self.claim(ClaimKind::PasswordAccepted);
                self.session_opened(Rights::Password);
            }
            (PageName::SecurityCredentials, None | Some(Notice::MfaOff)) => {
                self.claim(ClaimKind::PasswordAccepted);
                self.session_opened(Rights::SignedIn);
                self.claim(ClaimKind::SignedIn { way: Some(Way::Password) });
            }
            _ => {}
        }
    }

    fn code(&mut self) {
        if let (PageName::MfaCode, Some(why)) = (self.page, notice::of_code(self.notice)) {
            return self.claim(ClaimKind::MfaRefused { why });
        }
        if self.is_inside() && self.notice.is_none() {
            let code =
                if let Typed::Code { device, step } = self.typed { Some((device, step)) } else { None };
            self.claim(ClaimKind::MfaAccepted { code });
            self.session_opened(Rights::SignedIn);
            self.claim(ClaimKind::SignedIn { way: Some(Way::Mfa) });
        }
    }

    fn pair(&mut self) {
        if self.notice == Some(Notice::InSync) {
            self.claim(ClaimKind::Resynced { device: self.device() });
        } else if let Some(why) = notice::of_pair(self.notice) {
            self.claim(ClaimKind::ResyncRefused { why });
        }
    }

    /// The device whose codes were typed.
    const fn device(&self) -> Option<DeviceId> {
        match self.typed {
            Typed::Pair { device, .. } | Typed::Code { device, .. } => Some(device),
            _ => None,
        }
    }

    /// The email whose link was opened.
    const fn mail(&self) -> Option<MailId> {
        if let Typed::Link(mail) = self.typed { Some(mail) } else { None }
    }

    fn link(&mut self) {
        let mail = self.mail();
        if self.page == PageName::ConfirmEmail {
            if self.notice == Some(Notice::GoBack) {
                self.claim(ClaimKind::LinkConfirmed { mail });
            } else if let Some(why) = notice::of_link(self.notice) {
                self.claim(ClaimKind::LinkRefused { mail, why });
            }
            return;
        }
        let next_step = matches!(self.page, PageName::VerifyPhone | PageName::FinishSignIn);
        if next_step || self.notice == Some(Notice::EmailVerified) {
            self.claim(ClaimKind::LinkConfirmed { mail });
            if self.jar.rights == Rights::None {
                // The sign-in that the link belongs to continues in this browser.
                self.jar.rights = Rights::Password;
            }
        }
    }

    fn spoken_code(&mut self) {
        if let (PageName::VerifyPhone, Some(why)) = (self.page, notice::of_spoken_code(self.notice)) {
            self.claim(ClaimKind::CodeRefused { call: None, why });
        } else if self.page == PageName::FinishSignIn && self.notice == Some(Notice::PhoneVerified) {
            self.claim(ClaimKind::CodeAccepted { call: None });
        }
    }

    fn finish_sign_in(&mut self) {
        let way = match self.notice {
            None => Some(Way::Recovery),
            Some(Notice::MfaOff) => Some(Way::OneAlternative),
            Some(_) => None,
        };
        if self.is_inside() && way.is_some() && self.jar.rights != Rights::SignedIn {
            self.session_opened(Rights::SignedIn);
            self.claim(ClaimKind::SignedIn { way });
        } else if self.page == PageName::SignIn && self.notice == Some(Notice::DeviceDeactivated) {
            self.claim(ClaimKind::DeviceDeactivated);
            self.session_is_over();
        }
    }

    fn deactivate(&mut self) {
        if self.notice == Some(Notice::DeviceDeactivated) {
            self.claim(ClaimKind::DeviceDeactivated);
        }
    }

    fn begin_assign(&mut self) {
        if self.notice == Some(Notice::TooManyDevices) {
            self.claim(ClaimKind::AssignRefused { why: Refusal::TooMany });
        }
    }

    fn finish_assign(&mut self) {
        if self.notice == Some(Notice::DeviceAssigned) {
            self.claim(ClaimKind::DeviceAssigned { device: self.device() });
        } else if let Some(why) = notice::of_pair(self.notice) {
            self.claim(ClaimKind::AssignRefused { why });
        }
    }

    fn change_phone(&mut self) {
        if self.notice == Some(Notice::ContactChanged) {
            self.claim(ClaimKind::PhoneChanged);
        }
    }

    fn sign_out(&mut self) {
        if self.notice == Some(Notice::SignedOut) {
            self.session_is_over();
        }
    }
}

impl Jar {
    /// A jar with a copy of the cookie of a signed-in session.
    pub(super) const fn copied(account: Option<AccountId>) -> Self {
        Self { account, rights: Rights::SignedIn, is_copied: true }
    }

    /// The account whose user name was typed last.
    pub(super) const fn account(&self) -> Option<AccountId> {
        self.account
    }
}
