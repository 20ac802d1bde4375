//! The steps, one file a noun.
//!
//! A new step needs its attribute, and above it a `step!` line: a sentence, and an example that is
//! its own alone. `lostkey steps` tells them; the catalogue's tests say where one is missing.

mod account;
mod device;
mod email;
mod moves;
mod phone;
mod pocket;
mod story;
mod stranger;
mod support;
mod time;
