//! Requests about sandboxes themselves, and about all of them: list, create, show, end, metrics.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::serve::ServeClock;
use crate::serve::control::mistaken::mistaken;
use crate::serve::control::reply::{Refused, answer, read, refused};
use crate::serve::metrics::{CONTENT_TYPE, page};
use crate::serve::sandbox::one::Sandbox;
use crate::serve::sandbox::registry::Sandboxes;
use crate::serve::sandbox::settings::{SandboxError, SandboxSettings};
use crate::story::Story;
use crate::wire::contract::{Operation, Routes, Segment, complete};

/// Where sandboxes are created, and below which a path names one.
pub(super) const SANDBOXES: &str = "/control/v1/sandboxes";

/// What a new sandbox is to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewSandbox")]
struct Asked {
    /// Its name: letters, digits, `-`, `_` and `.`.
    name: String,
    /// The account SID whose requests to the provider it gets.
    account: Option<String>,
    /// It gets the emails to addresses with this tag.
    tag: Option<String>,
    /// It gets the emails of this AUTH user.
    user: Option<String>,
    /// The text of a story file.
    story: Option<String>,
    /// Its seed.
    seed: Option<u64>,
    /// `real`, `manual` or, for example, `x10`.
    clock: Option<String>,
}

/// A sandbox.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Sandbox", transform = complete)]
struct Told {
    /// Its name.
    name: String,
    /// The account SID whose requests it gets.
    account: Option<String>,
    /// The tag of its recipients.
    tag: Option<String>,
    /// The AUTH user whose emails it gets.
    user: Option<String>,
    /// Its seed.
    seed: u64,
    /// How its time passes.
    clock: String,
    /// What its story is about.
    story: String,
    /// The path of its control API.
    control: String,
    /// How much it holds, an estimate.
    bytes: usize,
    /// How much it may hold; `null` for `default`.
    bytes_max: Option<usize>,
    /// The seconds of real time until it ends; `null` for `default`.
    ends_in_s: Option<u64>,
}

/// The sandboxes besides `default`.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct AllSandboxes {
    /// The sandboxes.
    sandboxes: Vec<Told>,
    /// Their limits.
    limits: Limits,
}

/// The limits of sandboxes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SandboxLimits", transform = complete)]
struct Limits {
    /// How many there may be.
    sandboxes: usize,
    /// How old one may be, in seconds of real time.
    age_s: u64,
    /// How much one may hold, in bytes.
    bytes: usize,
}

/// A sandbox that has ended.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct EndedSandbox {
    /// Its name.
    name: String,
    /// The webhooks under way that were dropped.
    webhooks_dropped: usize,
}

/// A sandbox in a path.
pub(in crate::serve) const SANDBOX: Segment = Segment {
    name: "name",
    says: "The name of a sandbox.",
    pattern: "^[A-Za-z0-9._-]{1,64}$",
    example: "t1",
};

/// The requests about sandboxes, and those that are about all of them.
pub(in crate::serve) fn outer_routes() -> Routes<Arc<Sandboxes>> {
    let unknown = "there is no sandbox of this name";
    let new = json!({ "name": "t1", "account": "AC00000000000000000000000000000007", "tag": "t1", "clock": "manual" });
    Routes::new()
        .on(
            Operation::get(SANDBOXES, "The sandboxes and their limits")
                .answers::<AllSandboxes>(200, "The sandboxes."),
            list,
        )
        .on(
            Operation::post(SANDBOXES, "Creates a sandbox")
                .body::<Asked>(new)
                .answers::<Told>(201, "The sandbox.")
                .refuses(400, "a setting is not valid")
                .refuses(409, "the name, the account, the tag or the user belongs to another sandbox")
                .refuses(507, "there are too many sandboxes"),
            create,
        )
        .on(
            Operation::get("/control/v1/sandboxes/{name}", "The settings of a sandbox")
                .segment(SANDBOX)
                .answers::<Told>(200, "The sandbox.")
                .refuses(404, unknown),
            show,
        )
        .on(
            Operation::delete("/control/v1/sandboxes/{name}", "Ends a sandbox")
                .segment(SANDBOX)
                .answers::<EndedSandbox>(200, "It has ended.")
                .refuses(404, unknown)
                .refuses(409, "the sandbox `default` does not end"),
            end,
        )
        .on(
            Operation::get("/metrics", "Counters and gauges of all sandboxes together")
                .answers_text(CONTENT_TYPE, "Prometheus' text format."),
            metrics,
        )
}

/// `GET /metrics`: of all sandboxes together.
async fn metrics(State(sandboxes): State<Arc<Sandboxes>>) -> Response {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], page(&sandboxes)).into_response()
}

/// `GET /sandboxes`.
async fn list(State(sandboxes): State<Arc<Sandboxes>>) -> Response {
    let limits = sandboxes.limits();
    let all = sandboxes.all().iter().map(|sandbox| told(&sandboxes, sandbox)).collect();
    let limits = Limits { sandboxes: limits.count, age_s: limits.age.as_secs(), bytes: limits.bytes };
    answer(StatusCode::OK, &AllSandboxes { sandboxes: all, limits })
}

/// `POST /sandboxes {"name": "t1", "account": "AC…", "tag": "t1", "user": "t1"}`.
async fn create(State(sandboxes): State<Arc<Sandboxes>>, body: Bytes) -> Result<Response, Refused> {
    let Asked { name, account, tag, user, story, seed, clock } = read(&body)?;
    let bad = |says: String| refused(StatusCode::BAD_REQUEST, says);
    let read_story = |text: String| Story::read(&text, "story").map_err(|error| mistaken(&error));
    let read_clock = |text: String| {
        let says = || bad(format!("`{text}` is not a clock: it is `real`, `manual` or, for example, `x10`"));
        ServeClock::named(&text).ok_or_else(says)
    };
    let story = story.map(read_story).transpose()?;
    let clock = clock.map(read_clock).transpose()?;
    let settings = SandboxSettings { name, account, tag, user, story, seed, clock };
    let sandbox = sandboxes.create(settings).map_err(|error| refusal(&error))?;
    Ok(answer(StatusCode::CREATED, &told(&sandboxes, &sandbox)))
}

/// `GET /sandboxes/{name}`.
async fn show(
    State(sandboxes): State<Arc<Sandboxes>>,
    Path(name): Path<String>,
) -> Result<Response, Refused> {
    let sandbox = sandboxes.named(&name).map_err(|error| refusal(&error))?;
    Ok(answer(StatusCode::OK, &told(&sandboxes, &sandbox)))
}

/// `DELETE /sandboxes/{name}`.
async fn end(
    State(sandboxes): State<Arc<Sandboxes>>,
    Path(name): Path<String>,
    _drained: Bytes,
) -> Result<Response, Refused> {
    let under_way = sandboxes.named(&name).map(|sandbox| sandbox.served.door.world().under_way());
    sandboxes.end(&name).map_err(|error| refusal(&error))?;
    let webhooks_dropped = under_way.unwrap_or(0);
    Ok(answer(StatusCode::OK, &EndedSandbox { name, webhooks_dropped }))
}

fn told(sandboxes: &Sandboxes, sandbox: &Arc<Sandbox>) -> Told {
    let known = &sandbox.known;
    let (seed, story) = {
        let world = sandbox.served.door.world();
        (world.seed(), world.story().about.clone())
    };
    let limits = (!Arc::ptr_eq(sandbox, sandboxes.default())).then(|| sandboxes.limits());
    let age = sandbox.lived().as_millis() / 1_000;
    Told {
        name: known.name.clone(),
        account: known.account.clone(),
        tag: known.tag.clone(),
        user: known.user.clone(),
        seed,
        clock: known.clock.to_string(),
        story: story.to_string(),
        control: format!("{SANDBOXES}/{}", known.name),
        bytes: sandbox.served.bytes(),
        bytes_max: limits.map(|limits| limits.bytes),
        ends_in_s: limits.map(|limits| limits.age.as_secs().saturating_sub(age)),
    }
}

pub(super) fn refusal(error: &SandboxError) -> Refused {
    let status = match error {
        SandboxError::BadValue { .. } => StatusCode::BAD_REQUEST,
        SandboxError::Taken { .. } | SandboxError::Default => StatusCode::CONFLICT,
        SandboxError::Unknown { .. } | SandboxError::Ended { .. } => StatusCode::NOT_FOUND,
        SandboxError::NotStarted { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        SandboxError::TooMany { .. } | SandboxError::Full { .. } => StatusCode::INSUFFICIENT_STORAGE,
    };
    refused(status, error.to_string())
}
