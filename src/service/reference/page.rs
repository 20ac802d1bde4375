//! Pages: which ones a session may see, what they show, and how requests are dispatched.

use crate::base::id::{AccountId, SessionId};
use crate::base::rng::Rng;
use crate::base::secret::Token;
use crate::base::time::Time;
use crate::event::{Control, EventKind, Notice, PageName, Refusal, Way};
use crate::message::{Action, Authenticity, Cookie, Held, Offers, Page, PageReply, PageRequest, Shown};
use crate::policy::{AlternativeFactors, Csrf, NumberShown, PhoneDirection, SpokenCode, StepOrder};
use crate::service::reference::Recovery;
use crate::service::reference::session::Visit;
use crate::service::reference::store::{AuthState, CodeState, PhoneCode, Session};

/// A page's name and notice: the result of each request handler.
pub(super) type View = (PageName, Option<Notice>);

impl Recovery {
    pub(super) fn on_page(&mut self, now: Time, draw: &mut Rng, request: &PageRequest) -> PageReply {
        if request.action.control() == Control::ProbeLink {
            // HEAD: no session is opened, so that scanners leave nothing behind.
            let (name, notice) = self.probe_link(now, request.action.fields().token());
            let page = Page { name, notice, shown: Shown::Nothing, offers: Offers::NONE };
            PageReply { page, cookie: Cookie::Keep }
        } else {
            self.answer_page(now, draw, request)
        }
    }

    fn answer_page(&mut self, now: Time, draw: &mut Rng, request: &PageRequest) -> PageReply {
        let mut visit = self.visit(now, draw, request.cookie);
        let forged = !request.action.control().is_safe()
            && self.policy.csrf == Csrf::Required
            && (visit.stale || request.csrf != Authenticity::Valid);
        let view = if forged {
            // A form from a page left open past the end of its session is not an attack.
            let over = visit.cookie != Cookie::Keep;
            let why = if over { Refusal::NoSession } else { Refusal::BadCsrf };
            self.fact(EventKind::RequestRefused { action: request.action.control(), why });
            if over {
                (PageName::SignIn, Some(Notice::SessionOver))
            } else {
                (PageName::Forbidden, Some(Notice::BadRequest))
            }
        } else {
            self.dispatch(now, draw, &mut visit, &request.action)
        };
        let control = request.action.control();
        let link = if control == Control::FollowLink {
            request.action.fields().token()
        } else if control == Control::SendEmail {
            self.link_in_answer(visit.session)
        } else {
            None
        };
        let page = self.page(now, visit.session, view, link);
        PageReply { page, cookie: visit.cookie }
    }

    fn dispatch(&mut self, now: Time, draw: &mut Rng, visit: &mut Visit, action: &Action) -> View {
        let (control, fields) = (action.control(), action.fields());
        if let Some(view) = self.asks_to_sign_in_again(now, draw, visit, control) {
            return view;
        }
        match control {
            Control::Open | Control::Support => self.open(now, draw, visit, fields.page()),
            Control::SubmitUser => self.submit_user(now, draw, visit, fields.user()),
            Control::SubmitPassword => self.submit_password(now, draw, visit, fields.password()),
            Control::SubmitCode => self.submit_code(now, draw, visit, fields.code()),
            Control::Troubleshoot => self.only_before_mfa(visit, control, PageName::TroubleshootMfa),
            Control::ChooseResync => self.only_before_mfa(visit, control, PageName::Resync),
            Control::ChooseAlternative => self.choose_alternative(now, visit),
            Control::SubmitPair => {
                let (first, second) = fields.pair();
                self.submit_pair(now, visit, first, second)
            }
            Control::SendEmail | Control::ResendEmail => self.send_email(now, draw, visit),
            Control::FollowLink => self.follow_link(now, visit, fields.token()),
            Control::ProbeLink => self.probe_link(now, fields.token()),
            Control::ConfirmLink => self.confirm_link(now, visit, fields.token()),
            Control::CallMe => self.call_me(now, draw, visit),
            Control::SubmitSpoken => self.submit_spoken(now, visit, fields.code()),
            Control::FinishSignIn => self.finish_sign_in(now, draw, visit),
            Control::Deactivate => self.deactivate(now, visit, fields.device()),
            Control::BeginAssign => self.begin_assign(now, draw, visit),
            Control::FinishAssign => {
                let (first, second) = fields.pair();
                self.finish_assign(now, visit, first, second)
            }
            Control::Reactivate => {
                let (first, second) = fields.pair();
                self.reactivate(now, visit, first, second)
            }
            Control::ChangePhone => self.change_phone(now, visit, fields.phone()),
            Control::SignOut => self.sign_out(now, draw, visit),
            Control::SubmitTicket => self.submit_ticket(now, visit, fields.ticket()),
        }
    }

    /// Handles `GET` of a page: shows it if the session has reached it, otherwise its current page.
    fn open(&mut self, now: Time, draw: &mut Rng, visit: &mut Visit, page: PageName) -> View {
        let session = *self.session(visit.session);
        let here = self.where_it_is(&session);
        if page == PageName::ContactSupport && !self.may_ask_support(visit) {
            return self.too_early(visit, Control::Open);
        }
        if page == PageName::SignIn || page == PageName::ContactSupport || page == PageName::Forbidden {
            let notice = (visit.stale && page == PageName::SignIn).then_some(Notice::SessionOver);
            return (page, notice);
        }
        if self.policy.step_order == StepOrder::Free {
            return self.open_out_of_order(now, draw, visit, page);
        }
        let before_mfa = matches!(session.standing, AuthState::Password(_) | AuthState::Recovering(_));
        let may = match page {
            PageName::SignIn | PageName::ContactSupport | PageName::Forbidden => true,
            PageName::Password => matches!(session.standing, AuthState::Named(_)),
            PageName::MfaCode | PageName::TroubleshootMfa | PageName::Resync => before_mfa,
            // A reload of a step that was reached shows the step that is next now.
            PageName::VerifyEmail | PageName::VerifyPhone | PageName::FinishSignIn => {
                if matches!(session.standing, AuthState::Recovering(_)) && !is_ahead(page, here) {
                    return self.step(now, visit.session);
                }
                false
            }
            PageName::SecurityCredentials | PageName::AssignDevice => here == PageName::SecurityCredentials,
            PageName::ConfirmEmail => false,
        };
        if may && page == PageName::AssignDevice && session.offered.is_none() {
            return (PageName::SecurityCredentials, None);
        }
        if may { (page, None) } else { self.too_early(visit, Control::Open) }
    }

    /// Shows any page, for policies that do not enforce the order of steps (S01).
    fn open_out_of_order(&mut self, now: Time, draw: &mut Rng, visit: &mut Visit, page: PageName) -> View {
        let Some(account) = self.session(visit.session).standing.account() else {
            return self.too_early(visit, Control::Open);
        };
        if page == PageName::SecurityCredentials {
            if !matches!(self.session(visit.session).standing, AuthState::SignedIn(..)) {
                self.sign_in(now, draw, visit, account, Way::Recovery);
            }
            return (page, None);
        }
        (page, None)
    }

    /// The current step of alternative factors, with its status notice.
    pub(super) fn step(&self, now: Time, session: SessionId) -> View {
        let session = self.session(session);
        match self.where_it_is(session) {
            PageName::VerifyEmail => (PageName::VerifyEmail, self.mail_notice(session)),
            PageName::VerifyPhone => (PageName::VerifyPhone, self.call_notice(now, session)),
            PageName::FinishSignIn => {
                let notice =
                    if session.phone_verified { Notice::PhoneVerified } else { Notice::EmailVerified };
                (PageName::FinishSignIn, Some(notice))
            }
            // No longer in recovery: another tab signed in or out.
            other @ (PageName::SignIn
            | PageName::Password
            | PageName::MfaCode
            | PageName::TroubleshootMfa
            | PageName::Resync
            | PageName::ConfirmEmail
            | PageName::SecurityCredentials
            | PageName::AssignDevice
            | PageName::ContactSupport
            | PageName::Forbidden) => (other, None),
        }
    }

    /// Refuses a request that the session has not reached yet, and shows its current page.
    pub(super) fn too_early(&mut self, visit: &Visit, control: Control) -> View {
        let why = if visit.stale { Refusal::NoSession } else { Refusal::TooEarly };
        self.fact(EventKind::RequestRefused { action: control, why });
        if visit.stale {
            return (PageName::SignIn, Some(Notice::SessionOver));
        }
        let session = self.session(visit.session);
        (self.where_it_is(session), Some(Notice::NotYet))
    }

    fn only_before_mfa(&mut self, visit: &Visit, control: Control, page: PageName) -> View {
        match self.session(visit.session).standing {
            AuthState::Password(_) | AuthState::Recovering(_) => (page, None),
            AuthState::Anonymous | AuthState::Named(_) | AuthState::SignedIn(..) => {
                self.too_early(visit, control)
            }
        }
    }

    /// The page that a session is on, given what it has proven.
    pub(super) fn where_it_is(&self, session: &Session) -> PageName {
        match session.standing {
            AuthState::Anonymous => PageName::SignIn,
            AuthState::Named(_) => PageName::Password,
            AuthState::Password(_) => PageName::MfaCode,
            AuthState::Recovering(_) => {
                let (email, phone) = self.steps_left(session);
                if email {
                    PageName::VerifyEmail
                } else if phone {
                    PageName::VerifyPhone
                } else {
                    PageName::FinishSignIn
                }
            }
            AuthState::SignedIn(..) => PageName::SecurityCredentials,
        }
    }

    /// Whether the email step and the phone step are still pending.
    pub(super) fn steps_left(&self, session: &Session) -> (bool, bool) {
        if session.standing.account().is_some_and(|account| self.takes_an_alternative(account)) {
            // Either of the two will do: the phone once a call was requested, else the email.
            let left = !session.email_verified && !session.phone_verified;
            return (left && session.code.is_none(), left && session.code.is_some());
        }
        let (email, phone) = match self.policy.alternative_factors {
            AlternativeFactors::EmailAndPhone => (true, true),
            AlternativeFactors::EmailOnly => (true, false),
            AlternativeFactors::PhoneOnly => (false, true),
        };
        (email && !session.email_verified, phone && !session.phone_verified)
    }

    /// Builds a page from its name and notice.
    fn page(&self, now: Time, session: SessionId, (name, notice): View, link: Option<Token>) -> Page {
        let session = self.session(session);
        let shown = match (name, session.standing) {
            (PageName::VerifyPhone, AuthState::Password(account) | AuthState::Recovering(account)) => {
                self.shown_phone(now, session, account)
            }
            (PageName::SecurityCredentials, AuthState::SignedIn(account, _)) => self.shown_devices(account),
            (PageName::AssignDevice, _) => session.offered.map_or(Shown::Nothing, |offered| {
                Shown::Enrolment { device: offered.device, kind: offered.kind, seed: offered.seed }
            }),
            (PageName::ConfirmEmail, _) => {
                link.filter(|_| notice.is_none()).map_or(Shown::Nothing, Shown::Link)
            }
            (PageName::VerifyEmail, standing) => {
                let address = standing.account().and_then(|account| self.verification_address(account));
                link.map_or_else(|| address.map_or(Shown::Nothing, Shown::Address), Shown::Link)
            }
            _ => Shown::Nothing,
        };
        Page { name, notice, shown, offers: self.offers(session, name, notice) }
    }

    fn shown_phone(&self, now: Time, session: &Session, account: AccountId) -> Shown {
        let Some(number) = self.number_to_call(account) else { return Shown::Nothing };
        let code = session.code.map(|code| &self.durable.codes[code.index()]);
        let on_screen = self.policy.phone_direction == PhoneDirection::ScreenToPhone
            || self.policy.spoken_code == SpokenCode::InThePageToo;
        let stands = |code: &&PhoneCode| {
            on_screen && code.state == CodeState::Live && now.since(code.issued) <= self.policy.code_lifetime
        };
        let number = match self.policy.number_shown {
            NumberShown::Masked => number.masked(),
            NumberShown::Whole => number.unmasked(),
        };
        Shown::Phone { number, code: code.filter(stands).map(|code| code.code) }
    }

    fn shown_devices(&self, account: AccountId) -> Shown {
        let mut held = Held::default();
        let record = &self.durable.accounts[account.index()];
        for device in &record.devices {
            held.add(device.device);
        }
        for device in &record.stopped {
            held.add_stopped(device.device);
        }
        Shown::Devices(held)
    }

    fn offers(&self, session: &Session, name: PageName, notice: Option<Notice>) -> Offers {
        match name {
            PageName::SignIn => Offers::of(&[Control::SubmitUser, Control::Support]),
            PageName::Password => Offers::of(&[Control::SubmitPassword]),
            PageName::MfaCode => Offers::of(&[Control::SubmitCode, Control::Troubleshoot]),
            PageName::TroubleshootMfa => {
                Offers::of(&[Control::ChooseResync, Control::ChooseAlternative, Control::Support])
            }
            PageName::Resync => Offers::of(&[Control::SubmitPair, Control::Support]),
            PageName::VerifyEmail => {
                let send = if session.mail_asked { Control::ResendEmail } else { Control::SendEmail };
                let offers = Offers::of(&[send, Control::Support]);
                let phone_will_do = session.standing.account().is_some_and(|account| {
                    self.takes_an_alternative(account) && self.number_to_call(account).is_some()
                });
                if phone_will_do { offers.with(Control::CallMe) } else { offers }
            }
            PageName::ConfirmEmail if notice.is_none() => Offers::of(&[Control::ConfirmLink]),
            PageName::ConfirmEmail => Offers::of(&[Control::Support]),
            PageName::VerifyPhone => match self.policy.phone_direction {
                PhoneDirection::ScreenToPhone => Offers::of(&[Control::CallMe, Control::Support]),
                PhoneDirection::PhoneToScreen => {
                    Offers::of(&[Control::CallMe, Control::SubmitSpoken, Control::Support])
                }
            },
            PageName::FinishSignIn => Offers::of(&[Control::FinishSignIn]),
            PageName::SecurityCredentials => {
                let mut offers = Offers::of(&[Control::BeginAssign, Control::ChangePhone, Control::SignOut]);
                let account = session.standing.account();
                if let Some(record) = account.map(|account| &self.durable.accounts[account.index()]) {
                    if !record.devices.is_empty() {
                        offers = offers.with(Control::Deactivate);
                    }
                    if !record.stopped.is_empty() {
                        offers = offers.with(Control::Reactivate);
                    }
                }
                offers
            }
            PageName::AssignDevice => Offers::of(&[Control::FinishAssign, Control::SignOut]),
            PageName::ContactSupport => Offers::of(&[Control::SubmitTicket]),
            PageName::Forbidden => Offers::NONE,
        }
    }
}

/// Whether `page` is a later step of alternative factors than `here`.
const fn is_ahead(page: PageName, here: PageName) -> bool {
    page as u8 > here as u8
}
