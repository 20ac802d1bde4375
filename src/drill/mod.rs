//! Drills: randomized runs, drawn from seeds, simulated, judged by the oracles, and shrunk on failure.
//!
//! Every run is an ordinary story. A [`Mix`] determines its faults, habits and devices; during the
//! simulation, strangers and owners add timed moves that depend on their screens. A failing run can
//! thus be saved, shrunk and replayed from its file, independent of later changes to the generator.
//! This module starts no threads and does no I/O.

mod acts;
mod bases;
mod changes;
mod coverage;
mod drawing;
mod explorers;
mod faults;
mod figures;
mod mix;
mod opened_by;
mod origin;
mod patterns;
mod possible;
mod shrink;
mod single;
mod sometimes;
mod tally;

#[cfg(test)]
mod tests;

pub use self::bases::built_in;
pub use self::coverage::Coverage;
pub use self::figures::{Figures, Values};
pub use self::mix::Mix;
pub use self::opened_by::{Deviation, OpenedBy, deviations, opened_by};
pub use self::origin::{Accepted, Origin, origin};
pub use self::shrink::{Shrunk, judged, shrink};
pub use self::single::{Ran, Runner};
pub use self::sometimes::Sometimes;
pub use self::tally::{End, Ends, Found, Histogram, Tally, merge};
