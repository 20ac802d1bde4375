//! Reports: pure functions of a trace, its story and the findings.

mod cucumber_json;
mod device;
mod diagnosis;
mod excerpt;
mod failure;
mod junit;
mod outcome;
mod quoted;
mod recorded;
mod regression;
mod state;
mod text;
mod timeline;
mod tolerated;
mod typed;
mod verify;
mod words;

pub use self::cucumber_json::cucumber_json;
pub use self::diagnosis::{Diagnosis, diagnose};
pub use self::failure::Failure;
pub use self::junit::junit;
pub use self::outcome::{Played, ScenarioOutcome, StepOutcome, StepResult, file_words};
pub use self::quoted::unquoted;
pub use self::recorded::{Outcome, Seen, recorded_feature};
pub use self::regression::feature;
pub use self::state::State;
pub use self::timeline::Timeline;
pub use self::tolerated::{Tolerated, Why};
pub use self::words::Words;
