//! A phone company modelled on Twilio's Programmable Voice: it accepts an order for a call, dials, rings,
//! runs the TwiML document that the service returns, and reports the status of the call.
//!
//! [`PhoneCompany`] is a state machine without sockets, clocks or people: each input carries its time,
//! outputs are polled, and [`PhoneCompany::poll_timeout`] returns the time of the next timer. Faults arrive
//! as a verdict on each order. The behaviour follows Twilio's documentation; where it says nothing, the
//! code marks a decision.
//!
//! [`twiml`] reads and writes the documents as text, for the wire.
//!
//! ```
//! use lostkey::message::{CallCreate, CallWishes, Hook, Opening, Papers, Place};
//! use lostkey::base::rng::Rng;
//! use lostkey::fault::CallVerdict;
//! use lostkey::base::machine::Cx;
//! use lostkey::base::number::Number;
//! use lostkey::base::time::{Epoch, Span, Time};
//! use lostkey::providers::phone::{Habits, Input, Output, PhoneCompany};
//!
//! let mut company = PhoneCompany::new(Habits::default(), Epoch::from_unix_millis(1_800_000_000_000));
//! let mut draw = Rng::new(1);
//! let mut papers = Papers::default();
//! let url = papers.url_id("https://app.example/voice");
//! let order = CallCreate {
//!     to: Number::read("+34600000001")?,
//!     from: Number::read("+15005550006")?,
//!     opening: Opening::Fetch(Hook::post(Place::Url(url))),
//!     fallback: None,
//!     status: None,
//!     time_limit: None,
//!     ring_timeout: Span::from_secs(40),
//!     machine_detection: false,
//! };
//! let verdict = CallVerdict::default();
//! let input = Input::Create { order: &order, verdict: &verdict, document: None, wishes: &CallWishes::NONE };
//! company.handle_input(&mut Cx::new(Time::ZERO, &mut draw), input);
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
//! # Ok::<(), lostkey::base::number::BadNumber>(())
//! ```

#![warn(clippy::wildcard_enum_match_arm)]

mod answer;
mod call;
mod call_context;
mod callback;
mod capacity;
mod company;
mod detection;
mod dial;
mod document_run;
mod gather;
mod habit;
mod keypad;
mod refuse;
mod talk;
pub mod twiml;

#[cfg(test)]
mod harness;
#[cfg(test)]
mod invariant;
#[cfg(test)]
mod tests;

pub use self::call::Call;
pub use self::capacity::Capacity;
pub use self::company::{CALLS_MAX, PhoneCompany};
pub use self::habit::Habits;
pub use self::refuse::ApiError;
use crate::base::id::CallId;
use crate::base::number::Number;
use crate::event::{CallStatus, EventKind, NoReply};
use crate::fault::CallVerdict;
use crate::message::{
    Body, CallCreate, CallReply, CallWishes, Hook, HookReply, Key, KeysWanted, Speech, Webhook,
};

/// One request of the phone company to the service. A retry keeps the id, as Twilio's retries keep
/// `I-Twilio-Idempotency-Token`; a redirected request gets a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(pub u32);

/// Inputs of the phone company. Orders are borrowed, because they are much larger than the other inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Input<'a> {
    /// The service orders a call.
    Create {
        /// The order.
        order: &'a CallCreate,
        /// The faults of the call.
        verdict: &'a CallVerdict,
        /// The `Twiml` parameter: a document sent in place of an address.
        document: Option<Body>,
        /// What only external apps ask for.
        wishes: &'a CallWishes,
    },
    /// The service changes an active call. Refused if the state of the call does not allow the change.
    Update(CallId, Update),
    /// The response to a webhook, or its loss. A response that nothing waits for, because the call has
    /// ended or it was already received, has no effect.
    Answered {
        /// The webhook.
        webhook: WebhookId,
        /// The response.
        reply: Result<HookReply, NoReply>,
    },
    /// The person at the handset picks up. No effect unless it rings.
    PickedUp(CallId),
    /// The person on the line presses a key. No effect on a dead line.
    Pressed(CallId, Key),
    /// The person on the line hangs up, or declines the call while it rings.
    HungUp(CallId),
    /// The time returned by [`PhoneCompany::poll_timeout`] was reached.
    Timeout,
}

/// A change of an active call.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// `Status=canceled`: allowed before the pick-up.
    Cancel,
    /// `Status=completed`: always allowed.
    Complete,
    /// `Url` and `Method`: continue with the document at this address, after the pick-up.
    Redirect(Hook),
    /// `Twiml`: continue with this document, after the pick-up.
    Document(Body),
}

/// Outputs, in the order in which they happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A fact for the trace.
    Fact(EventKind),
    /// The response to [`Input::Create`] or [`Input::Update`], or its loss.
    Reply(Result<CallReply, NoReply>),
    /// The handset of this number rings. Not sent if voicemail answers.
    Ring {
        /// The call.
        call: CallId,
        /// The ringing number.
        number: Number,
    },
    /// Keys start or stop counting, for the person on the line. A Gather listens from its first prompt to
    /// its end.
    Listens {
        /// The call.
        call: CallId,
        /// The keys listened for; `None` stops listening.
        keys: Option<KeysWanted>,
    },
    /// A sentence spoken to the person on the line. Not sent for voicemail.
    Said {
        /// The call.
        call: CallId,
        /// The sentence.
        speech: Speech,
    },
    /// Tells a handset that rang that the call has ended.
    Ended {
        /// The call.
        call: CallId,
        /// The final status.
        status: CallStatus,
    },
    /// A request to the service.
    Webhook {
        /// The id that the response refers to.
        id: WebhookId,
        /// The request.
        webhook: Webhook,
    },
}
