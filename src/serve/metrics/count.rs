//! The counters, with their metrics and labels.

use crate::event::EventKind;

/// Declares the counters: each with its metric and its label. Counters of one metric are next to each other.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident = $metric:literal $label:literal,)*) => {
        /// A counter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::serve) enum Count { $($(#[$doc])* $name,)* }

        impl Count {
            /// All counters, by metric.
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The metric that it belongs to.
            pub(super) const fn metric(self) -> &'static str {
                match self { $(Self::$name => $metric,)* }
            }

            /// Its label; empty if the metric has only this counter.
            pub(super) const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
        }
    };
}

counters! {
    /// The provider accepted a call.
    CallTaken = "lostkey_calls_total" "result=\"taken\"",
    /// The provider refused a call.
    CallRefused = "lostkey_calls_total" "result=\"refused\"",
    /// The provider failed to respond to an order of a call.
    CallUnclear = "lostkey_calls_total" "result=\"unclear\"",
    /// The provider accepted a text.
    TextTaken = "lostkey_texts_total" "result=\"taken\"",
    /// The provider refused a text.
    TextRefused = "lostkey_texts_total" "result=\"refused\"",
    /// The provider failed to respond to an order of a text.
    TextUnclear = "lostkey_texts_total" "result=\"unclear\"",
    /// A handset sent a text.
    TextReceived = "lostkey_texts_total" "result=\"received\"",
    /// The app answered a webhook.
    Webhook2xx = "lostkey_webhooks_total" "result=\"2xx\"",
    /// The app redirected a webhook.
    Webhook3xx = "lostkey_webhooks_total" "result=\"3xx\"",
    /// The app refused a webhook.
    Webhook4xx = "lostkey_webhooks_total" "result=\"4xx\"",
    /// The app failed at a webhook.
    Webhook5xx = "lostkey_webhooks_total" "result=\"5xx\"",
    /// The app did not answer a webhook.
    WebhookLost = "lostkey_webhooks_total" "result=\"lost\"",
    /// A fault struck.
    FaultStruck = "lostkey_faults_struck_total" "",
    /// The REST API answered a request.
    Rest2xx = "lostkey_rest_requests_total" "status=\"2xx\"",
    /// The REST API redirected a request.
    Rest3xx = "lostkey_rest_requests_total" "status=\"3xx\"",
    /// The REST API refused a request.
    Rest4xx = "lostkey_rest_requests_total" "status=\"4xx\"",
    /// The REST API failed at a request.
    Rest5xx = "lostkey_rest_requests_total" "status=\"5xx\"",
    /// The REST API closed the connection without an answer.
    RestCut = "lostkey_rest_requests_total" "status=\"cut\"",
    /// An SMTP session began.
    SmtpSession = "lostkey_smtp_sessions_total" "",
    /// A world began again.
    Reset = "lostkey_resets_total" "",
}

impl Count {
    /// The counter of an event.
    pub(super) const fn of_event(kind: &EventKind) -> Option<Self> {
        Some(match kind {
            EventKind::CallTaken { .. } => Self::CallTaken,
            EventKind::CallRefused { .. } => Self::CallRefused,
            EventKind::CallUnclear { .. } => Self::CallUnclear,
            EventKind::TextTaken { .. } => Self::TextTaken,
            EventKind::TextRefused { .. } => Self::TextRefused,
            EventKind::TextUnclear { .. } => Self::TextUnclear,
            EventKind::TextReceived { .. } => Self::TextReceived,
            EventKind::FaultStruck { .. } => Self::FaultStruck,
            _ => return None,
        })
    }

    /// The counter of a webhook with this HTTP status; `None` if no answer arrived.
    pub(super) const fn of_webhook(http: Option<u16>) -> Self {
        match http {
            Some(0..300) => Self::Webhook2xx,
            Some(300..400) => Self::Webhook3xx,
            Some(400..500) => Self::Webhook4xx,
            Some(_) => Self::Webhook5xx,
            None => Self::WebhookLost,
        }
    }

    /// The counter of a REST request with this HTTP status; `None` if the connection is closed instead.
    pub(in crate::serve) const fn of_rest(http: Option<u16>) -> Self {
        match http {
            Some(0..300) => Self::Rest2xx,
            Some(300..400) => Self::Rest3xx,
            Some(400..500) => Self::Rest4xx,
            Some(_) => Self::Rest5xx,
            None => Self::RestCut,
        }
    }
}
