//! lostkey rehearses the day your users lose their MFA device.
//!
//! It is a simulation and test harness for account recovery: a complete service with sign-in, re-sync,
//! alternative factors and support; a mail provider, a phone company and a support desk with realistic
//! faults; people who lose devices, answer late and mistype; and oracles that judge the recorded trace
//! alone.
//!
//! ```text
//! features/*.feature ─┐
//!                     ▼
//! scenarios/*.yaml ─▶ Story ─▶ World ──crossings──▶ stage: virtual | wire
//!                       ▲        │
//!                       │        └▶ Trace ─▶ oracles (+ Norm) ─▶ Findings ─▶ reports
//!                       └─────────────── drill: draw, play, judge, shrink, save ┘
//! ```
//!
//! A **story** declares accounts, people, devices, a policy and faults. A **world** of machines without I/O
//! plays it. A message from one machine to another leaves the world as a **crossing**; a **stage** delivers
//! it: the *virtual* stage in memory, the *wire* stage over real SMTP and HTTP. A world can also be served
//! through a [`door`](wire::door): servers, answers and the clock drive it from outside, and a
//! [`carrier`](stage::live::carrier) delivers its crossings. The world records one **trace** of events.
//! **Oracles** read it and return **findings**.
//!
//! ```
//! use std::sync::Arc;
//!
//! use lostkey::{Norm, Play, Story, judge};
//!
//! let yaml = "
//! about: Ana has lost the phone that makes her codes.
//! accounts:
//!   ana:
//!     user: ana@example.com
//!     password: correct horse battery staple
//!     number: 1234 5678 9012
//!     phone: +34 600 000 001
//!     devices:
//!       phone-app: { state: lost }
//! ";
//! let story = Arc::new(Story::read(yaml, "lost-device.yaml")?);
//! let mut play = Play::new(Arc::clone(&story), 1);
//! play.to_the_end()?;
//! let trace = play.into_trace();
//! assert_eq!(judge(&trace, &story, &Norm::NIST), []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What to use
//! The names at the root of the crate are its interface: read a [`Story`], play it with [`Play`],
//! [`WirePlay`] or [`LivePlay`], look at its [`World`] and [`Trace`], and [`judge`] the trace by a
//! [`Norm`]; a [`Runner`] plays the runs of a drill. Steps of your own need [`gherkin`] and [`cli`].
//! The other modules are public for reading and for tests, and may change in any release.
//!
//! # The map, in reading order
//! - [`base`] — time, ids, secrets, phone numbers, one-time passwords, seeded randomness, and the
//!   interface of machines.
//! - [`event`] — past-tense facts, each with its time, its actor and its cause; the trace.
//! - [`fault`] — what can go wrong, and the verdict on one delivery.
//! - [`policy`] — what the flow does, and the norm that it is judged by.
//! - [`message`] — what one machine sends to another, as plain data.
//! - [`providers`] — a mail provider, a phone company, a messaging provider, a verification provider and
//!   a support desk; [`people`] — owners, strangers and agents; [`service`] — the recovery flow core. These are the machines.
//! - [`story`] — reads YAML and returns a checked story; each error has file, line, snippet and help.
//! - [`world`] — connects the machines: router, carrier, recorder, phone lines, schedule, setup.
//! - [`stage`] — carries crossings and advances time: in memory, over the wire.
//! - [`witness`] — infers what the service did from what people saw and what providers carried.
//! - [`oracle`] — invariants, one property per file.
//! - [`drill`] — stories drawn from seeds, strangers that choose their moves, shrinking, tallies.
//! - [`gherkin`] — the step library, and how features are played.
//! - [`report`] — reports for terminal, JUnit and JSON: functions of trace and findings.
//! - [`wire`] — sockets, servers and clients.
//! - [`serve`] — the servers around a world, or one for each test, for apps outside, and the control API of
//!   their tests.
//! - [`docs`] — the references that comments, oracles and stories cite: norms, weaknesses, rules, pages,
//!   provider facts, policy keys.
//! - [`cli`] — the command; the only place that prints.
//!
//! # Invariants
//! 1. Outside [`wire`], [`stage`], [`serve`], [`cli`] and [`gherkin`] nothing does I/O, reads a clock, spawns, or
//!    draws unseeded randomness (clippy's `disallowed-methods`, and `tests/tidy.rs`).
//! 2. The same story and the same seed give a byte-identical trace, on either stage.
//! 3. Both stages produce the same trace, virtual times included; so does a story served through the door
//!    under a manual clock.
//! 4. Oracles see the trace, the story and the norm. They share no code with the machines, so that they can
//!    judge a foreign service.
//! 5. A machine never imports another machine: the types at both ends of a crossing are in [`message`],
//!    and the world only routes.
//! 6. All machines have one interface ([`base::machine`]): `handle_input`, `take_outputs`, `poll_timeout`. A
//!    machine never fails, and its outputs are taken before the next input. Buffers are swapped, not copied.
//! 7. Every queue, loop, buffer and retry has a named limit.
//! 8. `tests/tidy.rs` lists and enforces the permitted imports.

pub mod base;
pub mod cli;
pub mod docs;
pub mod drill;
pub mod event;
pub mod fault;
pub mod gherkin;
pub mod message;
pub mod oracle;
pub mod people;
pub mod policy;
pub mod providers;
pub mod report;
pub mod serve;
pub mod service;
pub mod stage;
pub mod story;
pub mod wire;
pub mod witness;
pub mod world;

pub use self::base::time::{Span, Time};
pub use self::drill::{Mix, Runner};
pub use self::event::{Event, EventKind, Trace};
pub use self::oracle::{Finding, judge};
pub use self::policy::{Norm, Policy};
pub use self::serve::{ServeClock, Server};
pub use self::stage::{LivePlay, Play, WirePlay};
pub use self::story::Story;
pub use self::wire::Clock;
pub use self::world::World;
