//! Gherkin support: the step library, and reading, checking and playing feature files.
//!
//! The steps are grouped by noun: account, email, phone, device, time, support. The [`catalogue`]
//! lists them all, with a summary and an example. Each scenario has a separate world and clock. A
//! "When" step acts and then plays to quiescence at that instant (an act that needs a device's next
//! code waits for it); only "… pass" and "within …" advance the time.

mod catalogue;
mod check;
mod error;
mod expression;
mod features;
mod runner;
mod scan;
mod shape;
mod steps;
mod stories;
pub mod words;
mod world;

#[cfg(test)]
mod tests;

pub use self::catalogue::KnownStep;
#[doc(hidden)]
pub use self::catalogue::Said;
pub use self::catalogue::catalogue;
pub use self::catalogue::find;
pub use self::catalogue::flaws;
pub use self::catalogue::step;
pub use self::check::Checked;
pub use self::check::Flaw;
pub use self::check::check;
pub use self::check::refused;
pub use self::error::FeatureError;
pub use self::error::FeatureMistake;
pub use self::features::Filter;
pub use self::features::Place;
pub use self::features::Read;
pub use self::features::parse;
pub use self::features::read;
pub use self::runner::Progress;
pub use self::runner::play;
pub use self::stories::CannotOpen;
pub use self::stories::open;
pub use self::words::Duration;
pub use self::words::Who;
pub use self::words::Whose;
pub use self::words::parameter;
pub use self::world::LostkeyWorld;
pub use self::world::Setting;
pub use self::world::StepFailure;
pub use self::world::StepResult;
pub use self::world::not_so;
#[doc(hidden)]
pub use cucumber::Parameter as __Parameter;
#[doc(hidden)]
pub use cucumber::codegen::submit as __submit;
