//! The OpenAPI document of an API.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::wire::contract::operation::{Answered, Operation, Segment};

/// The version of OpenAPI whose schemas are JSON Schema.
const VERSION: &str = "3.1.0";

/// Where schemas of types are.
const SCHEMAS: &str = "/components/schemas";

/// What a document says of the API as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Info {
    /// The name of the API.
    pub(crate) title: &'static str,
    /// The version of the program.
    pub(crate) version: &'static str,
    /// What a client needs to know first.
    pub(crate) description: &'static str,
}

/// A refusal: it says what would work.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error", transform = closed)]
struct Told {
    /// What was wrong, and what would work.
    error: String,
    /// The line of a mistake in a story, or in a list that is checked as part of one.
    line: Option<usize>,
    /// Its column, in characters.
    column: Option<usize>,
    /// What would work, if `error` does not say so.
    help: Option<String>,
}

/// Says that an answer has no other fields.
fn closed(schema: &mut Schema) {
    schema.insert("additionalProperties".to_owned(), false.into());
}

/// The document.
pub(crate) fn document(info: &Info, operations: &[Operation]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = SCHEMAS.into();
    settings.meta_schema = None;
    let mut schemas = settings.into_generator();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations {
        let described = described(operation, &mut schemas);
        let method = operation.method.as_str().to_ascii_lowercase();
        paths.entry(operation.path()).or_default().insert(method, described);
    }
    json!({
        "openapi": VERSION,
        "info": {
            "title": info.title,
            "version": info.version,
            "description": info.description,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        // Nothing is needed on loopback; beyond it, the token is.
        "security": [{}, { "bearer": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of `--token-file`, if the server is started with one.",
                },
            },
        },
    })
}

fn described(operation: &Operation, schemas: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = operation.segments.iter().map(in_path).collect();
    if let Some(shape) = operation.query {
        let schema = shape(schemas);
        let required = names(&schema, "required");
        parameters.extend(properties(&schema).into_iter().map(|(name, schema)| {
            let is_required = required.contains(&name);
            in_query(&name, schema, is_required)
        }));
    }
    parameters.extend(operation.headers.iter().map(|(name, says)| {
        json!({ "name": name, "in": "header", "required": false, "description": says, "schema": { "type": "string" } })
    }));
    let mut answers = Map::new();
    for answer in &operation.answers {
        answers.insert(answer.status.to_string(), answered(answer, schemas));
    }
    let mut described = json!({
        "operationId": operation_id(operation),
        "summary": operation.says,
        "tags": [tag(operation.path())],
        "parameters": parameters,
        "responses": answers,
    });
    if let Some(body) = &operation.body {
        described["requestBody"] = json!({
            "required": body.is_required,
            "content": {
                "application/json": { "schema": (body.shape)(schemas), "example": body.example },
            },
        });
    }
    described
}

fn in_path(segment: &Segment) -> Value {
    let Segment { name, says, pattern, example } = segment;
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": says,
        "schema": { "type": "string", "minLength": 1, "pattern": pattern },
        "example": example,
    })
}

/// A parameter; its description moves out of its schema, and it is never `null` in a URL.
fn in_query(name: &str, mut schema: Value, is_required: bool) -> Value {
    let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    if let Some(kinds) = schema.get_mut("type").filter(|kinds| kinds.is_array()) {
        let kind = kinds.as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null")).cloned();
        *kinds = kind.unwrap_or_default();
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    json!({
        "name": name,
        "in": "query",
        "required": is_required,
        "description": description,
        "schema": schema,
    })
}

fn answered(answer: &Answered, schemas: &mut SchemaGenerator) -> Value {
    let schema = match answer.shape {
        Some(shape) => shape(schemas),
        None => schemas.subschema_for::<Told>(),
    };
    let mut content = json!({ "schema": schema });
    if answer.shape.is_none() {
        content["example"] = json!({ "error": answer.says });
    }
    json!({ "description": answer.says, "content": { answer.kind: content } })
}

/// The properties of an object's schema.
pub(super) fn properties(schema: &Schema) -> Vec<(String, Value)> {
    let found = schema.get("properties").and_then(Value::as_object);
    found
        .map(|found| found.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect())
        .unwrap_or_default()
}

fn names(schema: &Schema, key: &str) -> Vec<String> {
    let found = schema.get(key).and_then(Value::as_array);
    found.map(|found| found.iter().filter_map(Value::as_str).map(str::to_owned).collect()).unwrap_or_default()
}

/// A name for code generators: the method and the path in words.
fn operation_id(operation: &Operation) -> String {
    let words = operation.path().split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.filter(|word| !["control", "v1"].contains(word));
    let method = operation.method.as_str().to_ascii_lowercase();
    words.fold(method, |id, word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        id + &first.into_iter().chain(letters).collect::<String>()
    })
}

/// The first word of a path that names a resource.
fn tag(path: &str) -> &str {
    let mut words = path.split('/').filter(|word| !word.is_empty() && !["control", "v1"].contains(word));
    let first = words.next().unwrap_or("index");
    if first == "sandboxes" && path.matches('/').count() > 4 { "in a sandbox" } else { first }
}

/// The same requests below another path, with one more segment and the refusals that it brings.
pub(crate) fn below(
    prefix: &str,
    segment: Option<Segment>,
    refusals: &[(u16, &'static str)],
    operations: Vec<Operation>,
) -> Vec<Operation> {
    let moved = operations.into_iter().map(|mut operation| {
        operation.path = format!("{prefix}{}", operation.path);
        operation.segments.splice(0..0, segment);
        for (status, says) in refusals {
            if operation.answers.iter().all(|answer| answer.status != *status) {
                operation = operation.refuses(*status, says);
            }
        }
        operation
    });
    moved.collect()
}
