//! Limits that no valid run reaches, and the error for exceeding them.

use crate::base::machine::Reason;
use crate::base::time::Time;

/// Maximum number of inputs handled without time advancing; a run needs some dozens.
pub(super) const STEPS_PER_INSTANT_MAX: u32 = 100_000;

/// Maximum number of queued crossings.
pub(super) const QUEUE_MAX: usize = 10_000;

/// The reason why a run cannot continue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stuck {
    /// Machines keep each other busy without time going by.
    #[error("the story is stuck at {at}: {STEPS_PER_INSTANT_MAX} events at one instant, and no time passes{}", woken(*last))]
    Busy {
        /// The time.
        at: Time,
        /// The reason of the last timeout, if any.
        last: Option<Reason>,
    },
    /// More crossings wait than a play can need.
    #[error("the story is stuck at {at}: {QUEUE_MAX} crossings are waiting")]
    Flood {
        /// The time.
        at: Time,
    },
}

fn woken(last: Option<Reason>) -> String {
    last.map_or_else(String::new, |reason| format!("; last woken for {reason}"))
}
