//! A phone company and a mailbox for any app, unmodified: `lostkey serve`.
//!
//! The app places its calls at a REST API like Twilio's; a test has the phones in its hand through a
//! control API. A [`Server`] is one world behind one [`Door`](crate::wire::Door), with a server for each
//! protocol.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = lostkey::Server::builder().clock(lostkey::ServeClock::Manual).start().await?;
//! let api = &server.ports().twilio; // give this to your app in place of https://api.twilio.com
//! let control = format!("{}/control/v1", server.ports().http); // and this to your test
//! # assert!(api.starts_with("http://127.0.0.1:") && control.ends_with("/control/v1"));
//! # Ok(())
//! # }
//! ```

mod builder;
mod carry;
mod certificate;
mod control;
mod ports;

pub use self::builder::{Builder, Listen, ServeClock, Server};
pub use self::ports::Ports;
