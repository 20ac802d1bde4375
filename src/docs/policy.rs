//! The keys of a policy, from the types that parse them and the table of weaknesses and norms.

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::docs::read;
use crate::policy::{Policy, written};

/// The weaknesses that each key is open to, and the norms that decide it.
pub(super) const TABLE: &str = include_str!("policy.md");

/// A key of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyKey {
    /// Its spelling in a story.
    pub key: String,
    /// What it decides.
    pub decides: String,
    /// The type of its values.
    pub takes: String,
    /// Its default.
    pub default: String,
    /// Its values, if they are words; otherwise examples that are open to a weakness.
    pub values: Vec<PolicyValue>,
    /// The entries that justify the recommended value.
    pub norms: Vec<String>,
}

/// A value of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyValue {
    /// Its spelling.
    pub value: String,
    /// Its meaning; empty for a number or a length of time.
    pub means: String,
    /// The weaknesses that a flow with this value is open to.
    pub open_to: Vec<String>,
}

impl PolicyValue {
    /// Its meaning and its weaknesses, in one line; empty if neither is known.
    pub fn says(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if !self.means.is_empty() {
            parts.push(self.means.clone());
        }
        if !self.open_to.is_empty() {
            parts.push(format!("Open to {}.", self.open_to.join(", ")));
        }
        parts.join(" ")
    }
}

/// All keys, in the order of the flow.
pub fn policy_keys() -> Vec<PolicyKey> {
    // Inline all subschemas, so that each key contains its values.
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<Policy>().to_value();
    read::rows(TABLE).filter_map(|row| key(&schema["properties"], &row)).collect()
}

fn key(properties: &Value, row: &[&str]) -> Option<PolicyKey> {
    let [key, open, norms] = *row else { return None };
    let described = properties.get(key)?;
    let mut values = words(described);
    let takes = if !values.is_empty() {
        "one of the values below"
    } else {
        match described["type"].as_str() {
            Some("integer") => "a whole number",
            Some("boolean") => "true or false",
            Some("object") => "a kind of authenticator",
            _ => "a length of time",
        }
    };
    for weak in read::list(open) {
        let (value, ids) = weak.split_once(':')?;
        let ids = ids.split_whitespace().map(str::to_owned).collect();
        match values.iter_mut().find(|known| known.value == value) {
            Some(known) => known.open_to = ids,
            None => values.push(PolicyValue { value: value.to_owned(), means: String::new(), open_to: ids }),
        }
    }
    Some(PolicyKey {
        key: key.to_owned(),
        decides: description(described),
        takes: takes.to_owned(),
        default: written(&described["default"]),
        values,
        norms: read::list(norms),
    })
}

/// The words that a key accepts, with their meanings.
fn words(described: &Value) -> Vec<PolicyValue> {
    let mut found = Vec::new();
    for below in ["oneOf", "anyOf", "allOf"] {
        found.extend(described[below].as_array().into_iter().flatten().flat_map(words));
    }
    let one = described["const"].as_str();
    let listed = described["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let means = || {
        if one.is_some() || described["enum"].as_array().is_some_and(|words| words.len() == 1) {
            description(described)
        } else {
            String::new()
        }
    };
    let here = one.into_iter().chain(listed);
    found.extend(here.map(|word| PolicyValue {
        value: word.to_owned(),
        means: means(),
        open_to: Vec::new(),
    }));
    found
}

fn description(of: &Value) -> String {
    read::one_line(of["description"].as_str().unwrap_or_default())
}
