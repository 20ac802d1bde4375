//! What reached a world of `lostkey serve` from outside, in order: the app's requests, its answers to webhooks,
//! its emails, and what a test did with phones. `POST /save` writes it, and a stage replays it.

use std::fmt;

use crate::base::id::PersonId;
use crate::base::number::Number;
use crate::base::time::{Span, Time};
use crate::event::NoReply;
use crate::fault::Fault;
use crate::message::{Digits, Method, Script, TextSender};

/// A recording, in order of time.
#[derive(Clone, Default, PartialEq)]
pub struct Recording {
    /// When it was saved. A replay ends here.
    pub until: Time,
    /// The account whose requests name no other one.
    pub account: Option<String>,
    /// Whether it was saved before the rest of what was due at that time.
    pub ends_early: bool,
    /// Whether several webhooks could be under way at once, as with a real clock. With a manual clock each
    /// one was answered before the next one left.
    pub at_once: bool,
    /// The inputs.
    pub inputs: Vec<RecordedInput>,
}

impl fmt::Debug for Recording {
    /// Shows only counts, because texts, codes and emails are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("until", &self.until)
            .field("inputs", &self.inputs.len())
            .finish_non_exhaustive()
    }
}

/// One input, and its time.
#[derive(Clone, PartialEq)]
pub struct RecordedInput {
    /// The time.
    pub at: Time,
    /// Whether it came before the rest of what was due at that time.
    pub early: bool,
    /// The input.
    pub what: Recorded,
}

/// An input from outside.
#[derive(Clone, PartialEq)]
pub enum Recorded {
    /// A request of the app to the REST API or to an SMS gateway.
    Order(RestOrder),
    /// The app's answer to a webhook.
    Webhook(AppAnswer),
    /// The scanner has opened this link.
    Scanned(String),
    /// An email of the app.
    Mail(AppMail),
    /// A phone in the test's hand.
    Phone(Number, PhoneAct),
    /// A person's things in the test's hand.
    Person(PersonId, PersonAct),
    /// The app's addresses for texts to this sender; `None` removes them.
    Sender(TextSender, Option<SenderAddresses>),
    /// The faults in force from now on.
    Faults(Vec<Fault>),
    /// A request of a browser to the reference service.
    Page(PageVisit),
}

/// A request to the REST API or to an SMS gateway.
#[derive(Clone, PartialEq, Eq)]
pub struct RestOrder {
    /// `POST` or `DELETE`.
    pub method: String,
    /// The path: below the account for calls and texts, else from the root. `call-1` stands for the SID of the
    /// first call, `text-1` for that of the first text, and `verification-1` for that of the first verification.
    pub path: String,
    /// The account, where it is not that of the recording.
    pub account: Option<String>,
    /// The body.
    pub body: OrderBody,
}

/// The body of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum OrderBody {
    /// Names and values of a form, in order.
    Form(Vec<(String, String)>),
    /// A JSON document.
    Json(String),
}

/// The app's answer to a webhook.
#[derive(Clone, PartialEq, Eq)]
pub struct AppAnswer {
    /// The method of the request.
    pub method: Method,
    /// Its URL.
    pub url: String,
    /// When it was sent, unless it was answered at the same time.
    pub asked: Option<Time>,
    /// The answer.
    pub reply: AppReply,
}

/// An HTTP answer, or its loss.
#[derive(Clone, PartialEq, Eq)]
pub enum AppReply {
    /// An answer.
    Answered {
        /// HTTP status.
        status: u16,
        /// The content type.
        kind: Option<String>,
        /// The address of a redirect.
        location: Option<String>,
        /// The body, as far as it mattered.
        body: String,
    },
    /// No answer arrived.
    Lost(NoReply),
    /// No answer had arrived when the world was saved.
    Pending,
}

/// An SMTP transaction of the app.
#[derive(Clone, PartialEq, Eq)]
pub struct AppMail {
    /// The reverse-path; empty for `<>`.
    pub from: String,
    /// The recipients, in order.
    pub to: Vec<String>,
    /// How far the transaction came.
    pub reaches: MailStage,
    /// The message, with CRLF line ends unless it has others; empty if it was not sent.
    pub message: Vec<u8>,
}

/// How far an SMTP transaction came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailStage {
    /// A recipient was refused, or the connection was closed at RCPT.
    Recipient,
    /// The connection was closed at DATA.
    Data,
    /// The connection was closed within the message.
    Text,
    /// The whole message was sent.
    #[default]
    Message,
}

/// What a test does with a phone.
#[derive(Clone, PartialEq)]
pub enum PhoneAct {
    /// Answers the call.
    Answers,
    /// Ends the call, or declines it.
    HangsUp,
    /// Presses keys.
    Presses {
        /// The keys.
        keys: Digits,
        /// The time until the first one.
        after: Span,
        /// The time between two of them.
        gap: Span,
    },
    /// Sends a text.
    Texts {
        /// The recipient.
        to: TextSender,
        /// The text.
        body: String,
    },
    /// Answers by a script from now on; `None` removes it.
    Follows(Option<Script>),
}

/// What a test does with a person's things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonAct {
    /// The phone is lost.
    LosesPhone,
    /// The phone works again.
    FindsPhone,
    /// Takes the next code of a device of the story: of the device with this name, or of the one in use.
    ShowsCode(Option<String>),
}

/// The app's addresses for texts to one of its senders.
#[derive(Clone, PartialEq, Eq)]
pub struct SenderAddresses {
    /// The URL.
    pub url: String,
    /// The method, of the fallback too.
    pub method: Method,
    /// The URL that is asked if the first one fails.
    pub fallback: Option<String>,
}

/// A request of a browser to the reference service.
#[derive(Clone, PartialEq, Eq)]
pub struct PageVisit {
    /// The browser, from 1. Each keeps its cookie.
    pub browser: u32,
    /// `GET`, `HEAD` or `POST`.
    pub method: String,
    /// The path.
    pub path: String,
    /// The fields of the form, in order.
    pub form: Vec<(String, String)>,
}

/// Shows the name of a type only, because texts, codes and emails are secrets.
macro_rules! without_texts {
    ($($type:ident),*) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        }
    )*};
}

without_texts!(
    Recorded,
    RestOrder,
    OrderBody,
    AppAnswer,
    AppReply,
    AppMail,
    PhoneAct,
    SenderAddresses,
    PageVisit
);

impl fmt::Debug for RecordedInput {
    /// Shows only the time, because texts, codes and emails are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedInput").field("at", &self.at).finish_non_exhaustive()
    }
}

impl RecordedInput {
    /// How much it holds, in bytes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.what.bytes()
    }
}

impl Recorded {
    fn bytes(&self) -> usize {
        let pairs = |all: &[(String, String)]| all.iter().map(|(name, value)| name.len() + value.len()).sum();
        match self {
            Self::Order(order) => {
                let body = match &order.body {
                    OrderBody::Form(fields) => pairs(fields),
                    OrderBody::Json(text) => text.len(),
                };
                order.path.len() + order.account.as_ref().map_or(0, String::len) + body
            }
            Self::Webhook(answer) => {
                let reply = match &answer.reply {
                    AppReply::Answered { location, body, .. } => {
                        location.as_ref().map_or(0, String::len) + body.len()
                    }
                    AppReply::Lost(_) | AppReply::Pending => 0,
                };
                answer.url.len() + reply
            }
            Self::Scanned(url) => url.len(),
            Self::Mail(mail) => {
                mail.from.len() + mail.to.iter().map(String::len).sum::<usize>() + mail.message.len()
            }
            Self::Phone(_, PhoneAct::Texts { body, .. }) => body.len(),
            Self::Phone(_, PhoneAct::Follows(Some(script))) => {
                let words = |step: &crate::message::ScriptStep| step.hears.as_ref().map_or(0, |w| w.len());
                size_of_val(script.steps.as_slice()) + script.steps.iter().map(words).sum::<usize>()
            }
            Self::Phone(..) | Self::Person(..) => 0,
            Self::Sender(_, hooks) => hooks
                .as_ref()
                .map_or(0, |hooks| hooks.url.len() + hooks.fallback.as_ref().map_or(0, String::len)),
            Self::Faults(faults) => size_of_val(faults.as_slice()),
            Self::Page(visit) => visit.path.len() + pairs(&visit.form),
        }
    }
}
