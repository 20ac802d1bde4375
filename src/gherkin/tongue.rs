//! What the keyword of a step means in the language of its feature.
//!
//! The parser knows the keywords of all languages, and keeps them to itself. What it makes of a step that stands
//! alone tells `When` and `Then` from all others.

use std::collections::BTreeMap;

use gherkin::{Feature, GherkinEnv, Step, StepType};

use crate::gherkin::language;

/// The language of a feature.
pub(super) struct Tongue<'a> {
    language: &'a str,
    /// The keyword of the feature.
    feature: &'a str,
    /// The type of a step with this keyword that stands alone.
    alone: BTreeMap<String, Option<StepType>>,
}

impl<'a> Tongue<'a> {
    /// The language of the feature in `text`, which begins with the keyword `feature`.
    pub(super) fn of(text: &'a str, feature: &'a str) -> Self {
        let language = language::directive(text).map_or(language::ENGLISH, |(_, name)| name);
        Self { language, feature, alone: BTreeMap::new() }
    }

    /// Whether a step goes on with the type of the step above it, as after `And` and `But`; it stands below a
    /// block with this keyword. In other languages than English the word for `Given` counts, too: the parser
    /// does not tell it from `And`.
    pub(super) fn goes_on(&mut self, step: &Step, block: &str) -> bool {
        let keyword = step.keyword.trim();
        if self.language == language::ENGLISH {
            return matches!(keyword, "And" | "But");
        }
        let alone = match self.alone.get(keyword) {
            Some(alone) => *alone,
            None => {
                let alone = self.read_alone(keyword, block);
                self.alone.insert(keyword.to_owned(), alone);
                alone
            }
        };
        !matches!(alone, Some(StepType::When | StepType::Then))
    }

    fn read_alone(&self, keyword: &str, block: &str) -> Option<StepType> {
        let text = format!("{}: f\n  {block}: s\n    {keyword} x\n", self.feature);
        let feature = Feature::parse(text, GherkinEnv::new(self.language).ok()?).ok()?;
        let below = feature.background.iter().flat_map(|background| &background.steps);
        below.chain(feature.scenarios.iter().flat_map(|scenario| &scenario.steps)).map(|step| step.ty).next()
    }
}
