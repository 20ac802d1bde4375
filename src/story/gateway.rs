//! Generic SMS gateways: HTTP endpoints of other providers than Twilio, which `lostkey serve` answers.

use std::fmt;

/// One gateway: a path to which an app posts its texts, and where they are in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// The path of the request, on the address of the telephony provider.
    pub path: String,
    /// Where the recipient's number is.
    pub to: FieldPath,
    /// Where the text is.
    pub text: FieldPath,
    /// Where the sender is; without it, a short code sends.
    pub from: Option<FieldPath>,
    /// The answer to a text that was accepted.
    pub answer: GatewayAnswer,
}

/// The answer of a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body; `{sid}` stands for the message SID.
    pub body: String,
    /// The content type of the body.
    pub kind: String,
}

impl Default for GatewayAnswer {
    fn default() -> Self {
        Self { status: 200, body: "{\"id\": \"{sid}\"}".to_owned(), kind: "application/json".to_owned() }
    }
}

/// A path to a field: names and list indices, joined by dots, as in `messages.0.to`. In a form, the whole
/// path is the name of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath(String);

impl FieldPath {
    /// Reads a path; `None` for an empty one, or one with an empty part.
    pub fn read(text: &str) -> Option<Self> {
        let is_path = !text.is_empty() && text.split('.').all(|part| !part.is_empty());
        is_path.then(|| Self(text.to_owned()))
    }

    /// The path as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text or number at this path of a JSON document.
    pub fn find(&self, document: &serde_json::Value) -> Option<String> {
        let found = self.0.split('.').try_fold(document, |at, part| match at {
            serde_json::Value::Array(list) => list.get(part.parse::<usize>().ok()?),
            serde_json::Value::Object(fields) => fields.get(part),
            serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::String(_) => None,
        })?;
        match found {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_) => None,
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        let document = serde_json::json!({ "messages": [{ "to": "+34", "n": 7 }], "a.b": "no", "x": null });
        for (path, found) in [
            ("messages.0.to", Some("+34")),
            ("messages.0.n", Some("7")),
            ("messages.1.to", None),
            ("messages.to", None),
            ("messages", None),
            ("x", None),
            ("a.b", None),
        ] {
            assert_eq!(FieldPath::read(path).unwrap().find(&document).as_deref(), found, "{path}");
        }
        for path in ["", ".", "a..b", "a."] {
            assert_eq!(FieldPath::read(path), None, "{path}");
        }
    }
}
