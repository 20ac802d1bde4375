//! Transcript tests of the service: each request with its outcome.

mod browsers;
mod call;
mod controls;
mod earlier;
mod factor;
mod fresh;
mod link;
mod outbox;
mod sign_in;
mod support;
mod way_in;
mod weak;
mod weak_codes;
