//! Keeps what reaches a served world from outside, in the form of a story, for `POST /save`.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::id::CrossingId;
use crate::base::time::Time;
use crate::event::NoReply;
use crate::message::{Answer, Crossing, Hook, Place};
use crate::story::{AppAnswer, AppReply, Recorded, RecordedInput, limit};
use crate::wire::clock::Clock;
use crate::world::World;

/// The maximum number of inputs that are kept: as many as a story may have.
pub const INPUTS_MAX: usize = limit::RECORDED_MAX;

/// The maximum size of all inputs, in bytes: as much as fits into a story file, with its names and quotes.
pub const BYTES_MAX: usize = 160 * 1_024;

/// Why a world cannot be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// There were too many inputs.
    #[error("more than {INPUTS_MAX} requests, answers, emails and acts have come since the last reset")]
    TooMany,
    /// They were too large.
    #[error("the requests, answers and emails since the last reset have more than {BYTES_MAX} bytes")]
    TooLarge,
}

/// What a saved story leaves out, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// What it was.
    pub what: &'static str,
    /// The reason.
    pub why: &'static str,
}

/// The inputs of one world, in the order in which it met them.
#[derive(Debug, Default)]
pub struct Logbook {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    inputs: Vec<RecordedInput>,
    bytes: usize,
    lacks: Option<NotKept>,
    left_out: BTreeMap<LeftOut, usize>,
    /// The answers that have arrived and are not delivered yet, by crossing.
    replies: BTreeMap<CrossingId, AppReply>,
    /// The first account that has ordered anything.
    account: Option<String>,
    /// The cookies of the browsers of the reference service, by number from 1.
    browsers: Vec<String>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("inputs", &self.inputs.len()).finish_non_exhaustive()
    }
}

/// The moment of an input, which is fixed before the input changes the world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    at: Time,
    early: bool,
}

/// What was kept of a world.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The inputs.
    pub inputs: Vec<RecordedInput>,
    /// The first account that has ordered anything.
    pub account: Option<String>,
    /// What is missing, and how often.
    pub left_out: Vec<(LeftOut, usize)>,
}

impl Logbook {
    /// The moment of an input that comes now.
    pub(crate) fn moment(world: &mut World, clock: Clock) -> Moment {
        let at = world.now();
        // Under a real clock, all that is due is done before an input.
        let early = clock == Clock::Manual && world.next_due().is_some_and(|due| due <= at);
        Moment { at, early }
    }

    /// Keeps an input, unless there are too many. `what` is only called if it is kept.
    pub(crate) fn keep(&self, moment: Moment, what: impl FnOnce() -> Recorded) {
        if !self.is_open() {
            return;
        }
        // Before the lock, because it may ask this logbook for an account.
        let input = RecordedInput { at: moment.at, early: moment.early, what: what() };
        let mut state = self.state();
        if state.inputs.len() >= INPUTS_MAX {
            state.give_up(NotKept::TooMany);
            return;
        }
        state.bytes += input.bytes();
        if state.bytes > BYTES_MAX {
            state.give_up(NotKept::TooLarge);
            return;
        }
        state.inputs.push(input);
    }

    /// Whether further inputs are kept.
    pub(crate) fn is_open(&self) -> bool {
        self.state().lacks.is_none()
    }

    /// Notes that something is not in the recording.
    pub(crate) fn leave_out(&self, left_out: LeftOut) {
        *self.state().left_out.entry(left_out).or_default() += 1;
    }

    /// Keeps the answer to a webhook until it is delivered.
    pub(crate) fn heard(&self, id: CrossingId, reply: impl FnOnce() -> AppReply) {
        let mut state = self.state();
        if state.lacks.is_none() {
            state.replies.insert(id, reply());
        }
    }

    /// The answer to a crossing is about to be delivered.
    pub(crate) fn answered(&self, world: &World, id: CrossingId, answer: &Answer) {
        let heard = self.state().replies.remove(&id);
        if let Some(what) = answered(world, id, answer, heard) {
            self.keep(Moment { at: world.now(), early: false }, || what);
        }
    }

    /// The account of an order, where it is not that of the recording.
    pub(crate) fn other_account(&self, account: &str) -> Option<String> {
        let mut state = self.state();
        let first = state.account.get_or_insert_with(|| account.to_owned());
        (first != account).then(|| account.to_owned())
    }

    /// The number of the browser with this cookie; `None` if no browser has it, or if there are too many.
    /// Browsers without a cookie are alike.
    pub(crate) fn browser(&self, cookie: Option<&str>) -> Option<u32> {
        let mut state = self.state();
        let wanted = cookie.unwrap_or_default();
        let known = state.browsers.iter().position(|known| known == wanted);
        let place = match (known, cookie) {
            (Some(place), _) => place,
            (None, None) if state.browsers.len() < limit::BROWSERS_MAX as usize => {
                state.browsers.push(String::new());
                state.browsers.len() - 1
            }
            (None, _) => return None,
        };
        u32::try_from(place + 1).ok()
    }

    /// A browser gets another cookie.
    pub(crate) fn give_cookie(&self, browser: u32, cookie: &str) {
        let place = browser.saturating_sub(1) as usize;
        if let Some(known) = self.state().browsers.get_mut(place) {
            cookie.clone_into(known);
        }
    }

    /// What was kept so far.
    ///
    /// # Errors
    /// [`NotKept`] if it was too much.
    pub fn kept(&self) -> Result<Kept, NotKept> {
        let state = self.state();
        if let Some(lacks) = state.lacks {
            return Err(lacks);
        }
        let left_out = state.left_out.iter().map(|(what, count)| (*what, *count)).collect();
        Ok(Kept { inputs: state.inputs.clone(), account: state.account.clone(), left_out })
    }

    /// The webhooks that are under way to the app, as inputs that have not come yet.
    pub fn under_way(world: &World) -> Vec<RecordedInput> {
        let pending = world.in_flight().filter_map(|(crossing, sent)| {
            let hook = hook_of(crossing)?;
            let url = url_of(world, hook)?;
            let asked = (sent != world.now()).then_some(sent);
            let answer = AppAnswer { method: hook.method, url, asked, reply: AppReply::Pending };
            Some(RecordedInput { at: world.now(), early: true, what: Recorded::Webhook(answer) })
        });
        pending.collect()
    }

    /// How much it holds, in bytes; an estimate.
    pub fn bytes(&self) -> usize {
        self.state().bytes
    }

    /// Forgets everything, as after a reset.
    pub(crate) fn clear(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Lets go of everything: a recording with a gap would tell another story.
    fn give_up(&mut self, why: NotKept) {
        *self = Self { lacks: Some(why), ..Self::default() };
    }
}

/// The answer to a webhook or a scan of a foreign address, as a recording has it.
fn answered(world: &World, id: CrossingId, answer: &Answer, heard: Option<AppReply>) -> Option<Recorded> {
    let sent = world.sent_at(id)?;
    let crossing = world.crossing(id)?;
    if let Crossing::Scan { url, .. } = crossing {
        return world.papers().url(*url).map(|url| Recorded::Scanned(url.to_string()));
    }
    let hook = hook_of(crossing)?;
    let url = url_of(world, hook)?;
    let reply = match (answer, heard) {
        (Answer::Lost(lost), _) => AppReply::Lost(*lost),
        (_, Some(reply)) => reply,
        (_, None) => AppReply::Lost(NoReply::Cut),
    };
    let asked = (sent != world.now()).then_some(sent);
    Some(Recorded::Webhook(AppAnswer { method: hook.method, url, asked, reply }))
}

/// The address of a webhook.
const fn hook_of(crossing: &Crossing) -> Option<Hook> {
    match crossing {
        Crossing::Webhook(webhook) => Some(webhook.hook),
        Crossing::Text(webhook) => Some(webhook.hook),
        _ => None,
    }
}

/// The URL of a foreign address.
fn url_of(world: &World, hook: Hook) -> Option<String> {
    let Place::Url(url) = hook.at else { return None };
    world.papers().url(url).map(|url| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::number::Number;
    use crate::story::PhoneAct;

    const NOW: Moment = Moment { at: Time::ZERO, early: false };

    fn answers() -> Recorded {
        Recorded::Phone(Number::NONE, PhoneAct::Answers)
    }

    #[test]
    fn too_many_inputs_are_all_given_up_until_it_is_cleared() {
        let book = Logbook::default();
        for _ in 0..INPUTS_MAX {
            book.keep(NOW, answers);
        }
        assert_eq!(book.kept().unwrap().inputs.len(), INPUTS_MAX);
        book.keep(NOW, answers);
        assert_eq!((book.kept().unwrap_err(), book.bytes()), (NotKept::TooMany, 0));
        book.keep(NOW, || unreachable!("nothing more is kept"));
        book.clear();
        book.keep(NOW, answers);
        assert_eq!(book.kept().unwrap().inputs.len(), 1);
    }

    #[test]
    fn inputs_that_are_too_large_are_given_up() {
        let book = Logbook::default();
        let long = || Recorded::Scanned("x".repeat(BYTES_MAX / 2));
        book.keep(NOW, long);
        assert!(book.bytes() > BYTES_MAX / 2);
        book.keep(NOW, long);
        assert_eq!(book.kept().unwrap_err(), NotKept::TooLarge);
    }

    #[test]
    fn browsers_are_known_by_their_cookies() {
        let book = Logbook::default();
        assert_eq!((book.browser(None), book.browser(None)), (Some(1), Some(1)));
        book.give_cookie(1, "a");
        assert_eq!((book.browser(Some("a")), book.browser(None)), (Some(1), Some(2)));
        assert_eq!(book.browser(Some("foreign")), None);
        for nth in 2..=limit::BROWSERS_MAX {
            assert_eq!(book.browser(None), Some(nth));
            book.give_cookie(nth, &nth.to_string());
        }
        assert_eq!(book.browser(None), None);
    }

    #[test]
    fn the_first_account_is_the_usual_one() {
        let book = Logbook::default();
        assert_eq!((book.other_account("AC1"), book.other_account("AC1")), (None, None));
        assert_eq!(book.other_account("AC2").as_deref(), Some("AC2"));
        assert_eq!(book.kept().unwrap().account.as_deref(), Some("AC1"));
    }
}
