//! What the service's answers mean to the company: Twilio's rules for webhooks.
//!
//! Retries follow only where nobody listens; an error, a time-out or a cut connection is final, for
//! by then the service may have acted (TW-webhook).

use crate::crossing::Body;
use crate::crossing::Hook;
use crate::crossing::HookReply;
use crate::crossing::Twiml;
use crate::event::Lost;
use crate::voice::twiml;

/// How many redirects of one request are followed.
pub(super) const REDIRECTS_MAX: u8 = 10;

/// Twilio's debugger code for an address that is none.
pub(super) const NO_ADDRESS: u32 = 11100;
/// Twilio's debugger code for an answer that cannot be had: an HTTP error, no answer in time.
const RETRIEVAL: u32 = 11200;
/// Twilio's debugger code for a service that nobody can connect to.
pub(super) const CONNECTION: u32 = 11205;
/// Twilio's debugger code for redirects without an end.
pub(super) const TOO_MANY_REDIRECTS: u32 = 11215;
/// Twilio's debugger code for an answer that is no document; so is an empty one.
const PARSE: u32 = 12100;

/// What an answer means where a document is waited for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ForDocument {
    /// Run this.
    Document(Twiml),
    /// Ask there, without digits.
    Redirected(Hook),
    /// Ask again later.
    Nobody,
    /// There will be no document; this is Twilio's debugger code.
    Failed(u32),
}

/// Reads an answer to a fetch or an action.
pub(super) fn for_document(reply: Result<HookReply, Lost>) -> ForDocument {
    match reply {
        Ok(HookReply::Answered { http: 200..=299, body }) => match document(body) {
            Ok(document) => ForDocument::Document(document),
            Err(code) => ForDocument::Failed(code),
        },
        Ok(HookReply::Answered { .. }) => ForDocument::Failed(RETRIEVAL),
        Ok(HookReply::Redirected(hook)) => ForDocument::Redirected(hook),
        Err(Lost::Down) => ForDocument::Nobody,
        Err(Lost::Cut | Lost::TimedOut) => ForDocument::Failed(RETRIEVAL),
    }
}

/// The document that a body holds; Twilio's debugger code if it cannot be run.
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

/// What an answer means to a status callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForCallback {
    /// It arrived, and was answered with this HTTP status. Whatever that is, Twilio is content.
    Arrived(u16),
    /// Ask there.
    Redirected(Hook),
    /// Ask again later.
    Nobody,
    /// There will be no answer.
    Lost,
}

/// Reads an answer to a status callback.
pub(super) const fn for_callback(reply: &Result<HookReply, Lost>) -> ForCallback {
    match reply {
        Ok(HookReply::Answered { http, .. }) => ForCallback::Arrived(*http),
        Ok(HookReply::Redirected(hook)) => ForCallback::Redirected(*hook),
        Err(Lost::Down) => ForCallback::Nobody,
        Err(Lost::Cut | Lost::TimedOut) => ForCallback::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crossing::Gather;
    use crate::crossing::Verb;

    #[test]
    fn what_comes_in_place_of_a_document_has_twilios_code() {
        let nested = Gather { prompts: vec![Verb::Hangup], ..Gather::default() };
        let nested = Twiml { verbs: vec![Verb::Gather(nested)] };
        for (reply, code) in [
            (Ok(HookReply::bare(503)), 11200),
            (Ok(HookReply::bare(403)), 11200),
            (Ok(HookReply::bare(404)), 11200),
            // An error stays one, whatever stands on its page.
            (Ok(HookReply::Answered { http: 500, body: Body::Document(Twiml::default()) }), 11200),
            (Ok(HookReply::bare(302)), 11200),
            (Err(Lost::TimedOut), 11200),
            (Err(Lost::Cut), 11200),
            (Ok(HookReply::HEARD), 12100),
            (Ok(HookReply::not_twiml(12102)), 12102),
            (Ok(HookReply::document(nested)), 12200),
        ] {
            assert_eq!(for_document(reply.clone()), ForDocument::Failed(code), "{reply:?}");
        }
        assert_eq!(for_document(Err(Lost::Down)), ForDocument::Nobody);
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
