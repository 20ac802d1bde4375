//! Opening the stories that features name.

use std::fs;
use std::path::Path;

use crate::story::Story;

/// The story `name` of the folder `scenarios`; what is wrong with it, rendered, if anything is.
pub(super) fn open(scenarios: &Path, name: &str) -> Result<Story, String> {
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
