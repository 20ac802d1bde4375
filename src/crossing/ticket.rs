//! The support request, and what the desk may ask of the console.

use crate::crossing::Proof;
use crate::event::Problem;
use crate::id::AddressId;
use crate::id::TicketId;
use crate::number::Number;
use crate::secret::Digest;

/// The form of page 10, as typed; nothing on it is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketForm {
    /// From the drop-down.
    pub problem: Problem,
    /// E-mail address of the account.
    pub email: AddressId,
    /// 12-digit account number.
    pub account_number: u64,
    /// Phone number; `None` when none was typed.
    pub phone: Option<Number>,
    /// Full name.
    pub full_name: Digest,
}

/// How the desk answered a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketReply {
    /// 201: it is in the queue.
    Taken,
    /// A 5xx answer: try again.
    Failed,
}

/// The desk's authenticated request to the console: reset MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResetRequest {
    /// Because of which ticket.
    pub ticket: TicketId,
    /// Of which account: its 12-digit number.
    pub account_number: u64,
    /// Whether the desk's credential is right.
    pub credential: Proof,
}

/// How the console answered the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetReply {
    /// 204: MFA is off.
    Done,
    /// 403: not with this credential.
    Refused,
    /// 404: no such account.
    Unknown,
}
