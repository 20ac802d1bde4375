//! Ctrl-C, SIGTERM and SIGHUP: the first asks a command to end and to tell what it has, the second ends it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::{io, process, thread};

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::exit::Exit;
use crate::cli::signals;

/// The exit code of a program that Ctrl-C ended: 128 and the number of the signal.
const ENDED_BY_CTRL_C: i32 = 130;

/// Whether the command was asked to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

/// The signals that ask a command to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// `None` under `nohup`, and where nobody can say whether that is so.
    hang_up: Option<Signal>,
}

impl Interrupt {
    /// Listens for signals, in a thread. Where there is no room for another one, a signal ends the program at
    /// once, as usual.
    ///
    /// # Errors
    /// The exit code and the reason, if signals cannot be listened for.
    pub(super) fn listen() -> Result<Self, (Exit, String)> {
        let interrupt = Self::default();
        let asked = Arc::clone(&interrupt.0);
        let (begun, begins) = mpsc::sync_channel(1);
        let listener = move || {
            let (runtime, signals) = match Signals::listen() {
                Ok(both) => both,
                Err(says) => {
                    let _nobody_waits = begun.send(Err(says));
                    return;
                }
            };
            let _nobody_waits = begun.send(Ok(()));
            runtime.block_on(signals.count(&asked));
        };
        if thread::Builder::new().name("signals".to_owned()).spawn(listener).is_ok() {
            let died =
                || Err((Exit::CouldNotRun, "the thread that listens for signals has ended".to_owned()));
            begins.recv().unwrap_or_else(|_| died())?;
        }
        Ok(interrupt)
    }

    /// Whether the command was asked to end.
    pub(super) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Signals {
    fn listen() -> Result<(Runtime, Self), (Exit, String)> {
        let failed = |error: io::Error| (Exit::CouldNotRun, format!("cannot listen for signals: {error}"));
        let runtime = signals::runtime()?;
        let entered = runtime.enter();
        let hang_up = (signals::ignores_hang_up() == Some(false)).then(|| signal(SignalKind::hangup()));
        let signals = Self {
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            hang_up: hang_up.transpose().map_err(failed)?,
        };
        drop(entered);
        Ok((runtime, signals))
    }

    /// Notes the first signal, and ends the process at the second.
    async fn count(mut self, asked: &AtomicBool) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                () = signals::hung_up(&mut self.hang_up) => {}
            }
            if asked.swap(true, Ordering::Relaxed) {
                process::exit(ENDED_BY_CTRL_C);
            }
        }
    }
}
