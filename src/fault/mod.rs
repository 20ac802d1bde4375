//! What can go wrong, as plain data, and the verdict on one delivery.
//!
//! A story lists [`Fault`]s; each strikes one kind of delivery, for one account or for all, on
//! chosen occurrences. A [`FaultBook`] counts the occurrences and folds all faults that strike one
//! delivery into a verdict, which the machine concerned then acts out. Because verdicts reach the
//! machines and not the sockets, both stages have all of them.

#![warn(clippy::wildcard_enum_match_arm)]

mod book;
mod declared;
mod point;
mod sample;
mod verdict;
mod which;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

pub use self::book::FaultBook;
pub use self::book::Struck;
pub use self::declared::Declared;
pub use self::declared::Limit;
pub use self::point::Point;
pub use self::verdict::CallVerdict;
pub use self::verdict::Connect;
pub use self::verdict::Crash;
pub use self::verdict::KeyFault;
pub use self::verdict::MailVerdict;
pub use self::verdict::TicketVerdict;
pub use self::verdict::Transfer;
pub use self::verdict::WebhookVerdict;
pub use self::which::BadWhich;
pub use self::which::Which;
use crate::event::AnsweredBy;
use crate::event::WebhookKind;
use crate::id::AccountId;
use crate::time::Span;

/// One fault of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// For whose mails, calls, tickets; `None` for everybody's.
    pub of: Option<AccountId>,
    /// On which of the deliveries it could strike.
    pub which: Which,
}

/// What goes wrong. Each is one thing that real mail, phones, webhooks, apps and desks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum FaultKind {
    /// The mail arrives this much later than usual.
    MailLate {
        /// On top of the provider's delay.
        by: Span,
    },
    /// The mail is taken and never arrives.
    MailLost,
    /// The mail arrives in the spam folder.
    MailToSpam,
    /// The mail arrives twice.
    MailTwice {
        /// The second one so much later.
        after: Span,
    },
    /// The mail is taken and sent back.
    MailBounced,
    /// The provider refuses the mail with this SMTP reply code (4xx: try again; 5xx: never).
    MailRefused {
        /// For example 450 (greylisting), 452 (mailbox full), 550 (no such mailbox).
        code: u16,
    },
    /// The connection is cut while the mail is handed over.
    MailCut {
        /// Whether the provider has taken the mail all the same.
        taken: bool,
    },
    /// A scanner fetches the link (HEAD, then GET, without cookies) before the reader sees it.
    MailScanned,
    /// The link arrives wrapped, and what opens is its first half.
    LinkTruncated,

    /// The phone company refuses the call with this error code of Twilio's, for example 21211.
    CallRefused {
        /// Twilio's code.
        code: u32,
    },
    /// The phone company answers with this 5xx status.
    CallFailed {
        /// HTTP status.
        http: u16,
        /// Whether it has placed the call all the same.
        placed: bool,
    },
    /// The phone company does not answer in time.
    CallTimesOut {
        /// Whether it has placed the call all the same.
        placed: bool,
    },
    /// The call stays in the queue this much longer than usual.
    CallQueued {
        /// On top of the company's delay.
        by: Span,
    },
    /// The call never leaves the queue.
    CallStuck,
    /// The call is dialled and never rings; in the end it has failed (SIP 32016).
    CallNeverRings,
    /// The far end is busy.
    CallBusy,
    /// The call is turned away by the far end or its carrier, with this SIP code.
    CallRejected {
        /// 404 unknown, 480 switched off, 603 declined, 607 unwanted, 608 rejected.
        sip: u16,
    },
    /// The handset rings silently and turns the call away by itself: do not disturb, call screening.
    CallDeclined {
        /// 486 busy here, 603 declined: which one depends on the carrier.
        sip: u16,
    },
    /// Somebody cancels the call at the phone company, unless it was picked up by then: too late.
    CallCanceled {
        /// After it was taken.
        after: Span,
    },
    /// Voicemail picks up and says its greeting; no key is pressed.
    CallToVoicemail {
        /// What machine detection makes of it, where it is on.
        taken_for: AnsweredBy,
    },
    /// The line drops so long after it was picked up.
    CallDrops {
        /// After the pick-up.
        after: Span,
    },
    /// One of the keys pressed in the call does not get through.
    KeyLost {
        /// Which one, from 1.
        nth: u8,
    },
    /// One of the keys pressed in the call gets through twice.
    KeyDoubled {
        /// Which one, from 1.
        nth: u8,
    },
    /// No key gets through in the call.
    KeysSilent,

    /// A request of a call to the app is answered with an error.
    WebhookFails {
        /// Which of the three requests.
        webhook: WebhookKind,
        /// With this 4xx or 5xx status.
        http: u16,
    },
    /// A request of a call to the app is not answered in time.
    WebhookTimesOut {
        /// Which of the three requests.
        webhook: WebhookKind,
        /// Whether the app has acted on it all the same.
        heard: bool,
    },
    /// The app answers a request of a call with something that is no document.
    WebhookUnreadable {
        /// Which of the three requests.
        webhook: WebhookKind,
    },
    /// A request of a call to the app gets the error page of a proxy: HTML, with status 200.
    WebhookHtml {
        /// Which of the three requests.
        webhook: WebhookKind,
    },
    /// The app answers a request of a call with a redirect; digits are not sent again.
    WebhookRedirected {
        /// Which of the three requests.
        webhook: WebhookKind,
    },
    /// A status callback is lost.
    CallbackLost,
    /// A status callback is sent twice.
    CallbackTwice,
    /// A status callback comes this much later, and so perhaps after its successors.
    CallbackLate {
        /// So much later.
        by: Span,
    },

    /// The app crashes around something that it sends or gets, and boots again later.
    AppCrashes {
        /// Around what.
        around: Around,
        /// Before or after the receiver has it.
        when: CrashWhen,
        /// How long the app is down.
        down: Span,
    },

    /// The desk takes the ticket and loses it.
    TicketLost,
    /// The desk does not take the ticket just now (HTTP 503).
    TicketFails,
    /// The ticket lies in the wrong queue for so long.
    TicketLate {
        /// So long.
        by: Span,
    },
}

/// Around what an app crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Around {
    /// A page request.
    Page,
    /// A mail that it hands over.
    Mail,
    /// A call that it orders.
    Call,
    /// A request of a call.
    Webhook,
    /// A ticket that it hands over.
    Ticket,
    /// The desk's reset.
    Reset,
}

/// When an app crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CrashWhen {
    /// Before the receiver has it.
    Before,
    /// After the receiver has it, and before the answer is heard.
    After,
}
