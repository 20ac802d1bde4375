//! "Did you mean" suggestions for undefined steps.

use gherkin::StepType;

use crate::gherkin::KnownStep;
use crate::gherkin::catalogue::keyword_of;
use crate::story::nearest;

/// The step whose example is nearest to the text. Steps with this keyword take precedence.
pub(super) fn step<'a>(keyword: StepType, text: &str, known: &'a [KnownStep]) -> Option<&'a KnownStep> {
    let text = plain(text);
    let with = |same: bool| {
        let steps: Vec<(String, &KnownStep)> = known
            .iter()
            .filter(|step| step.keywords.contains(&keyword_of(keyword)) == same)
            .filter_map(|step| Some((plain(step.example.split_once(' ')?.1), step)))
            .collect();
        let near = nearest(&text, steps.iter().map(|(words, _)| words.as_str()))?;
        steps.iter().find(|(words, _)| words == near).map(|(_, step)| *step)
    };
    with(true).or_else(|| with(false))
}

/// Replaces the variable parts of a step (quoted texts, names, pronouns, numbers) by placeholders.
fn plain(text: &str) -> String {
    let mut words = Vec::new();
    for (place, part) in text.split(['"']).enumerate() {
        if place % 2 == 1 {
            words.push("\"\"");
            continue;
        }
        words.extend(part.split_whitespace().map(|word| match word {
            "she" | "he" | "they" => "@",
            "her" | "his" | "their" => "@'s",
            _ if word.starts_with(|c: char| c.is_ascii_digit()) => "#",
            _ if word.starts_with(char::is_uppercase) && word.ends_with("'s") => "@'s",
            _ if word.starts_with(char::is_uppercase) => "@",
            _ => word,
        }));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gherkin::catalogue;

    #[test]
    fn the_step_that_was_meant_is_found() {
        for (keyword, text, meant) in [
            (StepType::When, "Mallory sings in with her user name and pasword", "user name and password"),
            (StepType::Given, "a story \"lost-device\"", "the story {story}"),
            (StepType::When, "30 days passed", "{duration} pass(es)"),
            (StepType::Then, "his phone will ring within 1 minute", "phone rings within"),
        ] {
            let near = step(keyword, text, catalogue()).map(|step| step.expression.as_str());
            assert!(near.is_some_and(|near| near.contains(meant)), "{text}: {near:?}");
        }
        let far = step(StepType::When, "the cow jumps over the moon", catalogue());
        assert!(far.is_none(), "{far:?}");
    }
}
