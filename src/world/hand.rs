//! Phones that an external client controls: it answers, listens and presses keys, at once or by a script.
//!
//! An external client can answer calls to any number, including the numbers of people in the story. The
//! first to pick up gets the call.

use std::collections::BTreeMap;

use crate::base::id::CallId;
use crate::base::number::Number;
use crate::base::time::{Span, Time};
use crate::event::{Actor, EventKind, Typed};
use crate::fault::{CallVerdict, Connect, TextVerdict};
use crate::message::{Digits, KeysWanted, Manner, SCRIPT_STEPS_MAX, Script, ScriptAct, Speech};
use crate::people;
use crate::providers::phone;
use crate::world::World;
use crate::world::authenticators::Authenticators;
use crate::world::local::LocalMessage;
use crate::world::planned::{Deed, Planned, PlannedDeeds};

/// Most sentences kept of one call.
const HEARD_MAX: usize = 1_000;

/// Most scripts that one world keeps.
pub const SCRIPTS_MAX: usize = 10_000;

/// The SIP code of a handset that is off (SIP-480).
const SWITCHED_OFF: u16 = 480;

/// Twilio's delivery code of a handset that is off or out of reach.
const UNREACHABLE: u32 = 30_003;

/// A sentence that a call spoke to an external client.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// When it began.
    pub at: Time,
    /// The text.
    pub text: String,
}

/// A call that an external client has answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hand {
    heard: Vec<Heard>,
    listens: Option<KeysWanted>,
    /// The number of script steps that are done.
    steps: usize,
}

impl Hand {
    /// What the call has said so far.
    pub fn heard(&self) -> &[Heard] {
        &self.heard
    }

    /// The keys that the call waits for now; `None` if it does not listen.
    pub const fn listens(&self) -> Option<KeysWanted> {
        self.listens
    }
}

/// Why an external client cannot do something with a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    /// There is no such call.
    #[error("there is no such call")]
    NoCall,
    /// The call does not ring.
    #[error("the call does not ring")]
    DoesNotRing,
    /// Somebody else has answered it.
    #[error("a person of the story has answered this call")]
    Taken,
    /// The client has not answered the call, or it has ended.
    #[error("the call has not been answered, or has ended")]
    NotAnswered,
    /// A limit is reached.
    #[error("too many scripts, script steps or planned keys")]
    TooMany,
}

/// Removes everything. The standard library takes even an empty map apart, and a drill resets its world before
/// each run.
pub(super) fn empty<K, V>(map: &mut BTreeMap<K, V>) {
    if !map.is_empty() {
        map.clear();
    }
}

/// The phones and calls that external clients control.
#[derive(Debug, Default)]
pub(super) struct Hands {
    calls: BTreeMap<CallId, Hand>,
    scripts: BTreeMap<Number, Script>,
    planned: PlannedDeeds,
    pub(super) authenticators: Authenticators,
}

impl Hands {
    pub(super) fn clear(&mut self) {
        empty(&mut self.calls);
        empty(&mut self.scripts);
        self.planned.clear();
        self.authenticators.clear();
    }

    pub(super) const fn due(&self) -> Time {
        self.planned.due()
    }
}

impl World {
    /// Answers a ringing call.
    ///
    /// # Errors
    /// [`NotPossible`] if it does not ring.
    pub fn answer_by_hand(&mut self, call: CallId) -> Result<(), NotPossible> {
        let known = self.call(call).ok_or(NotPossible::NoCall)?;
        if !known.rings() {
            return Err(NotPossible::DoesNotRing);
        }
        let line = self.lines.call(call).ok_or(NotPossible::NoCall)?;
        if line.taken_by.is_some() {
            return Err(NotPossible::Taken);
        }
        self.lines.hands.calls.entry(call).or_default();
        let cause = Some(self.record(Actor::Outsider, &EventKind::PickedUp { call }, None));
        self.tell_all(&people::Input::Ended(call), cause, |_, other| other.answers.contains(&line.number));
        self.inner.push(LocalMessage::Phone(phone::Input::PickedUp(call), cause));
        self.settle();
        Ok(())
    }

    /// Hangs up an answered call, or declines a ringing one.
    ///
    /// # Errors
    /// [`NotPossible`] unless the call rings, or the client has answered it and it goes on.
    pub fn hang_up_by_hand(&mut self, call: CallId) -> Result<(), NotPossible> {
        let known = self.call(call).ok_or(NotPossible::NoCall)?;
        let in_hand = self.lines.hands.calls.contains_key(&call) && !known.is_over();
        if !known.rings() && !in_hand {
            return Err(NotPossible::NotAnswered);
        }
        let cause = Some(self.record(Actor::Outsider, &EventKind::HungUp { call }, None));
        self.inner.push(LocalMessage::Phone(phone::Input::HungUp(call), cause));
        self.settle();
        Ok(())
    }

    /// Presses keys on an answered call: the first after `after`, the others with `gap` between them.
    ///
    /// # Errors
    /// [`NotPossible`] if the client has not answered the call, or it has ended.
    pub fn press_by_hand(
        &mut self,
        call: CallId,
        keys: Digits,
        after: Span,
        gap: Span,
    ) -> Result<(), NotPossible> {
        let known = self.call(call).ok_or(NotPossible::NoCall)?;
        if known.is_over() || !self.lines.hands.calls.contains_key(&call) {
            return Err(NotPossible::NotAnswered);
        }
        self.lines.hands.planned.plan(self.now + after, call, Deed::Press(keys, 0, gap))?;
        self.act_by_hand();
        Ok(())
    }

    /// Sets how a phone answers the calls that are ordered from now on; `None` removes the script.
    ///
    /// # Errors
    /// [`NotPossible::TooMany`] beyond [`SCRIPTS_MAX`] or [`SCRIPT_STEPS_MAX`].
    pub fn script_phone(&mut self, number: Number, script: Option<Script>) -> Result<(), NotPossible> {
        let scripts = &mut self.lines.hands.scripts;
        let Some(script) = script else {
            scripts.remove(&number);
            return Ok(());
        };
        let is_new = !scripts.contains_key(&number);
        if script.steps.len() > SCRIPT_STEPS_MAX || (is_new && scripts.len() >= SCRIPTS_MAX) {
            return Err(NotPossible::TooMany);
        }
        scripts.insert(number, script);
        Ok(())
    }

    /// What an external client has heard on this call; `None` if none has answered it.
    pub fn call_in_hand(&self, call: CallId) -> Option<&Hand> {
        self.lines.hands.calls.get(&call)
    }

    /// All calls of the phone company, in the order of their creation.
    pub fn calls(&self) -> &[phone::Call] {
        self.providers.phone.machine.calls()
    }

    /// The newest call to a number that is not over, or else the newest of all.
    pub fn current_call(&self, number: Number) -> Option<&phone::Call> {
        let mut calls = self.calls().iter().rev().filter(|call| call.number() == number);
        let newest = calls.clone().next();
        calls.find(|call| !call.is_over()).or(newest)
    }

    /// The verdict on an order to a phone with a script. A fault of the story goes first.
    pub(super) fn by_script(&self, number: Number, verdict: CallVerdict) -> CallVerdict {
        if verdict.connect == Connect::Rings && self.is_lost(number) {
            return CallVerdict { connect: Connect::Rejected(SWITCHED_OFF), ..verdict };
        }
        let Some(script) = self.lines.hands.scripts.get(&number) else { return verdict };
        if verdict.connect != Connect::Rings {
            return verdict;
        }
        let connect = match script.manner {
            Manner::Rings | Manner::AnswersAfter(_) | Manner::RejectsAfter(_) => Connect::Rings,
            Manner::Busy => Connect::Busy,
            Manner::Voicemail(answered_by) => Connect::Voicemail(answered_by),
            Manner::Unreachable => Connect::Rejected(404),
        };
        CallVerdict { connect, ..verdict }
    }

    /// The verdict on a text to a phone that a script makes unreachable. A fault of the story goes first.
    pub(super) fn unless_unreachable(&self, number: Number, verdict: TextVerdict) -> TextVerdict {
        let script = self.lines.hands.scripts.get(&number);
        let off = script.is_some_and(|script| script.manner == Manner::Unreachable);
        let unreachable = off || self.is_lost(number);
        let as_usual = verdict.undelivered.is_none() && verdict.failed.is_none();
        let undelivered = if unreachable && as_usual { Some(UNREACHABLE) } else { verdict.undelivered };
        TextVerdict { undelivered, ..verdict }
    }

    /// A phone rings; its script may answer it.
    pub(super) fn rings_in_hand(&mut self, call: CallId, number: Number) {
        let Some(script) = self.lines.hands.scripts.get(&number) else { return };
        let planned = match script.manner {
            Manner::AnswersAfter(after) => Some((after, Deed::Answer)),
            Manner::RejectsAfter(after) => Some((after, Deed::HangUp)),
            Manner::Rings | Manner::Busy | Manner::Voicemail(_) | Manner::Unreachable => None,
        };
        if let Some((after, does)) = planned {
            // Beyond the limit, the phone rings unanswered.
            let _planned = self.lines.hands.planned.plan(self.now + after, call, does);
        }
    }

    /// Keeps a sentence for the external client on the call, and continues its script.
    pub(super) fn said_in_hand(&mut self, call: CallId, speech: &Speech) {
        if !self.lines.hands.calls.contains_key(&call) {
            return;
        }
        let text = speech.sentence();
        self.go_on_by_script(call, Some(&text.to_lowercase()));
        let now = self.now;
        if let Some(hand) = self.lines.hands.calls.get_mut(&call).filter(|hand| hand.heard.len() < HEARD_MAX)
        {
            hand.heard.push(Heard { at: now, text });
        }
    }

    /// Notes whether a call listens for keys.
    pub(super) fn listens_in_hand(&mut self, call: CallId, keys: Option<KeysWanted>) {
        if let Some(hand) = self.lines.hands.calls.get_mut(&call) {
            hand.listens = keys;
        }
    }

    /// A call has ended.
    pub(super) fn ended_in_hand(&mut self, call: CallId) {
        if let Some(hand) = self.lines.hands.calls.get_mut(&call) {
            hand.listens = None;
        }
        self.lines.hands.planned.forget(call);
    }

    /// Plans the steps of the script whose condition holds now.
    fn go_on_by_script(&mut self, call: CallId, heard: Option<&str>) {
        let Some(number) = self.lines.call(call).map(|line| line.number) else { return };
        let now = self.now;
        let hands = &mut self.lines.hands;
        let (Some(script), Some(hand)) = (hands.scripts.get(&number), hands.calls.get_mut(&call)) else {
            return;
        };
        let (mut at, mut heard) = (now, heard);
        let mut deeds = Vec::new();
        while let Some(step) = script.steps.get(hand.steps) {
            if let Some(words) = &step.hears {
                // A sentence meets one condition.
                match heard.take() {
                    Some(text) if text.contains(&words.to_lowercase()) => {}
                    _ => break,
                }
            }
            at += step.after;
            deeds.push((
                at,
                match step.does {
                    ScriptAct::Press { keys, gap } => Deed::Press(keys, 0, gap),
                    ScriptAct::HangUp => Deed::HangUp,
                },
            ));
            hand.steps += 1;
        }
        for (at, does) in deeds {
            // Beyond the limit, the rest of the script is not done.
            let _planned = hands.planned.plan(at, call, does);
        }
    }

    /// Does all that is planned by now.
    pub(super) fn act_by_hand(&mut self) {
        while let Some(Planned { at, call, does }) = self.lines.hands.planned.take_due(self.now) {
            // A call that has ended meanwhile is left alone.
            let _done = match does {
                Deed::Answer => self.answer_by_hand(call).map(|()| self.go_on_by_script(call, None)),
                Deed::HangUp => self.hang_up_by_hand(call),
                Deed::Press(keys, next, gap) => self.press_next(at, call, (keys, next, gap)),
            };
        }
    }

    fn press_next(
        &mut self,
        at: Time,
        call: CallId,
        (keys, next, gap): (Digits, u8, Span),
    ) -> Result<(), NotPossible> {
        if self.call(call).is_none_or(phone::Call::is_over) {
            return Err(NotPossible::NotAnswered);
        }
        let Some(key) = keys.key(next) else { return Ok(()) };
        let cause = if next == 0 {
            let kind = EventKind::KeyedIn { call, typed: Typed::Guess(keys.digest()) };
            Some(self.record(Actor::Outsider, &kind, None))
        } else {
            None
        };
        self.inner.push(LocalMessage::Phone(phone::Input::Pressed(call, key), cause));
        self.settle();
        if next + 1 < keys.len() {
            self.lines.hands.planned.plan(at + gap, call, Deed::Press(keys, next + 1, gap))?;
        }
        Ok(())
    }
}
