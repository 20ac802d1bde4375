//! What the service's answers mean to the company: Twilio's rules for webhooks.
//!
//! Retries follow only where nobody listens; an error, a time-out or a cut connection is final, for
//! by then the service may have acted (TW-webhook).

use crate::crossing::Twiml;
use crate::crossing::WebhookReply;
use crate::event::Lost;
use crate::voice::twiml;

/// How many redirects of one request are followed.
pub(super) const REDIRECTS_MAX: u8 = 10;

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
    /// Ask again, without digits.
    Redirected,
    /// Ask again later.
    Nobody,
    /// There will be no document; this is Twilio's debugger code.
    Failed(u32),
}

/// Reads an answer to a fetch or an action.
pub(super) fn for_document(reply: Result<WebhookReply, Lost>) -> ForDocument {
    match reply {
        Ok(WebhookReply::Document(document)) => match twiml::check(&document) {
            Ok(()) => ForDocument::Document(document),
            Err(why) => ForDocument::Failed(why.code()),
        },
        Ok(WebhookReply::Redirected) => ForDocument::Redirected,
        Ok(WebhookReply::Heard) => ForDocument::Failed(PARSE),
        Ok(WebhookReply::Unreadable { error }) => ForDocument::Failed(error),
        Ok(WebhookReply::Forbidden | WebhookReply::NotFound | WebhookReply::Failed { .. }) => {
            ForDocument::Failed(RETRIEVAL)
        }
        Err(Lost::Down) => ForDocument::Nobody,
        Err(Lost::Cut | Lost::TimedOut) => ForDocument::Failed(RETRIEVAL),
    }
}

/// What an answer means to a status callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForCallback {
    /// It arrived, and was answered with this HTTP status. Whatever that is, Twilio is content.
    Arrived(u16),
    /// Ask again.
    Redirected,
    /// Ask again later.
    Nobody,
    /// There will be no answer.
    Lost,
}

/// Reads an answer to a status callback.
pub(super) const fn for_callback(reply: &Result<WebhookReply, Lost>) -> ForCallback {
    match reply {
        Ok(WebhookReply::Document(_) | WebhookReply::Unreadable { .. }) => ForCallback::Arrived(200),
        Ok(WebhookReply::Heard) => ForCallback::Arrived(204),
        Ok(WebhookReply::Forbidden) => ForCallback::Arrived(403),
        Ok(WebhookReply::NotFound) => ForCallback::Arrived(404),
        Ok(WebhookReply::Failed { http }) => ForCallback::Arrived(*http),
        Ok(WebhookReply::Redirected) => ForCallback::Redirected,
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
            (Ok(WebhookReply::Failed { http: 503 }), 11200),
            (Ok(WebhookReply::Forbidden), 11200),
            (Ok(WebhookReply::NotFound), 11200),
            (Err(Lost::TimedOut), 11200),
            (Err(Lost::Cut), 11200),
            (Ok(WebhookReply::Heard), 12100),
            (Ok(WebhookReply::Unreadable { error: 12102 }), 12102),
            (Ok(WebhookReply::Document(nested)), 12200),
        ] {
            assert_eq!(for_document(reply.clone()), ForDocument::Failed(code), "{reply:?}");
        }
        assert_eq!(for_document(Err(Lost::Down)), ForDocument::Nobody);
    }

    #[test]
    fn any_answer_will_do_for_a_callback() {
        for (reply, http) in [
            (WebhookReply::Document(Twiml::default()), 200),
            (WebhookReply::Unreadable { error: 12100 }, 200),
            (WebhookReply::Heard, 204),
            (WebhookReply::Forbidden, 403),
            (WebhookReply::NotFound, 404),
            (WebhookReply::Failed { http: 503 }, 503),
        ] {
            assert_eq!(for_callback(&Ok(reply)), ForCallback::Arrived(http));
        }
    }
}
