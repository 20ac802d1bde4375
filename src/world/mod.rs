//! The machines wired together: the agenda, the queue of crossings, the only recorder of the trace.
//!
//! A world is built from a story and a seed, and then asked three things in turn, by whichever
//! stage carries it: *what is to be carried next* ([`World::poll_crossing`]), *what its receiver
//! makes of it* ([`World::deliver`]) and *how its sender takes the answer* ([`World::answer`]).
//! When nothing is left to carry, time may jump to what is due next ([`World::next_due`],
//! [`World::advance`]). What needs no wire (ringing, speech, keys, reading one's mailbox, the
//! desk's own call) goes from machine to machine in memory, on both stages alike.

#![warn(clippy::wildcard_enum_match_arm)]

mod agenda;
mod carry;
mod cast;
mod forge;
mod inner;
mod look;
mod post;
mod record;
mod route;
mod stuck;
mod truth;

use std::collections::VecDeque;
use std::sync::Arc;

use self::agenda::Agenda;
pub use self::carry::Carry;
pub use self::carry::Delivery;
use self::carry::Flight;
use self::carry::NO_ANSWER;
use self::carry::Queued;
use self::carry::Sender;
use self::inner::Inner;
use self::record::Latest;
pub use self::route::SCANNER;
use self::stuck::QUEUE_MAX;
use self::stuck::STEPS_PER_INSTANT_MAX;
pub use self::stuck::Stuck;
use crate::crossing::Answer;
use crate::crossing::Papers;
use crate::crossing::Webhook;
use crate::draw::Draw;
use crate::email;
use crate::email::MailProvider;
use crate::event::Actor;
use crate::event::EventKind;
use crate::event::PageName;
use crate::event::Trace;
use crate::fault::FaultBook;
use crate::id::AccountId;
use crate::id::EventId;
use crate::id::PersonId;
use crate::number::Number;
use crate::person;
use crate::person::Act;
use crate::person::Outcome;
use crate::person::Person;
use crate::recovery;
use crate::recovery::Recovery;
use crate::secret::Seed;
use crate::story::Move;
use crate::story::Story;
use crate::support;
use crate::support::SupportDesk;
use crate::time::Time;
use crate::voice;
use crate::voice::PhoneCompany;

/// How much longer than the story's patience a play goes on at the most, counted in patience:
/// faults that strike again and again do not keep it going for ever.
const PATIENCE_MAX: u64 = 5;

/// One story being played.
#[derive(Debug)]
pub struct World {
    story: Arc<Story>,
    seed: u64,
    now: Time,
    draw: Draw,
    faults: FaultBook,
    last_fault: Time,
    trace: Trace,
    latest: Latest,
    cause: Option<EventId>,

    console: Recovery,
    mail: MailProvider,
    phone: PhoneCompany,
    desk: SupportDesk,
    people: Vec<Person>,
    /// The secrets of the story's devices, in their order.
    seeds: Vec<Seed>,
    agenda: Agenda,

    queue: VecDeque<Queued>,
    inner: Vec<Inner>,
    /// The memory of those that are handed over just now.
    inner_spare: Vec<Inner>,
    flight: Option<Flight>,
    /// What the receiver of the crossing that is carried has said, or why nothing came.
    reply: Answer,
    /// Answers and callbacks that are late: held until due, never by a socket.
    late: Vec<Late>,
    crossings: u32,
    up_at: Option<Time>,
    next_move: usize,
    lines: Vec<Line>,
    /// What calls have asked the console, newest last, for those who replay it.
    webhooks: Vec<(Option<AccountId>, Webhook)>,
    desk_lines: Vec<DeskLine>,
    outcomes: Vec<Option<Outcome>>,
    /// The texts that came from outside.
    papers: Papers,
    steps: u32,
}

/// Something that happens later.
#[derive(Debug)]
struct Late {
    at: Time,
    what: LateThing,
}

#[derive(Debug)]
enum LateThing {
    Answer(Sender, Answer, Option<EventId>),
    Crossing(Queued),
}

/// Who is on which telephone line.
#[derive(Clone, Copy, Debug)]
struct Line {
    number: Number,
    taken_by: Option<PersonId>,
}

/// Who wrote a ticket, and who took the desk's call about it.
#[derive(Clone, Copy, Debug, Default)]
struct DeskLine {
    number: Option<Number>,
    writer: Option<PersonId>,
    taken_by: Option<PersonId>,
    /// What led to the same request once more.
    asked_again: Option<EventId>,
}

impl World {
    /// The story at its beginning, with this seed. Nothing has happened yet.
    pub fn new(story: Arc<Story>, seed: u64) -> Self {
        let (policy, epoch) = (story.policy, story.epoch);
        let mut world = Self {
            faults: FaultBook::new(&[]),
            console: Recovery::new(policy, epoch, Vec::new(), 0),
            mail: MailProvider::new(story.mail),
            phone: PhoneCompany::new(story.phone, epoch),
            desk: SupportDesk::new(story.support, policy.call_back, policy.support_proof, Vec::new()),
            people: Vec::new(),
            seeds: Vec::new(),
            agenda: Agenda::default(),
            outcomes: Vec::new(),
            latest: Latest::default(),
            story: Arc::clone(&story),
            seed,
            now: Time::ZERO,
            draw: Draw::new(seed),
            last_fault: Time::ZERO,
            trace: Trace::new(),
            cause: None,
            queue: VecDeque::new(),
            inner: Vec::new(),
            inner_spare: Vec::new(),
            flight: None,
            reply: NO_ANSWER,
            late: Vec::new(),
            crossings: 0,
            up_at: None,
            next_move: 0,
            lines: Vec::new(),
            webhooks: Vec::new(),
            desk_lines: Vec::new(),
            papers: Papers::default(),
            steps: 0,
        };
        world.begin_again(story, seed);
        world
    }

    /// Another story at its beginning, in the memory of the one before; gives that one back.
    pub fn begin_again(&mut self, story: Arc<Story>, seed: u64) -> Arc<Story> {
        let before = std::mem::replace(&mut self.story, story);
        self.seed = seed;
        self.now = Time::ZERO;
        self.draw.reseed(seed);
        self.faults.refill(&self.story.faults);
        self.last_fault = Time::ZERO;
        self.trace.clear();
        self.latest.clear();
        self.cause = None;
        self.cast();
        let people = self.people.len();
        self.agenda.begin_again(people);
        self.queue.clear();
        self.inner.clear();
        self.flight = None;
        self.reply = NO_ANSWER;
        self.late.clear();
        self.crossings = 0;
        self.up_at = None;
        self.next_move = 0;
        self.lines.clear();
        self.webhooks.clear();
        self.desk_lines.clear();
        self.outcomes.clear();
        self.outcomes.resize(people, None);
        self.papers.clear();
        self.steps = 0;
        before
    }

    /// Tells `who` to do something now. Carry what is queued, then look at [`World::outcome`].
    pub fn order(&mut self, who: PersonId, act: Act) {
        if let Some(outcome) = self.outcomes.get_mut(who.index()) {
            *outcome = None;
            self.tell(who, person::Input::Order(act));
        }
    }

    /// Lets `who` act by habit, until the page is reached if one is given.
    pub fn act_by_habit(&mut self, who: PersonId, until: Option<PageName>) {
        self.tell(who, person::Input::ActByHabit(until));
    }

    /// Stops `who` from acting by habit.
    pub fn stop(&mut self, who: PersonId) {
        self.tell(who, person::Input::Stop);
    }

    /// Lets everybody who has habits to follow begin, at the moments that the story gives.
    pub fn begin_by_habit(&mut self) {
        for at in 0..self.people.len() {
            let who = PersonId(at as u16);
            if self.story.people[at].begins == Some(Time::ZERO) {
                self.act_by_habit(who, None);
            } else if let Some(begins) = self.story.people[at].begins {
                self.people[at].begin_at(begins);
                self.agenda.people[at].fed();
            }
        }
    }

    fn tell(&mut self, who: PersonId, input: person::Input<'static>) {
        self.cause = None;
        self.inner.push(Inner::Person(who, input, None));
        self.settle();
    }

    /// Adds a timed move to the story while it is played; a move that is already due is made when
    /// time is moved next, even if by nothing. A story that held it from the start tells the same.
    ///
    /// # Panics
    /// If it comes before the last of the story's moves, or before now.
    pub fn plan(&mut self, next: Move) {
        let last = self.story.moves.last().map_or(Time::ZERO, |last| last.at);
        assert!(next.at >= last && next.at >= self.now, "moves are planned in order of time");
        // The story is not shared while a drill plays it, so nothing is copied.
        Arc::make_mut(&mut self.story).moves.push(next);
    }

    /// Moves time to `to`, and lets everything that is due by then happen, in a fixed order. Call
    /// it only when there is nothing to carry, and never past [`World::next_due`].
    ///
    /// # Panics
    /// If something is still to be carried: time moves at quiescence only.
    pub fn advance(&mut self, to: Time) {
        assert!(self.queue.is_empty() && self.flight.is_none(), "time moves at quiescence only");
        if to > self.now {
            self.now = to;
            self.steps = 0;
            self.trace.wait_until(to);
        }
        self.cause = None;
        self.bring_back_console();
        self.release_late();
        self.make_moves();
        if self.console_due() <= self.now {
            self.feed_console(recovery::Input::Timeout);
        }
        if self.mail_due() <= self.now {
            self.feed_mail(email::Input::Timeout);
        }
        if self.phone_due() <= self.now {
            self.feed_phone(voice::Input::Timeout);
        }
        if self.desk_due() <= self.now {
            self.feed_desk(support::Input::Timeout);
        }
        for at in 0..self.people.len() {
            let who = PersonId(at as u16);
            if self.person_due(who) <= self.now {
                self.feed_person(who, &person::Input::Timeout);
            }
        }
        self.settle();
    }

    fn bring_back_console(&mut self) {
        if self.up_at.is_some_and(|at| at <= self.now) {
            self.up_at = None;
            self.record(Actor::Story, &EventKind::AppRestarted);
            self.feed_console(recovery::Input::Restart);
        }
    }

    fn release_late(&mut self) {
        while let Some(at) = self.late.iter().position(|late| late.at <= self.now) {
            match self.late.remove(at).what {
                LateThing::Crossing(queued) => self.queue.push_back(queued),
                LateThing::Answer(sender, mut answer, cause) => {
                    self.cause = cause;
                    self.take_answer(sender, &mut answer);
                    self.cause = None;
                }
            }
        }
    }

    fn make_moves(&mut self) {
        while let Some(next) = self.story.moves.get(self.next_move).copied() {
            if next.at > self.now {
                return;
            }
            self.next_move += 1;
            self.inner.push(Inner::Person(next.who, person::Input::Order(next.does), None));
            self.settle();
        }
    }

    /// Whether the world keeps itself busy without time going by.
    ///
    /// # Errors
    /// [`Stuck`] once it is: a play cannot go on then.
    pub fn check(&self) -> Result<(), Stuck> {
        if self.steps > STEPS_PER_INSTANT_MAX {
            return Err(Stuck::Busy { at: self.now });
        }
        if self.queue.len() > QUEUE_MAX {
            return Err(Stuck::Flood { at: self.now });
        }
        Ok(())
    }

    /// Whether there is nothing to carry.
    pub fn is_quiet(&self) -> bool {
        self.queue.is_empty() && self.flight.is_none()
    }
}
