//! `lostkey serve`: a voice provider and a mailbox for apps that need no changes.
//!
//! The app places its calls at a REST API like Twilio's; a test controls the phones through a
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

//! # The control API
//! All paths are below `/control/v1` at [`Ports::http`]. Bodies are JSON; durations are written as in
//! stories (`30s`, `1h 30m`); story times are milliseconds since the start. A number is in E.164, and its
//! plus sign may be missing in a path. A refusal is `{"error": …}` with 400, 404, 408 or 409.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /clock` | the time, and when something is due next |
//! | `POST /clock/advance` `{"by": "30s"}` or `{"to": "next"}` | moves a manual clock; answers when all that fell due has been carried out |
//! | `GET /phones/{number}` | the current call: status, log, what it said, the code in it, the keys it waits for |
//! | `GET /phones/{number}/wait?state=ringing&since=0&contains=code&timeout=10` | waits for a call in a state (`ordered`, `ringing`, `answered`, `ended`) that has said these words; `timeout` in seconds of real time, 60 at most |
//! | `POST /phones/{number}/answer`, `…/hangup`, `…/reject` | what a person does with the call |
//! | `POST /phones/{number}/press` `{"keys": "123456#", "after": "1s", "gap": "200ms"}` | presses keys |
//! | `PUT /phones/{number}/script` `{"answer_after": "4s", "then": [{"hears": "code", "press": "123456"}]}` | answers by itself; or `{"line": "busy"}`, `voicemail`, `unreachable`, or `{"reject_after": "2s"}` |
//! | `POST /people/{name}/code` `{"device": "phone-app"}` | the next code of a person's device that was never given before, and how long until it shows |
//! | `GET`, `PUT`, `DELETE /faults` | the faults in force, as a list in the words of stories |
//! | `GET /messages/wait?to=ana@example.com&subject=…&contains=…&since=0&timeout=10` | waits for an email; answers with its links and codes |
//! | `GET /messages/cursor`, `GET /messages/{id}/links`, `…/codes`, `…/transcript` | the cursor of waits, and parts of an email |
//! | `GET /trace` | all events |
//! | `POST /reset` `{"seed": 2}` | a new start with the same story |
//!
//! At the root there are `GET /ready` and Mailpit's `/api/v1`.
//!
//! # Verifications
//! Twilio Verify is at the same address, below `/v2`: services, verifications, checks and attempts. Codes
//! go by `sms`, `call` or `email`, and a test reads them as it reads any text, call or email. A service that
//! nobody has created begins with its first verification, so that an app's own `VA…` works, after a reset
//! too. `lostkey explain TW-verify` and `TW-verify-limits` tell the rules; the faults are `verify-refused` and
//! `verify-times-out`, and those of texts and calls.
//!
//! # What is not there
//! WhatsApp, silent network authentication, TOTP and push factors, rate limits and templates of Verify; other
//! providers; several sandboxes in one process; a server beyond loopback. Of
//! TwiML, `Say`, `Play`, `Pause`, `Gather`, `Redirect` and `Hangup` run, and other verbs of Twilio's are
//! skipped. The URLs, documents and emails that a world keeps are limited until it is reset
//! ([`URLS_MAX`](crate::message::URLS_MAX), [`DOCUMENTS_MAX`](crate::message::DOCUMENTS_MAX)).

mod builder;
mod carry;
mod certificate;
mod control;
mod local_only;
mod ports;

pub use self::builder::{Builder, Listen, ServeClock, Server};
pub use self::ports::Ports;
