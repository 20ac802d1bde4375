//! Signals of the process: what they need, and which are ignored.

use std::{fs, io};

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::exit::Exit;
use crate::wire::descriptors;

/// Descriptors that the machinery of signals takes, which panics where it gets none, and some for files.
const DESCRIPTORS_MIN: usize = 12;

/// A file has reached the limit of `ulimit -f`; the number is the same on all systems with Rust's standard library
/// but MIPS.
const FILE_TOO_LARGE: i32 = 25;

/// The number of the signal for a terminal that is gone.
const HANG_UP: u32 = 1;

/// Prepares the process: a file that is too large is an error of its write, and does not end the process.
///
/// # Errors
/// The exit code and the reason, if the process may not open what signals need.
pub(super) fn prepare() -> Result<(), (Exit, String)> {
    let failed = |error: io::Error| (Exit::CouldNotRun, format!("cannot listen for signals: {error}"));
    let runtime = runtime()?;
    let _entered = runtime.enter();
    // The handler stays when this listener is gone. Without it, the signal ends the process.
    signal(SignalKind::from_raw(FILE_TOO_LARGE)).map(drop).map_err(failed)
}

/// A runtime for one thread.
///
/// # Errors
/// The exit code and the reason, if the process may not open what a runtime needs.
pub(super) fn runtime() -> Result<Runtime, (Exit, String)> {
    let failed = |error: io::Error| (Exit::CouldNotRun, format!("cannot start the async runtime: {error}"));
    descriptors::check(DESCRIPTORS_MIN).map_err(|error| (Exit::CouldNotRun, error.to_string()))?;
    Builder::new_current_thread().enable_all().build().map_err(failed)
}

/// Whether the process is to survive the end of its terminal, as under `nohup`; `None` if the system does not say.
pub(super) fn ignores_hang_up() -> Option<bool> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    let ignored = u64::from_str_radix(ignored.trim(), 16).ok()?;
    Some(ignored >> (HANG_UP - 1) & 1 == 1)
}

/// Waits for the end of the terminal; for ever, if there is no listener.
pub(super) async fn hung_up(listener: &mut Option<Signal>) {
    match listener {
        Some(listener) => {
            listener.recv().await;
        }
        None => std::future::pending().await,
    }
}
