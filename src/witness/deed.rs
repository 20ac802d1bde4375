//! What a request asks for, as far as the witness draws conclusions from its page.

use crate::event::Control;

/// A kind of request whose page shows what the service did.
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
    SignOut,
    /// Any other request: its page shows only where the session stands.
    Other,
}

impl Deed {
    /// The only place that knows the controls of pages by their names.
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
            Control::FinishAssign => Self::FinishAssign,
            Control::ChangePhone => Self::ChangePhone,
            Control::SignOut => Self::SignOut,
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
