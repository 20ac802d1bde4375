//! The journal of a running drill, one line per finished chunk; a killed drill resumes from it.

use std::collections::BTreeMap;
use std::fs;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::drill::Ended;
use crate::cli::drill::outcome::Setup;
use crate::cli::exit::Exit;
use crate::drill::Tally;

/// An append-only file: the drill's setup, then one line per finished chunk.
#[derive(Debug, Default)]
pub(super) struct Journal {
    file: Option<File>,
    /// Chunks that an earlier run of the same drill has finished.
    pub(super) done: BTreeMap<u64, Tally>,
    /// How long they took, in seconds.
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

/// Removes the journal once the result is written.
pub(super) fn remove(json: &Path) {
    let _was_never_there = fs::remove_file(path(json));
}

impl Journal {
    /// Opens or creates the journal of a result file; without a file nothing is recorded.
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
                // Overwrite an incomplete first line, which a killed drill may have left.
                fs::write(&path, head + "\n").map_err(|error| failed(&error))?;
            }
            Some(head) if serde_json::from_str::<Setup>(head).is_ok_and(|head| head == *setup) => {
                if !before.ends_with('\n') {
                    journal.write(b"\n");
                }
                // A chunk with a truncated line is played again.
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

    /// Records a finished chunk, and the seconds since the start.
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
            // A full disk loses the journal, but must not stop the drill.
            let _not_kept = file.write_all(bytes);
        }
    }
}
