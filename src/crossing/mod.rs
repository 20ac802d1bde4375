//! What one machine has for another, as plain data: requests and their answers.
//!
//! A crossing leaves one machine and reaches another through a stage. Both ends name the same
//! type, so the world only routes, and the wire stage only writes and reads: what stands here is
//! exactly what can be told apart on the wire. Forms are small; text stands in them only where
//! the text is the point (a foreign document's words). Nothing here decides anything.

mod action;
mod call;
mod hook;
mod mail;
mod page;
mod papers;
mod ticket;
mod twiml;

pub use self::action::Action;
pub use self::action::Fields;
pub use self::call::Body;
pub use self::call::CallCreate;
pub use self::call::CallReply;
pub use self::call::CallUpdate;
pub use self::call::Digits;
pub use self::call::HookReply;
pub use self::call::Key;
pub use self::call::KeysWanted;
pub use self::call::Sid;
pub use self::call::StatusReport;
pub use self::call::Webhook;
pub use self::call::WebhookBody;
pub use self::hook::Events;
pub use self::hook::Hook;
pub use self::hook::Method;
pub use self::hook::Opening;
pub use self::hook::Place;
pub use self::hook::ServiceRef;
pub use self::mail::Letter;
pub use self::mail::Link;
pub use self::mail::Links;
pub use self::mail::Mail;
pub use self::mail::MailBody;
pub use self::mail::MailReply;
pub use self::mail::Urls;
pub use self::page::BROWSERS_EACH;
pub use self::page::Cookie;
pub use self::page::Held;
pub use self::page::Offers;
pub use self::page::Page;
pub use self::page::PageReply;
pub use self::page::PageRequest;
pub use self::page::Shown;
pub use self::page::jar_of;
pub use self::papers::DOCUMENTS_MAX;
pub use self::papers::DocId;
pub use self::papers::KeptMail;
pub use self::papers::MAIL_BYTES_MAX;
pub use self::papers::MAILS_MAX;
pub use self::papers::Papers;
pub use self::papers::RawId;
pub use self::papers::URL_LEN_MAX;
pub use self::papers::URLS_MAX;
pub use self::papers::UrlId;
pub use self::ticket::ResetReply;
pub use self::ticket::ResetRequest;
pub use self::ticket::TicketForm;
pub use self::ticket::TicketReply;
pub use self::twiml::Gather;
pub use self::twiml::Speech;
pub use self::twiml::Twiml;
pub use self::twiml::Verb;
use crate::event::Lost;
use crate::id::BrowserId;

/// Whether something that proves a request's origin was there: a CSRF token, a signature, an
/// agent's credential. The wire decodes it; the receiver decides what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is right.
    Valid,
    /// It is not there.
    Missing,
    /// It is there and wrong.
    Wrong,
}

/// Something on its way from one machine to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Crossing {
    /// A browser's request to the console; the cookie is in the stage's jar.
    Page {
        /// Whose jar.
        browser: BrowserId,
        /// Whether the form's CSRF token goes along.
        csrf: Proof,
        /// What is asked.
        action: Action,
    },
    /// The console's mail to the mail provider.
    Mail(Mail),
    /// The console's order to the phone company.
    Call(CallCreate),
    /// A call's request to the console, or one forged by a stranger.
    Webhook(Webhook),
    /// The console's ticket to the support desk.
    Ticket(TicketForm),
    /// The desk's request to the console.
    Reset(ResetRequest),
}

/// What comes back for a crossing.
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
    /// For [`Crossing::Ticket`].
    Ticket(TicketReply),
    /// For [`Crossing::Reset`].
    Reset(ResetReply),
    /// For any of them: no answer came.
    Lost(Lost),
}
