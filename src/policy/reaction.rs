//! The values of policy settings for what an owner does about a notice: a new password, signing out everywhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::choice::choice;

choice! {
    /// What a change of the password takes besides a signed-in session.
    PasswordChange {
        /// The current password.
        AsksForCurrent,
        /// Nothing: whoever sits at an open session takes the account over (S23).
        AsksForNothing,
    }
    /// What happens to the old password when the password is changed.
    OldPassword {
        /// It is refused.
        Refused,
        /// Sign-in accepts it as well, from a cache or a second directory (S22: cached credentials of remote
        /// desktops).
        StillTaken,
    }
    /// What a reset by support asks of an owner who reported acts that were not theirs.
    ReportedIntrusion {
        /// A new password, before anything else on page 9 can be changed. Support gives a one-time password to the
        /// owner, which replaces the old one.
        NeedsNewPassword,
        /// Nothing: whoever knew the password still does (S24).
        KeepsPassword,
    }
    /// What "Sign out everywhere" ends.
    SignOutEverywhere {
        /// All sessions of the account.
        EndsSessions,
        /// The session of its browser only; the others go on until they expire (S21).
        EndsOwnSession,
    }
}
