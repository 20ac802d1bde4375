//! Pages: which one a session may see, what stands on it, and where each request goes.

use crate::crossing::Action;
use crate::crossing::Answer;
use crate::crossing::Cookie;
use crate::crossing::Held;
use crate::crossing::Link;
use crate::crossing::Offer;
use crate::crossing::Offers;
use crate::crossing::Page;
use crate::crossing::PageReply;
use crate::crossing::PageRequest;
use crate::crossing::Proof;
use crate::crossing::Shown;
use crate::draw::Draw;
use crate::event::EventKind;
use crate::event::Notice;
use crate::event::PageName;
use crate::event::Refusal;
use crate::event::Way;
use crate::id::AccountId;
use crate::id::SessionId;
use crate::policy::AlternativeFactors;
use crate::policy::Csrf;
use crate::policy::NumberShown;
use crate::policy::PhoneDirection;
use crate::policy::SpokenCode;
use crate::policy::StepOrder;
use crate::recovery::Recovery;
use crate::recovery::session::Visit;
use crate::recovery::store::CodeState;
use crate::recovery::store::PhoneCode;
use crate::recovery::store::Session;
use crate::recovery::store::Standing;
use crate::secret::Token;
use crate::time::Time;

/// A page's name and what it tells: what each handler of a request comes to.
pub(super) type View = (PageName, Option<Notice>);

impl Recovery {
    /// Answers a page request.
    pub(super) fn on_page(&mut self, now: Time, draw: &mut Draw, request: &PageRequest) {
        let reply = if let Action::ProbeLink(link) = request.action {
            // HEAD: no session is opened, so that scanners leave nothing behind.
            let (name, notice) = self.probe_link(now, link.and_then(Link::token));
            let page = Page { name, notice, shown: Shown::Nothing, offers: Offers::NONE };
            PageReply { page, cookie: Cookie::Keep }
        } else {
            self.answer_page(now, draw, request)
        };
        self.reply(Answer::Page(reply));
    }

    fn answer_page(&mut self, now: Time, draw: &mut Draw, request: &PageRequest) -> PageReply {
        let mut visit = self.visit(now, draw, request.cookie);
        let forged = !request.action.is_safe()
            && self.policy.csrf == Csrf::Required
            && (visit.stale || request.csrf != Proof::Valid);
        let view = if forged {
            // A form of a page that was left open while its session ended is nobody's attack.
            let over = visit.stale || request.cookie.is_none();
            let why = if over { Refusal::NoSession } else { Refusal::BadCsrf };
            self.fact(EventKind::RequestRefused { action: request.action.name(), why });
            if over {
                (PageName::SignIn, Some(Notice::SessionOver))
            } else {
                (PageName::Forbidden, Some(Notice::BadRequest))
            }
        } else {
            self.dispatch(now, draw, &mut visit, request.action)
        };
        let link =
            if let Action::FollowLink(link) = request.action { link.and_then(Link::token) } else { None };
        let link =
            if request.action == Action::SendEmail { self.link_in_answer(visit.session) } else { link };
        let page = self.page(now, visit.session, view, link);
        PageReply { page, cookie: visit.cookie }
    }

    fn dispatch(&mut self, now: Time, draw: &mut Draw, visit: &mut Visit, action: Action) -> View {
        match action {
            Action::Open(page) => self.open(now, draw, visit, page),
            Action::SubmitUser(user) => self.submit_user(now, draw, visit, user),
            Action::SubmitPassword(password) => self.submit_password(now, draw, visit, password),
            Action::SubmitCode(code) => self.submit_code(now, draw, visit, code),
            Action::Troubleshoot => self.only_before_mfa(visit, action, PageName::TroubleshootMfa),
            Action::ChooseResync => self.only_before_mfa(visit, action, PageName::Resync),
            Action::ChooseAlternative => self.choose_alternative(now, visit),
            Action::SubmitPair(first, second) => self.submit_pair(now, visit, first, second),
            Action::SendEmail => self.send_email(now, draw, visit),
            Action::FollowLink(link) => self.follow_link(now, visit, link.and_then(Link::token)),
            Action::ProbeLink(link) => self.probe_link(now, link.and_then(Link::token)),
            Action::ConfirmLink(token) => self.confirm_link(now, visit, token),
            Action::CallMe => self.call_me(now, draw, visit),
            Action::SubmitSpoken(code) => self.submit_spoken(now, visit, code),
            Action::FinishSignIn => self.finish_sign_in(now, draw, visit),
            Action::Deactivate(device) => self.deactivate(now, visit, device),
            Action::BeginAssign => self.begin_assign(now, draw, visit),
            Action::FinishAssign(first, second) => self.finish_assign(now, visit, first, second),
            Action::ChangePhone(number) => self.change_phone(now, visit, number),
            Action::SignOut => self.sign_out(visit),
            Action::SubmitTicket(form) => self.submit_ticket(now, visit, form),
        }
    }

    /// `GET` of a page: the page, if the session has come that far; otherwise the one where it is.
    fn open(&mut self, now: Time, draw: &mut Draw, visit: &mut Visit, page: PageName) -> View {
        let session = *self.session(visit.session);
        let here = self.where_it_is(&session);
        if page == PageName::ContactSupport && !self.may_ask_support(visit) {
            return self.too_early(visit, Action::Open(page));
        }
        if page == PageName::SignIn || page == PageName::ContactSupport || page == PageName::Forbidden {
            let notice = (visit.stale && page == PageName::SignIn).then_some(Notice::SessionOver);
            return (page, notice);
        }
        if self.policy.step_order == StepOrder::Free {
            return self.open_out_of_order(now, draw, visit, page);
        }
        let before_mfa = matches!(session.standing, Standing::Password(_) | Standing::Recovering(_));
        let may = match page {
            PageName::SignIn | PageName::ContactSupport | PageName::Forbidden => true,
            PageName::Password => matches!(session.standing, Standing::Named(_)),
            PageName::MfaCode | PageName::TroubleshootMfa | PageName::Resync => before_mfa,
            // A refresh of step 1 or 2 shows the step that is next, whichever that is now.
            PageName::VerifyEmail | PageName::VerifyPhone | PageName::FinishSignIn => {
                if matches!(session.standing, Standing::Recovering(_)) && !is_ahead(page, here) {
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
        if may { (page, None) } else { self.too_early(visit, Action::Open(page)) }
    }

    /// Where the policy does not enforce the order: whatever page is asked for (norms.md S01).
    fn open_out_of_order(&mut self, now: Time, draw: &mut Draw, visit: &mut Visit, page: PageName) -> View {
        let Some(account) = self.session(visit.session).standing.account() else {
            return self.too_early(visit, Action::Open(page));
        };
        if page == PageName::SecurityCredentials {
            if !matches!(self.session(visit.session).standing, Standing::SignedIn(..)) {
                self.sign_in(now, draw, visit, account, Way::Recovery);
            }
            return (page, None);
        }
        (page, None)
    }

    /// The steps of alternative factors: the first that is not done, with how it stands.
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
            // Not in recovery any more: another tab signed in, or out.
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

    /// A request that the session has not come far enough for: the page where it is.
    pub(super) fn too_early(&mut self, visit: &Visit, action: Action) -> View {
        let why = if visit.stale { Refusal::NoSession } else { Refusal::TooEarly };
        self.fact(EventKind::RequestRefused { action: action.name(), why });
        if visit.stale {
            return (PageName::SignIn, Some(Notice::SessionOver));
        }
        let session = self.session(visit.session);
        (self.where_it_is(session), Some(Notice::NotYet))
    }

    fn only_before_mfa(&mut self, visit: &Visit, action: Action, page: PageName) -> View {
        match self.session(visit.session).standing {
            Standing::Password(_) | Standing::Recovering(_) => (page, None),
            Standing::Anonymous | Standing::Named(_) | Standing::SignedIn(..) => {
                self.too_early(visit, action)
            }
        }
    }

    /// The page that a session is on by what it has proven.
    pub(super) fn where_it_is(&self, session: &Session) -> PageName {
        match session.standing {
            Standing::Anonymous => PageName::SignIn,
            Standing::Named(_) => PageName::Password,
            Standing::Password(_) => PageName::MfaCode,
            Standing::Recovering(_) => {
                let (email, phone) = self.steps_left(session);
                if email {
                    PageName::VerifyEmail
                } else if phone {
                    PageName::VerifyPhone
                } else {
                    PageName::FinishSignIn
                }
            }
            Standing::SignedIn(..) => PageName::SecurityCredentials,
        }
    }

    /// Whether the e-mail step and the phone step are still to be done.
    pub(super) const fn steps_left(&self, session: &Session) -> (bool, bool) {
        let (email, phone) = match self.policy.alternative_factors {
            AlternativeFactors::EmailAndPhone => (true, true),
            AlternativeFactors::EmailOnly => (true, false),
            AlternativeFactors::PhoneOnly => (false, true),
        };
        (email && !session.email_verified, phone && !session.phone_verified)
    }

    /// A whole page from its name and notice.
    fn page(&self, now: Time, session: SessionId, (name, notice): View, link: Option<Token>) -> Page {
        let session = self.session(session);
        let shown = match (name, session.standing) {
            (PageName::VerifyPhone, Standing::Password(account) | Standing::Recovering(account)) => {
                self.shown_phone(now, session, account)
            }
            (PageName::SecurityCredentials, Standing::SignedIn(account, _)) => self.shown_devices(account),
            (PageName::AssignDevice, _) => session.offered.map_or(Shown::Nothing, |offered| {
                Shown::Enrolment { device: offered.device, kind: offered.kind, seed: offered.seed }
            }),
            (PageName::ConfirmEmail, _) => {
                link.filter(|_| notice.is_none()).map_or(Shown::Nothing, Shown::Link)
            }
            (PageName::VerifyEmail, _) => link.map_or(Shown::Nothing, Shown::Link),
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
        for device in &self.durable.accounts[account.index()].devices {
            held.add(device.device);
        }
        Shown::Devices(held)
    }

    fn offers(&self, session: &Session, name: PageName, notice: Option<Notice>) -> Offers {
        match name {
            PageName::SignIn => Offers::of(&[Offer::Next, Offer::Support]),
            PageName::Password => Offers::of(&[Offer::SignIn]),
            PageName::MfaCode => Offers::of(&[Offer::SubmitCode, Offer::Troubleshoot]),
            PageName::TroubleshootMfa => Offers::of(&[Offer::Resync, Offer::Alternative, Offer::Support]),
            PageName::Resync => Offers::of(&[Offer::SubmitPair, Offer::Support]),
            PageName::VerifyEmail if session.mail_asked => Offers::of(&[Offer::ResendEmail, Offer::Support]),
            PageName::VerifyEmail => Offers::of(&[Offer::SendEmail, Offer::Support]),
            PageName::ConfirmEmail if notice.is_none() => Offers::of(&[Offer::ConfirmEmail]),
            PageName::ConfirmEmail => Offers::of(&[Offer::Support]),
            PageName::VerifyPhone => match self.policy.phone_direction {
                PhoneDirection::ScreenToPhone => Offers::of(&[Offer::CallMe, Offer::Support]),
                PhoneDirection::PhoneToScreen => {
                    Offers::of(&[Offer::CallMe, Offer::SubmitSpoken, Offer::Support])
                }
            },
            PageName::FinishSignIn => Offers::of(&[Offer::FinishSignIn]),
            PageName::SecurityCredentials => {
                let has_devices = session
                    .standing
                    .account()
                    .is_some_and(|account| !self.durable.accounts[account.index()].devices.is_empty());
                let offers = Offers::of(&[Offer::Assign, Offer::ChangePhone, Offer::SignOut]);
                if has_devices { offers.with(Offer::Deactivate) } else { offers }
            }
            PageName::AssignDevice => Offers::of(&[Offer::FinishAssign, Offer::SignOut]),
            PageName::ContactSupport => Offers::of(&[Offer::SubmitTicket]),
            PageName::Forbidden => Offers::NONE,
        }
    }
}

/// Whether `page` is a later step of alternative factors than `here`.
const fn is_ahead(page: PageName, here: PageName) -> bool {
    page as u8 > here as u8
}
