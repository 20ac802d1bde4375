//! Why a world cannot go on: limits that no honest play comes near.

use crate::machine::Reason;
use crate::time::Time;

/// How many inputs the machines may take in one instant before the world is called stuck: a play
/// needs some dozens.
pub(super) const STEPS_PER_INSTANT_MAX: u32 = 100_000;

/// How many crossings may wait at once.
pub(super) const QUEUE_MAX: usize = 10_000;

/// Why a world could not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stuck {
    /// Machines keep each other busy without time going by.
    #[error("the story is stuck at {at}: {STEPS_PER_INSTANT_MAX} steps without progress in time{}", woken(*last))]
    Busy {
        /// When.
        at: Time,
        /// Why a machine was woken last, if one was.
        last: Option<Reason>,
    },
    /// More crossings wait than a play can need.
    #[error("the story is stuck at {at}: {QUEUE_MAX} crossings are waiting")]
    Flood {
        /// When.
        at: Time,
    },
}

fn woken(last: Option<Reason>) -> String {
    last.map_or_else(String::new, |reason| format!("; last woken for {reason}"))
}
