//! Text messages over HTTP, as Twilio's Messaging API has them.

mod feedback;
mod list;
mod media;
mod order;
mod resource;
pub(super) mod rest;
pub mod webhook;
