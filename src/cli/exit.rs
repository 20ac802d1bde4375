//! Exit codes, and how the command ends when it cannot go on.

use std::process::ExitCode;

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// 0: all is well.
    Well,
    /// 1: a scenario failed, an oracle objects, or the stages differ.
    Finding,
    /// 2: a bad command line or file.
    BadInput,
    /// 3: it could not run.
    CouldNotRun,
    /// 4: the same seed told two stories.
    Nondeterministic,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Well => 0,
            Exit::Finding => 1,
            Exit::BadInput => 2,
            Exit::CouldNotRun => 3,
            Exit::Nondeterministic => 4,
        })
    }
}
