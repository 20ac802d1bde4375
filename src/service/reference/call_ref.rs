//! References to call orders, and the webhook addresses that carry them.

use crate::event::WebhookKind;
use crate::message::{Digits, Hook, Place, ServiceRef, StatusReport, WebhookBody};

/// A reference to one call order, part of its webhook addresses. Callbacks can arrive for a call whose
/// creation was never answered, so the service may not know the call's SID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CallRef(pub(super) u64);

impl CallRef {
    /// The address for this kind of webhook.
    pub(super) const fn hook(self, kind: WebhookKind) -> Hook {
        Hook::post(Place::Console(ServiceRef(self.0), kind))
    }

    /// The order and the kind of webhook that an address names; `None` for a foreign address.
    pub(super) const fn read(hook: Hook) -> Option<(Self, WebhookKind)> {
        match hook.at {
            Place::Console(name, kind) => Some((Self(name.0), kind)),
            Place::Url(_) => None,
        }
    }
}

/// Reads a body as the kind that its address expects. The address decides, so that the in-memory and the
/// wire stage agree.
pub(super) fn read_at(kind: WebhookKind, body: WebhookBody) -> WebhookBody {
    match (kind, body) {
        (WebhookKind::Fetch, _) => WebhookBody::Fetch,
        (WebhookKind::Action, WebhookBody::Action(digits)) => WebhookBody::Action(digits),
        (
            WebhookKind::Action,
            WebhookBody::Fetch | WebhookBody::Status(_) | WebhookBody::Recorded(_) | WebhookBody::Detected(_),
        ) => WebhookBody::Action(Digits::EMPTY),
        (WebhookKind::Status, WebhookBody::Status(report)) => WebhookBody::Status(report),
        (
            WebhookKind::Status,
            WebhookBody::Fetch | WebhookBody::Action(_) | WebhookBody::Recorded(_) | WebhookBody::Detected(_),
        ) => WebhookBody::Status(StatusReport::default()),
    }
}

/// The redirect target for a webhook: the TwiML document of the same order, or the same address for a
/// status callback.
pub const fn redirects_to(hook: Hook) -> Hook {
    match CallRef::read(hook) {
        Some((order, WebhookKind::Fetch | WebhookKind::Action)) => order.hook(WebhookKind::Fetch),
        Some((_, WebhookKind::Status)) | None => hook,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::UrlId;

    #[test]
    fn an_address_leads_back_to_its_order() {
        for kind in [WebhookKind::Fetch, WebhookKind::Action, WebhookKind::Status] {
            assert_eq!(CallRef::read(CallRef(7).hook(kind)), Some((CallRef(7), kind)));
        }
        assert_eq!(CallRef::read(Hook::post(Place::Url(UrlId(7)))), None);
    }

    #[test]
    fn the_address_decides_what_a_request_is_about() {
        let digits = WebhookBody::Action(Digits::read("123456").unwrap());
        let none = WebhookBody::Action(Digits::EMPTY);
        let status = WebhookBody::Status(StatusReport { sequence: 3, ..StatusReport::default() });
        let nothing = WebhookBody::Status(StatusReport::default());
        for (kind, body, read) in [
            (WebhookKind::Fetch, digits, WebhookBody::Fetch),
            (WebhookKind::Fetch, status, WebhookBody::Fetch),
            (WebhookKind::Action, digits, digits),
            (WebhookKind::Action, WebhookBody::Fetch, none),
            (WebhookKind::Status, status, status),
            (WebhookKind::Status, digits, nothing),
        ] {
            assert_eq!(read_at(kind, body), read, "{body:?} at {kind:?}");
        }
    }

    #[test]
    fn a_redirect_leads_to_the_document_and_a_status_to_itself() {
        let hook = |kind| CallRef(7).hook(kind);
        for (from, to) in [
            (hook(WebhookKind::Fetch), hook(WebhookKind::Fetch)),
            (hook(WebhookKind::Action), hook(WebhookKind::Fetch)),
            (hook(WebhookKind::Status), hook(WebhookKind::Status)),
        ] {
            assert_eq!(redirects_to(from), to);
        }
    }
}
