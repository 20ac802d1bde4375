//! The virtual stage: delivers the next crossing, or jumps to the next due time.
//!
//! Everything stays in memory and virtual time costs nothing: a story of two days takes microseconds. The
//! wire stage does the same in the same order, and must produce the same trace.

use std::sync::Arc;

use crate::base::id::BrowserId;
use crate::base::secret::Token;
use crate::base::time::Time;
use crate::event::{NoReply, Trace};
use crate::message::{Answer, Authenticity, Cookie, CookieTheft, Crossing, PageRequest, Place, jar_of};
use crate::story::{Move, Story};
use crate::world::{Delivery, NO_ANSWER, Origin, SCANNER, Stuck, World};

/// A run of a story on the virtual stage.
#[derive(Debug)]
pub struct Play {
    world: World,
    jar: Jar,
}

/// Chooses the next move from the state of the world and the next due time.
pub type Plan<'a> = dyn FnMut(&World, Option<Time>) -> Option<Move> + 'a;

/// The cookies of all browsers. Each holds at most one, the session cookie.
#[derive(Debug, Default)]
pub(super) struct Jar {
    cookies: Vec<Option<Token>>,
    /// For each browser and tab, the cookie for which its page was rendered.
    pages: Vec<Option<Token>>,
    /// The cookies that thieves have copied, each with the browser that gets it later.
    stolen: Vec<(BrowserId, Option<Token>)>,
}

impl Play {
    /// The start of the story, with this seed.
    pub fn new(story: Arc<Story>, seed: u64) -> Self {
        let (world, mut jar) = (World::new(story, seed), Jar::default());
        jar.begin(&world);
        Self { world, jar }
    }

    /// Restarts with another story, reusing allocations, and returns the previous story.
    pub fn reset(&mut self, story: Arc<Story>, seed: u64) -> Arc<Story> {
        let before = self.world.reset(story, seed);
        self.jar.begin(&self.world);
        before
    }

    /// The world, for inspection.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The world, for giving people tasks; call [`Play::settle`] afterwards.
    pub const fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    /// Delivers all queued crossings at the current time.
    ///
    /// # Errors
    /// [`Stuck`] if the queue never drains.
    pub fn settle(&mut self) -> Result<(), Stuck> {
        while self.carry_next() {
            self.world.check()?;
        }
        Ok(())
    }

    /// Runs until `done` holds with an empty queue, or until `deadline`. Returns whether `done` held.
    ///
    /// # Errors
    /// [`Stuck`] if the queue never drains.
    pub fn until(&mut self, deadline: Time, mut done: impl FnMut(&World) -> bool) -> Result<bool, Stuck> {
        loop {
            self.settle()?;
            if done(&self.world) {
                return Ok(true);
            }
            let due = self.world.next_due();
            if !self.advance(due, deadline)? {
                self.settle()?;
                return Ok(done(&self.world));
            }
        }
    }

    /// Advances time to the next due time, or to `deadline` if nothing is due by then. Returns whether
    /// something was due.
    fn advance(&mut self, due: Option<Time>, deadline: Time) -> Result<bool, Stuck> {
        let due = due.filter(|due| *due <= deadline);
        if let Some(to) = due.or_else(|| (deadline != Time::NEVER).then_some(deadline)) {
            self.world.advance(to);
        }
        self.world.check()?;
        Ok(due.is_some())
    }

    /// Runs the whole story with its people's habits and its timed moves, until nothing is due or until the
    /// story's patience after the last fault has run out.
    ///
    /// # Errors
    /// [`Stuck`] if the queue never drains.
    pub fn to_the_end(&mut self) -> Result<(), Stuck> {
        self.to_the_end_with(&mut |_, _| None)
    }

    /// Runs the whole story like [`Play::to_the_end`], with moves generated on the way.
    ///
    /// Whenever the queue is empty, `plan` receives the world and the next due time, if any, and may return
    /// a move to make before that time. The moves are added to the story, so running it again gives the
    /// same trace.
    ///
    /// # Errors
    /// [`Stuck`] if the queue never drains.
    pub fn to_the_end_with(&mut self, plan: &mut Plan<'_>) -> Result<(), Stuck> {
        self.world.begin_by_habit();
        self.go_on_with(plan)
    }

    /// Runs on to the end of the story. Habits that have not started by now stay inactive.
    ///
    /// # Errors
    /// [`Stuck`] if the queue never drains.
    pub fn go_on(&mut self) -> Result<(), Stuck> {
        self.go_on_with(&mut |_, _| None)
    }

    fn go_on_with(&mut self, plan: &mut Plan<'_>) -> Result<(), Stuck> {
        loop {
            self.settle()?;
            let mut due = self.world.next_due();
            if let Some(next) = plan(&self.world, due) {
                self.world.plan(next);
                due = self.world.next_due();
            }
            let end = self.world.end();
            if !self.advance(due, end)? {
                return Ok(());
            }
        }
    }

    /// The trace.
    pub fn into_trace(self) -> Trace {
        self.into_parts().1
    }

    /// The story, including the planned moves, and the trace.
    pub fn into_parts(self) -> (Arc<Story>, Trace) {
        self.world.into_parts()
    }

    /// Delivers the next crossing. Returns false if the queue is empty.
    fn carry_next(&mut self) -> bool {
        let Some(id) = self.world.next_crossing() else { return false };
        let Some(crossing) = self.world.crossing(id) else { return false };
        let (browser, foreign) = match crossing {
            Crossing::Page { browser, action, .. } => (Some(*browser), action.leads_elsewhere()),
            Crossing::Webhook(webhook) => (None, matches!(webhook.hook.at, Place::Url(_))),
            Crossing::Text(_) | Crossing::Scan { .. } => (None, true),
            Crossing::Cookie(theft) => {
                self.jar.steal(*theft);
                (None, true)
            }
            _ => (None, false),
        };
        if foreign {
            // In memory, no server listens at a foreign address, and none answers a thief.
            self.world.answer(id, Answer::Lost(NoReply::Down));
            return true;
        }
        let delivery = self.jar.decode(crossing);
        let mut answer = NO_ANSWER;
        self.world.hand_over(Origin::Carried(id), &delivery, &mut answer);
        if let (Some(browser), Answer::Page(reply)) = (browser, &answer) {
            self.jar.keep(browser, reply.cookie);
        }
        self.world.take_back(id, &mut answer);
        true
    }
}

impl Jar {
    /// Empties all jars but those of the browsers that the service knows from before the story.
    pub(super) fn begin(&mut self, world: &World) {
        self.cookies.clear();
        self.pages.clear();
        self.stolen.clear();
        for (browser, token) in world.cookies_from_before() {
            self.make_room(browser);
            self.cookies[browser.index()] = Some(token);
        }
    }

    /// Copies a cookie for a thief, or puts the copy into the jar of the thief's browser.
    pub(super) fn steal(&mut self, theft: CookieTheft) {
        match theft {
            CookieTheft::Copied { from, by } => {
                let cookie = self.cookies.get(jar_of(from).index()).copied().flatten();
                self.stolen.retain(|(thief, _)| *thief != by);
                self.stolen.push((by, cookie));
            }
            CookieTheft::PutIn { by } => {
                let copied = self.stolen.iter().find(|(thief, _)| *thief == by).copied();
                if let Some((_, cookie)) = copied {
                    self.make_room(by);
                    self.cookies[jar_of(by).index()] = cookie;
                }
            }
        }
    }

    /// Makes room for the cookie and the page of a browser.
    fn make_room(&mut self, browser: BrowserId) {
        let most = jar_of(browser).index().max(browser.index()) + 1;
        if self.cookies.len() < most {
            self.cookies.resize(most, None);
            self.pages.resize(most, None);
        }
    }

    /// Decodes a crossing as the receiver on a wire would.
    pub(super) fn decode(&self, crossing: &Crossing) -> Delivery {
        match *crossing {
            Crossing::Page { browser, csrf, ref action } => {
                let (cookie, csrf) = self.goes_along(browser, csrf);
                Delivery::Page(PageRequest { cookie, csrf, action: *action })
            }
            Crossing::Mail(mail) => Delivery::Mail(mail),
            Crossing::Call(order) => Delivery::Call(order),
            Crossing::Webhook(webhook) => Delivery::Webhook(webhook),
            Crossing::Text(_) => unreachable!("the webhook of a text goes to a foreign address"),
            Crossing::Ticket(form) => Delivery::Ticket(form),
            Crossing::Reset(request) => Delivery::Reset(request),
            Crossing::Scan { .. } => unreachable!("a scan goes to a foreign address"),
            Crossing::Cookie(_) => unreachable!("the theft of a cookie goes to no server"),
        }
    }

    /// The cookie and the form token that this browser sends.
    fn goes_along(&self, browser: BrowserId, csrf: Authenticity) -> (Option<Token>, Authenticity) {
        let cookie = self.cookies.get(jar_of(browser).index()).copied().flatten();
        // The form token belongs to the page of this tab; another tab may have received a new cookie since.
        let csrf = match (csrf, self.pages.get(browser.index()).copied().flatten()) {
            (Authenticity::Valid, None) => Authenticity::Missing,
            (Authenticity::Valid, page) if page != cookie => Authenticity::Wrong,
            (said, _) => said,
        };
        (cookie, csrf)
    }

    pub(super) fn keep(&mut self, browser: BrowserId, cookie: Cookie) {
        if browser == SCANNER {
            return;
        }
        self.make_room(browser);
        let jar = jar_of(browser).index();
        match cookie {
            Cookie::Keep => {}
            Cookie::Set(token) => self.cookies[jar] = Some(token),
            Cookie::Clear => self.cookies[jar] = None,
        }
        self.pages[browser.index()] = self.cookies[jar];
    }
}
