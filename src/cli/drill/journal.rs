//! The journal of a running drill, one line per finished chunk; a killed drill resumes from it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::cli::drill::outcome::Setup;
use crate::cli::drill::{Ended, SEEDS_EACH};
use crate::cli::exit::Exit;
use crate::drill::Tally;
use crate::wire::files::read_bytes;

/// Most of a journal that is read: 500 chunks take a tenth of it.
const BYTES_MAX: u64 = 1 << 30;

/// An append-only file: the drill's setup, then one line per finished chunk.
#[derive(Debug, Default)]
pub(super) struct Journal {
    file: Option<File>,
    /// Chunks that an earlier run of the same drill has finished.
    pub(super) done: BTreeMap<u64, Tally>,
    /// How long they took.
    pub(super) took: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    chunk: u64,
    seconds: f64,
    tally: Tally,
}

/// The journal of a result file.
pub(super) fn path(json: &Path) -> PathBuf {
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
        let before = match read_bytes(&path, BYTES_MAX) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&error)),
            before => before.unwrap_or_default(),
        };
        let file =
            OpenOptions::new().create(true).append(true).open(&path).map_err(|error| failed(&error))?;
        let mut journal = Self { file: Some(file), done: BTreeMap::new(), took: Duration::ZERO };
        let mut lines = before.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        match lines.next() {
            None => {
                let head = serde_json::to_string(setup).map_err(|error| failed(&error))?;
                // Overwrite an incomplete first line, which a killed drill may have left.
                fs::write(&path, head + "\n").map_err(|error| failed(&error))?;
            }
            Some(line) if serde_json::from_slice::<Setup>(line).is_ok_and(|there| there == *setup) => {
                if !before.ends_with(b"\n") {
                    journal.write(b"\n");
                }
                // A chunk whose line is truncated or damaged, as after a power cut, is played again.
                let runs_max = setup.runs.unwrap_or(SEEDS_EACH);
                let possible = |line: &Line| line.tally.is_possible(runs_max).is_ok();
                for line in lines.filter_map(|line| serde_json::from_slice(line).ok()).filter(possible) {
                    let took = Duration::try_from_secs_f64(line.seconds).unwrap_or_default();
                    journal.took = journal.took.max(took);
                    journal.done.insert(line.chunk, line.tally);
                }
            }
            Some(line) if serde_json::from_slice::<Setup>(line).is_err() => {
                let says = format!(
                    "{} is damaged at line 1: delete it to begin anew, or choose another file with --json",
                    path.display()
                );
                return Err((Exit::BadInput, says));
            }
            Some(_) => {
                let says = format!(
                    "{} belongs to another drill, or to another build of this program: delete it, or choose \
                     another file with --json",
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
        let line = Line { chunk, seconds: self.took.as_secs_f64() + seconds, tally: tally.clone() };
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
