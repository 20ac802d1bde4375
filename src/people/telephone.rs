//! A person's telephone: ringing calls, spoken codes, pressed keys.

use crate::base::id::{BrowserId, CallId, TicketId};
use crate::base::rng::{Rng, Stream};
use crate::base::secret::Code;
use crate::base::time::{Span, Time};
use crate::event::{EventKind, Notice, PageName, Typed};
use crate::message::{Digits, Page, Shown, Speech, TicketResult};
use crate::people::line::Line;
use crate::people::tasks::Task;
use crate::people::{Answers, Keys, Outcome, Output, Person};

/// Maximum average delay before the first key after a prompt: a waiting call hurries even those who think
/// longer over a page.
const FIRST_KEY_MAX: Span = Span::from_secs(4);

/// How much longer a shared phone rings before a person answers who expects no call.
const LETS_OTHERS_ANSWER: Span = Span::from_secs(30);

/// The telephone, and the planned actions on it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Telephone {
    ringing: Option<CallId>,
    talking: Option<CallId>,
    /// The last spoken code, and its call.
    heard: Option<(CallId, Code)>,
    /// Whether the call asked for the code and no key was pressed since.
    asked: bool,
    /// The state of a foreign call.
    pub(super) line: Line,
    desk: Option<TicketId>,
    on_desk_line: Option<TicketId>,
    /// Whether the person, by order, can prove their identity when the agent asks.
    proves: Option<bool>,
    rung: u16,
    pick_up_at: Option<Time>,
    keys: Option<Keying>,
    take_desk_at: Option<Time>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Keying {
    digits: Digits,
    next: u8,
    at: Time,
    gap: Span,
}

impl Keying {
    /// Starts pressing these keys at `at`.
    pub(super) const fn new(digits: Digits, at: Time, gap: Span) -> Self {
        Self { digits, next: 0, at, gap }
    }
}

impl Telephone {
    pub(super) const fn ringing(&self) -> Option<CallId> {
        self.ringing
    }

    pub(super) const fn talking(&self) -> Option<CallId> {
        self.talking
    }

    pub(super) const fn press_later(&mut self, keys: Keying) {
        self.keys = Some(keys);
    }

    pub(super) const fn hear_code(&mut self, call: CallId, code: Code) {
        self.heard = Some((call, code));
    }

    pub(super) const fn desk(&self) -> Option<TicketId> {
        self.desk
    }

    pub(super) const fn is_in_use(&self) -> bool {
        self.ringing.is_some() || self.talking.is_some()
    }

    pub(super) fn desk_stops(&mut self, ticket: TicketId) {
        if self.desk == Some(ticket) {
            self.desk = None;
            self.take_desk_at = None;
        }
    }

    pub(super) fn due(&self) -> Option<Time> {
        Time::earliest([self.pick_up_at, self.keys.map(|keys| keys.at), self.take_desk_at])
    }
}

impl Person {
    pub(super) fn on_ring(&mut self, now: Time, draw: &mut Rng, call: CallId) {
        let phone = &mut self.telephone;
        phone.ringing = Some(call);
        phone.rung = phone.rung.saturating_add(1);
        let answers = match self.habits.answers {
            Answers::Always => true,
            Answers::NotTheFirst => phone.rung > 1,
            Answers::Never => false,
        };
        if self.brain.is_on() && answers {
            let expects = self.page().is_some_and(|page| page.notice == Some(Notice::Calling));
            let wait = self.about(draw, self.habits.answers_after) + self.lets_others_answer(expects);
            self.telephone.pick_up_at = Some(now + wait);
        }
    }

    /// How much longer a shared phone rings before a person answers who does not expect a call.
    fn lets_others_answer(&self, expects: bool) -> Span {
        if self.has.shares_phone && !expects { LETS_OTHERS_ANSWER } else { Span::ZERO }
    }

    pub(super) fn pick_up(&mut self) -> Result<CallId, Outcome> {
        let Some(call) = self.telephone.ringing.take() else {
            return self.telephone.talking.ok_or(Outcome::NoCall);
        };
        if let Some(before) = self.telephone.talking.replace(call) {
            // Taking a waiting call ends the current one.
            self.fact(EventKind::HungUp { call: before });
            self.outputs.push(Output::HangUp(before));
        }
        self.telephone.asked = false;
        self.telephone.line = Line::default();
        self.telephone.keys = None;
        self.telephone.pick_up_at = None;
        self.fact(EventKind::PickedUp { call });
        self.outputs.push(Output::PickUp(call));
        Ok(call)
    }

    pub(super) fn hang_up(&mut self) -> Outcome {
        let phone = &mut self.telephone;
        let Some(call) = phone.talking.take().or_else(|| phone.ringing.take()) else {
            return Outcome::NoCall;
        };
        if let Some(code) = phone.line.end_of_digits() {
            phone.heard = Some((call, code));
        }
        phone.line = Line::default();
        phone.pick_up_at = None;
        phone.keys = None;
        phone.asked = false;
        self.fact(EventKind::HungUp { call });
        self.outputs.push(Output::HangUp(call));
        Outcome::Done
    }

    pub(super) fn on_ended(&mut self, draw: &mut Rng, call: CallId) {
        if self.telephone.talking == Some(call) {
            self.after_digits(draw, call);
        }
        let phone = &mut self.telephone;
        if phone.ringing == Some(call) {
            phone.ringing = None;
            phone.pick_up_at = None;
        }
        if phone.talking == Some(call) {
            phone.talking = None;
            phone.keys = None;
            phone.asked = false;
            phone.line = Line::default();
            if let Task::Listening(_) | Task::Hearing = self.doing {
                self.finish(Outcome::CallEnded);
            }
        }
        // A plan made during the call is obsolete.
        self.brain.plan = None;
        self.look_at_screen();
    }

    /// Picks up if the phone rings, and presses keys once the call asks for them.
    pub(super) fn key_in(&mut self, now: Time, keys: Keys) {
        if let Err(outcome) = self.digits_for(keys) {
            return self.finish(outcome);
        }
        match self.pick_up() {
            Ok(_) if self.telephone.asked || self.telephone.line.asks() => self.press(now, keys),
            Ok(_) => self.doing = Task::Listening(keys),
            Err(outcome) => self.finish(outcome),
        }
    }

    pub(super) fn press(&mut self, now: Time, keys: Keys) {
        let (Some(call), Ok(digits)) = (self.telephone.talking, self.digits_for(keys)) else {
            return self.finish(Outcome::NoCodeOnScreen);
        };
        self.begin_keys(now, call, digits, keys, Span::ZERO);
        self.press_due_keys(now);
        self.finish(Outcome::Done);
    }

    fn begin_keys(&mut self, now: Time, call: CallId, digits: Digits, keys: Keys, gap: Span) {
        let typed = match keys {
            // An old code was read from this screen too.
            Keys::Code | Keys::OldCode => Typed::Screen(self.browsers[self.at].id),
            Keys::Wrong | Keys::Short | Keys::Hash | Keys::Starred => Typed::Guess(digits.digest()),
        };
        self.telephone.asked = false;
        self.telephone.line.answered();
        self.fact(EventKind::KeyedIn { call, typed });
        self.telephone.keys = Some(Keying::new(digits, now, gap));
    }

    fn digits_for(&self, keys: Keys) -> Result<Digits, Outcome> {
        let code = self.code_on_screen().ok_or(Outcome::NoCodeOnScreen);
        let text = match keys {
            Keys::Code => return code.map(Digits::of_code),
            Keys::Wrong => {
                let right = self.code_on_screen().map_or(0, Code::reveal);
                return Ok(Digits::of_code(Code::new(right + 111_111, 6)));
            }
            Keys::OldCode => {
                let old = self.browsers[self.at].old_code.ok_or(Outcome::NoCodeOnScreen);
                return old.map(Digits::of_code);
            }
            Keys::Short => code?.reveal_text().chars().take(5).collect(),
            Keys::Hash => "#".to_owned(),
            Keys::Starred => format!("*{}", code?.reveal_text()),
        };
        Digits::read(&text).ok_or(Outcome::NoCodeOnScreen)
    }

    /// Records that the page shows the unmasked number on file.
    pub(super) fn read_number(&mut self, browser: BrowserId, page: &Page) {
        if matches!(page.shown, Shown::Phone { number, .. } if number.is_whole()) {
            self.fact(EventKind::ReadNumber { browser });
        }
    }

    pub(super) fn code_on_screen(&self) -> Option<Code> {
        match self.browsers[self.at].page?.shown {
            Shown::Phone { code, .. } => code,
            Shown::Nothing
            | Shown::Address(_)
            | Shown::Devices(_)
            | Shown::Enrolment { .. }
            | Shown::Link(_) => None,
        }
    }

    fn press_due_keys(&mut self, now: Time) {
        let Some(call) = self.telephone.talking else { return };
        while let Some(keys) = self.telephone.keys.as_mut().filter(|keys| keys.at <= now) {
            let Some(key) = keys.digits.key(keys.next) else {
                self.telephone.keys = None;
                return;
            };
            self.outputs.push(Output::Press(call, key));
            keys.next += 1;
            keys.at += keys.gap;
            if keys.next >= keys.digits.len() {
                self.telephone.keys = None;
            }
        }
    }

    pub(super) fn on_said(&mut self, now: Time, draw: &mut Rng, call: CallId, speech: &Speech) {
        if self.telephone.talking != Some(call) {
            return;
        }
        match speech {
            Speech::KeyInTheCode | Speech::KeyInACode | Speech::WrongCode => {
                if *speech == Speech::WrongCode {
                    self.look_at_screen();
                }
                self.telephone.asked = true;
                if let Task::Listening(keys) = self.doing {
                    self.press(now, keys);
                } else if self.brain.is_on() {
                    self.key_in_by_habit(now, draw, call);
                }
            }
            Speech::TheCode(code) => self.telephone.heard = Some((call, *code)),
            Speech::Verified | Speech::CouldNot => self.look_at_screen(),
            Speech::NoInput => {}
            Speech::Text(text) => self.on_words(now, draw, call, text),
        }
    }

    /// Delay before the first key once a call has asked for them.
    pub(super) fn time_to_first_key(&self, draw: &mut Rng) -> Span {
        self.about(draw, self.habits.thinks_for.min(FIRST_KEY_MAX))
    }

    pub(super) fn key_in_by_habit(&mut self, now: Time, draw: &mut Rng, call: CallId) {
        let stream = Stream::Person(self.id);
        let keys =
            if draw.chance(stream, u32::from(self.habits.mistypes) * 10) { Keys::Wrong } else { Keys::Code };
        if let Ok(digits) = self.digits_for(keys) {
            let wait = self.time_to_first_key(draw);
            self.begin_keys(now, call, digits, keys, self.habits.key_gap);
            if let Some(keying) = &mut self.telephone.keys {
                keying.at = now + wait;
            }
        }
    }

    /// The spoken code, for typing it on the page.
    pub(super) const fn heard_code(&self) -> Option<(CallId, Code)> {
        self.telephone.heard
    }

    pub(super) fn on_phone_due(&mut self, now: Time) {
        if self.telephone.pick_up_at.is_some_and(|at| at <= now) {
            self.telephone.pick_up_at = None;
            // The call may have stopped ringing at the same time; then there is nothing to pick up.
            let _picked_up = self.pick_up().is_ok();
        }
        self.press_due_keys(now);
        if self.telephone.take_desk_at.is_some_and(|at| at <= now) {
            self.take_call_back(self.has.identity);
        }
    }

    pub(super) fn on_call_back(&mut self, now: Time, draw: &mut Rng, ticket: TicketId) {
        self.telephone.desk = Some(ticket);
        if self.brain.is_on() && self.habits.answers != Answers::Never {
            let wait = self.about(draw, self.habits.answers_after)
                + self.lets_others_answer(self.brain.waits_for_support());
            self.telephone.take_desk_at = Some(now + wait);
        }
    }

    /// Answers the desk's call; `proves` is the answer when the agent asks for proof.
    pub(super) fn take_call_back(&mut self, proves: bool) -> Outcome {
        self.telephone.take_desk_at = None;
        let Some(ticket) = self.telephone.desk.take() else { return Outcome::NoCall };
        self.telephone.proves = Some(proves && self.has.identity);
        self.telephone.on_desk_line = Some(ticket);
        self.fact(EventKind::TookCallBack { ticket });
        self.outputs.push(Output::TakeCallBack(ticket));
        Outcome::Done
    }

    pub(super) fn on_asked(&mut self, ticket: TicketId) {
        let proves = self.telephone.proves.take().unwrap_or(self.has.identity);
        // Nobody can prove to be another person than the owner of the account that they aim at.
        let identity = proves.then_some(self.account);
        self.fact(EventKind::Proved { ticket, identity });
        self.outputs.push(Output::Prove(ticket, identity));
    }

    pub(super) fn on_told(&mut self, ticket: TicketId, result: TicketResult) {
        if self.telephone.on_desk_line == Some(ticket) {
            self.telephone.on_desk_line = None;
        }
        if let Some(password) = result.password {
            self.passwords.given(password);
        }
        self.brain.told(result.reset);
    }

    /// Reloads the current page if it is the one that waits for the phone.
    pub(super) fn look_at_screen(&mut self) {
        let browser = &self.browsers[self.at];
        let waits = browser.page.is_some_and(|page| page.name == PageName::VerifyPhone);
        if waits && browser.waiting == 0 {
            self.refresh(self.at);
        }
    }
}
