//! Exit codes of the command.

use std::process::ExitCode;

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// 0: success.
    Well,
    /// 1: a scenario failed, an oracle objects, or the stages differ.
    Finding,
    /// 2: a bad command line or file.
    BadInput,
    /// 3: the command could not run.
    CouldNotRun,
    /// 4: two runs of the same seed produced different traces.
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
