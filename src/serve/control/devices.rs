//! Authenticators of the app's accounts, and people who lose their phone.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use reqwest::Url;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use totp_rs::Secret;

use crate::base::otp::{Digits, Hash, Kind, Step};
use crate::base::secret::Seed;
use crate::base::time::Span;
use crate::serve::control::Control;
use crate::serve::control::people::{PERSON, named};
use crate::serve::control::reply::{Refused, answer, read, refused, span};
use crate::story::{PersonAct, Recorded};
use crate::wire::contract::{Operation, Routes, Segment, complete};
use crate::wire::logbook::LeftOut;
use crate::world::Enrolment;

/// Longest name of an authenticator, in characters.
const NAME_MAX: usize = 100;

/// An authenticator that was enrolled.
const ENROLLED: LeftOut = LeftOut {
    what: "an enrolled authenticator",
    why: "its secret is not written; its codes only matter in what the app did with them",
};

/// A device in a path.
const DEVICE: Segment = Segment {
    name: "device",
    says: "A name for the authenticator.",
    pattern: "^[^/]{1,100}$",
    example: "phone-app",
};

/// An authenticator: either `otpauth` or `secret`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Device")]
struct Asked {
    /// The URI in the app's QR code.
    otpauth: Option<String>,
    /// The secret in Base32.
    secret: Option<String>,
    /// `totp`, the default, or `hotp`.
    #[schemars(extend("enum" = ["totp", "hotp", null]))]
    kind: Option<String>,
    /// `SHA1`, the default, `SHA256` or `SHA512`.
    #[schemars(extend("enum" = ["SHA1", "SHA256", "SHA512", null]))]
    algorithm: Option<String>,
    /// 6, the default, 7 or 8.
    #[schemars(range(min = 6, max = 8))]
    digits: Option<u8>,
    /// The time step in seconds; 30 by default.
    #[schemars(range(min = 1, max = 3_600))]
    period: Option<u16>,
    /// The counter of HOTP; 0 by default.
    counter: Option<u64>,
    /// By how much its clock is fast: `90s`, or `-90s` if it is slow.
    clock_off: Option<String>,
    /// `phone`, the default, or `token`, which is not lost with the phone.
    #[schemars(extend("enum" = ["phone", "token", null]))]
    on: Option<String>,
}

/// An authenticator that was enrolled.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Enrolled {
    /// Its name.
    device: String,
    /// `totp` or `hotp`.
    kind: &'static str,
}

/// Whether a person has her phone.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PhoneState")]
struct Phone {
    /// `lost` or `works`.
    #[schemars(extend("enum" = ["lost", "works"]))]
    state: String,
}

/// The phone of a person.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct PersonsPhone {
    /// The person.
    person: String,
    /// `lost` or `works`.
    phone: String,
}

pub(super) fn routes() -> Routes<Control> {
    let nobody = "nobody has this name";
    Routes::new()
        .on(
            Operation::put("/people/{who}/devices/{device}", "Enrols an authenticator of the app's account")
                .segment(PERSON)
                .segment(DEVICE)
                .body::<Asked>(json!({ "secret": "JBSWY3DPEHPK3PXP", "clock_off": "-20s" }))
                .answers::<Enrolled>(200, "The authenticator.")
                .refuses(
                    400,
                    "give the URI of the app's QR code, {\"otpauth\": \"otpauth://totp/…\"}, or a secret",
                )
                .refuses(404, nobody)
                .refuses(409, "there are too many authenticators"),
            enrol,
        )
        .on(
            Operation::put(
                "/people/{who}/phone",
                "Calls, texts and authenticator apps of a phone are lost, and work again, together",
            )
            .segment(PERSON)
            .body::<Phone>(json!({ "state": "lost" }))
            .answers::<PersonsPhone>(200, "The phone.")
            .refuses(400, "a phone is `lost` or `works`")
            .refuses(404, nobody),
            phone,
        )
}

/// `PUT /people/{who}/devices/{device}` with `{"otpauth": "otpauth://totp/…"}`, as in the app's QR code, or
/// `{"secret": "BASE32"}` with `kind`, `algorithm`, `digits`, `period` and `counter` where they are not the
/// usual ones. `clock_off` is by how much its clock is fast (`-90s` is slow); `"on": "token"` keeps it when the
/// phone is lost.
async fn enrol(
    State(control): State<Control>,
    Path((who, device)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refused> {
    let asked: Asked = read(&body)?;
    if device.chars().count() > NAME_MAX {
        return Err(bad(format!("a device has a name of at most {NAME_MAX} characters")));
    }
    let new = enrolment(asked)?;
    control.door.enter(|world| {
        let person = named(world, &who)?;
        world
            .enrol(person, &device, &new)
            .map_err(|error| refused(StatusCode::CONFLICT, error.to_string()))?;
        if let Some(logbook) = control.door.logbook() {
            logbook.leave_out(ENROLLED);
        }
        let kind = if new.kind.is_counter() { "hotp" } else { "totp" };
        Ok(answer(StatusCode::OK, &Enrolled { device, kind }))
    })
}

/// `PUT /people/{who}/phone` with `{"state": "lost"}` or `{"state": "works"}`: calls, texts and authenticator
/// apps of the phone go together.
async fn phone(
    State(control): State<Control>,
    Path(who): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let asked: Phone = read(&body)?;
    let is_lost = match asked.state.as_str() {
        "lost" => true,
        "works" => false,
        other => return Err(bad(format!("a phone is `lost` or `works`, not `{other}`"))),
    };
    control.door.enter(|world| {
        let person = named(world, &who)?;
        let act = if is_lost { PersonAct::LosesPhone } else { PersonAct::FindsPhone };
        control.door.note(world, |_| Recorded::Person(person, act));
        world.lose_phone(person, is_lost);
        Ok(answer(StatusCode::OK, &PersonsPhone { person: who, phone: asked.state }))
    })
}

fn bad(says: String) -> Refused {
    refused(StatusCode::BAD_REQUEST, says)
}

fn enrolment(asked: Asked) -> Result<Enrolment, Refused> {
    let on_phone = match asked.on.as_deref() {
        None | Some("phone") => true,
        Some("token") => false,
        Some(other) => {
            return Err(bad(format!("an authenticator is on a `phone` or a `token`, not `{other}`")));
        }
    };
    let clock_off = asked.clock_off.as_deref().map(offset).transpose()?.unwrap_or(0);
    let asked = match &asked.otpauth {
        Some(uri) if asked.secret.is_none() => of_uri(uri, &asked)?,
        None => asked,
        Some(_) => return Err(bad("give either `otpauth` or `secret`".to_owned())),
    };
    let secret = asked.secret.as_deref().ok_or_else(|| {
        bad("give the URI of the app's QR code, {\"otpauth\": \"otpauth://totp/…\"}, or {\"secret\": \"BASE32\"}".to_owned())
    })?;
    Ok(Enrolment {
        kind: kind(&asked)?,
        seed: seed(secret)?,
        counter: asked.counter.unwrap_or(0),
        clock_off,
        on_phone,
    })
}

/// Google's Key URI Format.
fn of_uri(uri: &str, asked: &Asked) -> Result<Asked, Refused> {
    let parsed = Url::parse(uri).ok().filter(|parsed| parsed.scheme() == "otpauth");
    let parsed = parsed.ok_or_else(|| bad("`otpauth` is not an otpauth URI".to_owned()))?;
    let find =
        |name: &str| parsed.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let number = |name: &str| match find(name) {
        None => Ok(None),
        Some(text) => {
            text.parse::<u64>().map(Some).map_err(|_| bad(format!("`{name}` of the URI is not a number")))
        }
    };
    let small = |name: &str, value: Option<u64>| match value.map(u16::try_from) {
        None => Ok(None),
        Some(value) => value.map(Some).map_err(|_| bad(format!("`{name}` of the URI is too large"))),
    };
    let digits = small("digits", number("digits")?)?;
    Ok(Asked {
        otpauth: None,
        secret: find("secret"),
        kind: parsed.host_str().map(str::to_owned),
        algorithm: find("algorithm"),
        digits: digits.map(|digits| u8::try_from(digits).unwrap_or(u8::MAX)),
        period: small("period", number("period")?)?,
        counter: number("counter")?.or(asked.counter),
        clock_off: None,
        on: None,
    })
}

fn kind(asked: &Asked) -> Result<Kind, Refused> {
    let digits = asked.digits.unwrap_or(6);
    let digits =
        Digits::of(digits).ok_or_else(|| bad(format!("a code has 6, 7 or 8 digits, not {digits}")))?;
    let name = asked.algorithm.as_deref().unwrap_or("SHA1").to_ascii_uppercase().replace('-', "");
    let hash = match name.as_str() {
        "SHA1" => Hash::Sha1,
        "SHA256" => Hash::Sha256,
        "SHA512" => Hash::Sha512,
        _ => return Err(bad(format!("the algorithm is SHA1, SHA256 or SHA512, not `{name}`"))),
    };
    match asked.kind.as_deref().unwrap_or("totp") {
        "totp" => {
            let secs = asked.period.unwrap_or(30);
            let step = Step::from_secs(secs);
            let step = step.ok_or_else(|| bad(format!("the period is 1 to 3600 s, not {secs}")))?;
            Ok(Kind::Totp { hash, digits, step })
        }
        "hotp" if hash == Hash::Sha1 => Ok(Kind::Hotp { digits }),
        "hotp" => Err(bad("HOTP uses SHA1 (RFC 4226)".to_owned())),
        other => Err(bad(format!("an authenticator is `totp` or `hotp`, not `{other}`"))),
    }
}

fn seed(secret: &str) -> Result<Seed, Refused> {
    let plain: String = secret.chars().filter(|c| !matches!(c, ' ' | '-' | '=')).collect();
    let bytes = Secret::try_from_base32(plain.to_ascii_uppercase()).ok();
    let seed = bytes.and_then(|secret| Seed::of_app(secret.as_bytes()));
    // The secret itself is not repeated in the answer.
    seed.ok_or_else(|| bad("`secret` is not Base32 of 1 to 64 bytes".to_owned()))
}

fn offset(text: &str) -> Result<i64, Refused> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let off: Span = span(text)?;
    Ok(sign * i64::try_from(off.as_millis()).unwrap_or(i64::MAX / 2))
}
