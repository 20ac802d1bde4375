//! Fault injection: faults as plain data, and their verdict on one delivery.
//!
//! A story lists [`Fault`]s; each strikes one kind of delivery, for one account or for all, on selected
//! occurrences. A [`FaultPlan`] counts the occurrences and combines all faults that strike one delivery into
//! a verdict, which the machine concerned then simulates. Verdicts apply to machines instead of sockets, so
//! both stages support all faults.

#![warn(clippy::wildcard_enum_match_arm)]

mod declared;
mod pattern;
mod plan;
mod point;
mod sample;
mod verdict;
mod which;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::declared::{Declared, Limit};
pub use self::pattern::{AddressPattern, BadPattern};
pub use self::plan::{FaultPlan, Struck};
pub use self::point::Point;
pub use self::verdict::{
    CallVerdict, Connect, Crash, KeyFault, MailVerdict, ReceiptVerdict, Refusal, Scan, TextConnect,
    TextVerdict, TicketVerdict, Transfer, VerifyConnect, WebhookVerdict,
};
pub use self::which::{BadWhich, Which};
use crate::base::id::AccountId;
use crate::base::time::Span;
use crate::event::{AnsweredBy, ScanRung, ScanTime, WebhookKind};

/// One fault of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The account whose emails, calls or tickets are affected; `None` for all accounts. What may be
    /// about several accounts, as an email of a foreign service to an address that they share, is affected
    /// for each of them.
    pub of: Option<AccountId>,
    /// The addresses whose emails are affected, among those of `of`; `None` for all.
    pub to: Option<AddressPattern>,
    /// The deliveries that it strikes, among those that it applies to.
    pub which: Which,
}

/// What goes wrong. Each kind occurs with real email, phones, webhooks, services and support desks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
#[schemars(transform = bare_words)]
pub enum FaultKind {
    /// The email arrives late.
    MailLate {
        /// Added to the provider's usual delay.
        by: Span,
    },
    /// The provider accepts the email but never delivers it.
    MailLost,
    /// The email arrives in the spam folder.
    MailToSpam,
    /// The email arrives twice.
    MailTwice {
        /// Delay between the two copies.
        after: Span,
    },
    /// The provider accepts the email and bounces it later.
    MailBounced,
    /// The provider refuses the email with this SMTP reply code (4xx: transient; 5xx: permanent).
    MailRefused {
        /// For example 450 (greylisting), 452 (mailbox full), 550 (no such mailbox).
        code: u16,
        /// The provider whose words and enhanced status codes the reply has, towards other services than the
        /// reference service.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        like: Option<MailHost>,
        /// How long the sender has to wait after its first attempt until the email is taken (greylisting). The
        /// provider remembers pairs of sender and recipient.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taken_after: Option<Span>,
        /// Whether the provider has accepted the email nevertheless.
        #[serde(default, skip_serializing_if = "is_false")]
        taken: bool,
    },
    /// The connection is closed during the transfer of the email.
    MailCut {
        /// Whether the provider has accepted the email nevertheless.
        taken: bool,
        /// When the connection is closed; after the message by default. The reference service sends commands
        /// and message at once, so it cannot tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<CutAt>,
    },
    /// A link scanner fetches the links without cookies, by default with HEAD, then GET, before the recipient
    /// has the email.
    MailScanned {
        /// How far it goes. A link to the reference service is at most opened: its pages confirm in a session
        /// only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rung: Option<ScanRung>,
        /// When it comes; before the email is delivered by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        when: Option<ScanTime>,
    },
    /// The link arrives with a line break in it, so only its first half is opened.
    LinkTruncated,

    /// The phone company refuses the call with this Twilio error code, for example 21211.
    CallRefused {
        /// The Twilio error code.
        code: u32,
    },
    /// The phone company responds with this 5xx status.
    CallFailed {
        /// The HTTP status.
        http: u16,
        /// Whether the call was placed nevertheless.
        placed: bool,
    },
    /// The phone company does not respond in time.
    CallTimesOut {
        /// Whether the call was placed nevertheless.
        placed: bool,
    },
    /// The call stays in the queue longer than usual.
    CallQueued {
        /// Added to the phone company's usual delay.
        by: Span,
    },
    /// The call never leaves the queue.
    CallStuck,
    /// The call is dialled but never rings, and finally fails (SIP 32016).
    CallNeverRings,
    /// The far end is busy.
    CallBusy,
    /// The far end or its carrier rejects the call with this SIP code.
    CallRejected {
        /// 404 unknown, 480 switched off, 603 declined, 607 unwanted, 608 rejected.
        sip: u16,
    },
    /// The handset declines the call automatically while ringing silently: do not disturb, call screening.
    CallDeclined {
        /// 486 busy here or 603 declined, depending on the carrier.
        sip: u16,
    },
    /// The call is canceled at the phone company, unless it was answered before.
    CallCanceled {
        /// Delay after the call was accepted.
        after: Span,
    },
    /// Voicemail answers and plays its greeting; no key is pressed.
    CallToVoicemail {
        /// The result of answering machine detection, if enabled.
        taken_for: AnsweredBy,
    },
    /// The line drops during the call.
    CallDrops {
        /// Delay after the call was answered.
        after: Span,
    },
    /// One key press is lost.
    KeyLost {
        /// Which key press, from 1.
        nth: u8,
    },
    /// One key press is received twice.
    KeyDoubled {
        /// Which key press, from 1.
        nth: u8,
    },
    /// All key presses are lost.
    KeysSilent,

    /// A webhook request gets an error response.
    WebhookFails {
        /// The kind of request.
        webhook: WebhookKind,
        /// The 4xx or 5xx status.
        http: u16,
    },
    /// A webhook request gets no response in time.
    WebhookTimesOut {
        /// The kind of request.
        webhook: WebhookKind,
        /// Whether the service processed the request nevertheless.
        heard: bool,
    },
    /// A webhook request gets a response that is not a valid document.
    WebhookUnreadable {
        /// The kind of request.
        webhook: WebhookKind,
    },
    /// A webhook request gets the error page of a proxy: HTML with status 200.
    WebhookHtml {
        /// The kind of request.
        webhook: WebhookKind,
    },
    /// A webhook request gets a redirect; the digits are not sent again.
    WebhookRedirected {
        /// The kind of request.
        webhook: WebhookKind,
    },
    /// A status callback is lost.
    CallbackLost,
    /// A status callback is sent twice.
    CallbackTwice,
    /// A status callback arrives late, possibly after its successors.
    CallbackLate {
        /// Added to the usual delay.
        by: Span,
    },

    /// The service crashes around a delivery and restarts later.
    AppCrashes {
        /// The kind of delivery.
        around: Around,
        /// Before or after the recipient gets the delivery.
        when: CrashWhen,
        /// Downtime of the service.
        down: Span,
    },

    /// The desk accepts the ticket and loses it.
    TicketLost,
    /// The desk temporarily refuses the ticket (HTTP 503).
    TicketFails,
    /// The ticket is delayed in the wrong queue.
    TicketLate {
        /// The delay.
        by: Span,
    },

    /// The messaging provider refuses the text with this Twilio error code, for example 21610. With a
    /// messaging service, 21610 and 21612 come later, as a failed text.
    TextRefused {
        /// The Twilio error code.
        code: u32,
    },
    /// The messaging provider responds with this 5xx status.
    TextFailed {
        /// The HTTP status.
        http: u16,
        /// Whether the text was sent nevertheless.
        sent: bool,
    },
    /// The messaging provider does not respond in time.
    TextTimesOut {
        /// Whether the text was sent nevertheless.
        sent: bool,
    },
    /// The text stays in the queue longer than usual.
    TextQueued {
        /// Added to the provider's usual delay.
        by: Span,
    },
    /// The carrier takes the text and delivers it late, possibly after newer ones.
    TextLate {
        /// Added to the carrier's usual delay.
        by: Span,
    },
    /// The carrier takes the text, and nothing more is heard of it.
    TextLost,
    /// One text arrives twice at the handset.
    TextTwice {
        /// Delay between the two.
        after: Span,
    },
    /// The last part of a text of several parts never arrives.
    TextTruncated,
    /// The carrier cannot deliver the text.
    TextUndelivered {
        /// 30003 unreachable, 30004 blocked, 30005 unknown, 30006 landline, 30007 filtered, 30034 unregistered.
        code: u32,
    },
    /// The provider gives the text up before a carrier has confirmed it.
    TextUnsent {
        /// 30001 queue overflow, 30410 provider timeout, 30450 suspected fraud.
        code: u32,
        /// Whether it arrives nevertheless.
        arrives: bool,
    },
    /// The first status callback of the text reaches the service before the response to its order.
    TextAnsweredLate,
    /// A status callback of a text is lost.
    ReceiptLost,
    /// A status callback of a text is sent twice.
    ReceiptTwice,
    /// A status callback of a text arrives late, possibly after its successors.
    ReceiptLate {
        /// Added to the usual delay.
        by: Span,
    },

    /// The verification provider refuses to start a verification with this Twilio error code, for example
    /// 60203.
    VerifyRefused {
        /// The Twilio error code.
        code: u32,
    },
    /// The verification provider does not respond in time to the start of a verification.
    VerifyTimesOut {
        /// Whether the code was sent nevertheless.
        sent: bool,
    },
}

/// Adds the names of the kinds without required fields to the schema: such a name alone is a fault, too.
fn bare_words(schema: &mut Schema) {
    let Some(Value::Array(kinds)) = schema.get_mut("oneOf") else { return };
    let bare = |kind: &Value| {
        let (name, fields) = kind.get("properties")?.as_object()?.iter().next()?;
        let all_have_defaults = fields.get("properties").is_some() && fields.get("required").is_none();
        all_have_defaults.then(|| json!({ "description": kind["description"], "const": name }))
    };
    let bare: Vec<Value> = kinds.iter().filter_map(bare).collect();
    kinds.extend(bare);
}

// The signature is that of `skip_serializing_if`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A large mail provider, whose reply texts and enhanced status codes are imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MailHost {
    /// Gmail and Workspace.
    Google,
    /// Outlook.com and Exchange Online.
    Microsoft,
    /// Yahoo and AOL.
    Yahoo,
}

/// When a connection is closed during the transfer of an email.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CutAt {
    /// Instead of the reply to the recipient.
    Recipient,
    /// Instead of the reply to DATA.
    Data,
    /// After the first line of the message.
    Text,
    /// Instead of the reply to the message.
    #[default]
    Dot,
}

/// The kind of delivery around which the service crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Around {
    /// A page request.
    Page,
    /// An email that the service sends.
    Mail,
    /// A call that the service orders.
    Call,
    /// A webhook request.
    Webhook,
    /// A ticket that the service sends.
    Ticket,
    /// The MFA reset by the desk.
    Reset,
}

/// When the service crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CrashWhen {
    /// Before the recipient gets the delivery.
    Before,
    /// After the recipient got the delivery, before the response arrives.
    After,
}
