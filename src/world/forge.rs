//! Webhooks forged by strangers, based on real ones.

use crate::base::id::PersonId;
use crate::base::number::Number;
use crate::base::rng::Stream;
use crate::event::{CallStatus, WebhookKind};
use crate::message::{Authenticity, Hook, Place, ServiceRef, Sid, Webhook, WebhookBody};
use crate::service::reference::CALLER;
use crate::world::World;

impl World {
    /// The last webhook about the target account of `who`, of this kind or any.
    pub(super) fn last_webhook(&self, who: PersonId, kind: Option<WebhookKind>) -> Option<Webhook> {
        self.lines.last_webhook(self.setup.story.people[who.index()].account, kind)
    }

    /// A forged webhook, with the ids of a real call if there was one.
    pub(super) fn forged(
        &mut self,
        who: PersonId,
        body: WebhookBody,
        status: CallStatus,
        signature: Authenticity,
    ) -> Webhook {
        let guess = self.rng.bits(Stream::Person(who));
        let nothing = Webhook {
            hook: Hook::post(Place::Console(ServiceRef(guess), body.kind())),
            from: CALLER,
            sid: Sid(u128::from(guess)),
            to: Number::NONE,
            signature,
            status,
            answered_by: None,
            body,
        };
        let like = self.last_webhook(who, None).unwrap_or(nothing);
        let at = match like.hook.at {
            Place::Console(order, _) => Place::Console(order, body.kind()),
            Place::Url(url) => Place::Url(url),
        };
        Webhook { hook: Hook::post(at), signature, status, answered_by: None, body, ..like }
    }
}
