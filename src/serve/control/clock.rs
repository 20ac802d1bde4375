//! The clock: what time it is, and how a test moves it.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::time::Span;
use crate::serve::control::Control;
use crate::serve::control::reply::{Refused, answer, millis, read, refused, span};
use crate::wire::Clock;
use crate::wire::contract::{Operation, Routes, complete};
use crate::wire::door::NotMoved;
use crate::world::World;

/// Real time that a webhook under way may take before an advance gives up; longer than the webhook's own
/// limit.
const PATIENCE: Duration = Duration::from_secs(20);

/// How far to move the clock: either `by` or `to`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["by"] }, { "required": ["to"] }]))]
struct Advance {
    /// A duration as stories have it: `30s`, `1h 30m`.
    #[schemars(with = "Option<Span>")]
    by: Option<String>,
    /// `next`: to the time at which something is due next.
    #[schemars(extend("enum" = ["next", null]))]
    to: Option<String>,
}

/// The clock of a world. Times are milliseconds since the story began.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Clock", transform = complete)]
struct Told {
    /// `real`, also if it is faster, or `manual`.
    clock: &'static str,
    /// The time.
    now_ms: u64,
    /// The same as a date (RFC 3339).
    time: String,
    /// When something is due next.
    next_due_ms: Option<u64>,
    /// Requests and messages under way.
    under_way: usize,
}

pub(super) fn routes() -> Routes<Control> {
    let moves = "Moves a manual clock, and answers when all that fell due has been carried out";
    Routes::new()
        .on(
            Operation::get("/clock", "The time, and when something is due next")
                .answers::<Told>(200, "The clock."),
            show,
        )
        .on(
            Operation::post("/clock/advance", moves)
                .body::<Advance>(json!({ "by": "30s" }))
                .answers::<Told>(200, "The clock afterwards.")
                .refuses(400, "say either {\"by\": \"30s\"} or {\"to\": \"next\"}")
                .refuses(409, "this clock runs by itself, or the world has begun again meanwhile")
                .refuses(503, "an error has ended the play; POST /control/v1/reset starts a new one")
                .refuses(504, "the app has not answered a webhook within 20 s"),
            advance,
        )
}

/// `GET /clock`.
async fn show(State(control): State<Control>) -> Response {
    let clock = control.door.clock();
    let body = control.door.enter(|world| told(clock, world));
    answer(StatusCode::OK, &body)
}

/// `POST /clock/advance` with `{"by": "30s"}` or `{"to": "next"}`.
async fn advance(State(control): State<Control>, body: Bytes) -> Result<Response, Refused> {
    let asked: Advance = read(&body)?;
    let door = &control.door;
    let moved = match (asked.by.as_deref(), asked.to.as_deref()) {
        (Some(by), None) => door.advance(span(by)?, PATIENCE).await,
        (None, Some("next")) => door.advance_to_next(PATIENCE).await,
        _ => {
            let says = "say either {\"by\": \"30s\"} or {\"to\": \"next\"}";
            return Err(refused(StatusCode::BAD_REQUEST, says));
        }
    };
    match moved {
        Ok(_) => {
            let body = door.enter(|world| told(door.clock(), world));
            Ok(answer(StatusCode::OK, &body))
        }
        Err(NotMoved::NotByHand) => {
            let says = "this clock runs by itself; start with `--clock manual` to move it";
            Err(refused(StatusCode::CONFLICT, says))
        }
        Err(error @ NotMoved::StillUnderWay { .. }) => {
            let says = format!("the app has not answered a webhook within {} s: {error}", PATIENCE.as_secs());
            Err(refused(StatusCode::GATEWAY_TIMEOUT, says))
        }
        Err(error @ NotMoved::Reset) => Err(refused(StatusCode::CONFLICT, error.to_string())),
        Err(NotMoved::Over) => {
            let says = "an error has ended the play; POST /control/v1/reset starts a new one";
            Err(refused(StatusCode::SERVICE_UNAVAILABLE, says))
        }
    }
}

fn told(clock: Clock, world: &mut World) -> Told {
    let now = world.now();
    let unix = i64::try_from(world.story().epoch.unix_millis(now)).unwrap_or(i64::MAX);
    let next = world.next_due();
    Told {
        clock: if clock.is_real() { "real" } else { "manual" },
        now_ms: millis(now),
        time: Timestamp::from_millisecond(unix).unwrap_or(Timestamp::MAX).to_string(),
        next_due_ms: next.map(millis),
        under_way: world.under_way(),
    }
}
