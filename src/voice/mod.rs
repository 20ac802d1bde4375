//! voice.

mod habit;

pub use self::habit::Habits;
