//! The texts of the service's emails, one for each kind.
//!
//! NIST SP 800-63B-4 section 4.6 requires that a notice describes the event and how to repudiate it, so
//! each text gives the event, its time and the contact page.

use maud::{DOCTYPE, html};

use crate::event::{MailKind, PageName};

/// The path of the contact page, for readers who did not cause the event.
pub(super) const SUPPORT_PATH: &str = PageName::ContactSupport.path();

/// The values that go into the text.
pub(super) struct Letter<'a> {
    /// The kind of email.
    pub(super) kind: MailKind,
    /// The time of the event, in UTC, formatted for readers.
    pub(super) when: &'a str,
    /// The address behind the verification link, if there is one.
    pub(super) link: Option<&'a str>,
    /// The address of the contact page.
    pub(super) support: &'a str,
}

impl Letter<'_> {
    /// The `text/plain` part, with bare line feeds; the message builder converts them.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n\nWhen: {}\n\n", happened(self.kind), self.when);
        if let Some(link) = self.link {
            text += &format!("Open this page and choose \"Verify your email address\":\n{link}\n\n");
        }
        text + &format!("{}\n{}\n\nThe console\n", otherwise(self.kind), self.support)
    }

    /// The `text/html` part.
    pub(super) fn html(&self) -> String {
        // Break lines like the plain part, so that the raw email stays readable.
        let page = html! {
            (DOCTYPE) "\n"
            html lang="en" {
                head { meta charset="utf-8"; "\n" title { (self.kind) } } "\n"
                body {
                    "\n" p { (happened(self.kind)) }
                    "\n" p { "When: " (self.when) }
                    @if let Some(link) = self.link {
                        "\n" p { "Open this page:\n" a href=(link) { "\nVerify your email address" } }
                    }
                    "\n" p { (otherwise(self.kind)) "\n" a href=(self.support) { "Contact support" } }
                    "\n" p { "The console" } "\n"
                }
            }
        };
        page.into_string()
    }
}

/// The event, wrapped so that no line of the plain part needs an encoding.
const fn happened(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Verification => {
            "Someone, most likely you, is signing in to your account\n\
             without an MFA device, and entered the correct password."
        }
        MailKind::RecoveryNotice => {
            "Someone, most likely you, has signed in to your account\n\
             with your email address and phone number instead of MFA."
        }
        MailKind::DeactivationNotice => "An MFA device on your account was deactivated.",
        MailKind::StoppedNotice => {
            "A new MFA device was assigned after a sign-in with your email address\n\
             and phone number. The MFA devices from before no longer count. If you\n\
             still have one, type two codes of it on \"Your Security Credentials\"\n\
             to use it again."
        }
        MailKind::AssignmentNotice => "An MFA device was assigned to your account.",
        MailKind::ResyncNotice => "An MFA device on your account was re-synced.",
        MailKind::ContactNotice => "The contact data of your account was changed.",
        MailKind::PasswordNotice => "The password of your account was changed.",
        MailKind::ResetNotice => "Support has reset MFA on your account, as requested.",
        MailKind::DisabledNotice => {
            "An MFA device on your account was disabled\n\
             after too many wrong MFA codes in a row."
        }
        MailKind::ThrottleNotice => {
            "Someone entered the correct password for your account\n\
             and then repeatedly entered wrong MFA codes."
        }
    }
}

/// What to do if the reader did not cause the event.
const fn otherwise(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Verification => {
            "If this was not you, open nothing: someone knows your password.\n\
             Change it and contact support:"
        }
        MailKind::RecoveryNotice
        | MailKind::DeactivationNotice
        | MailKind::StoppedNotice
        | MailKind::AssignmentNotice
        | MailKind::ResyncNotice
        | MailKind::ContactNotice
        | MailKind::PasswordNotice
        | MailKind::ResetNotice
        | MailKind::DisabledNotice
        | MailKind::ThrottleNotice => {
            "If this was you, you can ignore this email. If it was not you,\n\
             someone else may have access to your account: sign in, change your\n\
             password and choose \"Sign out everywhere\". If you cannot, or need\n\
             help, contact support and choose \"I did not do this\":"
        }
    }
}
