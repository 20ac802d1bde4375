//! A verification provider modelled on Twilio Verify: it draws codes, sends them by text, call or email, and
//! checks them.
//!
//! [`Verify`] is a state machine without sockets, clocks or people. It does not send by itself: for each
//! code it asks the world to send it, and waits for the outcome before it replies. Faults arrive as a
//! verdict on each order. Nothing happens by time alone, so the machine has no timeout: a verification
//! that has expired is closed by the next request that meets it. The behaviour follows Twilio's
//! documentation (TW-verify, TW-verify-limits); where it says nothing, a named constant marks a decision.

#![warn(clippy::wildcard_enum_match_arm)]

mod attempt;
mod check;
mod habit;
mod provider;
mod refuse;
mod service;
mod start;
mod verification;
mod words;

#[cfg(test)]
mod tests;

pub use self::attempt::{Attempt, Carried};
pub use self::habit::{SENDER, SERVICES_MAX, VERIFICATIONS_MAX};
pub use self::provider::Verify;
pub use self::refuse::{http_of, says};
pub use self::service::VerifyService;
pub use self::start::{Dispatch, Outcome};
pub use self::verification::Verification;
pub use self::words::CodeWords;
use std::sync::Arc;

use crate::event::{EventKind, NoReply};
use crate::fault::VerifyConnect;
use crate::message::{
    CodeCheck, ServiceSettings, VerificationOrder, VerifyBy, VerifyReply, VerifyServiceSid,
};

/// Inputs of the verification provider.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// An account creates a service.
    CreateService {
        /// The account.
        account: Arc<str>,
        /// The settings.
        settings: ServiceSettings,
    },
    /// An account changes a service.
    ChangeService {
        /// The account.
        account: Arc<str>,
        /// The service.
        service: VerifyServiceSid,
        /// All settings, including those that stay.
        settings: ServiceSettings,
    },
    /// An account deletes a service.
    DeleteService {
        /// The account.
        account: Arc<str>,
        /// The service.
        service: VerifyServiceSid,
    },
    /// A verification is started, or its code is sent again.
    Start {
        /// The order.
        order: VerificationOrder,
        /// The faults.
        verdict: VerifyConnect,
    },
    /// What has become of an [`Output::Send`].
    Dispatched {
        /// The code that was sent.
        dispatch: Dispatch,
        /// The outcome.
        outcome: Outcome,
    },
    /// A code is checked.
    Check(CodeCheck),
    /// A verification is approved or canceled by the service.
    Close {
        /// The account.
        account: Arc<str>,
        /// The service.
        service: VerifyServiceSid,
        /// The verification.
        by: VerifyBy,
        /// Approved, or canceled.
        approved: bool,
    },
}

/// Outputs, in the order in which they happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A fact for the trace.
    Fact(EventKind),
    /// Send this code; the outcome is an [`Input::Dispatched`], before any other input.
    Send(Dispatch, CodeWords),
    /// The response to the input, or its loss. After [`Output::Send`] it comes with the outcome.
    Reply(Result<VerifyReply, NoReply>),
}
