//! What to say of a step that matches nothing: the nearest step, and the code of a new one.

use gherkin::Step;

use crate::gherkin::KnownStep;
use crate::gherkin::catalogue::keyword_of;
use crate::gherkin::check::{snippet, suggest};
use crate::gherkin::error::FeatureMistake;

/// The mistake in words, and how to fix it.
#[derive(Debug)]
pub(in crate::gherkin) struct Undefined {
    pub(in crate::gherkin) mistake: FeatureMistake,
    pub(in crate::gherkin) says: String,
    pub(in crate::gherkin) help: String,
}

impl Undefined {
    /// The mistake of this step, which matches none of the `known` ones.
    pub(in crate::gherkin) fn of(step: &Step, known: &[KnownStep]) -> Self {
        let keyword = keyword_of(step.ty);
        if let Some(other) = known.iter().find(|known| known.regex.is_match(&step.value)) {
            let others = other.keywords.join(" or ");
            return Self {
                mistake: FeatureMistake::OtherKeyword,
                says: format!("this step belongs to `{others}`, but follows `{keyword}` here"),
                help: format!("for example `{}`\n`And` and `But` repeat the keyword above", other.example),
            };
        }
        let mut help = String::new();
        if let Some(near) = suggest::step(step.ty, &step.value, known) {
            help = format!("did you mean `{}`?\nfor example `{}`\n", near.expression, near.example);
        }
        help.push_str("to define a new step, write it in Rust:\n");
        help.push_str(&snippet::of(step));
        // A bullet may be a step of any kind.
        let says = match step.keyword.trim() {
            "*" => "no step matches".to_owned(),
            _ => format!("no `{keyword}` step matches"),
        };
        Self { mistake: FeatureMistake::UndefinedStep, says, help }
    }
}
