//! The state of an account at a moment, to show what a finding changed.

use std::fmt;

use crate::base::id::{AccountId, DeviceId, EventId, SessionId};
use crate::base::number::Number;
use crate::event::{EventKind, Trace, Way};
use crate::report::Words;
use crate::report::words::way_words;
use crate::story::Story;

/// One account, according to the service's events so far.
#[derive(Clone, Debug, PartialEq)]
pub struct State<'a> {
    story: &'a Story,
    account: AccountId,
    devices: Vec<DeviceId>,
    number: Option<Number>,
    /// Sessions of this account, and how they were signed in, if they are.
    sessions: Vec<(SessionId, Option<Way>)>,
    wrong: u32,
}

impl<'a> State<'a> {
    /// The account at the start of the story.
    pub fn at_first(story: &'a Story, account: AccountId) -> Self {
        let own = story.devices.iter().enumerate().filter(|(_, device)| device.account == account);
        Self {
            story,
            account,
            devices: own.map(|(at, _)| DeviceId(at as u16)).collect(),
            number: story.accounts.get(account.index()).and_then(|account| account.phone),
            sessions: Vec::new(),
            wrong: 0,
        }
    }

    /// The account before `decisive`, and after the events of the same actor that follow at the
    /// same time; `None` if the event is not about an account.
    pub fn around(trace: &Trace, story: &'a Story, decisive: EventId) -> Option<(Self, Self)> {
        let account = trace.get(decisive)?.kind.account()?;
        let mut state = Self::at_first(story, account);
        for (id, event) in trace.iter() {
            if id == decisive {
                let before = state.clone();
                state.take_in(&event.kind);
                let then = trace.iter().skip(id.index() + 1);
                for (_, event) in then.take_while(|(_, next)| next.at == event.at && next.by == event.by) {
                    state.take_in(&event.kind);
                }
                return Some((before, state));
            }
            state.take_in(&event.kind);
        }
        None
    }

    fn take_in(&mut self, kind: &EventKind) {
        let own = kind.account() == Some(self.account);
        match *kind {
            EventKind::SessionOpened { session, from: Some(from) } => {
                let known = self.sessions.iter().find(|(known, _)| *known == from).copied();
                self.sessions.extend(known.map(|(_, way)| (session, way)));
            }
            EventKind::SessionEnded { session, .. } => self.sessions.retain(|(known, _)| *known != session),
            EventKind::PasswordAccepted { session, .. } if own => self.goes_on(session, None),
            EventKind::SignedIn { session, way, .. } if own => self.goes_on(session, Some(way)),
            EventKind::DeviceAssigned { device, .. } if own => self.devices.push(device),
            EventKind::DeviceDeactivated { device, .. } if own => self.devices.retain(|held| *held != device),
            EventKind::PhoneChanged { number, .. } if own => self.number = Some(number),
            EventKind::MfaRefused { .. } | EventKind::PasswordRefused { .. } if own => self.wrong += 1,
            EventKind::MfaAccepted { .. } if own => self.wrong = 0,
            _ => {}
        }
    }

    fn goes_on(&mut self, session: SessionId, way: Option<Way>) {
        self.sessions.retain(|(known, _)| *known != session);
        self.sessions.push((session, way));
    }
}

impl fmt::Display for State<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Words::of(self.story);
        let list = |items: Vec<String>, none: &str| {
            if items.is_empty() { none.to_owned() } else { items.join(", ") }
        };
        let devices = self.devices.iter().map(|device| words.device(*device)).collect();
        let sessions = self.sessions.iter().map(|(session, way)| match way {
            Some(way) => format!("{session} signed in {}", way_words(*way)),
            None => format!("{session} after the password"),
        });
        let number = self.number.map_or_else(|| "no number".to_owned(), |number| number.to_string());
        write!(
            f,
            "{}: MFA {}; {number}; {}",
            words.account(self.account),
            list(devices, "off"),
            list(sessions.collect(), "no session")
        )?;
        if self.wrong > 0 {
            write!(f, "; {} wrong since the last correct code", self.wrong)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::stage::Play;

    #[test]
    fn a_recovery_is_a_session_more_and_a_deactivation_a_device_less() {
        let story = include_str!("../../scenarios/lost-device.yaml");
        let story = Arc::new(Story::read(story, "scenarios/lost-device.yaml").unwrap());
        let mut play = Play::new(Arc::clone(&story), 1);
        play.to_the_end().unwrap();
        let trace = play.into_trace();
        let told = |test: fn(&EventKind) -> bool| {
            let id = trace.iter().find(|(_, event)| test(&event.kind)).map(|(id, _)| id).unwrap();
            State::around(&trace, &story, id).map(|(before, after)| [before.to_string(), after.to_string()])
        };
        assert_eq!(
            told(|kind| matches!(kind, EventKind::SignedIn { way: Way::Recovery, .. })).unwrap(),
            [
                "ana: MFA phone-app; +34600000001; session 3 after the password",
                "ana: MFA phone-app; +34600000001; session 3 signed in by alternative factors",
            ]
        );
        assert_eq!(
            told(|kind| matches!(kind, EventKind::DeviceDeactivated { .. })).unwrap(),
            [
                "ana: MFA phone-app; +34600000001; session 3 signed in by alternative factors",
                "ana: MFA off; +34600000001; session 3 signed in by alternative factors",
            ]
        );
        assert_eq!(told(|kind| matches!(kind, EventKind::Sent { .. })), None);
    }
}
