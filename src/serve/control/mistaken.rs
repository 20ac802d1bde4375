//! Refusals of stories and of lists in stories, in plain words for a program: what is wrong, where, and what
//! would work.

use std::ops::Range;

use axum::http::StatusCode;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::serve::control::reply::{Refused, refused_with};
use crate::story::StoryError;

/// The refusal of a story.
pub(in crate::serve) fn mistaken(error: &StoryError) -> Refused {
    told(format!("the story is not valid: {error}"), error, Some((error.line, error.column)))
}

/// The refusal of something that was checked as part of a story, with the line and the column of the mistake in
/// what the client has sent, from 1.
pub(super) fn mistaken_at(error: &StoryError, place: Option<(usize, usize)>) -> Refused {
    told(error.to_string(), error, place)
}

fn told(says: String, error: &StoryError, place: Option<(usize, usize)>) -> Refused {
    let mut body = json!({ "error": says });
    if let Some((line, column)) = place {
        body["line"] = line.into();
        body["column"] = column.into();
    }
    if let Some(help) = error.help_text() {
        body["help"] = help.into();
    }
    refused_with(StatusCode::BAD_REQUEST, body)
}

/// The elements of a JSON list as a client has written it, so that a mistake has a place there.
pub(super) struct Elements<'a> {
    body: &'a str,
    places: Vec<Range<usize>>,
}

impl<'a> Elements<'a> {
    /// The elements of `body`, which is a list.
    pub(super) fn of(body: &'a str) -> Self {
        let mut places = Vec::new();
        let mut at = body.find('[').map_or(body.len(), |open| open + 1);
        loop {
            let rest = body.get(at..).unwrap_or_default();
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
            let Some(Ok(_)) = values.next() else { return Self { body, places } };
            let (start, end) = (at + rest.len() - rest.trim_start().len(), at + values.byte_offset());
            places.push(start..end);
            let comma = body.get(end..).and_then(|rest| rest.find(','));
            at = comma.map_or(body.len(), |comma| end + comma + 1);
        }
    }

    /// Each element on a line of its own, as YAML has it.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.places.iter().map(|place| self.line(place))
    }

    fn line(&self, place: &Range<usize>) -> String {
        let text = self.body.get(place.clone()).unwrap_or_default();
        if is_yaml(text) {
            // Each byte stays at its place. JSON has these outside of its strings only.
            return text.replace(['\n', '\r', '\t'], " ");
        }
        serde_json::from_str::<Value>(text).map(|value| value.to_string()).unwrap_or_default()
    }

    /// The line and the column in the body of a character in an element's line.
    pub(super) fn place(&self, element: usize, character: usize) -> Option<(usize, usize)> {
        let place = self.places.get(element)?;
        let text = self.body.get(place.clone())?;
        let within = if is_yaml(text) { text.char_indices().nth(character)?.0 } else { 0 };
        let before = self.body.get(..place.start + within)?;
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.matches('\n').count() + 1;
        Some((line, before.get(line_start..)?.chars().count() + 1))
    }
}

/// Whether JSON reads the same as YAML, which has other escapes.
fn is_yaml(json: &str) -> bool {
    !json.contains('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_of_an_element_has_its_place_in_the_body() {
        let body = "[ {\"a\": \"é,]\"},\n\t{\n\"b\": 1 } , \"c\\n\"\n, 7]";
        let elements = Elements::of(body);
        let lines: Vec<String> = elements.lines().collect();
        assert_eq!(lines, ["{\"a\": \"é,]\"}", "{ \"b\": 1 }", "\"c\\n\"", "7"]);
        for (element, character, place) in [
            (0, 0, Some((1, 3))),
            (0, 8, Some((1, 11))),
            (1, 0, Some((2, 2))),
            (1, 2, Some((3, 1))),
            (2, 2, Some((3, 12))),
            (3, 0, Some((4, 3))),
            (3, 1, None),
            (4, 0, None),
        ] {
            assert_eq!(elements.place(element, character), place, "{element} {character}");
        }
        for empty in ["[]", "[ \n]"] {
            assert_eq!(Elements::of(empty).lines().count(), 0, "{empty}");
        }
    }
}
