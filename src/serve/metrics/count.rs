//! The counters, with their metrics and labels.

use crate::event::{EventKind, VerificationStatus};

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
    /// A verification began.
    VerifyStarted = "lostkey_verifications_total" "result=\"started\"",
    /// A verification was approved.
    VerifyApproved = "lostkey_verifications_total" "result=\"approved\"",
    /// A verification was canceled.
    VerifyCanceled = "lostkey_verifications_total" "result=\"canceled\"",
    /// The last code that may be checked in a verification was wrong.
    VerifySpent = "lostkey_verifications_total" "result=\"max_attempts_reached\"",
    /// The provider failed to respond to the start of a verification.
    VerifyUnclear = "lostkey_verifications_total" "result=\"unclear\"",
    /// A request about a verification was refused with 20404.
    Verify20404 = "lostkey_verifications_refused_total" "code=\"20404\"",
    /// A request about a verification was refused with 20429.
    Verify20429 = "lostkey_verifications_refused_total" "code=\"20429\"",
    /// A request about a verification was refused with 60200.
    Verify60200 = "lostkey_verifications_refused_total" "code=\"60200\"",
    /// A request about a verification was refused with 60202.
    Verify60202 = "lostkey_verifications_refused_total" "code=\"60202\"",
    /// A request about a verification was refused with 60203.
    Verify60203 = "lostkey_verifications_refused_total" "code=\"60203\"",
    /// A request about a verification was refused with 60204.
    Verify60204 = "lostkey_verifications_refused_total" "code=\"60204\"",
    /// A request about a verification was refused with 60205.
    Verify60205 = "lostkey_verifications_refused_total" "code=\"60205\"",
    /// A request about a verification was refused with 60206.
    Verify60206 = "lostkey_verifications_refused_total" "code=\"60206\"",
    /// A request about a verification was refused with 60212.
    Verify60212 = "lostkey_verifications_refused_total" "code=\"60212\"",
    /// A request about a verification was refused with 60217.
    Verify60217 = "lostkey_verifications_refused_total" "code=\"60217\"",
    /// A request about a verification was refused with 60221.
    Verify60221 = "lostkey_verifications_refused_total" "code=\"60221\"",
    /// A request about a verification was refused with 60223.
    Verify60223 = "lostkey_verifications_refused_total" "code=\"60223\"",
    /// A request about a verification was refused with 60238.
    Verify60238 = "lostkey_verifications_refused_total" "code=\"60238\"",
    /// A request about a verification was refused with 60410.
    Verify60410 = "lostkey_verifications_refused_total" "code=\"60410\"",
    /// A request about a verification was refused with 60605.
    Verify60605 = "lostkey_verifications_refused_total" "code=\"60605\"",
    /// A request about a verification was refused with another code.
    VerifyOther = "lostkey_verifications_refused_total" "code=\"other\"",
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
            EventKind::VerificationStarted { .. } => Self::VerifyStarted,
            EventKind::VerificationUnclear { .. } => Self::VerifyUnclear,
            EventKind::VerificationClosed { status, .. } => match status {
                VerificationStatus::Approved => Self::VerifyApproved,
                VerificationStatus::Canceled => Self::VerifyCanceled,
                VerificationStatus::MaxAttemptsReached => Self::VerifySpent,
                // An expiry is noticed at the next request only, if there is one.
                VerificationStatus::Pending | VerificationStatus::Expired | VerificationStatus::Failed => {
                    return None;
                }
            },
            EventKind::FaultStruck { .. } => Self::FaultStruck,
            _ => return None,
        })
    }

    /// The counter of a refusal about a verification with this error code.
    pub(in crate::serve) const fn of_verify_refusal(code: u32) -> Self {
        match code {
            20_404 => Self::Verify20404,
            20_429 => Self::Verify20429,
            60_200 => Self::Verify60200,
            60_202 => Self::Verify60202,
            60_203 => Self::Verify60203,
            60_204 => Self::Verify60204,
            60_205 => Self::Verify60205,
            60_206 => Self::Verify60206,
            60_212 => Self::Verify60212,
            60_217 => Self::Verify60217,
            60_221 => Self::Verify60221,
            60_223 => Self::Verify60223,
            60_238 => Self::Verify60238,
            60_410 => Self::Verify60410,
            60_605 => Self::Verify60605,
            _ => Self::VerifyOther,
        }
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
