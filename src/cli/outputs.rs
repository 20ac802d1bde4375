//! The files of one command: what it reads and what it writes. No output may replace an input or another output.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::cli::exit::Exit;
use crate::wire::files::is_standard_stream;

/// The files of a command.
#[derive(Debug, Default)]
pub(super) struct FilesOf {
    inputs: Vec<Input>,
    /// Folders whose files with this ending are read.
    folders: Vec<(&'static str, PathBuf, &'static str)>,
    /// Each with the option that names it.
    outputs: Vec<(String, PathBuf)>,
}

/// A file that is read.
#[derive(Debug)]
struct Input {
    what: &'static str,
    path: PathBuf,
    /// The option that may write it anew, with what was in it.
    updated_by: Option<&'static str>,
}

/// What two paths to one file have in common.
#[derive(Debug, PartialEq, Eq)]
enum Identity {
    There {
        device: u64,
        number: u64,
    },
    /// The full path of a file that is not there yet.
    New(PathBuf),
}

impl FilesOf {
    /// Adds files that are read.
    #[must_use]
    pub(super) fn reads<P: AsRef<Path>>(
        mut self,
        what: &'static str,
        paths: impl IntoIterator<Item = P>,
    ) -> Self {
        let input = |path: P| Input { what, path: path.as_ref().to_owned(), updated_by: None };
        self.inputs.extend(paths.into_iter().map(input));
        self
    }

    /// Adds a file that is read, and that this option may write anew with all that was in it.
    #[must_use]
    pub(super) fn updates(mut self, what: &'static str, path: Option<&Path>, option: &'static str) -> Self {
        let input = |path: &Path| Input { what, path: path.to_owned(), updated_by: Some(option) };
        self.inputs.extend(path.map(input));
        self
    }

    /// Adds a folder, of which all files with this ending may be read.
    #[must_use]
    pub(super) fn reads_folder(
        mut self,
        what: &'static str,
        folder: Option<&Path>,
        ending: &'static str,
    ) -> Self {
        self.folders.extend(folder.map(|folder| (what, folder.to_owned(), ending)));
        self
    }

    /// Adds a file that is written.
    #[must_use]
    pub(super) fn writes(mut self, option: &str, path: Option<&Path>) -> Self {
        self.outputs.extend(path.map(|path| (option.to_owned(), path.to_owned())));
        self
    }

    /// Checks that no output replaces anything that the command reads or writes.
    ///
    /// # Errors
    /// The exit code and the reason.
    pub(super) fn check(&self) -> Result<(), (Exit, String)> {
        for (at, (option, path)) in self.outputs.iter().enumerate() {
            let Some(identity) = identity(path) else { continue };
            let is_same = |other: &Path| self::identity(other).as_ref() == Some(&identity);
            let shown = path.display();
            let mut inputs = self.inputs.iter().filter(|input| input.updated_by != Some(option));
            let says = if let Some(Input { what, .. }) = inputs.find(|input| is_same(&input.path)) {
                format!("{option} would overwrite {shown}, {what}; name another file")
            } else if let Some((what, ..)) = self.folders.iter().find(|one| has(one, path)) {
                format!("{option} would overwrite {shown}, {what}; name another file")
            } else if let Some((other, _)) = self.outputs[..at].iter().find(|(_, other)| is_same(other)) {
                format!("{option} would overwrite {shown}, which {other} writes; name two files")
            } else {
                continue;
            };
            return Err((Exit::BadInput, says));
        }
        Ok(())
    }
}

/// Whether the folder has this file, and it is one of those that are read.
fn has((_, folder, ending): &(&'static str, PathBuf, &'static str), path: &Path) -> bool {
    let Ok((folder, path)) =
        fs::canonicalize(folder).and_then(|folder| Ok((folder, fs::canonicalize(path)?)))
    else {
        return false;
    };
    path != folder && path.starts_with(folder) && path.extension().is_some_and(|is| is == *ending)
}

/// The identity of a file; `None` for a device, a pipe or a standard stream, which take any number of outputs.
fn identity(path: &Path) -> Option<Identity> {
    match fs::metadata(path) {
        Ok(_) if is_standard_stream(path) => None,
        Ok(there) if there.is_file() || there.is_dir() => {
            Some(Identity::There { device: there.dev(), number: there.ino() })
        }
        Ok(_) => None,
        Err(_) => new(path).ok().map(Identity::New),
    }
}

/// The full path of a file that is not there, in a folder that may be there.
fn new(path: &Path) -> io::Result<PathBuf> {
    let full = std::path::absolute(path)?;
    let (Some(folder), Some(name)) = (full.parent(), full.file_name()) else { return Ok(full) };
    Ok(fs::canonicalize(folder).map_or_else(|_| full.clone(), |folder| folder.join(name)))
}

/// Reads the path of an output.
///
/// # Errors
/// If it is `-`, which other programs take for standard output.
pub(super) fn output_file(text: &str) -> Result<PathBuf, String> {
    match text {
        "-" => {
            Err("it is a file, and `-` is none: write /dev/stdout for standard output, or ./- for a file of \
                    this name"
                .to_owned())
        }
        text => Ok(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn no_output_is_a_file_that_is_read_or_written_otherwise() {
        let folder = std::env::temp_dir().join(format!("lostkey-outputs-{}", std::process::id()));
        let _was_there = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("stories")).unwrap();
        let at = |name: &str| folder.join(name);
        for name in ["story.yaml", "stories/one.yaml", "stories/one.json"] {
            fs::write(at(name), "").unwrap();
        }
        symlink("story.yaml", at("link")).unwrap();
        symlink(".", at("here")).unwrap();
        let check = |json: &str, baseline: &str| {
            let files = FilesOf::default()
                .reads("a story", [at("story.yaml")])
                .reads_folder("a saved story", Some(&at("stories")), "yaml")
                .writes("--json", Some(&at(json)))
                .writes("--write-baseline", Some(&at(baseline)));
            files.check().map_err(|(exit, says)| (exit, says.replace(&format!("{}/", folder.display()), "")))
        };
        for (json, baseline, says) in [
            ("story.yaml", "b", "--json would overwrite story.yaml, a story; name another file"),
            (
                "stories/../story.yaml",
                "b",
                "--json would overwrite stories/../story.yaml, a story; name another file",
            ),
            ("link", "b", "--json would overwrite link, a story; name another file"),
            ("a", "story.yaml", "--write-baseline would overwrite story.yaml, a story; name another file"),
            (
                "stories/one.yaml",
                "b",
                "--json would overwrite stories/one.yaml, a saved story; name another file",
            ),
            ("a", "a", "--write-baseline would overwrite a, which --json writes; name two files"),
            ("a", "here/a", "--write-baseline would overwrite here/a, which --json writes; name two files"),
            (
                "none/a",
                "here/none/a",
                "--write-baseline would overwrite here/none/a, which --json writes; name two files",
            ),
        ] {
            if json == "none/a" {
                fs::create_dir_all(at("none")).unwrap();
            }
            assert_eq!(check(json, baseline), Err((Exit::BadInput, says.to_owned())));
        }
        for (json, baseline) in [
            ("a", "b"),
            ("stories/one.json", "stories/new.yaml"),
            ("/dev/null", "/dev/null"),
            ("/dev/stdout", "/dev/stdout"),
        ] {
            assert_eq!(check(json, baseline), Ok(()));
        }
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_hyphen_is_no_file() {
        assert!(output_file("-").unwrap_err().contains("/dev/stdout"));
        assert_eq!(output_file("./-"), Ok("./-".into()));
    }
}
