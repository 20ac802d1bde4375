//! Tests of the carrier: the order within lanes, and carries that fail.

use std::num::NonZeroU32;
use std::sync::Mutex;

use tokio::sync::{Semaphore, mpsc};

use super::*;
use crate::base::id::AddressId;
use crate::base::number::Number;
use crate::event::{CallStatus, MailKind, NoReply, PageName};
use crate::message::{Action, Authenticity, Hook, Mail, Place, ServiceRef, StatusReport, Webhook};
use crate::story::Story;
use crate::wire::clock::Clock;
use crate::world::World;

const STORY: &str = "
about: Nobody does anything.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices:
      phone-app: { state: lost }
";

/// Longest real time that a test waits for an expected event.
const PATIENCE: Duration = Duration::from_secs(10);

const LONG: Duration = Duration::from_secs(3_600);

fn door(clock: Clock) -> Arc<Door> {
    let story = Story::read(STORY, "nobody.yaml").unwrap();
    Arc::new(Door::new(World::new(Arc::new(story), 1), clock).0)
}

fn page(browser: u16) -> Crossing {
    let action = Action::open(PageName::SignIn);
    Crossing::Page { browser: BrowserId(browser), csrf: Authenticity::Missing, action }
}

fn mail() -> Crossing {
    Crossing::Mail(Mail::of_service(AddressId(0), MailKind::Verification, None))
}

fn of_call(call: u128, body: WebhookBody) -> Crossing {
    Crossing::Webhook(Webhook {
        hook: Hook::post(Place::Console(ServiceRef(1), body.kind())),
        sid: Sid(call),
        from: Number::NONE,
        to: Number::NONE,
        signature: Authenticity::Valid,
        status: CallStatus::Ringing,
        answered_by: None,
        body,
    })
}

fn document(call: u128) -> Crossing {
    of_call(call, WebhookBody::Fetch)
}

fn callback(call: u128) -> Crossing {
    of_call(call, WebhookBody::Status(StatusReport::default()))
}

/// Carries that record their start and end when the test opens their gate.
struct Gates {
    begun: Mutex<Vec<u32>>,
    open: Vec<Semaphore>,
}

impl Gates {
    fn new(count: usize) -> Arc<Self> {
        let open = (0..count).map(|_| Semaphore::new(0)).collect();
        Arc::new(Self { begun: Mutex::default(), open })
    }

    fn begun(&self) -> Vec<u32> {
        let mut begun = self.begun.lock().unwrap().clone();
        begun.sort_unstable();
        begun
    }

    /// Waits until exactly these carries have begun.
    async fn assert_begun(&self, wanted: &[u32], what: &str) {
        let begins = async {
            while self.begun().len() < wanted.len() {
                tokio::task::yield_now().await;
            }
        };
        let _either_way = timeout(PATIENCE, begins).await;
        assert_eq!(self.begun(), wanted, "{what}");
    }
}

/// Hands these crossings to a carrier. The set of carries that begin shows which ones wait.
fn carried(
    clock: Clock,
    grace: Duration,
    crossings: &[Crossing],
) -> (Arc<Gates>, JoinSet<()>, mpsc::UnboundedSender<Carry>) {
    let gates = Gates::new(crossings.len());
    let (out, carries) = mpsc::unbounded_channel();
    let at_gates = Arc::clone(&gates);
    let carrier = Carrier::new(door(clock), move |id: CrossingId, _| {
        let gates = Arc::clone(&at_gates);
        async move {
            gates.begun.lock().unwrap().push(id.0);
            gates.open[id.index()].acquire().await.unwrap().forget();
            Ok(Answer::Lost(NoReply::Cut))
        }
    });
    for (id, crossing) in crossings.iter().enumerate() {
        out.send(Carry { id: CrossingId(id as u32), crossing: *crossing }).unwrap();
    }
    let mut tasks = JoinSet::new();
    tasks.spawn(carrier.with_grace(grace).run(carries));
    (gates, tasks, out)
}

fn real() -> Clock {
    Clock::real(NonZeroU32::MIN)
}

#[tokio::test]
async fn a_lane_is_in_order_and_lanes_do_not_wait_for_each_other() {
    let crossings = [
        document(1),
        document(1),
        callback(1),
        callback(1),
        document(2),
        page(0),
        page(0),
        page(2),
        mail(),
        mail(),
    ];
    let (gates, _tasks, _out) = carried(real(), LONG, &crossings);
    gates.assert_begun(&[0, 2, 4, 5, 7, 8, 9], "the first of each lane, and all mails").await;
    gates.open[5].add_permits(1);
    gates.assert_begun(&[0, 2, 4, 5, 6, 7, 8, 9], "the browser's next page").await;
    gates.open[0].add_permits(1);
    gates.assert_begun(&[0, 1, 2, 4, 5, 6, 7, 8, 9], "the call's next document").await;
    gates.open[2].add_permits(1);
    gates.assert_begun(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "the call's next callback").await;
}

#[tokio::test]
async fn a_callback_waits_for_the_one_before_no_longer_than_its_grace() {
    let crossings = [callback(1), callback(1), callback(1), document(1), document(1)];
    let (gates, _tasks, _out) = carried(real(), Duration::ZERO, &crossings);
    gates.assert_begun(&[0, 1, 2, 3], "callbacks go on without answers, documents wait").await;
}

#[tokio::test]
async fn everything_is_in_order_under_a_manual_clock() {
    let crossings = [mail(), callback(1), page(0), page(1), document(1)];
    let (gates, _tasks, _out) = carried(Clock::Manual, Duration::ZERO, &crossings);
    for id in 0..5_u32 {
        let begun: Vec<u32> = (0..=id).collect();
        gates.assert_begun(&begun, "one after the other").await;
        gates.open[id as usize].add_permits(1);
    }
}

#[tokio::test]
async fn a_lane_is_forgotten_when_its_last_carry_has_ended() {
    let mut carrier = Carrier::new(door(real()), |_, _| async { Ok(Answer::Lost(NoReply::Cut)) });
    for (id, crossing) in [page(0), page(0), callback(1), document(1), mail()].into_iter().enumerate() {
        carrier.begin(Carry { id: CrossingId(id as u32), crossing });
    }
    assert_eq!(carrier.lanes.len(), 3);
    while let Some(ended) = carrier.tasks.join_next().await {
        carrier.end(ended);
    }
    assert!(carrier.lanes.is_empty(), "{:?}", carrier.lanes);
}

/// The error that ends a play whose page request is carried like this.
async fn failure<Fut>(carry: impl Fn() -> Fut + Send + Sync + 'static) -> WireError
where
    Fut: Future<Output = Result<Answer, WireError>> + Send + 'static,
{
    let door = door(Clock::Manual);
    let (out, carries) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    tasks.spawn(Carrier::new(Arc::clone(&door), move |_, _| carry()).run(carries));
    let mut changes = door.changes();
    out.send(Carry { id: CrossingId(0), crossing: page(0) }).unwrap();
    timeout(PATIENCE, changes.changed()).await.unwrap().unwrap();
    door.failure().unwrap()
}

#[tokio::test]
async fn a_carry_that_fails_ends_the_play_with_its_error() {
    let error = failure(|| async { Err(WireError::NobodyCarries) }).await;
    assert!(matches!(error, WireError::NobodyCarries), "{error:?}");
}

#[tokio::test]
async fn a_carry_that_panics_ends_the_play() {
    let error = failure(|| async { panic!("on purpose") }).await;
    assert!(matches!(error, WireError::Panicked("an answer")), "{error:?}");
}
