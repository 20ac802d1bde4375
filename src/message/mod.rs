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
use crate::base::id::BrowserId;
use crate::event::NoReply;

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
    /// The service's ticket to the support desk.
    Ticket(TicketForm),
    /// The support desk's request to the service.
    Reset(ResetRequest),
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
    /// For [`Crossing::Ticket`].
    Ticket(TicketReply),
    /// For [`Crossing::Reset`].
    Reset(ResetReply),
    /// To any of them: no response arrived.
    Lost(NoReply),
}
