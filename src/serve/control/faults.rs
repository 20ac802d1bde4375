//! Faults at run time, in the words of stories.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::serve::control::Control;
use crate::serve::control::reply::{Refused, answer, read, refused};
use crate::story::{Recorded, Story};
use crate::world::World;

/// `GET /faults`: the faults that are in force.
pub(super) async fn show(State(control): State<Control>) -> Response {
    let faults = control.door.enter(|world| told(world));
    answer(StatusCode::OK, &json!({ "faults": faults }))
}

/// `PUT /faults` with a list as in a story: `[{"does": "call-busy", "on": 1}]`. It replaces the faults in
/// force; occurrences are counted from now.
pub(super) async fn set(State(control): State<Control>, body: Bytes) -> Result<Response, Refused> {
    let faults: Value = read(&body)?;
    let Some(faults) = faults.as_array() else {
        let says = "send a list of faults as stories have it: [{\"does\": \"call-busy\"}]; `lostkey faults` lists them";
        return Err(refused(StatusCode::BAD_REQUEST, says));
    };
    replace(&control, faults)
}

/// `DELETE /faults`: nothing goes wrong any more.
pub(super) async fn clear(State(control): State<Control>, _drained: Bytes) -> Result<Response, Refused> {
    replace(&control, &[])
}

fn replace(control: &Control, faults: &[Value]) -> Result<Response, Refused> {
    control.door.enter(|world| {
        // A story with these faults only, so that they are checked as in a file. JSON is YAML.
        let mut story = Story::clone(world.story());
        story.faults.clear();
        story.recorded = None;
        story.moves.clear();
        let mut text = story.write();
        if !faults.is_empty() {
            text.push_str("\nfaults:\n");
        }
        for fault in faults {
            text.push_str(&format!("- {fault}\n"));
        }
        let checked = Story::read(&text, "faults")
            .map_err(|error| refused(StatusCode::BAD_REQUEST, error.rendered()))?;
        let input = || Recorded::Faults(checked.faults.clone());
        control
            .door
            .noting(world, input, |world| world.replace_faults(&checked.faults))
            .map_err(|error| refused(StatusCode::CONFLICT, error.to_string()))?;
        Ok(answer(StatusCode::OK, &json!({ "faults": told(world) })))
    })
}

/// The faults in force, as a story writes them.
fn told(world: &World) -> Value {
    let mut story = Story::clone(world.story());
    story.faults = world.faults_in_force().to_vec();
    let written: Option<Value> = serde_yaml::from_str(&story.write()).ok();
    written.and_then(|mut story| story.get_mut("faults").map(Value::take)).unwrap_or_else(|| json!([]))
}
