//! The timing of the messaging provider.

use crate::base::time::Span;

/// From the order to the choice of the sender, with a messaging service.
pub(super) const ACCEPTED: Span = Span::from_millis(200);

/// In the queue, until the carrier has the text.
pub(super) const QUEUED: Span = Span::SECOND;

/// From the carrier to the handset.
pub(super) const CARRIED: Span = Span::from_secs(2);

/// From the handset to the delivery receipt.
pub(super) const CONFIRMED: Span = Span::from_millis(500);

/// Until a webhook whose connection failed is sent again; once (TW-webhook).
pub(super) const RETRY_AFTER: Span = Span::SECOND;

/// Most attempts of a webhook.
pub(super) const ATTEMPTS_MAX: u8 = 2;

/// Most redirects of a webhook, and documents of a response (TW-webhook).
pub(super) const REDIRECTS_MAX: u8 = 10;

/// Most texts in response to one text from a handset (TW-inbound, 14109).
pub(super) const REPLIES_MAX: usize = 10;

/// Most webhooks without a response.
pub(super) const WEBHOOKS_MAX: usize = 1_024;
