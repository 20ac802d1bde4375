//! Ctrl-C and SIGTERM: the first asks a command to end and to tell what it has, the second ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{process, thread};

use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a program that Ctrl-C ended: 128 and the number of the signal.
const ENDED_BY_CTRL_C: i32 = 130;

/// Whether the command was asked to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for signals. Where that is not possible, a signal ends the program at once, as usual.
    pub(super) fn listen() -> Self {
        let interrupt = Self::default();
        let asked = Arc::clone(&interrupt.0);
        let listener = move || {
            let Ok(runtime) = runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                let both = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
                let (Ok(mut interrupt), Ok(mut terminate)) = both else { return };
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                    }
                    if asked.swap(true, Ordering::Relaxed) {
                        process::exit(ENDED_BY_CTRL_C);
                    }
                }
            });
        };
        let _not_possible = thread::Builder::new().name("signals".to_owned()).spawn(listener);
        interrupt
    }

    /// Whether the command was asked to end.
    pub(super) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
