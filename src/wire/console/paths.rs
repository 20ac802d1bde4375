//! Where things are on the console: the path of each page, form, webhook and admin request.

use crate::crossing::Action;
use crate::crossing::Offer;
use crate::event::PageName;

/// The console's origin in mails, signatures and webhook URLs. It is the same in each play, and
/// resolved to loopback by our clients, so that no random port leaks into a trace.
pub const ORIGIN: &str = "http://console.test";

/// The console's host name.
pub const HOST: &str = "console.test";

/// The session's cookie.
pub const COOKIE: &str = "session";

/// The field of a form that holds its token.
pub const CSRF: &str = "csrf";

/// The admin request with which the desk resets MFA: `POST`, with [`DESK_CREDENTIAL`].
pub const RESET: &str = "/admin/reset-mfa";

/// The credential that the desk shows, as `Authorization: Bearer`.
pub const DESK_CREDENTIAL: &str = "desk-credential-of-this-play";

/// Where the link in a mail leads: this, and the token.
pub const LINK: &str = "/verify/";

/// Where a call's requests go: this, the console's reference, and which request it is.
pub const VOICE: &str = "/voice/";

/// The path of a page.
pub const fn of_page(page: PageName) -> &'static str {
    match page {
        PageName::SignIn => "/sign-in",
        PageName::Password => "/sign-in/password",
        PageName::MfaCode => "/mfa",
        PageName::TroubleshootMfa => "/mfa/troubleshoot",
        PageName::Resync => "/mfa/re-sync",
        PageName::VerifyEmail => "/recovery/email",
        PageName::ConfirmEmail => "/verify",
        PageName::VerifyPhone => "/recovery/phone",
        PageName::FinishSignIn => "/recovery/finish",
        PageName::SecurityCredentials => "/security-credentials",
        PageName::AssignDevice => "/security-credentials/assign",
        PageName::ContactSupport => "/support",
        PageName::Forbidden => "/not-allowed",
    }
}

/// The page at a path.
pub fn page_at(path: &str) -> Option<PageName> {
    PageName::ALL.iter().copied().find(|page| of_page(*page) == path)
}

/// Where the form behind an offer is posted, or the page that it leads to.
pub const fn of_offer(offer: Offer) -> &'static str {
    match offer {
        Offer::Next => "/sign-in/user",
        Offer::SignIn => "/sign-in/password",
        Offer::SubmitCode => "/mfa/code",
        Offer::Troubleshoot => "/mfa/choose/troubleshoot",
        Offer::Resync => "/mfa/choose/re-sync",
        Offer::Alternative => "/mfa/choose/alternative",
        Offer::SubmitPair => "/mfa/re-sync",
        Offer::SendEmail | Offer::ResendEmail => "/recovery/email",
        Offer::ConfirmEmail => "/verify",
        Offer::CallMe => "/recovery/call",
        Offer::SubmitSpoken => "/recovery/phone",
        Offer::FinishSignIn => "/recovery/finish",
        Offer::Deactivate => "/security-credentials/deactivate",
        Offer::Assign => "/security-credentials/begin",
        Offer::FinishAssign => "/security-credentials/assign",
        Offer::ChangePhone => "/security-credentials/phone",
        Offer::SignOut => "/sign-out",
        Offer::Support => of_page(PageName::ContactSupport),
        Offer::SubmitTicket => "/support",
    }
}

/// The offer whose button sends an action; `None` for what has no button of its own.
pub const fn offer_of(action: &Action) -> Option<Offer> {
    Some(match action {
        Action::SubmitUser(_) => Offer::Next,
        Action::SubmitPassword(_) => Offer::SignIn,
        Action::SubmitCode(_) => Offer::SubmitCode,
        Action::Troubleshoot => Offer::Troubleshoot,
        Action::ChooseResync => Offer::Resync,
        Action::ChooseAlternative => Offer::Alternative,
        Action::SubmitPair(..) => Offer::SubmitPair,
        Action::SendEmail => Offer::SendEmail,
        Action::ConfirmLink(_) => Offer::ConfirmEmail,
        Action::CallMe => Offer::CallMe,
        Action::SubmitSpoken(_) => Offer::SubmitSpoken,
        Action::FinishSignIn => Offer::FinishSignIn,
        Action::Deactivate(_) => Offer::Deactivate,
        Action::BeginAssign => Offer::Assign,
        Action::FinishAssign(..) => Offer::FinishAssign,
        Action::ChangePhone(_) => Offer::ChangePhone,
        Action::SignOut => Offer::SignOut,
        Action::SubmitTicket(_) => Offer::SubmitTicket,
        Action::Open(_) | Action::FollowLink(_) | Action::ProbeLink(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_a_path_of_its_own() {
        for page in PageName::ALL {
            assert_eq!(page_at(of_page(*page)), Some(*page));
        }
    }
}
