//! Texts from handsets: opt-out keywords, and the service's responses.

use std::sync::Arc;

use crate::base::id::TextId;
use crate::base::number::Number;
use crate::base::rng::Rng;
use crate::base::time::Time;
use crate::event::{EventKind, TextStatus};
use crate::fault::TextVerdict;
use crate::message::{Hook, Reply, TextOrder, TextReply, TextSender};
use crate::providers::messaging::keyword::Keyword;
use crate::providers::messaging::provider::{Messaging, OPTED_OUT, Scope};
use crate::providers::messaging::{Direction, Output};

/// Where texts from handsets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboundHooks {
    /// The address that gets them.
    pub hook: Hook,
    /// The address that gets them if the first one gives no usable response.
    pub fallback: Option<Hook>,
}

/// The prefixes of toll-free numbers in the North American plan, whose opt-outs the carrier enforces.
const TOLL_FREE: [&str; 7] = ["+1800", "+1888", "+1877", "+1866", "+1855", "+1844", "+1833"];

/// Whether the carrier, not the provider, blocks texts of this sender after an opt-out (TW-optout).
pub(super) fn is_toll_free(sender: &TextSender) -> bool {
    TOLL_FREE.iter().any(|prefix| sender.as_str().starts_with(prefix))
}

impl Messaging {
    /// A handset sends a text.
    pub(super) fn receive(
        &mut self,
        (handset, at, body): (Number, TextSender, Arc<str>),
        now: Time,
        draw: &mut Rng,
    ) {
        let keyword = Keyword::of(&body);
        let order = TextOrder::new(handset, at.clone(), body);
        let taken = self.take(Direction::Inbound, order, TextVerdict::default(), draw);
        let Ok(id) = taken else {
            return self.outputs.push(Output::Reply(Ok(Self::full())));
        };
        self.set(now, id, TextStatus::Received);
        self.tell(EventKind::TextReceived { text: id, number: handset });
        self.outputs.push(Output::Reply(Ok(TextReply::Created(id))));
        if let Some(keyword) = keyword {
            self.obey(keyword, handset, &at, now, draw);
        }
        // The service hears of keywords too (TW-optout).
        if let Some(hooks) = self.inbound.get(&at).copied() {
            self.pass_on(id, hooks.hook, hooks.fallback);
        }
    }

    fn obey(&mut self, keyword: Keyword, handset: Number, at: &TextSender, now: Time, draw: &mut Rng) {
        let out = match keyword {
            Keyword::Stop => Some(true),
            Keyword::Start => Some(false),
            Keyword::Help => None,
        };
        if let Some(out) = out {
            // The block covers the sender, or the whole messaging service that has used it.
            let scopes = [Scope::Sender(at.clone())].into_iter();
            let service = self.pools.get(at).map(|service| Scope::Service(*service));
            for scope in scopes.chain(service) {
                if out {
                    self.opted_out.insert((scope, handset));
                } else {
                    self.opted_out.remove(&(scope, handset));
                }
            }
            self.tell(EventKind::OptOutChanged { number: handset, out });
        }
        self.confirm(keyword, (handset, at.clone()), now, draw);
    }

    /// Sends a text that the service's document contains.
    pub(super) fn reply(&mut self, now: Time, to: TextId, reply: Reply, draw: &mut Rng) {
        let Some(asked) = self.text(to) else { return };
        let order = TextOrder {
            to: reply.to.unwrap_or_else(|| asked.handset()),
            from: reply.from.or_else(|| asked.sender().cloned()),
            service: None,
            body: reply.body,
            media: reply.media,
            status: reply.status,
            validity: TextOrder::VALIDITY,
            send_at: None,
        };
        let blocked = self.is_opted_out(&order);
        // Beyond the limits, no reply is sent.
        let Ok(id) = self.take(Direction::Reply, order, TextVerdict::default(), draw) else { return };
        if blocked {
            self.fail_later(now, id, OPTED_OUT);
        } else {
            self.begin(now, id);
        }
    }

    /// Sends the reply to a keyword, in spite of an opt-out.
    fn confirm(&mut self, keyword: Keyword, (handset, at): (Number, TextSender), now: Time, draw: &mut Rng) {
        let order = TextOrder::new(handset, at, keyword.reply());
        if let Ok(id) = self.take(Direction::Reply, order, TextVerdict::default(), draw) {
            self.begin(now, id);
        }
    }
}
