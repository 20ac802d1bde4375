//! Gherkin support: the step library, and reading, checking and playing feature files.
//!
//! The steps are grouped by noun: account, email, phone, device, time, support. The catalogue
//! lists them all, with a summary and an example. Each scenario has a separate world and clock. A
//! "When" step acts and then plays to quiescence at that instant (an act that needs a device's next
//! code waits for it); only "… pass" and "within …" advance the time.

mod catalogue;
mod check;
mod error;
mod expand;
mod expression;
mod features;
mod language;
mod line;
mod runner;
mod scan;
mod shape;
mod steps;
mod stories;
mod tongue;
pub mod words;
mod world;

#[cfg(test)]
mod tests;

pub use self::catalogue::KnownStep;
#[doc(hidden)]
pub use self::catalogue::{Said, catalogue, find, flaws, step};
pub use self::check::{Accepted, Checked, Flaw, check, refused};
pub use self::error::{FeatureError, FeatureMistake};
pub use self::features::{Filter, Place, Read, parse, read};
pub use self::runner::{Progress, play};
pub use self::stories::{CannotOpen, open};
pub use self::words::{Duration, Who, Whose, parameter};
pub use self::world::{LostkeyWorld, Setting, StepFailure, StepResult, not_so};
#[doc(hidden)]
pub use cucumber::Parameter as __Parameter;
#[doc(hidden)]
pub use cucumber::codegen::submit as __submit;
