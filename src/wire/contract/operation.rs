//! The description of one request: what it takes and what it answers.

use axum::http::Method;
use axum::routing::MethodFilter;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

/// Makes the schema of a type.
pub(super) type Shape = fn(&mut SchemaGenerator) -> Schema;

/// The content type of most answers.
const JSON: &str = "application/json";

/// A part of a path in braces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// Its name in the path.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) says: &'static str,
    /// The pattern of values that can succeed.
    pub(crate) pattern: &'static str,
    /// One of these values.
    pub(crate) example: &'static str,
}

/// The body of a request.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) shape: Shape,
    pub(super) example: Value,
    pub(super) is_required: bool,
}

/// One of the answers to a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) says: &'static str,
    pub(super) kind: &'static str,
    /// `None` for the usual refusal.
    pub(super) shape: Option<Shape>,
}

/// A request of an API.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) says: &'static str,
    pub(super) segments: Vec<Segment>,
    pub(super) query: Option<Shape>,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: Option<Taken>,
    pub(super) answers: Vec<Answered>,
}

impl Operation {
    /// A GET request to this path.
    pub(crate) fn get(path: &str, says: &'static str) -> Self {
        Self::new(Method::GET, path, says)
    }

    /// A POST request to this path.
    pub(crate) fn post(path: &str, says: &'static str) -> Self {
        Self::new(Method::POST, path, says)
    }

    /// A PUT request to this path.
    pub(crate) fn put(path: &str, says: &'static str) -> Self {
        Self::new(Method::PUT, path, says)
    }

    /// A DELETE request to this path.
    pub(crate) fn delete(path: &str, says: &'static str) -> Self {
        Self::new(Method::DELETE, path, says)
    }

    fn new(method: Method, path: &str, says: &'static str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            says,
            segments: Vec::new(),
            query: None,
            headers: Vec::new(),
            body: None,
            answers: Vec::new(),
        }
    }

    /// Describes a part of the path.
    pub(crate) fn segment(mut self, segment: Segment) -> Self {
        self.segments.push(segment);
        self
    }

    /// The query has the fields of this type.
    pub(crate) fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(|schemas| T::json_schema(schemas));
        self
    }

    /// A header of the request.
    pub(crate) fn header(mut self, name: &'static str, says: &'static str) -> Self {
        self.headers.push((name, says));
        self
    }

    /// The body is this type, as JSON.
    pub(crate) fn body<T: JsonSchema>(mut self, example: Value) -> Self {
        self.body = Some(Taken { shape: |schemas| schemas.subschema_for::<T>(), example, is_required: true });
        self
    }

    /// The same for a body that may be missing.
    pub(crate) fn optional_body<T: JsonSchema>(self, example: Value) -> Self {
        let mut asked = self.body::<T>(example);
        if let Some(body) = &mut asked.body {
            body.is_required = false;
        }
        asked
    }

    /// Answers with this type, as JSON.
    pub(crate) fn answers<T: JsonSchema>(self, status: u16, says: &'static str) -> Self {
        self.answered(status, says, JSON, Some(|schemas| schemas.subschema_for::<T>()))
    }

    /// Answers with a text of this content type.
    pub(crate) fn answers_text(self, kind: &'static str, says: &'static str) -> Self {
        self.answered(200, says, kind, Some(|schemas| schemas.subschema_for::<String>()))
    }

    /// Refuses with this status for this reason.
    pub(crate) fn refuses(self, status: u16, says: &'static str) -> Self {
        self.answered(status, says, JSON, None)
    }

    fn answered(mut self, status: u16, says: &'static str, kind: &'static str, shape: Option<Shape>) -> Self {
        self.answers.push(Answered { status, says, kind, shape });
        self
    }

    /// The same request at the rest of its path.
    pub(crate) fn without(mut self, prefix: &str) -> Self {
        self.path = self.path.strip_prefix(prefix).map_or_else(|| self.path.clone(), str::to_owned);
        self
    }

    /// Whether it only reads, and its body is ignored.
    pub(crate) fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// The path, with names of segments in braces.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The method, for a router.
    pub(super) fn filter(&self) -> MethodFilter {
        match self.method {
            Method::POST => MethodFilter::POST,
            Method::PUT => MethodFilter::PUT,
            Method::DELETE => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        }
    }
}

/// A request in one line: method, path, names of the query, and an example of the body.
pub(crate) fn example_line(operation: &Operation) -> String {
    let Operation { method, path, query, body, .. } = operation;
    let names = query.map(|shape| super::document::properties(&shape(&mut SchemaGenerator::default())));
    let names: Vec<String> =
        names.unwrap_or_default().into_iter().map(|(name, _)| format!("{name}=")).collect();
    let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
    let body = body.as_ref().map(|body| format!(" {}", body.example)).unwrap_or_default();
    format!("{method} {path}{query}{body}")
}

/// Says that an answer has all of its fields, `null` if there is nothing to say, and no others.
pub(crate) fn complete(schema: &mut Schema) {
    let names: Vec<Value> =
        super::document::properties(schema).into_iter().map(|(name, _)| name.into()).collect();
    schema.insert("required".to_owned(), names.into());
    schema.insert("additionalProperties".to_owned(), false.into());
}
