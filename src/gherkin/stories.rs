//! Opening the stories that features name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ::gherkin::Feature;
use cucumber::feature::Ext;

use crate::story::Story;

/// The stories that `features` open, by the words of the step that opens one, examples expanded.
pub fn named(features: &[Feature]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for feature in features {
        let Ok(feature) = feature.clone().expand_examples() else { continue };
        let scenarios = feature.scenarios.iter().chain(feature.rules.iter().flat_map(|rule| &rule.scenarios));
        let backgrounds =
            feature.background.iter().chain(feature.rules.iter().flat_map(|rule| &rule.background));
        let steps = scenarios.flat_map(|scenario| &scenario.steps);
        for step in steps.chain(backgrounds.flat_map(|background| &background.steps)) {
            let name = step.value.strip_prefix("the story \"").and_then(|rest| rest.strip_suffix('"'));
            names.extend(name.map(str::to_owned));
        }
    }
    names
}

/// The story `name` of the folder `scenarios`; what is wrong with it, rendered, if anything is.
pub fn open(scenarios: &Path, name: &str) -> Result<Story, String> {
    let path = scenarios.join(format!("{name}.yaml"));
    let shown = path.display().to_string();
    let text = fs::read_to_string(&path).map_err(|error| {
        let names = names(scenarios);
        let near = crate::story::nearest(name, names.iter().map(String::as_str));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
        format!("the story \"{name}\" cannot be opened: {shown}: {error}{hint}")
    })?;
    Story::read(&text, &shown).map_err(|error| error.rendered())
}

/// The names of the stories in a folder.
fn names(scenarios: &Path) -> Vec<String> {
    let files = fs::read_dir(scenarios).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}
