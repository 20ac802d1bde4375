//! What a request asks for, as far as the witness draws conclusions from its page.

use crate::event::ActionName;

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
    pub(super) const fn of(action: ActionName) -> Self {
        match action {
            ActionName::SubmitUser => Self::User,
            ActionName::SubmitPassword => Self::Password,
            ActionName::SubmitCode => Self::Code,
            ActionName::SubmitPair => Self::Pair,
            ActionName::FollowLink | ActionName::ProbeLink | ActionName::ConfirmLink => Self::Link,
            ActionName::SubmitSpoken => Self::SpokenCode,
            ActionName::FinishSignIn => Self::FinishSignIn,
            ActionName::Deactivate => Self::Deactivate,
            ActionName::BeginAssign => Self::BeginAssign,
            ActionName::FinishAssign => Self::FinishAssign,
            ActionName::ChangePhone => Self::ChangePhone,
            ActionName::SignOut => Self::SignOut,
            ActionName::Open
            | ActionName::Troubleshoot
            | ActionName::ChooseResync
            | ActionName::ChooseAlternative
            | ActionName::SendEmail
            | ActionName::CallMe
            | ActionName::SubmitTicket => Self::Other,
        }
    }
}
