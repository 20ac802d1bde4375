//! Sign-ins that are too old for a change: whoever changes factors or contact data signs in again first.
//!
//! A copied session cookie is as good as the session. What its thief lacks are the factors, so the service asks
//! for them before each change that could keep the owner out (OWASP ASVS 7.5.1). A sign-in or a recovery counts
//! for `changes-within`, as an owner who has just recovered removes one device and assigns another.

use crate::base::rng::Rng;
use crate::base::time::Time;
use crate::event::{Control, EventKind, Notice, PageName, Refusal};
use crate::service::reference::Recovery;
use crate::service::reference::page::View;
use crate::service::reference::session::Visit;
use crate::service::reference::store::{AuthState, Session};

impl Recovery {
    /// Asks for a new sign-in in place of the change, if that of this session is too old. The old session ends,
    /// so that a copy of its cookie is worth nothing once the owner has signed in again.
    pub(super) fn asks_to_sign_in_again(
        &mut self,
        now: Time,
        draw: &mut Rng,
        visit: &mut Visit,
        control: Control,
    ) -> Option<View> {
        let Session { standing, signed_in, .. } = *self.session(visit.session);
        let AuthState::SignedIn(account, _) = standing else { return None };
        if !changes_account(control) || now.since(signed_in) <= self.policy.changes_within {
            return None;
        }
        self.fact(EventKind::RequestRefused { action: control, why: Refusal::SignInTooOld });
        self.begin_anew(now, draw, visit);
        let user = self.durable.accounts[account.index()].user;
        self.session_mut(visit.session).standing = AuthState::Named(user);
        Some((PageName::Password, Some(Notice::SignInAgain)))
    }
}

/// Whether this changes factors or contact data.
const fn changes_account(control: Control) -> bool {
    matches!(
        control,
        Control::Deactivate
            | Control::BeginAssign
            | Control::FinishAssign
            | Control::Reactivate
            | Control::ChangePhone
    )
}
