//! Drills: many stories drawn from seeds, played on the virtual stage, judged, shrunk, told.
//!
//! A run is a story like any other: its faults, habits and devices are drawn by a [`Mix`], and
//! strangers who look at what is on their screens add timed moves while it is played. So a run that
//! fails can be written down, shrunk to what matters, and played again from its file, by anybody,
//! with any later version of the generator. Nothing here starts a thread or writes a file.

mod acts;
mod bases;
mod coverage;
mod drawing;
mod faults;
mod mix;
mod moves;
mod shrink;
mod single;
mod sometimes;
mod tally;

#[cfg(test)]
mod tests;

pub use self::bases::built_in;
pub use self::coverage::Coverage;
pub use self::mix::Mix;
pub use self::shrink::Shrunk;
pub use self::shrink::judged;
pub use self::shrink::shrink;
pub use self::single::Ran;
pub use self::single::Runner;
pub use self::sometimes::Sometimes;
pub use self::tally::Ends;
pub use self::tally::Found;
pub use self::tally::Histogram;
pub use self::tally::Tally;
