//! A phone company, as Twilio's Programmable Voice is one: it takes an order to call, dials, rings,
//! runs the document that the service answers with, and reports what becomes of the call.
//!
//! [`PhoneCompany`] knows nothing of sockets, clocks or people: inputs come in with their time,
//! outputs are asked for, and [`PhoneCompany::poll_timeout`] says when to come back. Faults reach
//! it as a verdict on each order. What it does follows Twilio's documentation; where that is
//! silent, a decision is named where it is taken.
//!
//! Below the calls lies [`twiml`], the documents as text, for the wire.
//!
//! ```
//! use lostkey::crossing::CallCreate;
//! use lostkey::crossing::CallRef;
//! use lostkey::draw::Draw;
//! use lostkey::fault::CallVerdict;
//! use lostkey::machine::Cx;
//! use lostkey::number::Number;
//! use lostkey::time::{Epoch, Span, Time};
//! use lostkey::voice::{Habits, Input, Output, PhoneCompany};
//!
//! let mut company = PhoneCompany::new(Habits::default(), Epoch::from_unix_millis(1_800_000_000_000));
//! let mut draw = Draw::new(1);
//! let order = CallCreate {
//!     to: Number::read("+34600000001")?,
//!     reference: CallRef(1),
//!     ring_timeout: Span::from_secs(40),
//!     machine_detection: false,
//! };
//! let verdict = CallVerdict::default();
//! company.handle_input(&mut Cx::new(Time::ZERO, &mut draw), Input::Create { order, verdict });
//!
//! let (mut rings_at, mut outputs) = (None, Vec::new());
//! while rings_at.is_none() {
//!     company.take_outputs(&mut outputs);
//!     for output in outputs.drain(..) {
//!         if matches!(output, Output::Ring { .. }) {
//!             rings_at = Some(company.call_of_number(order.to).and_then(|call| call.log().last().copied()));
//!         }
//!     }
//!     let Some((due, _)) = company.poll_timeout() else { break };
//!     company.handle_input(&mut Cx::new(due, &mut draw), Input::Timeout);
//! }
//! let (at, status) = rings_at.flatten().expect("it rings");
//! assert_eq!((at.to_string().as_str(), status.label()), ("+00:00:05.000", "ringing"));
//! # Ok::<(), lostkey::number::BadNumber>(())
//! ```

#![warn(clippy::wildcard_enum_match_arm)]

mod answer;
mod call;
mod callback;
mod company;
mod dial;
mod gather;
mod habit;
mod keypad;
mod refuse;
mod script;
mod switchboard;
mod talk;
pub mod twiml;

#[cfg(test)]
mod invariant;
#[cfg(test)]
mod rehearsal;
#[cfg(test)]
mod tests;

pub use self::call::Call;
pub use self::company::ALIVE_MAX;
pub use self::company::CALLS_MAX;
pub use self::company::PhoneCompany;
pub use self::habit::Habits;
pub use self::refuse::ApiError;
use crate::crossing::CallCreate;
use crate::crossing::CallReply;
use crate::crossing::Key;
use crate::crossing::Speech;
use crate::crossing::Webhook;
use crate::crossing::WebhookReply;
use crate::event::CallStatus;
use crate::event::EventKind;
use crate::event::Lost;
use crate::fault::CallVerdict;
use crate::id::CallId;
use crate::number::Number;

/// One request of the company to the service. A retry keeps it, as Twilio's retries keep their
/// `I-Twilio-Idempotency-Token`; what is asked after a redirect is a request of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(pub u32);

/// What comes in.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The service orders a call.
    Create {
        /// The order.
        order: CallCreate,
        /// How the call fares.
        verdict: CallVerdict,
    },
    /// A request to the service was answered, or not. An answer that nobody waits for any more,
    /// because the call is over or it came before, changes nothing.
    Answered {
        /// Which request.
        webhook: WebhookId,
        /// The answer.
        reply: Result<WebhookReply, Lost>,
    },
    /// Whoever holds the handset picks up. Nothing happens unless it rings.
    PickedUp(CallId),
    /// Whoever has picked up presses a key. Nothing happens on a dead line.
    Pressed(CallId, Key),
    /// Whoever has picked up hangs up; whoever hears it ring turns the call away.
    HungUp(CallId),
    /// The moment that [`PhoneCompany::poll_timeout`] named has come.
    Timeout,
}

/// What is asked for, in the order in which it happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Something happened.
    Fact(EventKind),
    /// The answer to [`Input::Create`], or that there is none.
    Reply(Result<CallReply, Lost>),
    /// The handset of this number rings. One that voicemail answers for stays silent.
    Ring {
        /// The call.
        call: CallId,
        /// Where.
        number: Number,
    },
    /// Something is said to whoever has picked up. What is said to voicemail nobody hears.
    Said {
        /// The call.
        call: CallId,
        /// What.
        speech: Speech,
    },
    /// To a handset that rang: it stops ringing, or the line is dead.
    Ended {
        /// The call.
        call: CallId,
        /// How it ended.
        status: CallStatus,
    },
    /// A request to the service.
    Webhook {
        /// What its answer names.
        id: WebhookId,
        /// The request.
        webhook: Webhook,
    },
}
