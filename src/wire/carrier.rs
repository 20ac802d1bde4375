//! The carrier: each crossing that leaves the world is carried by a task, in order within its lane.
//!
//! A task that has carried its crossing enters the world with the answer. An error ends the play
//! through its door, and a carrier that is dropped takes its tasks with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::task::JoinError;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::crossing::Answer;
use crate::crossing::Crossing;
use crate::crossing::Sid;
use crate::crossing::WebhookBody;
use crate::id::BrowserId;
use crate::id::CrossingId;
use crate::wire::courier::name;
use crate::wire::door::Door;
use crate::wire::error::WATCHDOG;
use crate::wire::error::WireError;
use crate::world::Carry;

/// How long a callback waits for the one before it: a slow handler delays the next callback by no
/// more than this.
pub const CALLBACK_GRACE: Duration = Duration::from_millis(250);

/// What is carried in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    /// The requests of one browser or tab.
    Browser(BrowserId),
    /// What one call asks of the service: its document, and where its keys are posted.
    Documents(Sid),
    /// The status callbacks of one call.
    Callbacks(Sid),
    /// Everything, under a clock that does not go by itself.
    All,
}

/// Carries crossings with `carry`, which may be on its way many times at once.
///
/// Each of its tasks and lanes belongs to a crossing that is under way, so the door's limit holds
/// for them.
#[derive(Debug)]
pub struct Carrier<F> {
    door: Arc<Door>,
    carry: Arc<F>,
    /// How long a callback waits for the one before it.
    grace: Duration,
    /// The last carry of each lane.
    lanes: BTreeMap<Lane, Tail>,
    tasks: JoinSet<Ended>,
}

/// The last carry of a lane.
#[derive(Debug)]
struct Tail {
    id: CrossingId,
    /// Resolves once it has ended.
    ended: oneshot::Receiver<()>,
}

/// A carry that has ended.
#[derive(Clone, Copy, Debug)]
struct Ended {
    id: CrossingId,
    lane: Option<Lane>,
}

impl<F, Fut> Carrier<F>
where
    F: Fn(CrossingId, Crossing) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Answer, WireError>> + Send + 'static,
{
    /// A carrier whose answers go in at `door`.
    pub fn new(door: Arc<Door>, carry: F) -> Self {
        let carry = Arc::new(carry);
        Self { door, carry, grace: CALLBACK_GRACE, lanes: BTreeMap::new(), tasks: JoinSet::new() }
    }

    /// The same with another grace for callbacks.
    #[must_use]
    pub fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Carries what leaves, until nothing can leave any more.
    pub async fn run(mut self, mut carries: UnboundedReceiver<Carry>) {
        loop {
            tokio::select! {
                next = carries.recv() => match next {
                    Some(carry) => self.begin(carry),
                    None => return,
                },
                Some(ended) = self.tasks.join_next() => self.end(ended),
            }
        }
    }

    fn begin(&mut self, Carry { id, crossing }: Carry) {
        let lane = self.lane(&crossing);
        let (done, ended) = oneshot::channel();
        let before = lane.and_then(|lane| self.lanes.insert(lane, Tail { id, ended }));
        let grace = matches!(lane, Some(Lane::Callbacks(_))).then_some(self.grace);
        let (door, carry) = (Arc::clone(&self.door), Arc::clone(&self.carry));
        self.tasks.spawn(async move {
            if let Some(before) = before {
                in_turn(before, grace).await;
            }
            let name = name(&crossing);
            let carried = timeout(WATCHDOG, carry(id, crossing)).await;
            match carried.unwrap_or(Err(WireError::Watchdog(name))) {
                // The world is as the panic left it: nothing more is done to it.
                _ if door.is_poisoned() => door.fail(WireError::Panicked(name)),
                Ok(answer) => door.enter(|world| world.answer(id, answer)),
                Err(error) => door.fail(error),
            }
            let _nobody_waits = done.send(());
            Ended { id, lane }
        });
    }

    /// A lane whose last carry has ended is forgotten; a task that has panicked ends the play.
    fn end(&mut self, ended: Result<Ended, JoinError>) {
        match ended {
            Ok(Ended { id, lane }) => {
                if let Some(lane) = lane.filter(|lane| self.lanes.get(lane).is_some_and(|tail| tail.id == id))
                {
                    self.lanes.remove(&lane);
                }
            }
            Err(_panicked) => self.door.fail(WireError::Panicked("an answer")),
        }
    }

    /// In which order a crossing is carried; `None` if it need not wait for any other.
    fn lane(&self, crossing: &Crossing) -> Option<Lane> {
        if !self.door.clock().is_real() {
            return Some(Lane::All);
        }
        match crossing {
            Crossing::Page { browser, .. } => Some(Lane::Browser(*browser)),
            Crossing::Webhook(webhook) => Some(match webhook.body {
                WebhookBody::Fetch | WebhookBody::Action(_) => Lane::Documents(webhook.sid),
                WebhookBody::Status(_) => Lane::Callbacks(webhook.sid),
            }),
            Crossing::Mail(_) | Crossing::Call(_) | Crossing::Ticket(_) | Crossing::Reset(_) => None,
        }
    }
}

/// Waits until the carry before has ended, however it did, or for `grace` if there is one.
async fn in_turn(before: Tail, grace: Option<Duration>) {
    match grace {
        Some(grace) => {
            let _either_way = timeout(grace, before.ended).await;
        }
        None => {
            let _either_way = before.ended.await;
        }
    }
}

#[cfg(test)]
mod tests;
