//! Telling: functions of a trace, its story and the findings. A report can start nothing.

mod timeline;
mod words;

pub use self::timeline::Timeline;
pub use self::words::Words;
