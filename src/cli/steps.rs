//! `lostkey steps`: lists the catalogue of steps, for people and for editors.

use serde::Serialize;

use crate::cli::exit::Exit;
use crate::cli::listing::{Args, Item, Line, Listing, Section};
use crate::gherkin;
use crate::gherkin::KnownStep;
use crate::gherkin::words::{ParameterType, parameters};

/// Steps and parameter types, in JSON.
#[derive(Serialize)]
struct All {
    steps: Vec<&'static KnownStep>,
    parameters: Vec<&'static ParameterType>,
}

/// Lists all steps by noun, and the parameter types in their braces.
pub(super) fn steps(args: &Args) -> Exit {
    let mut all = All { steps: Vec::new(), parameters: Vec::new() };
    let mut sections = Vec::new();
    for steps in gherkin::catalogue().chunk_by(|one, other| one.file == other.file) {
        let heading = steps.first().map(|step| step.noun.clone()).unwrap_or_default();
        let (kept, items) = args.keep(steps.iter(), |step| item(step));
        all.steps.extend(kept);
        sections.push(Section { heading, items });
    }
    let (kept, items) = args.keep(parameters().iter(), |parameter| of_parameter(parameter));
    all.parameters = kept;
    sections.push(Section { heading: "Parameters".to_owned(), items });
    args.print(&Listing { title: "Steps", sections }, &all)
}

fn item(step: &KnownStep) -> Item {
    let mut lines = Vec::new();
    if !step.summary.is_empty() {
        lines.push(Line::Says(step.summary.to_owned()));
        lines.push(Line::Detail(format!("e.g. {}", step.example)));
    }
    Item { name: format!("{} {}", step.keywords.join("/"), step.expression), lines }
}

fn of_parameter(parameter: &ParameterType) -> Item {
    let ParameterType { name, summary, examples, values, .. } = parameter;
    let mut lines = vec![Line::Says(format!("{summary}, for example {examples}"))];
    lines.extend(values().into_iter().map(|value| Line::Detail(value.to_owned())));
    Item { name: format!("{{{name}}}"), lines }
}
