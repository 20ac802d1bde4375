//! Carries what leaves the world: webhooks to the app, and the crossings of the reference service.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::base::id::CrossingId;
use crate::event::NoReply;
use crate::message::{Answer, Crossing, Place};
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
    let foreign = match &crossing {
        Crossing::Webhook(webhook) => matches!(webhook.hook.at, Place::Url(_)),
        Crossing::Text(_) => true,
        _ => false,
    };
    let carried = courier.carry(id, &crossing);
    if !foreign {
        return Ok(carried.await.unwrap_or(Answer::Lost(NoReply::Cut)));
    }
    Ok(match timeout(WEBHOOK_MAX, carried).await {
        Ok(answer) => answer.unwrap_or(Answer::Lost(NoReply::Cut)),
        Err(_) => Answer::Lost(NoReply::TimedOut),
    })
}
