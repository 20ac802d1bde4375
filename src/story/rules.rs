//! The ids of rules, which an acceptance names.
//!
//! The oracles declare their rules. A story is read without them, so this is a list of its own; a test compares
//! the two.

/// The rules of each oracle, in the order of listings, without the oracle's name.
pub(crate) const RULES: &[(&str, &[&str])] = &[
    (
        "access",
        &[
            "foreign-form-deactivates",
            "foreign-form-begins-set-up",
            "foreign-form-sends-mail",
            "foreign-form-places-call",
            "foreign-form-signs-out",
            "code-of-another-call",
            "code-off-the-page",
            "re-sync-without-pair",
            "assignment-without-pair",
            "unproven-sign-in",
            "password-after-removal",
            "unproven-assignment",
            "unproven-deactivation",
            "unproven-phone-change",
            "change-by-copied-session",
        ],
    ),
    (
        "support-proof",
        &[
            "number-by-form",
            "call-to-another-number",
            "no-proof",
            "reset-twice",
            "proof-of-another",
            "another-account",
            "no-call",
        ],
    ),
    (
        "order",
        &[
            "alternative-before-password",
            "link-before-choice",
            "link-after-email",
            "email-before-mail",
            "call-before-email",
            "phone-before-call",
            "sign-in-before-steps",
        ],
    ),
    (
        "single-use",
        &[
            "mfa-code-twice",
            "pair-twice",
            "link-twice",
            "phone-code-twice",
            "counter-goes-back",
            "pair-goes-back",
        ],
    ),
    ("lifetime", &["phone-code-too-old", "link-too-old", "shown-too-long"]),
    (
        "old-secret",
        &[
            "removed-device",
            "removed-device-again",
            "device-from-before-recovery",
            "link-from-before-change",
            "phone-code-from-before-change",
        ],
    ),
    (
        "budgets",
        &[
            "mfa-codes-per-hour",
            "phone-codes-per-hour",
            "passwords-per-hour",
            "calls-per-hour",
            "mails-per-hour",
            "mfa-codes-in-a-row",
            "phone-codes-in-a-row",
            "passwords-in-a-row",
            "phone-codes-without-wait",
            "tries-of-a-phone-code",
            "two-codes-for-one-request",
            "call-refused-too-soon",
            "mail-refused-too-soon",
            "tries-used-up-too-soon",
        ],
    ),
    ("number-called", &["another-number", "none-on-file", "premium-rate", "nameless-call", "number-denied"]),
    ("webhook", &["status-out-of-order", "forged-fetch", "forged-digits", "forged-status"]),
    (
        "session",
        &["ended-from-elsewhere", "used-too-late", "used-elsewhere", "not-renamed", "outlives-change"],
    ),
    (
        "enumeration",
        &[
            "user-name-answer",
            "password-answer",
            "only-known-throttled",
            "only-unknown-throttled",
            "number-shown",
        ],
    ),
    (
        "notices",
        &[
            "recovery-untold",
            "deactivation-untold",
            "earlier-devices-untold",
            "assignment-untold",
            "re-sync-untold",
            "contact-change-untold",
            "disabling-untold",
            "reset-untold",
        ],
    ),
    ("lock-out", &["right-password-refused", "refused-unseen", "refused-in-all", "alternative-closed"]),
    (
        "right-code",
        &[
            "mfa-code-refused-as-wrong",
            "mfa-code-refused-as-used",
            "device-disabled-unduly",
            "pair-refused",
            "phone-code-replaced",
            "phone-code-refused",
        ],
    ),
    ("way-out", &["gave-up", "still-trying"]),
    ("good-link", &["confirmed-unread", "refused-as-used", "refused-as-replaced", "refused-as-unknown"]),
    ("factors", &["taken-off-unasked", "counts-unconfirmed"]),
    ("honest-notice", &["call-is-over", "call-is-silent", "mail-given-up"]),
    ("old-session", &["after-sign-out", "after-factor-change", "after-reset"]),
];

/// All ids, for example `single-use/link-twice`.
pub(super) fn ids() -> Vec<String> {
    RULES.iter().flat_map(|(oracle, _)| of(oracle)).collect()
}

/// The ids of the rules of this oracle; none if there is no such oracle.
pub(super) fn of(oracle: &str) -> Vec<String> {
    let rules = RULES.iter().find(|(id, _)| *id == oracle).map(|(_, rules)| *rules).unwrap_or_default();
    rules.iter().map(|rule| format!("{oracle}/{rule}")).collect()
}
