//! The controls of the service: their labels, paths, methods and forms.
//!
//! Traces, stories, people, the service and the wire refer to controls; this table is the only place that
//! defines their label, path, method and form.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::Path::{At, OfPage, WithToken};
use crate::event::{FormKind, PageName};

/// The request methods of the service (RFC 9110 section 9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `HEAD`.
    Head,
    /// `POST`.
    Post,
}

/// The target of a control's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// This path. All controls on pages have one.
    At(&'static str),
    /// The path of the requested page.
    OfPage,
    /// This path, followed by the token of a link.
    WithToken(&'static str),
}

struct Row {
    label: &'static str,
    description: &'static str,
    method: Method,
    path: Path,
    form: FormKind,
}

/// Declares the enum and its table, from one row per control.
macro_rules! controls {
    ($($(#[$doc:meta])* $name:ident: $label:literal, $description:literal, $method:ident $path:expr, $form:ident;)*) => {
        /// A request that a user can make: a button or link on a page, or a request of the browser itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum Control { $($(#[$doc])* $name,)* }

        impl Control {
            /// All controls, in the order of the flow.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            const fn row(self) -> &'static Row {
                match self {
                    $(Self::$name => const {
                        &Row {
                            label: $label,
                            description: $description,
                            method: Method::$method,
                            path: $path,
                            form: FormKind::$form,
                        }
                    },)*
                }
            }
        }
    };
}

controls! {
    /// A page by its URL: address bar, bookmark, reload.
    Open: "address bar", "opens a page", Get OfPage, Empty;
    /// Page 1.
    SubmitUser: "Next", "types a user name", Post At("/sign-in/user"), User;
    /// Page 1.
    SubmitPassword: "Sign in", "types a password", Post At(PageName::Password.path()), Password;
    /// Page 2.
    SubmitCode: "Submit MFA code", "types an MFA code", Post At("/mfa/code"), Code;
    /// Page 2.
    Troubleshoot: "Troubleshoot MFA", "chooses \"Troubleshoot MFA\"", Post At("/mfa/choose/troubleshoot"), Empty;
    /// Page 3.
    ChooseResync: "Re-sync MFA device", "chooses \"Re-sync MFA device\"", Post At("/mfa/choose/re-sync"), Empty;
    /// Page 3.
    ChooseAlternative:
        "Sign in using alternative factors", "chooses \"Sign in using alternative factors\"",
        Post At("/mfa/choose/alternative"), Empty;
    /// Page 4.
    SubmitPair: "Re-sync", "types two MFA codes", Post At(PageName::Resync.path()), Pair;
    /// Page 5.
    SendEmail:
        "Send verification email", "asks for a verification email", Post At(PageName::VerifyEmail.path()), Empty;
    /// Page 5, after an email was sent. Sends the same request as [`Self::SendEmail`].
    ResendEmail:
        "Resend the email", "asks for a verification email", Post At(PageName::VerifyEmail.path()), Empty;
    /// The link in an email.
    FollowLink: "link in the email", "opens a link", Get WithToken("/verify/"), Empty;
    /// A `HEAD` request for the link in an email, as link scanners send it.
    ProbeLink: "headers of the link in the email", "probes a link", Head WithToken("/verify/"), Empty;
    /// Page 6.
    ConfirmLink:
        "Verify your email address", "confirms the email address", Post At(PageName::ConfirmEmail.path()), Link;
    /// Page 7.
    CallMe: "Call me now", "chooses \"Call me now\"", Post At("/recovery/call"), Empty;
    /// Page 7, if the call speaks the code.
    SubmitSpoken:
        "Submit the code", "types the code heard on the phone", Post At(PageName::VerifyPhone.path()), SpokenCode;
    /// Page 8.
    FinishSignIn:
        "Sign in to the console", "chooses \"Sign in to the console\"", Post At(PageName::FinishSignIn.path()), Empty;
    /// Page 9.
    Deactivate: "Deactivate", "deactivates an MFA device", Post At("/security-credentials/deactivate"), Device;
    /// Page 9.
    BeginAssign:
        "Assign MFA device", "chooses \"Assign MFA device\"", Post At("/security-credentials/begin"), Empty;
    /// Page 9, with the QR code.
    FinishAssign:
        "Add MFA", "types two codes of the new MFA device", Post At(PageName::AssignDevice.path()), Pair;
    /// Page 9, for devices that no longer count.
    Reactivate:
        "Reactivate", "reactivates an MFA device", Post At("/security-credentials/reactivate"), Pair;
    /// Page 9.
    ChangePhone: "Change phone number", "changes the phone number", Post At("/security-credentials/phone"), Phone;
    /// Page 9.
    ChangePassword:
        "Change password", "changes the password", Post At("/security-credentials/password"), NewPassword;
    /// Page 9.
    SignOut: "Sign out", "signs out", Post At("/sign-out"), Empty;
    /// Page 9: ends all sessions of the account.
    SignOutEverywhere:
        "Sign out everywhere", "signs out everywhere", Post At("/sign-out/everywhere"), Password;
    /// The link to page 10. Sends the same request as [`Self::Open`].
    Support: "Contact support", "opens a page", Get At(PageName::ContactSupport.path()), Empty;
    /// Page 10.
    SubmitTicket:
        "Submit request", "asks support to reset MFA", Post At(PageName::ContactSupport.path()), Ticket;
}

impl Control {
    /// The controls that appear on pages, in the order of the flow.
    pub fn on_pages() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|control| control.is_on_pages())
    }

    /// Whether the control appears on pages; the others belong to the browser.
    pub const fn is_on_pages(self) -> bool {
        matches!(self.path(), At(_))
    }

    /// The label on the page; for a control that is not on a page, its name.
    pub const fn label(self) -> &'static str {
        self.row().label
    }

    /// The control on a page with exactly this label.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::on_pages().find(|control| control.label() == label)
    }

    /// What a user of the control does, in words.
    pub const fn description(self) -> &'static str {
        self.row().description
    }

    /// The method of the request.
    pub const fn method(self) -> Method {
        self.row().method
    }

    /// Whether the request is safe: `GET` and `HEAD` (RFC 9110 section 9.2.1).
    pub const fn is_safe(self) -> bool {
        matches!(self.method(), Method::Get | Method::Head)
    }

    /// The target of the request.
    pub const fn path(self) -> Path {
        self.row().path
    }

    /// The fields of the request.
    pub const fn form(self) -> FormKind {
        self.row().form
    }

    /// The control that represents the request in traces. Two controls can send the same request, and the
    /// service cannot tell them apart.
    pub const fn request(self) -> Self {
        match self {
            Self::ResendEmail => Self::SendEmail,
            Self::Support => Self::Open,
            other => other,
        }
    }

    /// The control whose request has this method and path.
    pub fn at(method: Method, path: &str) -> Option<Self> {
        let is_its_path = |control: Self| match control.path() {
            At(own) => own == path,
            OfPage => PageName::at(path).is_some(),
            WithToken(before) => path.starts_with(before),
        };
        Self::ALL.iter().copied().find(|control| control.method() == method && is_its_path(*control))
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.description())
    }
}

impl PageName {
    /// The path of the page.
    pub const fn path(self) -> &'static str {
        match self {
            Self::SignIn => "/sign-in",
            Self::Password => "/sign-in/password",
            Self::MfaCode => "/mfa",
            Self::TroubleshootMfa => "/mfa/troubleshoot",
            Self::Resync => "/mfa/re-sync",
            Self::VerifyEmail => "/recovery/email",
            Self::ConfirmEmail => "/verify",
            Self::VerifyPhone => "/recovery/phone",
            Self::FinishSignIn => "/recovery/finish",
            Self::SecurityCredentials => "/security-credentials",
            Self::AssignDevice => "/security-credentials/assign",
            Self::ContactSupport => "/support",
            Self::Forbidden => "/not-allowed",
        }
    }

    /// The page at a path; `/` is the first page.
    pub fn at(path: &str) -> Option<Self> {
        let page = Self::ALL.iter().copied().find(|page| page.path() == path);
        page.or_else(|| (path == "/").then_some(Self::SignIn))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A path that the request of the control can have.
    fn some_path(control: Control) -> String {
        match control.path() {
            At(path) => path.to_owned(),
            OfPage => PageName::ContactSupport.path().to_owned(),
            WithToken(before) => format!("{before}0123"),
        }
    }

    #[test]
    fn a_path_leads_back_to_its_control() {
        for control in Control::ALL.iter().copied() {
            assert_eq!(Control::at(control.method(), &some_path(control)), Some(control.request()));
        }
        assert_eq!(Control::at(Method::Post, PageName::MfaCode.path()), None);
        assert_eq!(Control::at(Method::Get, "/nowhere"), None);
    }

    #[test]
    fn a_path_leads_back_to_its_page() {
        for page in PageName::ALL.iter().copied() {
            assert_eq!(PageName::at(page.path()), Some(page));
        }
    }

    #[test]
    fn labels_are_unique_and_descriptions_are_those_of_requests() {
        let labels: BTreeSet<&str> = Control::ALL.iter().map(|control| control.label()).collect();
        assert_eq!(labels.len(), Control::ALL.len());
        for control in Control::ALL.iter().copied() {
            let on_a_page = Some(control).filter(|control| control.is_on_pages());
            assert_eq!(Control::from_label(control.label()), on_a_page);
            assert_eq!(control.description(), control.request().description());
        }
        let requests: BTreeSet<Control> = Control::ALL.iter().map(|control| control.request()).collect();
        let descriptions: BTreeSet<&str> = requests.iter().map(|control| control.description()).collect();
        assert_eq!(descriptions.len(), requests.len());
    }

    /// Stored traces contain these words.
    #[test]
    fn the_words_of_traces_stay_as_they_are() {
        let words = [
            "open",
            "submit-user",
            "submit-password",
            "submit-code",
            "troubleshoot",
            "choose-resync",
            "choose-alternative",
            "submit-pair",
            "send-email",
            "follow-link",
            "probe-link",
            "confirm-link",
            "call-me",
            "submit-spoken",
            "finish-sign-in",
            "deactivate",
            "begin-assign",
            "finish-assign",
            "reactivate",
            "change-phone",
            "change-password",
            "sign-out",
            "sign-out-everywhere",
            "submit-ticket",
        ];
        let requests: BTreeSet<Control> = Control::ALL.iter().map(|control| control.request()).collect();
        let told: Vec<String> = requests.iter().map(|of| serde_json::to_string(of).unwrap()).collect();
        assert_eq!(told, words.map(|word| format!("\"{word}\"")));
    }

    #[test]
    fn only_posted_forms_have_fields_and_each_kind_of_form_is_used() {
        for control in Control::ALL.iter().copied() {
            assert!(control.method() == Method::Post || control.form() == FormKind::Empty, "{control:?}");
        }
        for kind in FormKind::ALL {
            assert!(Control::ALL.iter().any(|control| control.form() == kind), "{kind:?}");
        }
    }
}
