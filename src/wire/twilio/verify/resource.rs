//! Services, verifications and checks as the API shows them (TW-verify).

use serde_json::{Map, Value, json};

use crate::base::time::Epoch;
use crate::event::VerificationStatus;
use crate::message::Transaction;
use crate::providers::verify::{Verification, VerifyService};
use crate::wire::twilio::verify::rest::{Asked, stamp};
use crate::world::World;

/// What is below a service, by the name of its link.
const BELOW_SERVICE: [(&str, &str); 7] = [
    ("verifications", "Verifications"),
    ("verification_checks", "VerificationCheck"),
    ("rate_limits", "RateLimits"),
    ("messaging_configurations", "MessagingConfigurations"),
    ("entities", "Entities"),
    ("webhooks", "Webhooks"),
    ("access_tokens", "AccessTokens"),
];

/// A service. Push, WhatsApp and passkeys are never configured.
pub(super) fn service(asked: &Asked<'_>, service: &VerifyService, epoch: Epoch) -> Value {
    let settings = service.settings();
    let url = asked.url(&format!("Services/{}", service.sid()));
    let links: Map<String, Value> = BELOW_SERVICE
        .iter()
        .map(|(name, below)| ((*name).to_owned(), format!("{url}/{below}").into()))
        .collect();
    json!({
        "sid": service.sid().to_string(),
        "account_sid": &*asked.account,
        "friendly_name": &*settings.name,
        "code_length": settings.code_length,
        "lookup_enabled": settings.lookup,
        "psd2_enabled": settings.psd2,
        "skip_sms_to_landlines": settings.skip_sms_to_landlines,
        "dtmf_input_required": settings.dtmf_input_required,
        "tts_name": settings.tts_name.as_deref(),
        "do_not_share_warning_enabled": settings.warns,
        "custom_code_enabled": settings.custom_codes,
        "push": { "include_date": false, "apn_credential_sid": null, "fcm_credential_sid": null },
        "totp": {
            "issuer": settings.totp_issuer.as_deref(),
            "time_step": settings.totp_time_step,
            "code_length": settings.totp_code_length,
            "skew": settings.totp_skew,
        },
        "default_template_sid": settings.default_template.as_deref(),
        "whatsapp": { "msg_service_sid": null, "from": null },
        "passkeys": {
            "relying_party": { "id": null, "name": null, "origins": null },
            "authenticator_attachment": null,
            "discoverable_credentials": null,
            "user_verification": null,
        },
        "verify_event_subscription_enabled": settings.event_subscription,
        "date_created": stamp(epoch, service.created()),
        "date_updated": stamp(epoch, service.updated()),
        "url": url,
        "links": links,
    })
}

/// A verification in its current state.
pub(super) fn verification(asked: &Asked<'_>, world: &World, verification: &Verification) -> Value {
    let (epoch, status) = (world.story().epoch, verification.status(world.now()));
    let attempts = world.verify().attempts_of(verification).map(|attempt| {
        json!({
            "time": stamp(epoch, attempt.at),
            "channel": attempt.channel.label().to_ascii_uppercase(),
            "attempt_sid": attempt.sid.to_string(),
        })
    });
    let attempts: Vec<Value> = attempts.collect();
    let below = format!("Services/{}/Verifications/{}", verification.service(), verification.sid());
    let mut shown = common(asked, epoch, verification, status);
    // Twilio looks a number up only if the service asks for it; lostkey never does.
    shown.insert("lookup".to_owned(), json!({}));
    shown.insert("send_code_attempts".to_owned(), attempts.into());
    shown.insert("sna".to_owned(), Value::Null);
    shown.insert("url".to_owned(), asked.url(&below).into());
    Value::Object(shown)
}

/// The result of a check. A wrong code leaves the verification pending, also the last one that is allowed.
pub(super) fn check(asked: &Asked<'_>, epoch: Epoch, verification: &Verification, right: bool) -> Value {
    let status = if right { VerificationStatus::Approved } else { VerificationStatus::Pending };
    let mut shown = common(asked, epoch, verification, status);
    shown.insert("sna_attempts_error_codes".to_owned(), json!([]));
    Value::Object(shown)
}

fn common(
    asked: &Asked<'_>,
    epoch: Epoch,
    verification: &Verification,
    status: VerificationStatus,
) -> Map<String, Value> {
    let of_payment = |part: fn(&Transaction) -> &str| verification.transaction().map(part).into();
    [
        ("sid", verification.sid().to_string().into()),
        ("service_sid", verification.service().to_string().into()),
        ("account_sid", (*asked.account).into()),
        ("to", verification.to().to_string().into()),
        ("channel", verification.channel().label().into()),
        ("status", status.label().into()),
        ("valid", (status == VerificationStatus::Approved).into()),
        ("amount", of_payment(|payment| &payment.amount)),
        ("payee", of_payment(|payment| &payment.payee)),
        ("date_created", stamp(epoch, verification.created()).into()),
        ("date_updated", stamp(epoch, verification.updated()).into()),
    ]
    .into_iter()
    .map(|(name, value): (&str, Value)| (name.to_owned(), value))
    .collect()
}
