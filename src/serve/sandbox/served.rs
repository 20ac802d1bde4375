//! One world, with the routes and the mailbox that answer for it, and the tasks that keep it going.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::message::Crossing;
use crate::serve::carry::{WATCHDOG, carry};
use crate::serve::control;
use crate::serve::control::events::Streams;
use crate::serve::control::save::Saves;
use crate::serve::metrics::Meters;
use crate::serve::observer::Observer;
use crate::serve::sandbox::reference::Reference;
use crate::stage::live::carrier::Carrier;
use crate::story::Story;
use crate::wire::inbox::{Accepts, Inbox, InboxLimits, Mailbox, RouterSettings};
use crate::wire::scanner::Scanner;
use crate::wire::twilio::accounts::{Accounts, Credentials};
use crate::wire::twilio::{server, verify};
use crate::wire::{Clock, Door, Logbook, WireError, inbox};
use crate::world::World;

/// What a world is to be.
#[derive(Debug)]
pub(in crate::serve) struct Plan {
    pub(in crate::serve) story: Arc<Story>,
    pub(in crate::serve) seed: u64,
    pub(in crate::serve) clock: Clock,
    pub(in crate::serve) credentials: Credentials,
    pub(in crate::serve) inbox: InboxLimits,
    /// Where the pages of the reference service are; at a free port if nothing is said.
    pub(in crate::serve) console: Option<SocketAddr>,
    /// Whether connections to the app are kept between webhooks.
    pub(in crate::serve) keeps_connections: bool,
    /// Who learns of what happens.
    pub(in crate::serve) observer: Observer,
    /// What saved stories are called, and where they are written.
    pub(in crate::serve) saves: Saves,
}

/// One world, with what answers for it.
#[derive(Debug)]
pub(in crate::serve) struct Served {
    pub(in crate::serve) door: Arc<Door>,
    pub(in crate::serve) reference: Arc<Reference>,
    pub(super) mailbox: Arc<Mailbox>,
    /// The control API and Mailpit's.
    pub(super) http: Router,
    /// The voice provider's REST API.
    pub(super) rest: Router,
    /// The carrier, and the timer of a real clock.
    tasks: Mutex<JoinSet<()>>,
    meters: Arc<Meters>,
    stopped: watch::Sender<bool>,
}

impl Served {
    /// Starts a world. Call it within a tokio runtime.
    ///
    /// # Errors
    /// [`WireError`] if the client of the link scanner cannot be set up.
    pub(in crate::serve) fn start(plan: Plan) -> Result<Self, WireError> {
        let Plan {
            story,
            seed,
            clock,
            credentials,
            inbox: limits,
            console,
            keeps_connections,
            observer,
            saves,
        } = plan;
        let meters = Arc::clone(observer.meters());
        let (door, carries) = Door::for_guests(World::new(Arc::clone(&story), seed), clock);
        let door = Arc::new(door.watched_by(Arc::new(observer)).kept_by(Arc::new(Logbook::default())));
        let accounts = Arc::new(Accounts::new(credentials));
        let store = Inbox::new(limits, seed);
        let mailbox = Arc::new(Mailbox::of_world(store, Accepts::Anyone, Arc::clone(&door)));
        meters.open(mailbox.inbox());
        let (stopped, has_stopped) = watch::channel(false);
        let control = control::router(
            Arc::clone(&door),
            Arc::clone(&accounts),
            Arc::clone(&story),
            (Arc::clone(&mailbox), Streams::new(Arc::clone(&meters), has_stopped), saves),
        );
        let scanner = Arc::new(Scanner::new(mailbox.log().clone())?);
        let settings = RouterSettings { hosts: scanner.hosts().clone(), ..RouterSettings::default() };
        let http = control.merge(inbox::router(Arc::clone(&mailbox), &settings));
        let rest = server::router(Arc::clone(&door), Arc::clone(&accounts));
        let sends_mail = Some(Arc::clone(&mailbox));
        let rest = rest.merge(verify::router(Arc::clone(&door), Arc::clone(&accounts), sends_mail));
        let reference =
            Reference::new(Arc::clone(&door), story, (accounts, scanner), console, keeps_connections);
        let reference = Arc::new(reference);
        let (wire, counts) = (Arc::clone(&reference), Arc::clone(&meters));
        let carrier = Carrier::new(Arc::clone(&door), move |id, crossing| {
            let (wire, counts) = (Arc::clone(&wire), Arc::clone(&counts));
            async move {
                let answer = carry(wire.courier().await?, id, crossing).await?;
                if let Crossing::Webhook(_) | Crossing::Text(_) = crossing {
                    counts.count_webhook(&answer);
                }
                Ok(answer)
            }
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(carrier.with_watchdog(WATCHDOG).run(carries));
        if clock.is_real() {
            let door = Arc::clone(&door);
            tasks.spawn(async move { door.keep_time().await });
        }
        Ok(Self { door, reference, mailbox, http, rest, tasks: Mutex::new(tasks), meters, stopped })
    }

    /// Stops carrying and the clock; what is under way is dropped. Streams of events end.
    pub(super) fn stop(&self) {
        self.stopped.send_replace(true);
        self.meters.close(self.inbox());
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }

    /// The store of its emails.
    pub(in crate::serve) fn inbox(&self) -> &Inbox {
        self.mailbox.inbox()
    }

    /// How much it holds, in bytes; an estimate.
    pub(super) fn bytes(&self) -> usize {
        let kept = self.door.logbook().map_or(0, |logbook| logbook.bytes());
        self.inbox().counts().bytes + self.door.world().bytes() + kept
    }
}
