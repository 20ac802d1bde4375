//! The answers of the REST API against Twilio's published OpenAPI document.
//!
//! The document is not part of this repository: `LOSTKEY_OPENAPI` names the folder that holds it. Without
//! it, the answers are not validated here; CI still reads them with the official SDKs.

use std::path::PathBuf;
use std::sync::OnceLock;

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use serde_json::{Value, json};

/// Checks an answer to a request for calls or texts.
pub(super) fn check(method: &str, resource: &str, status: u16, body: &Value) {
    static DOCUMENT: OnceLock<Option<Value>> = OnceLock::new();
    let Some(document) = document(&DOCUMENT, "twilio_api_v2010.json") else { return };
    let Some(resource) = resource.split('?').next().filter(|_| status < 300) else { return };
    let below = resource.split("/Accounts/").last().unwrap();
    let below = below.strip_prefix(super::ACCOUNT).unwrap_or(below).trim_start_matches('/');
    let segments: Vec<&str> = below.trim_end_matches(".json").split('/').collect();
    let (path, schema, list) = match segments.as_slice() {
        ["Messages"] => ("Messages", "message", Some("messages")),
        ["Messages", _] => ("Messages/{Sid}", "message", None),
        ["Messages", _, "Media"] => ("Messages/{MessageSid}/Media", "message.media", Some("media_list")),
        ["Messages", _, "Media", _] => ("Messages/{MessageSid}/Media/{Sid}", "message.media", None),
        ["Messages", _, "Feedback"] => ("Messages/{MessageSid}/Feedback", "message.message_feedback", None),
        ["Calls"] => ("Calls", "call", Some("calls")),
        ["Calls", _] => ("Calls/{Sid}", "call", None),
        ["Calls", _, "Notifications"] => {
            ("Calls/{CallSid}/Notifications", "call.call_notification", Some("notifications"))
        }
        ["Calls", _, "Notifications", _] => {
            ("Calls/{CallSid}/Notifications/{Sid}", "call.call_notification-instance", None)
        }
        ["Calls", _, "Recordings"] => {
            ("Calls/{CallSid}/Recordings", "call.call_recording", Some("recordings"))
        }
        _ => panic!("{resource} is not in this table"),
    };
    let path = format!("/2010-04-01/Accounts/{{AccountSid}}/{path}.json");
    conforms(document, (method, &path, status), body);
    let shown = list.filter(|_| method == "GET").map_or(body, |key| &body[key][0]);
    has_the_names_of(document, &format!("api.v2010.account.{schema}"), shown);
}

/// Checks an answer to a request for verifications.
pub(super) fn check_verify(method: &str, path: &str, status: u16, body: &Value) {
    static DOCUMENT: OnceLock<Option<Value>> = OnceLock::new();
    let Some(document) = document(&DOCUMENT, "twilio_verify_v2.json") else { return };
    let Some(path) = path.split('?').next().filter(|_| status < 300) else { return };
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (path, schema, list) = match segments.as_slice() {
        ["v2", "Services"] => ("/v2/Services", "service", Some("services")),
        ["v2", "Services", _] => ("/v2/Services/{Sid}", "service", None),
        ["v2", "Services", _, "Verifications"] => {
            ("/v2/Services/{ServiceSid}/Verifications", "service.verification", None)
        }
        ["v2", "Services", _, "Verifications", _] => {
            ("/v2/Services/{ServiceSid}/Verifications/{Sid}", "service.verification", None)
        }
        ["v2", "Services", _, "VerificationCheck"] => {
            ("/v2/Services/{ServiceSid}/VerificationCheck", "service.verification_check", None)
        }
        ["v2", "Services", _, "RateLimits"] => {
            ("/v2/Services/{ServiceSid}/RateLimits", "service.rate_limit", Some("rate_limits"))
        }
        ["v2", "Services", _, "MessagingConfigurations"] => (
            "/v2/Services/{ServiceSid}/MessagingConfigurations",
            "service.messaging_configuration",
            Some("messaging_configurations"),
        ),
        ["v2", "Services", _, "Entities"] => {
            ("/v2/Services/{ServiceSid}/Entities", "service.entity", Some("entities"))
        }
        ["v2", "Services", _, "Webhooks"] => {
            ("/v2/Services/{ServiceSid}/Webhooks", "service.webhook", Some("webhooks"))
        }
        ["v2", "Attempts"] => ("/v2/Attempts", "verification_attempt", Some("attempts")),
        ["v2", "Attempts", _] => ("/v2/Attempts/{Sid}", "verification_attempt", None),
        _ => panic!("{path} is not in this table"),
    };
    conforms(document, (method, path, status), body);
    let shown = list.filter(|_| method == "GET").map_or(body, |key| &body[key][0]);
    has_the_names_of(document, &format!("verify.v2.{schema}"), shown);
}

/// The document in this file, read once.
fn document(read: &'static OnceLock<Option<Value>>, file: &str) -> Option<&'static Value> {
    let document = read.get_or_init(|| {
        let folder: PathBuf = std::env::var_os("LOSTKEY_OPENAPI")?.into();
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let mut document = serde_json::from_str(&text).unwrap();
        as_json_schema(&mut document);
        Some(document)
    });
    document.as_ref()
}

/// Checks a body by the schema of its operation and status.
fn conforms(document: &Value, (method, path, status): (&str, &str, u16), body: &Value) {
    let operation = &document["paths"][path][method.to_lowercase()];
    let answer = &operation["responses"][status.to_string()];
    assert!(answer.is_object(), "{method} {path} may not answer {status}");
    let Some(content) = answer.get("content") else {
        return assert!(body.is_null(), "{method} {path} answers {status} without a body, not with {body}");
    };
    let schema = &content["application/json"]["schema"];
    assert!(schema.is_object(), "{method} {path}: {answer}");
    let (schemas, index) = compiled(document, schema);
    if let Err(error) = schemas.validate(body, index) {
        panic!("{method} {path} {status}: {error}\n{body:#}");
    }
}

/// Checks the names of a resource, because the schemas require nothing.
fn has_the_names_of(document: &Value, schema: &str, shown: &Value) {
    let known = &document["components"]["schemas"][schema]["properties"];
    let Some(shown) = shown.as_object() else { return };
    let unknown: Vec<_> = shown.keys().filter(|name| known.get(name.as_str()).is_none()).collect();
    let missing: Vec<_> =
        known.as_object().unwrap().keys().filter(|name| !shown.contains_key(name.as_str())).collect();
    assert!(
        unknown.is_empty() && missing.is_empty(),
        "not in Twilio's {schema}: {unknown:?}; missing: {missing:?}"
    );
}

fn compiled(document: &Value, schema: &Value) -> (Schemas, SchemaIndex) {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.set_default_draft(Draft::V4);
    let root = json!({ "components": document["components"], "allOf": [schema] });
    compiler.add_resource("twilio.json", root).unwrap();
    let index = compiler.compile("twilio.json", &mut schemas).unwrap();
    (schemas, index)
}

/// OpenAPI 3.0 says `nullable`, and JSON Schema says `null` among the types and values.
fn as_json_schema(node: &mut Value) {
    match node {
        Value::Object(fields) => {
            if fields.remove("nullable") == Some(Value::Bool(true)) {
                if let Some(kind) = fields.get_mut("type") {
                    *kind = json!([kind.take(), "null"]);
                }
                if let Some(Value::Array(values)) = fields.get_mut("enum") {
                    values.push(Value::Null);
                }
                if let Some(reference) = fields.remove("$ref") {
                    fields.insert("anyOf".to_owned(), json!([{ "$ref": reference }, { "type": "null" }]));
                }
            }
            // Twilio's own formats, and relative addresses where the document says `uri`.
            fields.remove("format");
            fields.values_mut().for_each(as_json_schema);
        }
        Value::Array(nodes) => nodes.iter_mut().for_each(as_json_schema),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
