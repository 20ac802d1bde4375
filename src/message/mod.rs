//! Messages between machines, as plain data: requests and their responses.
//!
//! A crossing leaves one machine and reaches another through a stage. Both ends use the same type, so the
//! world only routes, and the wire stage only encodes and decodes. The types hold exactly what can be
//! distinguished on the wire. They are small; they hold text only where the text matters (a foreign
//! document's words). This module contains no decisions.

mod action;
mod call;
mod hook;
mod mail;
mod page;
mod papers;
mod retry;
mod script;
mod text;
mod ticket;
mod twiml;
mod verify;
mod wishes;

pub use self::action::{Action, Fields};
pub use self::call::{
    Body, CallCreate, CallReply, CallUpdate, Digits, HookReply, Key, KeysWanted, Sid, StatusReport, Webhook,
    WebhookBody,
};
pub use self::hook::{Events, Hook, Method, Opening, Place, ServiceRef};
pub use self::mail::{Letter, Link, Links, Mail, MailBody, MailReply, Urls};
pub use self::page::{
    BROWSERS_EACH, Cookie, CookieTheft, Held, Offers, Page, PageReply, PageRequest, Shown, jar_of,
};
pub use self::papers::{
    DOCUMENTS_MAX, DocId, KeptMail, MAIL_BYTES_MAX, MAILS_MAX, Papers, RawId, URL_BYTES_MAX, URL_LEN_MAX,
    URLS_MAX, UrlId,
};
pub use self::retry::{Retries, timeout_of_fragment};
pub use self::script::{Manner, SCRIPT_STEPS_MAX, Script, ScriptAct, ScriptStep};
pub use self::text::{
    MessagingServiceSid, Replies, Reply, TextHookReply, TextOrder, TextReply, TextSender, TextSid,
    TextWebhook, TextWebhookBody,
};
pub use self::ticket::{ResetReply, ResetRequest, TicketForm, TicketReply, TicketResult};
pub use self::twiml::{Gather, Record, Speech, Twiml, Verb};
pub use self::verify::{
    AttemptSid, CodeCheck, CodeLetter, ServiceSettings, Transaction, VerificationOrder, VerificationSid,
    VerifyBy, VerifyCode, VerifyReply, VerifyServiceSid, VerifyTo,
};
pub use self::wishes::{CallWishes, Recorded, RecordingEnd, Tones};
use crate::base::id::BrowserId;
use crate::event::{NoReply, ScanRung};

/// The state of a proof of origin: a CSRF token, a signature, an agent's credential. The wire decodes it;
/// the receiver decides the consequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authenticity {
    /// Present and valid.
    Valid,
    /// Absent.
    Missing,
    /// Present and invalid.
    Wrong,
}

/// A message from one machine to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Crossing {
    /// A browser's request to the service; the stage adds the cookie from its jar.
    Page {
        /// The browser.
        browser: BrowserId,
        /// The CSRF token sent with the form.
        csrf: Authenticity,
        /// The request.
        action: Action,
    },
    /// The service's email to the mail provider.
    Mail(Mail),
    /// The service's order to the phone company.
    Call(CallCreate),
    /// A call's webhook to the service, or a stranger's forgery of one.
    Webhook(Webhook),
    /// A webhook of a text message to the service.
    Text(TextWebhook),
    /// The service's ticket to the support desk.
    Ticket(TicketForm),
    /// The support desk's request to the service.
    Reset(ResetRequest),
    /// What a thief does with a session cookie. It goes to the stage, which has the cookies of all browsers, and
    /// to no server. Its answer is always lost.
    Cookie(CookieTheft),
    /// A scanner's requests to the link of a foreign email. Its answer is always lost: nobody reads it.
    Scan {
        /// The link.
        url: UrlId,
        /// How far the scanner goes; without a rung it sends HEAD, then GET.
        rung: Option<ScanRung>,
    },
}

/// The response to a crossing.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// For [`Crossing::Page`].
    Page(PageReply),
    /// For [`Crossing::Mail`].
    Mail(MailReply),
    /// For [`Crossing::Call`].
    Call(CallReply),
    /// For [`Crossing::Webhook`].
    Webhook(HookReply),
    /// For [`Crossing::Text`].
    Text(TextHookReply),
    /// For [`Crossing::Ticket`].
    Ticket(TicketReply),
    /// For [`Crossing::Reset`].
    Reset(ResetReply),
    /// To any of them: no response arrived.
    Lost(NoReply),
}
