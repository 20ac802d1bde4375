//! The service by itself, in transcripts: what is asked, and what comes of it.

mod call;
mod controls;
mod factor;
mod link;
mod outbox;
mod sign_in;
mod support;
mod way_in;
mod weak;
mod weak_codes;
