//! Tags of messages.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::wire::inbox::mailpit::read_body;
use crate::wire::inbox::respond::{bad_request, json, ok};
use crate::wire::inbox::routes::Api;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SetTags {
    #[serde(rename = "IDs")]
    ids: Vec<String>,
    tags: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Rename {
    name: String,
}

pub(super) async fn list(State(api): State<Api>) -> Response {
    json(StatusCode::OK, &api.inbox().tags())
}

/// Replaces the tags of the given messages.
pub(super) async fn set(State(api): State<Api>, body: Bytes) -> Response {
    let wanted: SetTags = match read_body(&body) {
        Ok(wanted) => wanted,
        Err(response) => return *response,
    };
    for message in wanted.ids.iter().filter_map(|id| api.inbox().get(id)) {
        message.set_tags(&wanted.tags);
    }
    ok()
}

pub(super) async fn rename(State(api): State<Api>, Path(tag): Path<String>, body: Bytes) -> Response {
    let wanted: Rename = match read_body(&body) {
        Ok(wanted) => wanted,
        Err(response) => return *response,
    };
    if wanted.name.trim().is_empty() {
        return bad_request("a tag needs a name");
    }
    replace(&api, &tag, Some(&wanted.name));
    ok()
}

pub(super) async fn delete(State(api): State<Api>, Path(tag): Path<String>) -> Response {
    replace(&api, &tag, None);
    ok()
}

fn replace(api: &Api, tag: &str, name: Option<&str>) {
    for message in api.inbox().newest_first() {
        let mut tags = message.tags();
        if let Some(place) = tags.iter().position(|known| known == tag) {
            tags.remove(place);
            tags.extend(name.map(str::to_owned));
            message.set_tags(&tags);
        }
    }
}
