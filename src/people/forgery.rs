//! Forged requests of strangers: webhooks, and cross-site forms.

use crate::base::secret::{Digest, Token};
use crate::event::{CallStatus, Control, EventKind, FormKind, PageName, Typed, WebhookKind};
use crate::message::{Action, Authenticity, Digits, Fields, Link, Shown, StatusReport, WebhookBody};
use crate::people::{ForgedWords, Forgery, FoundLink, Outcome, Output, Person};

/// The sequence number of a forged status callback: higher than in any real call.
const LATE: u8 = 200;

impl Person {
    pub(super) fn forge(&mut self, forgery: Forgery) {
        let (body, status) = match forgery.says {
            ForgedWords::Completed => {
                let report = StatusReport { sequence: LATE, duration: Some(30), ..StatusReport::default() };
                (WebhookBody::Status(report), CallStatus::Completed)
            }
            ForgedWords::RightDigits => {
                let Some(digits) = self.code_on_screen().map(Digits::of_code) else {
                    return self.finish(Outcome::NoCodeOnScreen);
                };
                (WebhookBody::Action(digits), CallStatus::InProgress)
            }
        };
        self.fact(EventKind::Forged { webhook: body.kind() });
        self.outputs.push(Output::Forge { body, status, signature: forgery.signature });
        self.finish(Outcome::Done);
    }

    pub(super) fn replay(&mut self, webhook: WebhookKind) {
        // Only the world knows the call of the last webhook.
        self.fact(EventKind::Replayed { webhook, call: None });
        self.outputs.push(Output::Replay(webhook));
        self.finish(Outcome::Done);
    }

    /// Posts a request that no page offers, with the session's own CSRF token.
    pub(super) fn post(&mut self, control: Control) {
        if self.page().is_none() {
            return self.finish(Outcome::NoPage);
        }
        if control == Control::BeginAssign {
            self.begin_assign();
        } else if can_be_posted_empty(control) {
            self.ask_and_wait(self.at, Action::of(control), Typed::Nothing);
        } else {
            self.finish(Outcome::NotOffered(control));
        }
    }

    /// Opens a link that was not received by email, in the current browser.
    pub(super) fn open_found(&mut self, found: FoundLink) {
        let token = match found {
            FoundLink::OnPage => self.page().and_then(|page| {
                let asked = page.name == PageName::VerifyEmail;
                if let Shown::Link(token) = page.shown { Some(token).filter(|_| asked) } else { None }
            }),
            FoundLink::WorkedOut => self
                .brain
                .mail_asked()
                .map(|asked| Token::of_user_and_time(self.has.user.0, self.epoch.unix_secs(asked))),
        };
        let Some(token) = token else { return self.finish(Outcome::NoMail) };
        let typed = Typed::Guess(Digest::of(&token.reveal()));
        self.ask_and_wait(
            self.at,
            Action::new(Control::FollowLink, Fields::Link(Some(Link::Token(token)))),
            typed,
        );
    }

    /// Posts a form of the service from another site's page (CSRF): with the cookie, without the token.
    pub(super) fn post_from_elsewhere(&mut self, control: Control) {
        let first = self.browsers[self.at]
            .page
            .and_then(|page| if let Shown::Devices(held) = page.shown { held.iter().next() } else { None });
        let fields = match (control, first) {
            (Control::Deactivate, Some(device)) => Fields::Device(device),
            (control, _) if can_be_posted_empty(control) => Fields::Empty,
            (control, _) => return self.finish(Outcome::NotOffered(control)),
        };
        self.fact(EventKind::Lured { browser: self.browsers[self.at].id });
        self.ask_with(self.at, Authenticity::Missing, Action::new(control, fields), Typed::Nothing);
        self.wait_for_page();
    }
}

/// Whether a request changes state and needs no form fields.
fn can_be_posted_empty(control: Control) -> bool {
    !control.is_safe() && control.form() == FormKind::Empty
}
