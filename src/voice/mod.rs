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
//! use lostkey::crossing::{CallCreate, Hook, Opening, Papers, Place};
//! use lostkey::draw::Draw;
//! use lostkey::fault::CallVerdict;
//! use lostkey::machine::Cx;
//! use lostkey::number::Number;
//! use lostkey::time::{Epoch, Span, Time};
//! use lostkey::voice::{Habits, Input, Output, PhoneCompany};
//!
//! let mut company = PhoneCompany::new(Habits::default(), Epoch::from_unix_millis(1_800_000_000_000));
//! let mut draw = Draw::new(1);
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
//! company.handle_input(&mut Cx::new(Time::ZERO, &mut draw), Input::Create { order, verdict, document: None });
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
use crate::crossing::Body;
use crate::crossing::CallCreate;
use crate::crossing::CallReply;
use crate::crossing::Hook;
use crate::crossing::HookReply;
use crate::crossing::Key;
use crate::crossing::KeysWanted;
use crate::crossing::Speech;
use crate::crossing::Webhook;
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
        /// What came with it in place of an address: `Twiml`.
        document: Option<Body>,
    },
    /// The service changes a call that is under way. A change that comes too early or too late is
    /// refused.
    Update(CallId, Update),
    /// A request to the service was answered, or not. An answer that nobody waits for any more,
    /// because the call is over or it came before, changes nothing.
    Answered {
        /// Which request.
        webhook: WebhookId,
        /// The answer.
        reply: Result<HookReply, Lost>,
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

/// How a service changes a call that is under way.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// `Status=canceled`: nobody has picked up yet.
    Cancel,
    /// `Status=completed`: at any time.
    Complete,
    /// `Url` and `Method`: goes on with the document there, once it was picked up.
    Redirect(Hook),
    /// `Twiml`: goes on with this, once it was picked up.
    Document(Body),
}

/// What is asked for, in the order in which it happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Something happened.
    Fact(EventKind),
    /// The answer to [`Input::Create`] or [`Input::Update`], or that there is none.
    Reply(Result<CallReply, Lost>),
    /// The handset of this number rings. One that voicemail answers for stays silent.
    Ring {
        /// The call.
        call: CallId,
        /// Where.
        number: Number,
    },
    /// To whoever has picked up: from now on keys count, or they do not count any more. A Gather
    /// listens from its first prompt to its end, whatever ends it.
    Listens {
        /// The call.
        call: CallId,
        /// What is listened for; `None` for nothing any more.
        keys: Option<KeysWanted>,
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
