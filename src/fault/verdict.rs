//! Verdicts: the combined effect of all faults that strike one delivery.

use crate::base::time::Span;
use crate::event::{AnsweredBy, ScanRung, ScanTime};
use crate::fault::{CrashWhen, CutAt, MailHost};

/// The verdict on one email.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailVerdict {
    /// The response of the provider.
    pub transfer: Transfer,
    /// When the connection is closed, if it is.
    pub cut_at: CutAt,
    /// Delay on top of the usual one.
    pub late: Span,
    /// The email never arrives.
    pub lost: bool,
    /// The email bounces.
    pub bounced: bool,
    /// The email arrives in the spam folder.
    pub spam: bool,
    /// Delay of a second copy, if any.
    pub again: Option<Span>,
    /// The link scanner that fetches the links, if one does.
    pub scanned: Option<Scan>,
    /// The link arrives truncated.
    pub truncated: bool,
}

/// How an email is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The SMTP reply code.
    pub code: u16,
    /// The provider whose words the reply has.
    pub like: Option<MailHost>,
    /// How long after the first attempt the email is taken.
    pub taken_after: Option<Span>,
    /// The provider accepts the email but replies with an error.
    pub taken: bool,
}

/// What a link scanner does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// How far it goes; without a rung it sends HEAD, then GET.
    pub rung: Option<ScanRung>,
    /// When it comes.
    pub when: ScanTime,
}

/// The outcome of an SMTP transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transfer {
    /// Accepted with reply code 250.
    #[default]
    Taken,
    /// Refused with a reply.
    Refused(Refusal),
    /// The connection is closed before the email was accepted.
    CutBefore,
    /// The connection is closed after the email was accepted.
    CutAfter,
}

/// The verdict on one text message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextVerdict {
    /// The response to the order.
    pub connect: TextConnect,
    /// The text is sent although the order failed; only with [`TextConnect::Error`] and
    /// [`TextConnect::TimesOut`].
    pub sent: bool,
    /// Delay in the queue on top of the usual one.
    pub queued: Span,
    /// Delay at the carrier on top of the usual one.
    pub late: Span,
    /// The carrier takes it, and nothing more is heard of it.
    pub lost: bool,
    /// Delay of a second copy, if any.
    pub again: Option<Span>,
    /// The last of several parts never arrives.
    pub truncated: bool,
    /// The carrier cannot deliver it, with this error code.
    pub undelivered: Option<u32>,
    /// The provider gives it up with this error code; the flag is whether it arrives nevertheless.
    pub failed: Option<(u32, bool)>,
    /// The response to the order comes after the first status callback.
    pub answered_late: bool,
}

/// The response to an order of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextConnect {
    /// Accepted, if the order is valid.
    #[default]
    Taken,
    /// Refused with this Twilio error code.
    Refused(u32),
    /// This 5xx status.
    Error(u16),
    /// No response.
    TimesOut,
}

/// The verdict on one status callback of a text message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReceiptVerdict {
    /// Sent as usual.
    #[default]
    Pass,
    /// Never sent.
    Lost,
    /// Sent twice.
    Twice,
    /// Sent with this delay.
    Late(Span),
}

/// The response to the start of a verification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerifyConnect {
    /// Started, if the order is valid.
    #[default]
    Taken,
    /// Refused with this Twilio error code.
    Refused(u32),
    /// No response.
    TimesOut {
        /// Whether the code is sent nevertheless.
        sent: bool,
    },
}

/// The verdict on one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallVerdict {
    /// The response to the order, and how far the call gets.
    pub connect: Connect,
    /// The call is placed although the order failed; only with [`Connect::Error`] and [`Connect::TimesOut`].
    pub placed: bool,
    /// Delay in the queue on top of the usual one.
    pub queued: Span,
    /// Delay from the order to the cancellation; no effect if the call was answered before.
    pub canceled: Option<Span>,
    /// Delay from the answer until the line drops.
    pub drops: Option<Span>,
    /// The effect on key presses.
    pub keys: KeyFault,
}

/// How far a call gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connect {
    /// The call rings.
    #[default]
    Rings,
    /// The order is refused with this Twilio error code.
    Refused(u32),
    /// The order gets this 5xx status.
    Error(u16),
    /// The order gets no response.
    TimesOut,
    /// The call never leaves the queue.
    Stuck,
    /// The call is dialled but never rings.
    NeverRings,
    /// The far end is busy.
    Busy,
    /// Rejected with this SIP code before it rings.
    Rejected(u16),
    /// Declined by the handset with this SIP code; the ring is silent.
    Declined(u16),
    /// Answered by voicemail, with this result of answering machine detection.
    Voicemail(AnsweredBy),
}

/// The effect on the key presses of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyFault {
    /// All key presses arrive.
    #[default]
    None,
    /// This key press is lost, counted from 1.
    Lost(u8),
    /// This key press arrives twice, counted from 1.
    Doubled(u8),
    /// All key presses are lost.
    Silent,
}

/// The verdict on one webhook request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WebhookVerdict {
    /// No fault.
    #[default]
    Pass,
    /// The service responds with this 4xx or 5xx status without processing the request.
    Fails(u16),
    /// No response in time.
    TimesOut {
        /// Whether the service processed the request.
        heard: bool,
    },
    /// The response is not a valid document, and the service did not process the request.
    Unreadable,
    /// A proxy responds with an error page and status 200; the service did not process the request.
    Html,
    /// The response redirects to the same URL, and the service did not process the request.
    Redirected,
    /// Never sent; status callbacks only.
    Lost,
    /// Sent twice; status callbacks only.
    Twice,
    /// Sent with this delay; status callbacks only.
    Late(Span),
}

/// The verdict on one ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TicketVerdict {
    /// The desk temporarily refuses the ticket.
    pub fails: bool,
    /// The desk loses the ticket.
    pub lost: bool,
    /// Delay in the wrong queue.
    pub late: Span,
}

/// A crash of the service around a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Before or after the recipient gets the delivery.
    pub when: CrashWhen,
    /// The downtime.
    pub down: Span,
}
