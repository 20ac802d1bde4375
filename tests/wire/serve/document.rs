//! The OpenAPI document of the control API against the server: each request that it describes is made, and its
//! answer must be one that it describes.

use std::collections::{BTreeMap, BTreeSet};

use boon::{Compiler, Draft, Schemas};
use lostkey::ServeClock;
use regex::Regex;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::{ACCOUNT, PHONE, Rig, order, texts};

/// A request of the document.
struct Described {
    method: String,
    path: String,
    operation: Value,
}

impl Described {
    /// The examples of the path, and a wait that ends at once.
    fn target(&self) -> String {
        let mut path = self.path.clone();
        for parameter in self.operation["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str().unwrap() {
                "path" => {
                    let (example, pattern) = (&parameter["example"], &parameter["schema"]["pattern"]);
                    let (example, pattern) = (example.as_str().unwrap(), pattern.as_str().unwrap());
                    assert!(Regex::new(pattern).unwrap().is_match(example), "{}: {example}", self.path);
                    path = path.replace(&format!("{{{name}}}"), example);
                }
                "query" if name == "timeout" => path.push_str("?timeout=0"),
                _ => {}
            }
        }
        assert!(!path.contains('{'), "{}: a part of the path is not described", self.path);
        path
    }
}

/// The document, its requests, and its schemas.
struct Document {
    value: Value,
    requests: Vec<Described>,
}

impl Document {
    async fn of(rig: &Rig) -> Self {
        let value = rig.get("/openapi.json").await;
        let mut requests = Vec::new();
        for (path, item) in value["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let (method, path) = (method.to_uppercase(), path.clone());
                requests.push(Described { method, path, operation: operation.clone() });
            }
        }
        Self { value, requests }
    }

    /// Checks a value by the schema at a place of the document.
    fn check(&self, place: &[&str], value: &Value) -> Result<(), String> {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V2020_12);
        compiler.add_resource("openapi.json", self.value.clone()).map_err(|error| error.to_string())?;
        let escaped: Vec<String> = place
            .iter()
            .map(|part| part.replace('~', "~0").replace('/', "~1").replace('{', "%7B").replace('}', "%7D"))
            .collect();
        let index = compiler.compile(&format!("openapi.json#/{}", escaped.join("/")), &mut schemas);
        let index = index.map_err(|error| format!("{place:?} is no schema: {error:#}"))?;
        schemas.validate(value, index).map_err(|error| format!("{error:#}\n{value:#}"))
    }
}

/// The answer to a described request: status, content type and body.
async fn answer(rig: &Rig, described: &Described) -> (u16, HeaderMap, String) {
    let url = format!("{}{}", rig.server.ports().http, described.target());
    let body = &described.operation["requestBody"]["content"]["application/json"]["example"];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = rig.client.request(described.method.parse().unwrap(), url).body(body);
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    // A stream of events does not end.
    let is_stream = headers["content-type"] == "text/event-stream";
    (status, headers, if is_stream { "\"\"".to_owned() } else { response.text().await.unwrap() })
}

/// Puts a call, a text, an email and an authenticator into the default world and into the sandbox of the example.
async fn furnish(rig: &Rig) {
    let new = json!({ "name": "t1", "account": "AC00000000000000000000000000000007", "tag": "t1" });
    assert_eq!(rig.control("POST", "/sandboxes", &new).await.0, 201);
    for (account, sandbox) in [(ACCOUNT, ""), ("AC00000000000000000000000000000007", "/sandboxes/t1")] {
        let twiml = "<Response><Gather numDigits='4'><Say>Your code is 1 2 3 4.</Say></Gather></Response>";
        for (resource, form) in [
            ("Calls.json", order().with("Twiml", twiml)),
            ("Messages.json", texts::text("Code 123456: http://a.test/")),
        ] {
            let url = format!("{}/2010-04-01/Accounts/{account}/{resource}", rig.server.ports().twilio);
            let request = rig.client.post(url).basic_auth(account, Some("x")).body(form.body());
            assert_eq!(request.send().await.unwrap().status(), 201);
        }
        let email = json!({
            "From": { "Email": "app@app.test" }, "To": [{ "Email": "zoe@a.test" }],
            "Subject": "Your code", "Text": "Your code is 123456, or http://a.test/?x=1",
        });
        let sent = rig.client.post(format!("{}/control/v1{sandbox}/api/v1/send", rig.server.ports().http));
        let sent = if sandbox.is_empty() {
            rig.client.post(format!("{}/api/v1/send", rig.server.ports().http))
        } else {
            sent
        };
        assert_eq!(sent.body(email.to_string()).send().await.unwrap().status(), 200);
        rig.post(&format!("{sandbox}/clock/advance"), json!({ "by": "10s" })).await;
        let enrolled = format!("{sandbox}/people/ana/devices/phone-app");
        let secret = json!({ "secret": "JBSWY3DPEHPK3PXP" });
        assert_eq!(rig.control("PUT", &enrolled, &secret).await.0, 200);
        rig.post(&format!("{sandbox}/phones/{PHONE}/answer"), Value::Null).await;
        rig.post(&format!("{sandbox}/clock/advance"), json!({ "by": "10s" })).await;
    }
}

/// Whether a request changes what the later ones would find: those come last.
fn comes_last(described: &Described) -> u8 {
    match (described.method.as_str(), described.path.as_str()) {
        ("DELETE", "/control/v1/sandboxes/{name}") => 3,
        (_, path) if path.ends_with("/reset") => 2,
        ("GET", _) => 0,
        _ => 1,
    }
}

#[tokio::test]
async fn each_request_of_the_document_is_answered_as_it_says() {
    let rig = Rig::start(ServeClock::Manual).await;
    let mut document = Document::of(&rig).await;
    furnish(&rig).await;
    document.requests.sort_by_key(comes_last);
    let (mut wrong, mut succeeded) = (Vec::new(), BTreeSet::new());
    for described in &document.requests {
        let Described { method, path, operation } = described;
        let what = format!("{method} {path}");
        if operation.get("requestBody").is_some() {
            let place = [
                "paths",
                path,
                &method.to_lowercase(),
                "requestBody",
                "content",
                "application/json",
                "schema",
            ];
            let example = &operation["requestBody"]["content"]["application/json"]["example"];
            wrong.extend(
                document.check(&place, example).err().map(|error| format!("{what}: example: {error}")),
            );
        }
        let (status, headers, text) = answer(&rig, described).await;
        let status = status.to_string();
        let kind = headers["content-type"].to_str().unwrap();
        if operation["responses"][&status]["content"].get(kind).is_none() {
            wrong.push(format!("{what} may not answer {status} as {kind}: {text}"));
            continue;
        }
        if status.starts_with('2') {
            succeeded.insert(what.clone());
        }
        let body =
            if kind == "application/json" { serde_json::from_str(&text).unwrap() } else { json!(text) };
        let place = ["paths", path, &method.to_lowercase(), "responses", &status, "content", kind, "schema"];
        wrong.extend(document.check(&place, &body).err().map(|error| format!("{what}: {status}: {error}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // The examples are good, except where another request has changed the call or the sandbox is there already.
    let failed: Vec<String> = document
        .requests
        .iter()
        .map(|described| format!("{} {}", described.method, described.path))
        .filter(|what| !succeeded.contains(what))
        .filter(|what| {
            !["/reject", "/answer", "/hangup", "/press", "/wait"].iter().any(|end| what.ends_with(end))
        })
        .collect();
    assert_eq!(failed, ["POST /control/v1/sandboxes"]);
}

#[tokio::test]
async fn a_path_of_the_document_has_no_other_methods() {
    let rig = Rig::start(ServeClock::Manual).await;
    let document = Document::of(&rig).await;
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut targets = BTreeMap::new();
    for described in &document.requests {
        methods.entry(described.path.clone()).or_default().insert(described.method.clone());
        targets.insert(described.path.clone(), described.target());
    }
    assert!(methods.len() > 60, "{}", methods.len());
    assert_eq!(rig.control("POST", "/sandboxes", &json!({ "name": "t1" })).await.0, 201);
    for (path, described) in methods {
        let url = format!("{}{}", rig.server.ports().http, targets[&path]);
        let response = rig.client.patch(&url).send().await.unwrap();
        assert_eq!(response.status(), 405, "{path}");
        let allowed = response.headers()["allow"].to_str().unwrap().to_owned();
        let allowed: BTreeSet<String> = allowed
            .split(',')
            .map(|method| method.trim().to_owned())
            .filter(|method| method != "HEAD")
            .collect();
        assert_eq!(allowed, described, "{path}");
    }
}

/// What the code says about its answers, by sampling the document.
#[tokio::test]
async fn the_document_has_schemas_errors_and_names() {
    let rig = Rig::start(ServeClock::Manual).await;
    let document = Document::of(&rig).await;
    assert_eq!(document.value["openapi"], "3.1.0");
    let mut names = BTreeSet::new();
    for Described { method, path, operation } in &document.requests {
        let id = operation["operationId"].as_str().unwrap();
        assert!(names.insert(id.to_owned()), "{id} is the name of two requests");
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with('2')), "{method} {path}");
        assert!(answers.contains_key("401") && answers.contains_key("403"), "{method} {path}");
        assert!(method == "GET" || answers.contains_key("413"), "{method} {path}");
    }
    let inside =
        document.requests.iter().filter(|described| described.path.contains("/sandboxes/{name}/")).count();
    assert!(inside > 35, "{inside}");
    let schemas = document.value["components"]["schemas"].as_object().unwrap();
    // Two types of one name would get numbers.
    let numbered: Vec<&String> = schemas.keys().filter(|name| name.ends_with(char::is_numeric)).collect();
    assert!(numbered.is_empty(), "{numbered:?}");
    let kinds = schemas["EventKind"]["oneOf"].as_array().unwrap().len();
    assert!(kinds > 50, "{kinds}");
}
