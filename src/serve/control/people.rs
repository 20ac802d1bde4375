//! The authenticators of people: codes that were never given before.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::id::PersonId;
use crate::serve::control::Control;
use crate::serve::control::reply::{Refused, answer, read, refused};
use crate::story::{PersonAct, Recorded};
use crate::wire::contract::{Operation, Routes, Segment, complete};
use crate::world::World;

/// A person in a path.
pub(super) const PERSON: Segment =
    Segment { name: "who", says: "The name of a person of the story.", pattern: "^[^/]+$", example: "ana" };

/// Which authenticator.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CodeOfDevice")]
struct Asked {
    /// The name of a device; it may be missing if the person has one.
    device: Option<String>,
}

/// A code that was never given before.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct GivenCode {
    /// The code.
    code: String,
    /// The device that shows it.
    device: String,
    /// How long it takes until the device shows it, in milliseconds.
    wait_ms: u64,
}

pub(super) fn routes() -> Routes<Control> {
    let says = "The next code of a person's device that was never given before, and how long until it shows";
    let operation = Operation::post("/people/{who}/code", says)
        .segment(PERSON)
        .optional_body::<Asked>(json!({ "device": "phone-app" }))
        .answers::<GivenCode>(200, "The code.")
        .refuses(400, "the body is not understood")
        .refuses(404, "nobody has this name")
        .refuses(409, "the person has no such device, or cannot use it");
    Routes::new().on(operation, code)
}

/// `POST /people/{who}/code`: the next code of her device that was never given before. `wait_ms` says how
/// long it takes until the device shows it.
async fn code(
    State(control): State<Control>,
    Path(who): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let asked: Asked = read(&body)?;
    control.door.enter(|world| {
        let person = named(world, &who)?;
        let given = match asked.device.as_deref() {
            Some(device) if world.is_enrolled(person, device) => world.next_enrolled_code(person, device),
            device => {
                let input = || Recorded::Person(person, PersonAct::ShowsCode(device.map(str::to_owned)));
                control.door.noting(world, input, |world| world.next_code(person, device))
            }
        };
        let given = given.map_err(|error| refused(StatusCode::CONFLICT, error.to_string()))?;
        let body = GivenCode {
            code: given.code.reveal_text(),
            device: given.device.to_string(),
            wait_ms: given.from.since(world.now()).as_millis(),
        };
        Ok(answer(StatusCode::OK, &body))
    })
}

/// The person of this name in the story.
pub(super) fn named(world: &World, who: &str) -> Result<PersonId, Refused> {
    let people = &world.story().people;
    let at = people.iter().position(|person| person.name == who).and_then(|at| u16::try_from(at).ok());
    at.map(PersonId).ok_or_else(|| {
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        let says = format!("nobody is called `{who}`; people: {}", names.join(", "));
        refused(StatusCode::NOT_FOUND, says)
    })
}
