//! A mailbox: SMTP servers that store messages in one inbox, alone or on behalf of a world.

use std::sync::Arc;
use std::{fmt, io};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::wire::Door;
use crate::wire::inbox::Inbox;
use crate::wire::inbox::arrivals::Arrivals;
use crate::wire::inbox::intake::{Accepts, Intake, Now, Shared, WorldSide};
use crate::wire::inbox::webhook::Webhook;
use crate::wire::mail_log::MailLog;
use crate::wire::smtp::{Settings, SmtpHandler, SmtpSink};

/// A mailbox. Dropping it stops the deliveries of its world; its SMTP servers have owners of their own.
pub struct Mailbox {
    shared: Arc<Shared>,
    webhook: Webhook,
    /// The task that follows the world.
    _arrivals: JoinSet<()>,
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("inbox", &self.shared.inbox.counts())
            .field("accepts", &self.shared.accepts)
            .finish_non_exhaustive()
    }
}

impl Mailbox {
    /// A mailbox without a world: each message is stored when it arrives, at the time of `now`.
    pub fn new(inbox: Inbox, accepts: Accepts, now: Now) -> Self {
        let shared = Arc::new(Shared { inbox, accepts, now, log: MailLog::default(), world: None });
        Self { shared, webhook: Webhook::default(), _arrivals: JoinSet::new() }
    }

    /// A mailbox of a world. A recipient of its story gets the verdicts of the story's faults at RCPT and
    /// DATA, and the message is stored when the world delivers it. All times are those of the story.
    ///
    /// Must be called within a tokio runtime.
    pub fn of_world(inbox: Inbox, accepts: Accepts, door: Arc<Door>) -> Self {
        let log = MailLog::default();
        let arrivals = Arc::new(Arrivals::new(Arc::clone(&door), inbox.clone(), log.clone()));
        let follower = Arc::clone(&arrivals);
        let mut task = JoinSet::new();
        task.spawn(async move { follower.follow().await });
        let now = story_clock(Arc::clone(&door));
        let story = Arc::clone(door.world().story());
        let world = Some(WorldSide { arrivals, story, door });
        let shared = Arc::new(Shared { inbox, accepts, now, log, world });
        Self { shared, webhook: Webhook::default(), _arrivals: task }
    }

    /// Serves SMTP on a listener. Several servers can share a mailbox, for example one with implicit TLS.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn serve(&self, listener: TcpListener, settings: Settings) -> io::Result<SmtpSink> {
        let shared = Arc::clone(&self.shared);
        SmtpSink::serve(listener, settings, move |_| Intake::new(Arc::clone(&shared)))
    }

    /// The mailroom of one session, for a server that shares its listener among several mailboxes.
    pub fn mailroom(&self) -> Box<dyn SmtpHandler> {
        Box::new(self.intake())
    }

    /// The store of messages. A delivery of the world gets there shortly after it has happened.
    pub fn inbox(&self) -> &Inbox {
        &self.shared.inbox
    }

    /// The store of messages, with all that the world has delivered until now: who has advanced a manual
    /// clock sees the messages at once. Must not be called while the world is locked.
    pub fn current(&self) -> &Inbox {
        if let Some(side) = &self.shared.world {
            side.arrivals.catch_up();
        }
        &self.shared.inbox
    }

    /// What is called for each message.
    pub(super) const fn webhook(&self) -> &Webhook {
        &self.webhook
    }

    /// What happened besides deliveries.
    pub fn log(&self) -> &MailLog {
        &self.shared.log
    }

    /// The current Unix time, in milliseconds.
    pub fn now(&self) -> u64 {
        (self.shared.now)()
    }

    /// Takes a message that the world itself sends, as if it came over SMTP. Must not be called while the
    /// world is locked.
    ///
    /// # Errors
    /// The SMTP reply code, if the recipient or the message is refused.
    pub fn deliver(&self, from: &str, to: &str, raw: &[u8]) -> Result<(), u16> {
        self.intake().of_world().submit(from, &[to.to_owned()], raw).map(drop).map_err(|reply| reply.code())
    }

    /// A mailroom for a message that does not come over SMTP.
    pub(super) fn intake(&self) -> Intake {
        Intake::new(Arc::clone(&self.shared))
    }
}

/// The clock of a story. Between the events of a real clock it goes on; otherwise the world moves it.
fn story_clock(door: Arc<Door>) -> Now {
    Arc::new(move || {
        let running = door.clock().now();
        let world = door.world();
        world.story().epoch.unix_millis(running.unwrap_or_else(|| world.now()))
    })
}
