//! Forms encoded as `application/x-www-form-urlencoded`, with names and values in order.

use std::borrow::Cow;

/// Longest body of a form, in bytes.
pub const FORM_MAX: usize = 64 * 1024;

/// Room for the fields of a form that is written; most webhooks have fewer.
const FIELDS_USUAL: usize = 32;

/// The maximum number of fields of a form.
const FIELDS_MAX: usize = 128;

/// Field names and values, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<(Cow<'static, str>, String)>,
}

impl Form {
    /// A form without fields.
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// Decodes the fields of a body; fields beyond the limit are dropped.
    pub fn read(body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body).take(FIELDS_MAX);
        Self { fields: fields.map(|(name, value)| (name.into_owned().into(), value.into_owned())).collect() }
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned().into(), value.into()));
        self
    }

    /// Adds a field whose name is part of the program, which is not copied.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if self.fields.is_empty() {
            self.fields.reserve(FIELDS_USUAL);
        }
        self.fields.push((name.into(), value.into()));
        self
    }

    /// The first value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// All fields, in order.
    pub fn fields(&self) -> &[(Cow<'static, str>, String)] {
        &self.fields
    }

    /// All fields, in order.
    pub fn into_fields(self) -> Vec<(String, String)> {
        self.fields.into_iter().map(|(name, value)| (name.into_owned(), value)).collect()
    }

    /// The encoded body.
    pub fn body(&self) -> String {
        // Escapes make it a little longer, seldom by more than half.
        let length: usize = self.fields.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
        let text = String::with_capacity(length + length / 2);
        form_urlencoded::Serializer::new(text).extend_pairs(&self.fields).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_form_reads_back_as_it_is_written(fields in prop::collection::vec((".*", ".*"), 0..8)) {
            let form = fields.into_iter().fold(Form::new(), |form, (name, value)| form.with(&name, value));
            prop_assert_eq!(Form::read(form.body().as_bytes()), form);
        }

        #[test]
        fn no_body_makes_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..512)) {
            Form::read(&body);
        }
    }
}
