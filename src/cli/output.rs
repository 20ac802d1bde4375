//! Standard output. A failed write is reported at the end, and by the exit code.

use std::io::{self, Write};
use std::sync::Mutex;

use anstream::AutoStream;

use crate::cli::exit::Exit;

/// Why the first write to standard output failed, if one did.
static FAILED: Mutex<Option<String>> = Mutex::new(None);

/// Standard output, which remembers that a write failed.
#[derive(Debug)]
pub(super) struct Output(AutoStream<io::Stdout>);

/// Standard output. Without a terminal, it has no colours.
pub(super) fn stdout() -> Output {
    Output(anstream::stdout())
}

/// The exit code of a command that ended with `exit`, once all of its output is written.
pub(super) fn finished(exit: Exit) -> Exit {
    let _remembered = stdout().flush();
    let failed = FAILED.lock().ok().and_then(|mut failed| failed.take());
    let Some(why) = failed else { return exit };
    let _closed_pipe = writeln!(anstream::stderr(), "error: cannot write to standard output: {why}");
    exit.max(Exit::CouldNotRun)
}

/// Remembers the failure of a write. A reader that has seen enough, such as `head`, is no failure.
fn remembered<T>(done: io::Result<T>) -> io::Result<T> {
    if let Err(error) = &done
        && !matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::Interrupted)
        && let Ok(mut failed) = FAILED.lock()
    {
        failed.get_or_insert_with(|| error.to_string());
    }
    done
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        remembered(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        remembered(self.0.flush())
    }
}
