//! The step library, one file per noun.
//!
//! A new step needs an attribute, and above it a `step!` line with a summary and an example that
//! matches only this step. `lostkey steps` lists them; the catalogue's tests report missing lines.

mod account;
mod again;
mod app;
mod changes;
mod device;
mod email;
mod moves;
mod phone;
mod pocket;
mod story;
mod stranger;
mod support;
mod time;
