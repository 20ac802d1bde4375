//! Reads the stories that are checked or opened by steps, each once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::gherkin::check::{Accepted, Flaw};
use crate::gherkin::stories;
use crate::gherkin::stories::CannotOpen;
use crate::story::{Acceptance, Story, contradictions};

/// The result of opening a story.
#[derive(Clone, Debug)]
pub(super) enum Opened {
    /// A valid story.
    Story(Arc<Story>),
    /// A story with mistakes, which are reported once.
    Broken,
    /// No readable file: the reason, and the nearest existing story.
    Missing(String, Option<String>),
}

#[derive(Debug)]
pub(super) struct Stories<'a> {
    folder: &'a Path,
    opened: BTreeMap<PathBuf, Opened>,
    wrong: Vec<Flaw>,
}

impl<'a> Stories<'a> {
    pub(super) const fn new(folder: &'a Path) -> Self {
        Self { folder, opened: BTreeMap::new(), wrong: Vec::new() }
    }

    /// Opens a story by the name that steps use.
    pub(super) fn named(&mut self, name: &str) -> Opened {
        let path = stories::path(self.folder, name);
        self.open(&path, stories::open(self.folder, name))
    }

    /// Reads a story file.
    pub(super) fn file(&mut self, path: &Path) {
        let missing = match self.open(path, stories::read(path)) {
            Opened::Story(_) | Opened::Broken => return,
            Opened::Missing(why, _) => why,
        };
        let why = std::io::Error::other(missing);
        self.wrong.push(Flaw::Feature(crate::gherkin::error::FeatureError::unreadable(path, &why)));
    }

    fn open(&mut self, path: &Path, came: Result<Story, CannotOpen>) -> Opened {
        if let Some(opened) = self.opened.get(path) {
            return opened.clone();
        }
        let opened = match came {
            Ok(story) => Opened::Story(Arc::new(story)),
            Err(CannotOpen::Missing { why, near, .. }) => Opened::Missing(why, near),
            Err(CannotOpen::Broken(error)) => {
                let all = stories::mistakes(path);
                let all = if all.is_empty() { vec![*error] } else { all };
                self.wrong.extend(all.into_iter().map(|error| Flaw::Story(Box::new(error))));
                Opened::Broken
            }
        };
        self.opened.insert(path.to_owned(), opened.clone());
        opened
    }

    /// Takes the mistakes found since the last call.
    pub(super) fn take_wrong(&mut self) -> Vec<Flaw> {
        std::mem::take(&mut self.wrong)
    }

    /// What the policies of the stories contradict, by file.
    pub(super) fn warnings(&self) -> Vec<String> {
        let of = |(path, opened): (&PathBuf, &Opened)| match opened {
            Opened::Story(story) => {
                let told = contradictions(&story.policy);
                told.into_iter().map(|says| format!("{}: {says}", path.display())).collect()
            }
            Opened::Broken | Opened::Missing(..) => Vec::new(),
        };
        self.opened.iter().flat_map(of).collect()
    }

    /// The acceptances of all stories, by file.
    pub(super) fn acceptances(&self) -> Vec<Accepted> {
        let of = |(path, opened): (&PathBuf, &Opened)| match opened {
            Opened::Story(story) if !story.accepts.is_empty() => {
                let lines = stories::lines_of_acceptances(path);
                let with = |(acceptance, line): (&Acceptance, usize)| Accepted {
                    file: path.display().to_string(),
                    line,
                    what: story.accepted(acceptance),
                    acceptance: acceptance.clone(),
                };
                story.accepts.iter().zip(lines).map(with).collect()
            }
            Opened::Story(_) | Opened::Broken | Opened::Missing(..) => Vec::new(),
        };
        self.opened.iter().flat_map(of).collect()
    }

    /// The number of files read.
    pub(super) fn read(&self) -> usize {
        self.opened.values().filter(|opened| !matches!(opened, Opened::Missing(..))).count()
    }
}
