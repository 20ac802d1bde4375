//! What a stranger posts in the name of others: a call's requests, a form of another site's page.

use crate::crossing::Action;
use crate::crossing::Digits;
use crate::crossing::Fields;
use crate::crossing::Link;
use crate::crossing::Proof;
use crate::crossing::Shown;
use crate::crossing::StatusReport;
use crate::crossing::WebhookBody;
use crate::event::CallStatus;
use crate::event::Control;
use crate::event::EventKind;
use crate::event::FormKind;
use crate::event::PageName;
use crate::event::Typed;
use crate::event::WebhookKind;
use crate::person::ForgedWords;
use crate::person::Forgery;
use crate::person::FoundLink;
use crate::person::Outcome;
use crate::person::Output;
use crate::person::Person;
use crate::secret::Digest;
use crate::secret::Token;

/// The sequence number of a forged status: later than any that a real call has come to.
const LATE: u8 = 200;

impl Person {
    /// Posts something as if a call had.
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

    /// Posts a call's request once more.
    pub(super) fn replay(&mut self, webhook: WebhookKind) {
        self.fact(EventKind::Replayed { webhook });
        self.outputs.push(Output::Replay(webhook));
        self.finish(Outcome::Done);
    }

    /// Posts what no page offers, with the token of the session's own forms.
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

    /// Opens a link that came by no mail, in the browser that is used.
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

    /// Another site's page posts a form of the console's: the cookie goes along, the token does not.
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
        self.ask_with(self.at, Proof::Missing, Action::new(control, fields), Typed::Nothing);
        self.wait_for_page();
    }
}

/// Whether a request changes something and has no field to fill in.
fn can_be_posted_empty(control: Control) -> bool {
    !control.is_safe() && control.form() == FormKind::Empty
}
