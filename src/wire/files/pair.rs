//! Writes saved stories and features to a folder, as drills do.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::wire::files::{part_of, put_in};

/// Most names that are tried: `sign-up`, `sign-up-2`, …
const NAMES_MAX: usize = 1_000;

/// Writes the story and its feature as `NAME.yaml` and `NAME.feature`; returns their paths and the name. A number is
/// appended if other content has the name already. The same content is written once.
pub(crate) fn write(
    folder: &Path,
    name: &str,
    story: &str,
    feature: impl Fn(&str) -> String,
) -> io::Result<(String, [PathBuf; 2])> {
    fs::create_dir_all(folder)?;
    for number in 1..=NAMES_MAX {
        let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
        let paths = [folder.join(format!("{name}.yaml")), folder.join(format!("{name}.feature"))];
        let Some(story) = put(&paths[0], story)? else { continue };
        match put(&paths[1], &feature(&name)) {
            Ok(Some(_)) => return Ok((name, paths)),
            other => {
                // Half a pair is of no use.
                if story == Put::New {
                    fs::remove_file(&paths[0])?;
                }
                other?;
            }
        }
    }
    Err(io::Error::other(format!("{NAMES_MAX} stories with this name are there already; give another name")))
}

/// How a content came to be in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    New,
    WasThere,
}

/// Writes a file; `None` if one with this name has other content.
fn put(path: &Path, content: &str) -> io::Result<Option<Put>> {
    let part = part_of(path)?;
    // The file appears whole or not at all. Unlike a rename, a link never takes the place of a file that
    // another process has written meanwhile.
    let linked = put_in(&part, content.as_bytes()).and_then(|()| match fs::hard_link(&part, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => create(path, content),
        linked => linked,
    });
    let removed = fs::remove_file(&part);
    match linked {
        Ok(()) => removed.map(|()| Some(Put::New)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_same = fs::read(path).is_ok_and(|there| there == content.as_bytes());
            Ok(is_same.then_some(Put::WasThere))
        }
        Err(error) => Err(error),
    }
}

/// Writes a new file on a file system without links; one that cannot be finished is removed.
fn create(path: &Path, content: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content.as_bytes()).inspect_err(|_| {
        let _gone = fs::remove_file(path);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pair_never_stays() {
        let folder = std::env::temp_dir().join(format!("lostkey-pairs-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let names = || {
            let mut names: Vec<String> = fs::read_dir(&folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        // The feature has a longer name than file systems take.
        let long = "a".repeat(249);
        assert!(write(&folder, &long, "story", |_| "feature".to_owned()).is_err());
        assert_eq!(names(), Vec::<String>::new());
        // A feature of something else has the name, so the pair gets another.
        fs::write(folder.join("b.feature"), "mine").unwrap();
        assert_eq!(write(&folder, "b", "story", |_| "feature".to_owned()).unwrap().0, "b-2");
        assert_eq!(names(), ["b-2.feature", "b-2.yaml", "b.feature"]);
        // A story that was there before stays.
        fs::write(folder.join("c.yaml"), "story").unwrap();
        fs::create_dir(folder.join("c.feature")).unwrap();
        assert_eq!(write(&folder, "c", "story", |_| "feature".to_owned()).unwrap().0, "c-2");
        assert!(folder.join("c.yaml").exists());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_same_is_written_once_and_nothing_is_overwritten() {
        let folder = std::env::temp_dir().join(format!("lostkey-saves-{}", std::process::id()));
        let feature = |name: &str| format!("Feature: {name}\n");
        let names = |story: &str| write(&folder.join("new"), "a", story, feature).unwrap().0;
        assert_eq!(names("one"), "a");
        assert_eq!(names("two"), "a-2");
        assert_eq!(names("one"), "a");
        assert_eq!(names("two"), "a-2");
        let mut there: Vec<String> = fs::read_dir(folder.join("new"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        there.sort();
        assert_eq!(there, ["a-2.feature", "a-2.yaml", "a.feature", "a.yaml"]);
        assert_eq!(fs::read_to_string(folder.join("new/a.yaml")).unwrap(), "one");
        fs::remove_dir_all(&folder).unwrap();
    }
}
