//! Opening the stories that features name.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::story::Story;
use crate::story::StoryError;
use crate::story::nearest;

/// Why a story cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CannotOpen {
    /// There is none of this name, or its file cannot be read.
    #[error("the story \"{name}\" cannot be opened: {path}: {why}{}", did_you_mean(near.as_deref()))]
    Missing {
        /// Its name.
        name: String,
        /// Its file.
        path: String,
        /// Why.
        why: String,
        /// The name of the story that was probably meant.
        near: Option<String>,
    },
    /// It has a mistake.
    #[error("{}", .0.rendered())]
    Broken(Box<StoryError>),
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"))
}

/// The file of a story.
pub(super) fn path(scenarios: &Path, name: &str) -> PathBuf {
    scenarios.join(format!("{name}.yaml"))
}

/// The story `name` of the folder `scenarios`.
///
/// # Errors
/// [`CannotOpen`] if there is none, or something is wrong with it.
pub fn open(scenarios: &Path, name: &str) -> Result<Story, CannotOpen> {
    read(&path(scenarios, name)).map_err(|error| match error {
        CannotOpen::Missing { path, why, .. } => {
            let names = names(scenarios);
            let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
            CannotOpen::Missing { name: name.to_owned(), path, why, near }
        }
        broken @ CannotOpen::Broken(_) => broken,
    })
}

/// The story of a file.
pub(super) fn read(path: &Path) -> Result<Story, CannotOpen> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| CannotOpen::Missing {
        name: shown.clone(),
        path: shown.clone(),
        why: error.to_string(),
        near: None,
    })?;
    Story::read(&text, &shown).map_err(CannotOpen::Broken)
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
