//! Opens the stories that features refer to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::story::{Story, StoryError, nearest};
use crate::wire::files::{STORY_BYTES_MAX, read_text};

/// Why a story cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CannotOpen {
    /// No story has this name, or its file cannot be read.
    #[error("the story \"{name}\" cannot be opened: {path}: {why}{}", did_you_mean(near.as_deref()))]
    Missing {
        /// The name.
        name: String,
        /// The path of the file.
        path: String,
        /// The reason.
        why: String,
        /// The nearest existing name.
        near: Option<String>,
    },
    /// The story has a mistake.
    #[error("{}", .0.rendered())]
    Broken(Box<StoryError>),
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"))
}

/// The path of a story's file.
pub(super) fn path(scenarios: &Path, name: &str) -> PathBuf {
    scenarios.join(format!("{name}.yaml"))
}

/// Opens the story `name` in the folder `scenarios`.
///
/// # Errors
/// [`CannotOpen`] if the story does not exist or has a mistake.
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

/// The maximum number of stories that a [`Library`] keeps.
const KEPT_MAX: usize = 1_024;

/// The stories that the scenarios of one play have opened. Most scenarios of a feature open the same one, so
/// each is read once.
#[derive(Clone, Debug, Default)]
pub(super) struct Library(Rc<RefCell<BTreeMap<String, Arc<Story>>>>);

impl Library {
    /// Opens the story `name` in the folder `scenarios`, as [`open`] does.
    pub(super) fn open(&self, scenarios: &Path, name: &str) -> Result<Arc<Story>, CannotOpen> {
        if let Some(story) = self.0.borrow().get(name) {
            return Ok(Arc::clone(story));
        }
        let story = Arc::new(open(scenarios, name)?);
        let mut kept = self.0.borrow_mut();
        if kept.len() < KEPT_MAX {
            kept.insert(name.to_owned(), Arc::clone(&story));
        }
        Ok(story)
    }
}

/// Reads a story file.
pub(super) fn read(path: &Path) -> Result<Story, CannotOpen> {
    let shown = path.display().to_string();
    let text = read_text(path, STORY_BYTES_MAX).map_err(|error| CannotOpen::Missing {
        name: shown.clone(),
        path: shown.clone(),
        why: error.to_string(),
        near: None,
    })?;
    Story::read(&text, &shown).map_err(CannotOpen::Broken)
}

/// All mistakes of a story file.
pub(super) fn mistakes(path: &Path) -> Vec<StoryError> {
    let text = read_text(path, STORY_BYTES_MAX);
    text.map_or_else(|_| Vec::new(), |text| Story::mistakes(&text, &path.display().to_string()))
}

/// The lines of the acceptances in a story file.
pub(super) fn lines_of_acceptances(path: &Path) -> Vec<usize> {
    let text = read_text(path, STORY_BYTES_MAX);
    text.map_or_else(|_| Vec::new(), |text| Story::lines_of_acceptances(&text))
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
