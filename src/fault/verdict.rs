//! Verdicts: how one delivery fares, once all the faults that strike it are folded together.

use crate::event::AnsweredBy;
use crate::fault::CrashWhen;
use crate::time::Span;

/// How one mail fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailVerdict {
    /// How the provider answers.
    pub transfer: Transfer,
    /// How much later than usual it arrives.
    pub late: Span,
    /// It never arrives.
    pub lost: bool,
    /// It is sent back.
    pub bounced: bool,
    /// It arrives in the spam folder.
    pub spam: bool,
    /// It arrives once more, so much later.
    pub again: Option<Span>,
    /// A scanner fetches its link.
    pub scanned: bool,
    /// Its link arrives cut short.
    pub truncated: bool,
}

/// How a mail is handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transfer {
    /// 250.
    #[default]
    Taken,
    /// This reply code.
    Refused(u16),
    /// The connection is cut before the mail was taken.
    CutBefore,
    /// The connection is cut after the mail was taken.
    CutAfter,
}

/// How one call fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallVerdict {
    /// How the order is answered and whether the call gets through.
    pub connect: Connect,
    /// The call is not answered for, but placed: only with [`Connect::Error`] and
    /// [`Connect::TimesOut`].
    pub placed: bool,
    /// How much longer than usual it stays in the queue.
    pub queued: Span,
    /// It is canceled so long after it was taken, unless it was picked up by then.
    pub canceled: Option<Span>,
    /// The line drops so long after the pick-up.
    pub drops: Option<Span>,
    /// What becomes of the keys.
    pub keys: KeyFault,
}

/// How far a call gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connect {
    /// It rings.
    #[default]
    Rings,
    /// The order is refused with this code of Twilio's.
    Refused(u32),
    /// The order is answered with this 5xx status.
    Error(u16),
    /// The order is not answered.
    TimesOut,
    /// It stays in the queue for ever.
    Stuck,
    /// It is dialled and never rings.
    NeverRings,
    /// Busy.
    Busy,
    /// Turned away with this SIP code, before it rings.
    Rejected(u16),
    /// The handset turns it away with this SIP code, unheard.
    Declined(u16),
    /// Voicemail picks up, and machine detection takes it for that.
    Voicemail(AnsweredBy),
}

/// What becomes of the keys pressed in a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyFault {
    /// They get through.
    #[default]
    None,
    /// This one is lost, counted from 1.
    Lost(u8),
    /// This one gets through twice, counted from 1.
    Doubled(u8),
    /// None gets through.
    Silent,
}

/// How one request of a call to the service fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WebhookVerdict {
    /// As usual.
    #[default]
    Pass,
    /// The app answers with this 4xx or 5xx status, and has not acted.
    Fails(u16),
    /// No answer in time; `heard` is whether the app has acted.
    TimesOut {
        /// Whether the app has acted.
        heard: bool,
    },
    /// The app has not acted and answers with what is no document.
    Unreadable,
    /// The app has not acted; a proxy answers with an error page and status 200.
    Html,
    /// The app has not acted and answers with a redirect to the same URL.
    Redirected,
    /// It is never sent: status callbacks only.
    Lost,
    /// It is sent twice: status callbacks only.
    Twice,
    /// It is sent so much later: status callbacks only.
    Late(Span),
}

/// How one ticket fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TicketVerdict {
    /// The desk does not take it just now.
    pub fails: bool,
    /// The desk loses it.
    pub lost: bool,
    /// It lies in the wrong queue for so long.
    pub late: Span,
}

/// When the app crashes around a crossing, and for how long it is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Before or after the receiver has it.
    pub when: CrashWhen,
    /// For how long.
    pub down: Span,
}
