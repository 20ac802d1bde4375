//! Requests of the messaging provider to the service: status callbacks and texts from handsets.
//!
//! A failed status callback never affects its text. A text from a handset whose response cannot be used is
//! passed to the fallback address, if there is one (TW-inbound).

use crate::base::id::TextId;
use crate::base::machine::Cx;
use crate::base::time::Time;
use crate::event::{EventKind, NoReply, TextStatus};
use crate::message::{Hook, Replies, TextHookReply, TextWebhook, TextWebhookBody};
use crate::providers::messaging::habit::{
    ATTEMPTS_MAX, REDIRECTS_MAX, REPLIES_MAX, RETRY_AFTER, WEBHOOKS_MAX,
};
use crate::providers::messaging::provider::{Due, Messaging};
use crate::providers::messaging::{Output, TextWebhookId};

/// Twilio debugger code: HTTP retrieval failure.
const RETRIEVAL: u32 = 11_200;
/// Twilio debugger code: connection failure.
const CONNECTION: u32 = 11_205;
/// Twilio debugger code: too many redirects.
const TOO_MANY_REDIRECTS: u32 = 11_215;
/// Twilio debugger code: too many messages in one document.
const TOO_MANY_REPLIES: u32 = 14_109;

/// A request without a response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    webhook: TextWebhook,
    attempts: u8,
    redirects: u8,
    /// The fallback address, as long as it has not been used.
    fallback: Option<Hook>,
}

/// What a response means.
enum Meaning {
    Usable(u16, Box<Replies>),
    Redirected(Hook),
    /// The connection failed.
    Nobody,
    Failed(u32),
}

impl Messaging {
    /// Reports the status of a text, if the order asks for it.
    pub(super) fn call_back(&mut self, id: TextId, done: Option<Time>) {
        let Some(text) = self.text(id) else { return };
        let Some(hook) = text.callback() else { return };
        let (status, error) = (text.status(), text.error());
        let webhook = TextWebhook { hook, text: id, body: TextWebhookBody::Status { status, error, done } };
        if self.requests.len() >= WEBHOOKS_MAX {
            return self.tell(EventKind::ReceiptFailed { text: id, status });
        }
        self.ask(Request { webhook, attempts: 1, redirects: 0, fallback: None });
    }

    /// Passes a text from a handset to the service.
    pub(super) fn pass_on(&mut self, text: TextId, hook: Hook, fallback: Option<Hook>) {
        if self.requests.len() >= WEBHOOKS_MAX {
            return self.tell(EventKind::RepliesFailed { text, error: CONNECTION });
        }
        let webhook = TextWebhook { hook, text, body: TextWebhookBody::Inbound };
        self.ask(Request { webhook, attempts: 1, redirects: 0, fallback });
    }

    fn ask(&mut self, request: Request) {
        let id = TextWebhookId(self.next_webhook);
        self.next_webhook = self.next_webhook.wrapping_add(1);
        self.requests.insert(id, request);
        self.outputs.push(Output::Webhook { id, webhook: request.webhook });
    }

    /// Sends a request again, under its id.
    pub(super) fn ask_again(&mut self, id: TextWebhookId) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        request.attempts += 1;
        let webhook = request.webhook;
        self.outputs.push(Output::Webhook { id, webhook });
    }

    /// Handles a response. A response that nothing waits for has no effect.
    pub(super) fn answered(
        &mut self,
        id: TextWebhookId,
        reply: Result<TextHookReply, NoReply>,
        cx: &mut Cx<'_>,
    ) {
        let Some(request) = self.requests.get(&id).copied() else { return };
        let meaning = meaning(reply, &request.webhook);
        if matches!(meaning, Meaning::Nobody) && request.attempts < ATTEMPTS_MAX {
            return self.plan(cx.now + RETRY_AFTER, Due::Retry(id));
        }
        self.requests.remove(&id);
        match meaning {
            Meaning::Redirected(hook) if request.redirects < REDIRECTS_MAX => self.follow(request, hook),
            Meaning::Redirected(_) => self.give_up(request, TOO_MANY_REDIRECTS),
            Meaning::Nobody => self.give_up(request, CONNECTION),
            Meaning::Failed(error) => self.give_up(request, error),
            Meaning::Usable(http, replies) => self.heard(cx, request, http, *replies),
        }
    }

    fn follow(&mut self, request: Request, hook: Hook) {
        let webhook = TextWebhook { hook, ..request.webhook };
        self.ask(Request { webhook, attempts: 1, redirects: request.redirects + 1, ..request });
    }

    fn heard(&mut self, cx: &mut Cx<'_>, request: Request, http: u16, replies: Replies) {
        let text = request.webhook.text;
        match request.webhook.body {
            TextWebhookBody::Status { status, .. } => {
                self.tell(EventKind::ReceiptAnswered { text, status, http });
            }
            TextWebhookBody::Inbound => {
                let count = replies.messages.len();
                if count > REPLIES_MAX {
                    return self.give_up(request, TOO_MANY_REPLIES);
                }
                let count = u8::try_from(count).unwrap_or(u8::MAX);
                self.tell(EventKind::RepliesFetched { text, count });
                for reply in replies.messages {
                    self.reply(cx.now, text, reply, cx.rng);
                }
                match replies.redirect {
                    Some(hook) if request.redirects < REDIRECTS_MAX => self.follow(request, hook),
                    Some(_) => self.tell(EventKind::RepliesFailed { text, error: TOO_MANY_REDIRECTS }),
                    None => {}
                }
            }
        }
    }

    fn give_up(&mut self, request: Request, error: u32) {
        let text = request.webhook.text;
        match (request.webhook.body, request.fallback) {
            (TextWebhookBody::Status { status, .. }, _) => {
                self.tell(EventKind::ReceiptFailed { text, status })
            }
            (TextWebhookBody::Inbound, None) => self.tell(EventKind::RepliesFailed { text, error }),
            (TextWebhookBody::Inbound, Some(hook)) => {
                self.tell(EventKind::RepliesFailed { text, error });
                let webhook = TextWebhook { hook, ..request.webhook };
                self.ask(Request { webhook, attempts: 1, redirects: 0, fallback: None });
            }
        }
    }

    /// The statuses whose callbacks wait for a response.
    pub fn unanswered_receipts(&self, id: TextId) -> impl Iterator<Item = TextStatus> {
        self.requests.values().filter(move |request| request.webhook.text == id).filter_map(|request| {
            match request.webhook.body {
                TextWebhookBody::Status { status, .. } => Some(status),
                TextWebhookBody::Inbound => None,
            }
        })
    }
}

fn meaning(reply: Result<TextHookReply, NoReply>, webhook: &TextWebhook) -> Meaning {
    let is_status = matches!(webhook.body, TextWebhookBody::Status { .. });
    match reply {
        Ok(TextHookReply::Redirected(hook)) => Meaning::Redirected(hook),
        // Any response will do for a status callback.
        Ok(TextHookReply::Answered { http, .. }) if is_status => Meaning::Usable(http, Box::default()),
        Ok(TextHookReply::Answered { http: http @ 200..=299, body: Ok(replies) }) => {
            Meaning::Usable(http, replies)
        }
        Ok(TextHookReply::Answered { http: 200..=299, body: Err(error) }) => Meaning::Failed(error),
        Ok(TextHookReply::Answered { .. }) => Meaning::Failed(RETRIEVAL),
        Err(NoReply::Down) => Meaning::Nobody,
        Err(NoReply::Cut | NoReply::TimedOut) => Meaning::Failed(RETRIEVAL),
    }
}
