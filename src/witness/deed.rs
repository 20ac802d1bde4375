//! The kinds of request from whose pages the witness draws conclusions.

use crate::event::Control;

/// A kind of request whose page shows an action of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    User,
    Password,
    Code,
    Pair,
    Link,
    SpokenCode,
    FinishSignIn,
    Deactivate,
    BeginAssign,
    FinishAssign,
    ChangePhone,
    ChangePassword,
    SignOut,
    SignOutEverywhere,
    /// Any other request; its page only shows the state of the session.
    Other,
}

impl Deed {
    /// The kind of request that the control sends. No other code of the witness depends on controls.
    pub(super) const fn of(action: Control) -> Self {
        match action {
            Control::SubmitUser => Self::User,
            Control::SubmitPassword => Self::Password,
            Control::SubmitCode => Self::Code,
            Control::SubmitPair => Self::Pair,
            Control::FollowLink | Control::ProbeLink | Control::ConfirmLink => Self::Link,
            Control::SubmitSpoken => Self::SpokenCode,
            Control::FinishSignIn => Self::FinishSignIn,
            Control::Deactivate => Self::Deactivate,
            Control::BeginAssign => Self::BeginAssign,
            Control::FinishAssign | Control::Reactivate => Self::FinishAssign,
            Control::ChangePhone => Self::ChangePhone,
            Control::ChangePassword => Self::ChangePassword,
            Control::SignOut => Self::SignOut,
            Control::SignOutEverywhere => Self::SignOutEverywhere,
            Control::Open
            | Control::ResendEmail
            | Control::Support
            | Control::Troubleshoot
            | Control::ChooseResync
            | Control::ChooseAlternative
            | Control::SendEmail
            | Control::CallMe
            | Control::SubmitTicket => Self::Other,
        }
    }
}
