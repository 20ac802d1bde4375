//! What is done, line by line while a drill runs: a drill that is killed goes on from there.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use crate::cli::drill::Ended;
use crate::cli::drill::outcome::Setup;
use crate::cli::exit::Exit;
use crate::drill::Tally;

/// A file that only grows: how the drill is set up, then one line for each chunk that is done.
#[derive(Debug, Default)]
pub(super) struct Journal {
    file: Option<File>,
    /// The chunks that an earlier run of the same drill has done.
    pub(super) done: BTreeMap<u64, Tally>,
    /// How long that took, in seconds.
    pub(super) seconds: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    chunk: u64,
    seconds: f64,
    tally: Tally,
}

fn path(json: &Path) -> PathBuf {
    let mut name = json.as_os_str().to_owned();
    name.push(".lines");
    name.into()
}

/// The result is written: the lines have done their work.
pub(super) fn remove(json: &Path) {
    let _was_never_there = fs::remove_file(path(json));
}

impl Journal {
    /// Opens that of a result, or begins it; without a file nothing is kept.
    pub(super) fn open(json: Option<&Path>, setup: &Setup) -> Ended<Self> {
        let Some(json) = json else { return Ok(Self::default()) };
        let path = path(json);
        let failed = |error: &dyn std::fmt::Display| {
            (Exit::CouldNotRun, format!("cannot write {}: {error}", path.display()))
        };
        let before = fs::read_to_string(&path).unwrap_or_default();
        let file =
            OpenOptions::new().create(true).append(true).open(&path).map_err(|error| failed(&error))?;
        let mut journal = Self { file: Some(file), done: BTreeMap::new(), seconds: 0.0 };
        let mut lines = before.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        match lines.next() {
            None => {
                let head = serde_json::to_string(setup).map_err(|error| failed(&error))?;
                // What a killed drill left of a first line says nothing.
                fs::write(&path, head + "\n").map_err(|error| failed(&error))?;
            }
            Some(head) if serde_json::from_str::<Setup>(head).is_ok_and(|head| head == *setup) => {
                if !before.ends_with('\n') {
                    journal.write(b"\n");
                }
                // A line that was cut off is done again.
                for line in lines.filter_map(|line| serde_json::from_str::<Line>(line).ok()) {
                    journal.seconds = journal.seconds.max(line.seconds);
                    journal.done.insert(line.chunk, line.tally);
                }
            }
            Some(_) => {
                let says = format!(
                    "{} belongs to another drill: delete it, or choose another file with --json",
                    path.display()
                );
                return Err((Exit::BadInput, says));
            }
        }
        Ok(journal)
    }

    /// A chunk is done, after so many seconds in all.
    pub(super) fn add(&mut self, chunk: u64, seconds: f64, tally: &Tally) {
        if self.file.is_none() {
            return;
        }
        let line = Line { chunk, seconds: self.seconds + seconds, tally: tally.clone() };
        if let Ok(text) = serde_json::to_string(&line) {
            self.write(format!("{text}\n").as_bytes());
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(file) = &mut self.file {
            // A full disk costs what would be kept, not the drill.
            let _not_kept = file.write_all(bytes);
        }
    }
}
