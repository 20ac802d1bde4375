//! Carries what leaves the world: webhooks to the app, and the crossings of the reference service.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::base::id::CrossingId;
use crate::event::NoReply;
use crate::message::{Answer, Crossing, Hook, Place, TextWebhook, Webhook};
use crate::stage::Courier;
use crate::wire::WireError;

/// The real time that a webhook of the app may take: Twilio's limit (TW-webhook).
const WEBHOOK_MAX: Duration = Duration::from_secs(15);

/// Longest real time for one carry; longer than that of a webhook.
pub(super) const WATCHDOG: Duration = Duration::from_secs(60);

/// Carries a crossing. What goes wrong at the app is an answer that is lost, and ends nothing.
pub(super) async fn carry(
    courier: Arc<Courier>,
    id: CrossingId,
    crossing: Crossing,
) -> Result<Answer, WireError> {
    // Pinned where it is: moving it would copy the state of a whole HTTP exchange.
    let mut carried = pin!(courier.carry(id, &crossing));
    let app = match &crossing {
        Crossing::Webhook(Webhook { hook, sid, .. }) => Some((*hook, Some(*sid))),
        Crossing::Text(TextWebhook { hook, .. }) => Some((*hook, None)),
        _ => None,
    };
    let Some((hook @ Hook { at: Place::Url(url), .. }, call)) = app else {
        return Ok(carried.await.unwrap_or(Answer::Lost(NoReply::Cut)));
    };
    let asked = courier.door().world().papers().timeout(url);
    let most = asked.map_or(WEBHOOK_MAX, |asked| Duration::from_millis(asked.as_millis()).min(WEBHOOK_MAX));
    Ok(match timeout(most, carried.as_mut()).await {
        Ok(answer) => answer.unwrap_or(Answer::Lost(NoReply::Cut)),
        Err(_) => {
            courier.note_timeout(hook, call);
            Answer::Lost(NoReply::TimedOut)
        }
    })
}
