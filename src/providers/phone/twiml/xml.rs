//! XML helpers for TwiML: attributes, character references, and errors.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart};

use crate::providers::phone::twiml::BadTwiml;

/// Whether an element has content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Follows,
    None,
}

/// Calls `take` with the name and the value of each attribute.
pub(super) fn for_each(
    element: &BytesStart<'_>,
    mut take: impl FnMut(&str, &str) -> Result<(), BadTwiml>,
) -> Result<(), BadTwiml> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(not_xml)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(not_xml)?;
        take(attribute.key.as_ref(), &value)?;
    }
    Ok(())
}

/// Resolves one of XML's five predefined entities or a character reference. DTD entities are unknown.
pub(super) fn push_reference(text: &mut String, reference: &BytesRef<'_>) -> Result<(), BadTwiml> {
    if let Some(c) = reference.resolve_char_ref().map_err(not_xml)? {
        if !is_legal(c) {
            return Err(BadTwiml::Xml(format!("it cannot hold the character U+{:04X}", u32::from(c))));
        }
        text.push(c);
        return Ok(());
    }
    let known = resolve_predefined_entity(reference);
    let known =
        known.ok_or_else(|| BadTwiml::Xml(format!("the entity `&{};` is not known", &**reference)))?;
    text.push_str(known);
    Ok(())
}

/// XML 1.0 section 2.2, `Char`.
pub(super) const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

pub(super) fn unknown(element: &'static str, name: &str, known: &'static str) -> BadTwiml {
    BadTwiml::Attribute { element, name: name.to_owned(), known }
}

pub(super) fn not_xml(error: impl ToString) -> BadTwiml {
    BadTwiml::Xml(error.to_string())
}

pub(super) fn misplaced() -> BadTwiml {
    BadTwiml::Xml("there is a declaration inside the root element".to_owned())
}

pub(super) fn unclosed(element: &str) -> BadTwiml {
    BadTwiml::Xml(format!("`<{element}>` is not closed"))
}

pub(super) fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
