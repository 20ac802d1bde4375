//! Pages 3, 5 and 6: chooses alternative factors; sends, opens and confirms verification links.

use crate::base::id::{AccountId, AddressId, LinkId, SessionId};
use crate::base::rng::Rng;
use crate::base::secret::Token;
use crate::base::time::{Span, Time};
use crate::event::{Control, EventKind, MailKind, Notice, PageName, Refusal};
use crate::message::Cookie;
use crate::policy::{
    AlternativesAndCount, LinkBound, LinkExpiry, LinkFetch, LinkShown, LinkToken, LinkWritten, OtherBrowser,
    OutboxOrder, Resend, StepOrder, Throttling, Uses,
};
use crate::service::reference::Recovery;
use crate::service::reference::page::View;
use crate::service::reference::session::Visit;
use crate::service::reference::store::{AuthState, Link, LinkState, OutboxItem, Session};

/// The UTC offset of a service that stores link expiry in local time: Madrid in summer.
const LOCAL_TIME_AHEAD: Span = Span::from_hours(2);

impl Recovery {
    /// The address that verification emails go to.
    pub(super) fn verification_address(&self, account: AccountId) -> Option<AddressId> {
        self.durable.accounts[account.index()].emails.first().copied()
    }

    /// Handles "Sign in using alternative factors"; refuses at once if there is no phone number to call.
    pub(super) fn choose_alternative(&mut self, now: Time, visit: &Visit) -> View {
        let account = match self.session(visit.session).standing {
            AuthState::Password(account) | AuthState::Recovering(account) => account,
            AuthState::Anonymous | AuthState::Named(_) | AuthState::SignedIn(..) => {
                return self.too_early(visit, Control::ChooseAlternative);
            }
        };
        let blocked = self.policy.throttling == Throttling::AlternativesToo
            && (self.code_counts(visit.session, account).throttled(now).is_some()
                || self.has_no_device_left(account));
        if blocked {
            self.fact(EventKind::RequestRefused {
                action: Control::ChooseAlternative,
                why: Refusal::Throttled,
            });
            return (PageName::TroubleshootMfa, Some(Notice::TryLater));
        }
        let (_, phone) = self.steps_left(self.session(visit.session));
        if phone && self.number_to_call(account).is_none() {
            self.fact(EventKind::RequestRefused {
                action: Control::ChooseAlternative,
                why: Refusal::NoPhone,
            });
            return (PageName::TroubleshootMfa, Some(Notice::NoPhone));
        }
        let session = self.session_mut(visit.session);
        if session.standing == AuthState::Password(account) {
            session.standing = AuthState::Recovering(account);
            self.fact(EventKind::RecoveryChosen { session: visit.session, account });
        }
        if self.policy.alternatives_and_count == AlternativesAndCount::Resets {
            self.durable.accounts[account.index()].codes.clear();
        }
        let session = self.session(visit.session);
        (self.where_it_is(session), None)
    }

    /// Handles "Send verification email" and "Resend the email".
    pub(super) fn send_email(&mut self, now: Time, draw: &mut Rng, visit: &Visit) -> View {
        let account = match (self.session(visit.session).standing, self.policy.step_order) {
            (AuthState::Recovering(account), _) | (AuthState::Password(account), StepOrder::Free) => account,
            (
                AuthState::Anonymous | AuthState::Named(_) | AuthState::Password(_) | AuthState::SignedIn(..),
                StepOrder::Enforced | StepOrder::Free,
            ) => return self.too_early(visit, Control::SendEmail),
        };
        if self.session(visit.session).email_verified {
            return self.step(now, visit.session);
        }
        let limits = [(self.policy.mails_per_hour, Span::HOUR)];
        if !self.durable.accounts[account.index()].mails.allow(now, &limits) {
            self.fact(EventKind::RequestRefused { action: Control::SendEmail, why: Refusal::Throttled });
            return (PageName::VerifyEmail, Some(Notice::TooManyMails));
        }
        match self.policy.resend {
            Resend::KillsOld => self.void_links(account, Some(visit.session), Refusal::Replaced),
            Resend::KillsAllOfAccount => self.void_links(account, None, Refusal::Replaced),
            Resend::KeepsOld => {}
        }
        let link = self.issue_link(now, draw, account, visit.session);
        let session = self.session_mut(visit.session);
        session.mail_asked = true;
        session.mail_failed = false;
        let to = self.verification_address(account);
        if let Some(to) = to {
            self.order(now, OutboxItem::Mail { account, to, kind: MailKind::Verification, link: Some(link) });
        }
        (PageName::VerifyEmail, Some(Notice::MailSent))
    }

    fn issue_link(&mut self, now: Time, draw: &mut Rng, account: AccountId, session: SessionId) -> LinkId {
        let link = LinkId(u32::try_from(self.durable.links.len()).unwrap_or(u32::MAX));
        let token = match self.policy.link_token {
            LinkToken::Random => draw.token(),
            LinkToken::UserAndTime => {
                let user = self.durable.accounts[account.index()].user;
                Token::of_user_and_time(user.0, self.epoch.unix_secs(now))
            }
        };
        self.durable.links.push(Link {
            token,
            account,
            session,
            issued: now,
            state: LinkState::Live,
            recorded: self.policy.outbox == OutboxOrder::RecordThenSend,
        });
        self.fact(EventKind::LinkIssued { link, session, account });
        link
    }

    /// Voids the live links of `account`, or only those of one sign-in attempt if `session` is given.
    pub(super) fn void_links(&mut self, account: AccountId, session: Option<SessionId>, why: Refusal) {
        for at in 0..self.durable.links.len() {
            let link = &mut self.durable.links[at];
            let meant = link.account == account && session.is_none_or(|session| link.session == session);
            if meant && matches!(link.state, LinkState::Live | LinkState::Fetched) {
                link.state = LinkState::Void(why);
                self.fact(EventKind::LinkVoided { link: LinkId(at as u32), why });
            }
        }
    }

    /// Voids the links whose record a crash lost, if the policy sends before it records.
    pub(super) fn forget_unrecorded(&mut self) {
        for at in 0..self.durable.links.len() {
            let link = &mut self.durable.links[at];
            if !link.recorded && link.state == LinkState::Live {
                link.state = LinkState::Void(Refusal::Unknown);
                self.fact(EventKind::LinkVoided { link: LinkId(at as u32), why: Refusal::Unknown });
            }
        }
    }

    /// Undoes half of each confirmation after a crash, if the policy writes it in two parts.
    pub(super) fn lose_half_written(&mut self) {
        for (link, session) in std::mem::take(&mut self.volatile.half_written) {
            match self.policy.link_written {
                LinkWritten::Together => {}
                LinkWritten::LinkFirst => self.session_mut(session).email_verified = false,
                LinkWritten::StepFirst => self.durable.links[link.index()].state = LinkState::Live,
            }
        }
    }

    /// The newest link of a session, if the policy leaks it in the answer that orders its email.
    pub(super) fn link_in_answer(&self, session: SessionId) -> Option<Token> {
        match self.policy.link_shown {
            LinkShown::InMail => None,
            LinkShown::InAnswerToo => {
                let newest = self.durable.links.iter().rev().find(|link| link.session == session);
                newest.map(|link| link.token)
            }
        }
    }

    /// The notice on page 5 about the requested email.
    pub(super) const fn mail_notice(&self, session: &Session) -> Option<Notice> {
        match (session.mail_asked, session.mail_failed) {
            (true, true) => Some(Notice::MailFailed),
            (true, false) => Some(Notice::MailSent),
            (false, _) => None,
        }
    }

    /// The link that `token` names, if it is usable now.
    fn usable_link(&self, now: Time, token: Option<Token>) -> Result<LinkId, (Option<LinkId>, Refusal)> {
        let at = token.and_then(|token| self.durable.links.iter().position(|link| link.token == token));
        let Some(at) = at else { return Err((None, Refusal::Unknown)) };
        let (id, link) = (LinkId(at as u32), &self.durable.links[at]);
        match link.state {
            LinkState::Void(why) => Err((Some(id), why)),
            LinkState::Confirmed if self.policy.link_uses == Uses::Once => Err((Some(id), Refusal::Used)),
            LinkState::Live | LinkState::Fetched | LinkState::Confirmed => {
                let lives = match self.policy.link_expiry {
                    LinkExpiry::Checked => Some(self.policy.link_lifetime),
                    LinkExpiry::InLocalTime => Some(self.policy.link_lifetime + LOCAL_TIME_AHEAD),
                    LinkExpiry::Ignored => None,
                };
                let expired = lives.is_some_and(|lives| now.since(link.issued) > lives);
                if expired { Err((Some(id), Refusal::Expired)) } else { Ok(id) }
            }
        }
    }

    /// Handles `HEAD` of a link; changes nothing unless the policy is weak.
    pub(super) fn probe_link(&mut self, now: Time, token: Option<Token>) -> View {
        match self.usable_link(now, token) {
            Ok(link) => self.fetched(link),
            Err((link, why)) => self.refuse_link(link, why),
        }
    }

    /// Handles `GET` of a link: shows page 6 with its button.
    pub(super) fn follow_link(&mut self, now: Time, visit: &mut Visit, token: Option<Token>) -> View {
        match self.usable_link(now, token) {
            Ok(link) if self.policy.link_fetch == LinkFetch::Confirms => self.confirm(now, visit, link),
            Ok(link) => self.fetched(link),
            Err((link, why)) => self.refuse_link(link, why),
        }
    }

    /// Applies the effect of fetching a link, without confirming it.
    fn fetched(&mut self, link: LinkId) -> View {
        let record = &mut self.durable.links[link.index()];
        if record.state == LinkState::Fetched {
            return self.refuse_link(Some(link), Refusal::Used);
        }
        if self.policy.link_fetch == LinkFetch::Burns && record.state == LinkState::Live {
            // From now on only the page just shown works, and a scanner may have fetched it.
            record.state = LinkState::Fetched;
        }
        self.fact(EventKind::LinkShown { link });
        (PageName::ConfirmEmail, None)
    }

    /// Handles "Verify your email address" on page 6.
    pub(super) fn confirm_link(&mut self, now: Time, visit: &mut Visit, token: Option<Token>) -> View {
        match self.usable_link(now, token) {
            Ok(link) => self.confirm(now, visit, link),
            Err((link, why)) => self.refuse_link(link, why),
        }
    }

    fn confirm(&mut self, now: Time, visit: &mut Visit, link: LinkId) -> View {
        let record = self.durable.links[link.index()];
        let own = self.session(visit.session).standing;
        let own_goes_on = match self.policy.link_bound {
            LinkBound::Attempt => false,
            LinkBound::Account => own == AuthState::Recovering(record.account),
            LinkBound::Nothing => matches!(own, AuthState::Recovering(_)),
        };
        let session = if own_goes_on { visit.session } else { record.session };
        let (true, AuthState::Recovering(account) | AuthState::Password(account)) =
            (self.is_alive(now, session), self.session(session).standing)
        else {
            return self.refuse_link(Some(link), Refusal::NoSession);
        };
        let same_browser = session == visit.session;
        if !same_browser && self.policy.other_browser == OtherBrowser::Refused {
            return self.refuse_link(Some(link), Refusal::NotBound);
        }
        self.durable.links[link.index()].state = LinkState::Confirmed;
        self.fact(EventKind::LinkConfirmed { link, session });
        if !std::mem::replace(&mut self.session_mut(session).email_verified, true) {
            self.fact(EventKind::EmailVerified { session, account });
        }
        if self.policy.link_written != LinkWritten::Together {
            self.volatile.half_written.push((link, session));
        }
        if !same_browser && self.policy.other_browser != OtherBrowser::GetsSession {
            return (PageName::ConfirmEmail, Some(Notice::GoBack));
        }
        if !same_browser {
            visit.session = session;
            visit.cookie = Cookie::Set(self.session(session).token);
        }
        let (page, notice) = self.step(now, session);
        (page, notice.or(Some(Notice::EmailVerified)))
    }

    fn refuse_link(&mut self, link: Option<LinkId>, why: Refusal) -> View {
        self.fact(EventKind::LinkRefused { link, why });
        let notice = refused_notice(why);
        (PageName::ConfirmEmail, Some(notice))
    }
}

/// The notice on page 6 when a link is refused.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other reasons share one notice")]
const fn refused_notice(why: Refusal) -> Notice {
    match why {
        Refusal::Expired => Notice::LinkExpired,
        Refusal::Used => Notice::LinkUsed,
        Refusal::Replaced => Notice::LinkReplaced,
        Refusal::NoSession => Notice::SessionOver,
        _ => Notice::LinkUnknown,
    }
}
