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
//! plus sign may be missing in a path. A refusal is `{"error": …}` with 400, 404, 408 or 409; that of a bad fault
//! or story also has `line`, `column` and `help`, where the line is one of the body, or of the story in it.
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
//! | `GET /messages/wait?to=ana@example.com&subject=…&contains=…&tag=…&since=0&timeout=10` | waits for an email; answers with its links and codes |
//! | `GET`, `DELETE /messages?to=…&subject=…&contains=…&tag=…&since=0` | the emails so far that match |
//! | `GET /messages/cursor`, `GET /messages/{id}/links`, `…/codes`, `…/transcript` | the cursor of waits, and parts of an email |
//! | `GET /log?since=0` | warnings and errors about orders and answers of the app, with Twilio's codes; the newest 1,000 |
//! | `GET /mail` | how many emails are kept, the limits, and what was dropped because of them, the oldest first |
//! | `GET`, `PUT`, `DELETE /mail/webhook` `{"url": "http://127.0.0.1:3000/mail"}` | a URL of this machine that gets the summary of each email, as from Mailpit; three attempts each |
//! | `GET /mail/log?since=0` | what happened to emails besides delivery: scans of links, and what was skipped |
//! | `GET`, `PUT`, `DELETE /mail/hosts` `{"app.test": "127.0.0.1:3000"}` | where a link scanner finds the hosts in links; loopback only |
//! | `GET /openapi.json` | the OpenAPI document of these requests, with schemas, errors and examples |
//! | `GET /trace` | all events |
//! | `GET /trace/events?since=0` | the events from this index on, or after `Last-Event-ID`, as server-sent events: each with its index as id and its JSON as in the trace; a last event `reset` or `ended` says why no more come |
//! | `POST /reset` `{"seed": 2}` | a new start with the same story |
//! | `POST /save` `{"name": "sign-up"}` | what happened so far, as a story and a feature |
//! | `GET`, `POST /sandboxes` `{"name": "t1", "account": "AC…", "tag": "t1", "user": "t1"}` | lists the sandboxes and their limits; creates one, also with a `story` (the text of its file), a `seed` and a `clock` (`manual`, `real`, `x10`) |
//! | `GET`, `DELETE /sandboxes/{name}` | the settings of a sandbox; ends it |
//! | `/sandboxes/{name}/…` | all of these requests, and `/api/v1/…`, in the sandbox |
//!
//! Faults of emails strike those to people of the story, and those to any other address too; `to` narrows
//! them: `{"does": {"mail-late": {"by": "5m"}}, "to": "*@shop.test", "on": 1}` (with `on`, the next email overtakes
//! it). An email that such a fault may strike takes the provider's usual way, with its delay; all others arrive
//! at once. `mail-bounced` puts a report into the sender's mailbox, `mail-refused` can greylist (`taken-after`),
//! take the email nevertheless (`taken`) and speak like a large provider (`like`), and `mail-cut` closes the
//! connection before, during or after the message (`at`).
//!
//! `call-times-out`, `text-times-out` and `verify-times-out` hold the order, so that the time-out of the app itself
//! decides. After 2 minutes by the clock, or 2 real minutes if that comes first, the connection is closed.
//!
//! Tests that run side by side keep their emails apart by a tag: in the recipient (`ana+TAG@example.com`), or
//! in a header (`X-Lostkey-Tag: TAG`). `tag` selects it above and in Mailpit's `/api/v1/messages` and
//! `/api/v1/search`, whose query language has `tag:` too.
//!
//! At the root there are `GET /ready`, `GET /metrics` (Prometheus' text format: sums over all sandboxes;
//! counters include those that have ended, and survive resets) and Mailpit's `/api/v1`.
//!
//! # Verifications
//! Twilio Verify is at the same address, below `/v2`: services, verifications, checks and attempts. Codes
//! go by `sms`, `call` or `email`, and a test reads them as it reads any text, call or email. A service that
//! nobody has created begins with its first verification, so that an app's own `VA…` works, after a reset
//! too. `lostkey explain TW-verify` and `TW-verify-limits` tell the rules; the faults are `verify-refused` and
//! `verify-times-out`, and those of texts and calls.
//!
//! # Sandboxes
//! A sandbox is one world per test, on the same ports: with its own trace, clock, faults, people, phones,
//! emails and seed. It gets the requests of its account (the one in the path, or else the user of Basic
//! authentication) to the provider's API, the emails to addresses with its tag (`ana+t1@example.com`, which is
//! Ana's if the story has `ana@example.com`), and those of its AUTH user to addresses without a tag of a
//! sandbox. A path or the header `X-Lostkey-Sandbox` chooses one for the control API and Mailpit's. What
//! matches none belongs to the sandbox `default`, which lives as long as the server; the pages of the reference
//! service are its own. A message to recipients of several sandboxes goes to each of them. There may be
//! [`SANDBOXES_MAX`] sandboxes, each up to [`AGE_MAX`] old and with [`BYTES_MAX`] of content;
//! [`SandboxLimits`] changes this.
//!
//! # Saving
//! `POST /save` answers with `{name, story, feature, left_out, same_trace, differs_at, files}`. The story is that of
//! the world with its seed and a section `recorded`: what reached the world from outside, with its times, in YAML
//! that a person can read and edit. These are requests of the app to the provider's API and to gateways, its
//! answers to webhooks, its emails, what the test did with phones, texts, codes, numbers and faults, and requests of
//! browsers to the reference service. The feature plays it and expects the calls, texts, emails and verifications
//! that were seen, so it fails if something else happens. `lostkey run NAME.feature --scenarios DIR --stage both`
//! needs no app: the recorded answers take its place, in memory and at a real HTTP server. A webhook without a
//! recorded answer gets none, as from an app that is down.
//!
//! With a manual clock, a replay tells the trace that was served. `same_trace` says whether it did, and
//! `differs_at` is the first event that differs: with a real clock, answers have taken real time. `left_out` lists
//! what a story cannot hold, with the reason: the secrets of enrolled authenticators, SMTP sessions that named
//! recipients and sent no message, and requests to the reference service with cookies that it did not set for this
//! browser. A webhook that had no answer yet gets none in the replay.
//!
//! A saved story holds what the app sent and answered: texts, emails, numbers, URLs, codes and account SIDs. It holds
//! neither the auth token nor API keys, nor cookies. At most [`INPUTS_MAX`](crate::wire::logbook::INPUTS_MAX)
//! inputs of [`BYTES_MAX`](crate::wire::logbook::BYTES_MAX) bytes are kept; then `POST /save` is refused with 507
//! until a reset, because a story with gaps would be another one. `--save-dir DIR` also writes `DIR/NAME.yaml` and
//! `DIR/NAME.feature`, with a number after the name if other content has it.
//!
//! # Beyond loopback
//! `--allow-remote --token-file FILE` (or [`Builder::token`]) lets the servers listen at other addresses, and then
//! all clients show the token in the file, also those on this machine:
//!
//! | client | how it shows the token |
//! |---|---|
//! | of the control API and Mailpit's | `Authorization: Bearer TOKEN`, or the password of Basic authentication |
//! | SDK of the provider | as its auth token, or as the secret of an API key: then it also signs the webhooks |
//! | any, if `Authorization` has another use | `X-Lostkey-Token: TOKEN` |
//! | browser | `/?token=TOKEN` once, which gives it a cookie; or the password that it asks for |
//! | SMTP | AUTH with any user, and the token as the password |
//! | of the proxy | the password in `HTTPS_PROXY=http://lostkey:TOKEN@host:8027`; the SDK behind it stays as it is |
//!
//! `/ready` needs none. A story that declares the token of its account needs the same token here, or SDKs that use
//! the proxy. Nothing but SMTPS and STARTTLS is encrypted, so the network must be one that you trust.
//!
//! # What is not there
//! WhatsApp, silent network authentication, TOTP and push factors, rate limits and templates of Verify; the files
//! of media; Twilio's other products, whose hosts the proxy refuses (`lostkey explain TW-hosts`; `TW-below-call`
//! and `TW-below-service` say what else of Twilio's answers leads nowhere); calls to the app; TLS of the HTTP
//! servers. Of TwiML, `Say`, `Play`, `Pause`, `Gather`, `Redirect`,
//! `Record` and `Hangup` run, and other verbs of Twilio's are skipped; a recording is silent, and nothing is at
//! its URL. The URLs and emails that a world keeps are limited until it is reset
//! ([`URLS_MAX`](crate::message::URLS_MAX)); a document is kept only until its call takes it.
//!
//! # The provider in a story
//! `twilio: { account: AC…, token: …, keys: { SK…: secret }, cps: 1, calls-at-once: 20 }` declares the only
//! account that is accepted, and its capacity; `numbers:` declares the provider's numbers with the app's
//! URLs that get the texts of handsets. `gateways:` declares endpoints of other SMS providers: a path, and where
//! the number and the text are in its requests.

mod builder;
mod carry;
mod certificate;
mod control;
mod guard;
mod local_only;
mod metrics;
mod observer;
mod ports;
mod running;
mod sandbox;
mod too_large;

pub use self::builder::{Builder, Listen, ServeClock, Server};
pub use self::observer::{Happened, News};
pub use self::ports::Ports;
pub use self::sandbox::{
    AGE_MAX, BYTES_MAX, Ended, SANDBOXES_MAX, SandboxError, SandboxLimits, SandboxSettings,
};
