//! What a person knows of passwords: the one from before the story, and those chosen or given since.

use crate::base::id::BrowserId;
use crate::base::later_password::LaterPassword;
use crate::base::secret::Password;
use crate::event::{Control, Notice, Typed};
use crate::message::{Fields, Page};
use crate::people::{Act, Outcome, PasswordChoice, Person, WRONG_PASSWORD};

/// The numbers of a person's passwords: 0 is the one that the account had when the story began.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passwords {
    /// The one that the person believes to be current.
    current: u16,
    /// Another one that may be current: no page told whether a change was made.
    doubtful: Option<u16>,
    /// The new password of the request under way, and its browser.
    sent: Option<(BrowserId, u16)>,
    changes: u16,
}

impl Passwords {
    /// Support has given the person a one-time password.
    pub(super) const fn given(&mut self, password: LaterPassword) {
        (self.current, self.doubtful) = (password.0, None);
    }
}

impl Person {
    /// The password that the person types in this choice, and its origin; `None` if it is not known.
    pub(super) fn password(&self, choice: PasswordChoice) -> Option<(Password, Typed)> {
        match (choice, self.passwords.current) {
            (PasswordChoice::Right, 0) => {
                self.has.password.map(|first| (first, Typed::Password(Some(self.account))))
            }
            (PasswordChoice::Right, nth) => {
                Some((LaterPassword(nth).password(), Typed::LaterPassword { of: self.account, nth }))
            }
            (PasswordChoice::Wrong, _) => Some((Password::of(WRONG_PASSWORD), Typed::Password(None))),
        }
    }

    /// Does what an owner does against a stranger.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller passes on three acts")]
    pub(super) fn protect(&mut self, act: Act) {
        match act {
            Act::ChangePassword(choice) => self.change_password(choice),
            Act::SignOutEverywhere => self.sign_out_everywhere(),
            _ => self.react(),
        }
    }

    /// Types the current password and a new one on page 9.
    pub(super) fn change_password(&mut self, choice: PasswordChoice) {
        let Some((current, _)) = self.password(choice) else { return self.finish(Outcome::NotKnown) };
        let browser = self.browsers[self.at].id;
        if !self.offers(Control::ChangePassword) {
            return self.finish(Outcome::NotOffered(Control::ChangePassword));
        }
        let new = LaterPassword::chosen_by(self.id, self.passwords.changes);
        self.passwords.changes = self.passwords.changes.wrapping_add(1);
        self.passwords.sent = Some((browser, new.0));
        let known = (choice == PasswordChoice::Right).then_some(self.passwords.current);
        let typed = Typed::NewPassword { of: self.account, current: known, new: new.0 };
        let fields = Fields::NewPassword(current, Some(new.password()));
        self.ask_offered(Control::ChangePassword, fields, typed);
    }

    /// Types the current password on page 9, to sign out in all browsers.
    pub(super) fn sign_out_everywhere(&mut self) {
        let Some((password, typed)) = self.password(PasswordChoice::Right) else {
            return self.finish(Outcome::NotKnown);
        };
        self.ask_offered(Control::SignOutEverywhere, Fields::Password(password), typed);
    }

    /// Takes in what a page says about the password; `None` is a page that did not come.
    pub(super) fn learn_password(&mut self, browser: BrowserId, page: Option<&Page>) {
        let sent = self.passwords.sent.take_if(|(asked, _)| *asked == browser);
        let wrong =
            |page: &Page| matches!(page.notice, Some(Notice::WrongPassword | Notice::WrongCurrentPassword));
        match (sent, page) {
            (Some((_, new)), Some(page)) if page.notice == Some(Notice::PasswordChanged) => {
                (self.passwords.current, self.passwords.doubtful) = (new, None);
            }
            // Nobody knows whether the service has made the change.
            (Some((_, new)), None) => self.passwords.doubtful = Some(new),
            (_, Some(page)) if wrong(page) => {
                if let Some(other) = self.passwords.doubtful {
                    (self.passwords.current, self.passwords.doubtful) = (other, Some(self.passwords.current));
                }
            }
            (Some(_) | None, Some(_)) | (None, None) => {}
        }
    }
}
