//! Progress of a drill: a bar on a terminal, otherwise a line from time to time.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// Interval between lines; the first line appears with the first result.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows the progress of a drill on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// Total number of runs, if known.
    all: Option<u64>,
    /// When the last line was written.
    told: Option<Duration>,
    lines: bool,
}

impl Progress {
    /// Progress for this many runs, or for a drill with a time limit.
    pub(super) fn of(all: Option<u64>) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let (template, bar) = match all {
            _ if !terminal => ("", ProgressBar::hidden()),
            Some(all) => {
                ("{bar:40} {human_pos} of {human_len} runs, {per_sec}, {eta} left", ProgressBar::new(all))
            }
            // A drill with a time limit has no number of runs to reach.
            None => ("{spinner} {human_pos} runs, {per_sec}, {elapsed}", ProgressBar::new_spinner()),
        };
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        Self { bar, all, told: None, lines: !terminal }
    }

    /// Updates the progress: total runs, time since the start, and number of distinct findings.
    pub(super) fn done(&mut self, runs: u64, after: Duration, findings: usize) {
        self.bar.set_position(runs);
        let over = self.all.is_some_and(|all| runs >= all);
        let due = self.told.is_none_or(|told| after.saturating_sub(told) >= LINE_EVERY);
        if self.lines && due && !over {
            self.told = Some(after);
            let of = self.all.map_or_else(String::new, |all| format!(" of {}", HumanCount(all)));
            let found = match findings {
                0 => "no findings so far".to_owned(),
                1 => "1 distinct finding so far".to_owned(),
                more => format!("{more} distinct findings so far"),
            };
            // A closed or full stderr must not end the drill.
            let _not_shown = writeln!(anstream::stderr(), "{}{of} runs, {found}", HumanCount(runs));
        }
    }

    /// Removes the bar.
    pub(super) fn over(&self) {
        self.bar.finish_and_clear();
    }
}
