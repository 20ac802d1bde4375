//! The reference list of fault kinds, generated from their JSON Schema and declarations.

use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::fault::{Declared, FaultKind};
use crate::story::write;

/// The documentation of one fault kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownFault {
    /// The name, as written after `does:`.
    pub name: String,
    /// The real-world failure that it models.
    pub models: String,
    /// The fields that it takes.
    pub fields: Vec<FaultField>,
    /// What the service sees of it: replies, callbacks, or nothing.
    pub reports: &'static str,
    /// What `on` counts.
    pub counts: &'static str,
    /// An example, as written after `does:`.
    pub example: String,
}

/// A field of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultField {
    /// The name.
    pub name: String,
    /// The description.
    pub says: String,
    /// The accepted values if they are enumerable, else the type.
    pub values: String,
    /// Whether the field may be left out.
    pub optional: bool,
}

/// The names of all kinds.
pub(super) fn names() -> Vec<&'static str> {
    FaultKind::ALL.iter().map(|declared| declared.name).collect()
}

/// An example of the kind with this name, as written in a story.
pub(super) fn example(name: &str) -> Option<String> {
    let declared = FaultKind::ALL.iter().find(|declared| declared.name == name)?;
    Some(write::fault(declared.example))
}

/// All fault kinds, in declaration order.
pub fn faults() -> Vec<KnownFault> {
    // Inline subschemas, so that each field carries its type and no `$ref` has to be resolved.
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<FaultKind>().to_value();
    let told = |declared: &Declared| {
        let (name, kind) = (declared.name.to_owned(), declared.example);
        let (models, fields) = told_of(&schema, &name);
        let (reports, counts, example) = (declared.reports, kind.counts(), write::fault(kind));
        KnownFault { name, models, fields, reports, counts, example }
    };
    FaultKind::ALL.iter().map(told).collect()
}

/// The description and fields of one kind, from the schema.
fn told_of(schema: &Value, name: &str) -> (String, Vec<FaultField>) {
    for kind in schema["oneOf"].as_array().into_iter().flatten() {
        let words = kind["enum"].as_array().into_iter().flatten();
        if kind["const"] == name || words.into_iter().any(|word| word == name) {
            // schemars may group unit variants into one `enum` without separate descriptions.
            return (sentence(kind), Vec::new());
        }
        if let Some(with) = kind["properties"].get(name) {
            let required = |name: &String| {
                with["required"].as_array().into_iter().flatten().any(|required| required == name)
            };
            let properties = with["properties"].as_object().into_iter().flatten();
            let fields = properties.map(|(name, field)| told_field(name, field, !required(name)));
            return (sentence(kind), fields.collect());
        }
    }
    (String::new(), Vec::new())
}

fn told_field(name: &str, field: &Value, optional: bool) -> FaultField {
    let values = words(field);
    let values = if !values.is_empty() {
        values.join(", ")
    } else {
        match field["type"].as_str() {
            Some("integer") => "a number".to_owned(),
            Some("boolean") => "true, false".to_owned(),
            _ => "a length of time".to_owned(),
        }
    };
    FaultField { name: name.to_owned(), says: sentence(field), values, optional }
}

/// The accepted words of a field.
fn words(field: &Value) -> Vec<String> {
    let listed = field["enum"].as_array().into_iter().flatten();
    let one = Some(&field["const"]).filter(|word| word.is_string());
    let below = ["oneOf", "anyOf", "allOf"].iter().flat_map(|key| field[*key].as_array()).flatten();
    let here = listed.chain(one).filter_map(Value::as_str).map(str::to_owned);
    here.chain(below.flat_map(words)).collect()
}

/// The description, joined to one line.
fn sentence(of: &Value) -> String {
    let text = of["description"].as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_says_what_it_models_what_it_reports_and_what_its_fields_are() {
        let faults = faults();
        assert_eq!(faults.len(), FaultKind::ALL.len());
        for fault in &faults {
            let KnownFault { name, models, fields, reports, counts, example } = fault;
            assert!(models.starts_with(char::is_uppercase) && models.ends_with('.'), "{name}: {models:?}");
            assert!(!reports.is_empty() && !counts.is_empty(), "{name}");
            for FaultField { name: field, says, values, optional } in fields {
                assert!(!says.is_empty() && !values.is_empty(), "{name}.{field}");
                assert_ne!(example.contains(&format!("{field}: ")), *optional, "{example}");
            }
            let in_example = example.matches(": ").count().saturating_sub(1);
            assert_eq!(fields.iter().filter(|field| !field.optional).count(), in_example, "{example}");
        }
        let models: std::collections::BTreeSet<&str> =
            faults.iter().map(|fault| fault.models.as_str()).collect();
        assert_eq!(models.len(), faults.len(), "each in words of its own");
    }
}
