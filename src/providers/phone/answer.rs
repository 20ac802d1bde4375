//! Interprets webhook responses by Twilio's rules.
//!
//! Only a failed connection is retried. An HTTP error, a timeout or a cut connection is final, because the
//! service may already have acted (TW-webhook).

use crate::event::NoReply;
use crate::message::{Body, Hook, HookReply, Twiml};
use crate::providers::phone::twiml;

/// Maximum number of redirects followed per request.
pub(super) const REDIRECTS_MAX: u8 = 10;

/// Twilio debugger code: invalid URL.
pub(super) const NO_ADDRESS: u32 = 11100;
/// Twilio debugger code: HTTP retrieval failure, such as an error status or a timeout.
const RETRIEVAL: u32 = 11200;
/// Twilio debugger code: connection failure.
pub(super) const CONNECTION: u32 = 11205;
/// Twilio debugger code: too many redirects.
pub(super) const TOO_MANY_REDIRECTS: u32 = 11215;
/// Twilio debugger code: document parse failure. An empty body counts as one.
const PARSE: u32 = 12100;

/// Meaning of a response when a document is expected.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ForDocument {
    /// Run this document.
    Document(Twiml),
    /// Fetch from this address, without digits.
    Redirected(Hook),
    /// Connection failed; retry later.
    Nobody,
    /// No document will come. Holds Twilio's debugger code.
    Failed(u32),
}

/// Interprets the response to a fetch or an action.
pub(super) fn for_document(reply: Result<HookReply, NoReply>) -> ForDocument {
    match reply {
        Ok(HookReply::Answered { http: 200..=299, body }) => match document(body) {
            Ok(document) => ForDocument::Document(document),
            Err(code) => ForDocument::Failed(code),
        },
        Ok(HookReply::Answered { .. }) => ForDocument::Failed(RETRIEVAL),
        Ok(HookReply::Redirected(hook)) => ForDocument::Redirected(hook),
        Err(NoReply::Down) => ForDocument::Nobody,
        Err(NoReply::Cut | NoReply::TimedOut) => ForDocument::Failed(RETRIEVAL),
    }
}

/// Extracts the document from a body, or returns Twilio's debugger code if it cannot run.
pub(super) fn document(body: Body) -> Result<Twiml, u32> {
    match body {
        Body::Document(document) => match twiml::check(&document) {
            Ok(()) => Ok(document),
            Err(why) => Err(why.code()),
        },
        Body::Empty => Err(PARSE),
        Body::NotTwiml(code) => Err(code),
    }
}

/// Meaning of a response to a status callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForCallback {
    /// Delivered. Twilio accepts any HTTP status, so it is only recorded.
    Arrived(u16),
    /// Send to this address.
    Redirected(Hook),
    /// Connection failed; retry later.
    Nobody,
    /// No response will come.
    Lost,
}

/// Interprets the response to a status callback.
pub(super) const fn for_callback(reply: &Result<HookReply, NoReply>) -> ForCallback {
    match reply {
        Ok(HookReply::Answered { http, .. }) => ForCallback::Arrived(*http),
        Ok(HookReply::Redirected(hook)) => ForCallback::Redirected(*hook),
        Err(NoReply::Down) => ForCallback::Nobody,
        Err(NoReply::Cut | NoReply::TimedOut) => ForCallback::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Gather, Verb};

    #[test]
    fn what_comes_in_place_of_a_document_has_twilios_code() {
        let nested = Gather { prompts: vec![Verb::Hangup], ..Gather::default() };
        let nested = Twiml { verbs: vec![Verb::Gather(nested)] };
        for (reply, code) in [
            (Ok(HookReply::bare(503)), 11200),
            (Ok(HookReply::bare(403)), 11200),
            (Ok(HookReply::bare(404)), 11200),
            // An error status counts even if the page holds a valid document.
            (Ok(HookReply::Answered { http: 500, body: Body::Document(Twiml::default()) }), 11200),
            (Ok(HookReply::bare(302)), 11200),
            (Err(NoReply::TimedOut), 11200),
            (Err(NoReply::Cut), 11200),
            (Ok(HookReply::HEARD), 12100),
            (Ok(HookReply::not_twiml(12102)), 12102),
            (Ok(HookReply::document(nested)), 12200),
        ] {
            assert_eq!(for_document(reply.clone()), ForDocument::Failed(code), "{reply:?}");
        }
        assert_eq!(for_document(Err(NoReply::Down)), ForDocument::Nobody);
    }

    #[test]
    fn any_answer_will_do_for_a_callback() {
        for (reply, http) in [
            (HookReply::document(Twiml::default()), 200),
            (HookReply::not_twiml(12100), 200),
            (HookReply::HEARD, 204),
            (HookReply::bare(403), 403),
            (HookReply::bare(404), 404),
            (HookReply::bare(503), 503),
        ] {
            assert_eq!(for_callback(&Ok(reply)), ForCallback::Arrived(http));
        }
    }
}
