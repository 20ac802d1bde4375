//! Support requests, and the support desk's requests to the service.

use crate::base::id::{AddressId, TicketId};
use crate::base::later_password::LaterPassword;
use crate::base::number::Number;
use crate::base::secret::{Digest, Password};
use crate::event::Problem;
use crate::message::Authenticity;

/// The form of page 10, as typed and unverified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketForm {
    /// The problem chosen from the drop-down list.
    pub problem: Problem,
    /// The email address of the account.
    pub email: AddressId,
    /// 12-digit account number.
    pub account_number: u64,
    /// Phone number, if one was typed.
    pub phone: Option<Number>,
    /// Full name.
    pub full_name: Digest,
}

/// The support desk's response to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketReply {
    /// 201: queued.
    Taken,
    /// A 5xx response: try again.
    Failed,
}

/// The support desk's authenticated request to the service to reset MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResetRequest {
    /// The ticket that justifies the request.
    pub ticket: TicketId,
    /// The 12-digit number of the account.
    pub account_number: u64,
    /// The problem that the ticket reports.
    pub problem: Problem,
    /// The one-time password that support gives to the owner.
    pub password: Option<Password>,
    /// Whether the support desk's credential is valid.
    pub credential: Authenticity,
}

/// The service's response to the support desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetReply {
    /// 204: MFA was reset.
    Done,
    /// 403: invalid credential.
    Refused,
    /// 404: no such account.
    Unknown,
}

/// What support tells at the end of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketResult {
    /// Whether MFA was reset.
    pub reset: bool,
    /// The one-time password, only for the person who has proven to be the owner.
    pub password: Option<LaterPassword>,
}

impl TicketResult {
    /// The same without the password, for everybody else.
    pub const fn in_public(self) -> Self {
        Self { password: None, ..self }
    }
}
