//! Faults at run time, in the words of stories.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::serve::control::Control;
use crate::serve::control::mistaken::{Elements, mistaken_at};
use crate::serve::control::reply::{Refused, answer, read, refused};
use crate::story::{FaultSchema, Recorded, Story};
use crate::wire::contract::{Operation, Routes, complete};
use crate::world::World;

/// What begins each fault in a story.
const BULLET: &str = "- ";

/// The faults in force, in the words of stories.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Faults", transform = complete)]
struct Told {
    /// Each as a story has it.
    #[schemars(with = "Vec<FaultSchema>")]
    faults: Value,
}

pub(super) fn routes() -> Routes<Control> {
    let told = "The faults in force.";
    let full = "there are too many faults";
    Routes::new()
        .on(Operation::get("/faults", "The faults in force").answers::<Told>(200, told), show)
        .on(
            Operation::put("/faults", "Replaces the faults in force; occurrences are counted from now")
                .body::<Vec<FaultSchema>>(json!([{ "does": "call-busy", "on": 1 }]))
                .answers::<Told>(200, told)
                .refuses(400, "a fault is not valid; `lostkey faults` lists them")
                .refuses(409, full),
            set,
        )
        .on(
            Operation::delete("/faults", "Nothing goes wrong any more")
                .answers::<Told>(200, told)
                .refuses(400, "the story cannot be read any more")
                .refuses(409, full),
            clear,
        )
}

/// `GET /faults`: the faults that are in force.
async fn show(State(control): State<Control>) -> Response {
    let faults = control.door.enter(|world| told(world));
    answer(StatusCode::OK, &Told { faults })
}

/// `PUT /faults` with a list as in a story: `[{"does": "call-busy", "on": 1}]`. It replaces the faults in
/// force; occurrences are counted from now.
async fn set(State(control): State<Control>, body: Bytes) -> Result<Response, Refused> {
    let faults: Value = read(&body)?;
    if !faults.is_array() {
        let says = "send a list of faults as stories have it: [{\"does\": \"call-busy\"}]; `lostkey faults` lists them";
        return Err(refused(StatusCode::BAD_REQUEST, says));
    }
    replace(&control, &Elements::of(str::from_utf8(&body).unwrap_or_default()))
}

/// `DELETE /faults`: nothing goes wrong any more.
async fn clear(State(control): State<Control>, _drained: Bytes) -> Result<Response, Refused> {
    replace(&control, &Elements::of("[]"))
}

fn replace(control: &Control, faults: &Elements<'_>) -> Result<Response, Refused> {
    control.door.enter(|world| {
        // A story with these faults only, so that they are checked as in a file. JSON is YAML.
        let mut story = Story::clone(world.story());
        story.faults.clear();
        story.recorded = None;
        story.moves.clear();
        let mut text = story.write();
        let lines: String = faults.lines().map(|fault| format!("{BULLET}{fault}\n")).collect();
        if !lines.is_empty() {
            text.push_str("\nfaults:\n");
        }
        let before = text.matches('\n').count();
        text.push_str(&lines);
        let checked = Story::read(&text, "faults").map_err(|error| {
            let element = error.line.checked_sub(before + 1);
            let place = element.zip(error.column.checked_sub(BULLET.len() + 1));
            mistaken_at(&error, place.and_then(|(element, character)| faults.place(element, character)))
        })?;
        let input = || Recorded::Faults(checked.faults.clone());
        control
            .door
            .noting(world, input, |world| world.replace_faults(&checked.faults))
            .map_err(|error| refused(StatusCode::CONFLICT, error.to_string()))?;
        Ok(answer(StatusCode::OK, &Told { faults: told(world) }))
    })
}

/// The faults in force, as a story writes them.
fn told(world: &World) -> Value {
    let mut story = Story::clone(world.story());
    story.faults = world.faults_in_force().to_vec();
    let written: Option<Value> = serde_yaml::from_str(&story.write()).ok();
    written.and_then(|mut story| story.get_mut("faults").map(Value::take)).unwrap_or_else(|| json!([]))
}
