//! The JSON Schema of story files, derived from the types that read them, for editor support.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use crate::story::raw::{RawFault, RawStory};

/// The schema of one fault in a story, for other documents.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultSchema;

impl JsonSchema for FaultSchema {
    fn schema_name() -> Cow<'static, str> {
        RawFault::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        RawFault::json_schema(generator)
    }
}

/// The JSON Schema (draft 07, which YAML language servers support).
///
/// It describes only the structure of a story. [`Story::read`](super::Story::read) also checks the
/// meaning of fields and their dependencies.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<RawStory>();
    schema.insert("title".to_owned(), "A story of lostkey".into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use boon::{Compiler, Draft, SchemaIndex, Schemas};

    use super::*;
    use crate::story::{Mistake, Story};

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    fn stories(folder: &str) -> Vec<(PathBuf, String)> {
        let files = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let stories = files.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
        stories.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
    }

    fn compiled() -> (Schemas, SchemaIndex) {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V7);
        compiler.add_resource("story.schema.json", schema()).unwrap();
        let index = compiler.compile("story.schema.json", &mut schemas).unwrap();
        (schemas, index)
    }

    #[test]
    fn every_story_that_loads_keeps_to_the_schema() {
        let (schemas, index) = compiled();
        let mut kept = 0;
        for folder in ["scenarios", "tests/weak/scenarios", "tests/failing/scenarios"] {
            for (path, text) in stories(folder) {
                let value: Value = serde_yaml::from_str(&text).unwrap();
                let valid = schemas.validate(&value, index);
                assert!(valid.is_ok(), "{}: {:#}", path.display(), valid.unwrap_err());
                kept += 1;
            }
        }
        assert!(kept >= 40, "{kept}");
    }

    /// The schema does not cover the syntax of durations, texts and counts, so the test skips such errors.
    #[test]
    fn every_story_of_a_wrong_shape_is_refused_by_the_schema() {
        let (schemas, index) = compiled();
        let mut refused = 0;
        for (path, text) in stories("tests/broken/stories") {
            let mistake = Story::read(&text, "x").unwrap_err().mistake;
            let of_shape = matches!(
                mistake,
                Mistake::UnknownField { .. }
                    | Mistake::UnknownWord { .. }
                    | Mistake::UnknownFault { .. }
                    | Mistake::WrongShape { .. }
            );
            let Ok(value) = serde_yaml::from_str::<Value>(&text) else { continue };
            if of_shape {
                assert!(schemas.validate(&value, index).is_err(), "{}: {mistake}", path.display());
                refused += 1;
            }
        }
        assert!(refused >= 8, "{refused}");
    }

    #[test]
    fn the_schema_beside_the_stories_is_this_one() {
        let kept = fs::read_to_string(root().join("scenarios/story.schema.json")).unwrap();
        let is = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        assert!(kept == is, "write it again: lostkey schema > scenarios/story.schema.json");
    }
}
