//! The machines of a world, each with its output buffer and cached due time.

use crate::base::machine::Reason;
use crate::base::time::Time;
use crate::people;
use crate::people::{Outcome, Person};
use crate::providers::desk::SupportDesk;
use crate::providers::mail::MailProvider;
use crate::providers::messaging::Messaging;
use crate::providers::phone::PhoneCompany;
use crate::providers::verify::Verify;
use crate::providers::{desk, mail, messaging, phone, verify};
use crate::service::reference;
use crate::service::reference::Recovery;
use crate::story::Story;
use crate::world::theft::Thefts;

#[derive(Debug)]
pub(super) struct Hosted<M, O> {
    pub(super) machine: M,
    /// Spare buffer, swapped with the machine's outputs when they are taken.
    pub(super) spare: Vec<O>,
    pub(super) wake: Wake,
}

impl<M, O> Hosted<M, O> {
    pub(super) const fn new(machine: M) -> Self {
        Self { machine, spare: Vec::new(), wake: Wake::UNKNOWN }
    }

    /// Runs one input through the machine: `feed` passes it and takes the outputs. Give these back
    /// with [`Self::put_back`] once they are read.
    pub(super) fn run(&mut self, feed: impl FnOnce(&mut M, &mut Vec<O>)) -> Vec<O> {
        let mut outputs = std::mem::take(&mut self.spare);
        self.wake.invalidate();
        feed(&mut self.machine, &mut outputs);
        outputs
    }

    /// Returns the buffer after its outputs were handled.
    pub(super) fn put_back(&mut self, mut outputs: Vec<O>) {
        outputs.clear();
        self.spare = outputs;
    }
}

/// Caches when a machine is due. The machine is polled again only after an input, because most machines are
/// idle most of the time and a drill moves its clock about forty times per run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wake {
    /// `None` if the machine received an input since the last poll.
    known: Option<(Time, Option<Reason>)>,
}

impl Wake {
    pub(super) const UNKNOWN: Self = Self { known: None };

    pub(super) const fn invalidate(&mut self) {
        self.known = None;
    }

    /// When the machine is due and why; [`Time::NEVER`] if it is idle.
    pub(super) fn due(&mut self, ask: impl FnOnce() -> Option<(Time, Reason)>) -> (Time, Option<Reason>) {
        *self.known.get_or_insert_with(|| match ask() {
            Some((at, reason)) => (at, Some(reason)),
            None => (Time::NEVER, None),
        })
    }
}

#[derive(Debug)]
pub(super) enum Service {
    /// The recovery flow core, simulated in this world.
    Reference(Box<Hosted<Recovery, reference::Output>>),
    /// An external service: requests to it leave through the stage, and its requests arrive as
    /// [`Origin::Outside`](crate::world::Origin::Outside).
    Outside,
}

/// The service under test, and whether its process is running.
#[derive(Debug)]
pub(super) struct ServiceHost {
    pub(super) service: Service,
    /// When the crashed process of the reference service restarts.
    pub(super) up_at: Option<Time>,
}

impl ServiceHost {
    pub(super) fn reference(story: &Story) -> Self {
        let machine = Recovery::new(story.policy, story.epoch, Vec::new(), 0);
        Self { service: Service::Reference(Box::new(Hosted::new(machine))), up_at: None }
    }

    pub(super) const fn outside() -> Self {
        Self { service: Service::Outside, up_at: None }
    }

    pub(super) const fn is_up(&self) -> bool {
        self.up_at.is_none()
    }

    /// The reference service; `None` if the service is external.
    pub(super) const fn reference_host(&mut self) -> Option<&mut Hosted<Recovery, reference::Output>> {
        match &mut self.service {
            Service::Reference(host) => Some(host),
            Service::Outside => None,
        }
    }

    pub(super) const fn reset(&mut self) {
        self.up_at = None;
        if let Some(host) = self.reference_host() {
            host.wake.invalidate();
        }
    }
}

#[derive(Debug)]
pub(super) struct Providers {
    pub(super) mail: Hosted<MailProvider, mail::Output>,
    pub(super) phone: Hosted<PhoneCompany, phone::Output>,
    pub(super) texts: Hosted<Messaging, messaging::Output>,
    pub(super) verify: Hosted<Verify, verify::Output>,
    pub(super) desk: Hosted<SupportDesk, desk::Output>,
}

impl Providers {
    pub(super) fn of(story: &Story) -> Self {
        Self {
            mail: Hosted::new(MailProvider::new(story.mail)),
            phone: Hosted::new(PhoneCompany::new(story.phone, story.epoch)),
            texts: Hosted::new(Messaging::default()),
            verify: Hosted::new(Verify::default()),
            desk: Hosted::new(SupportDesk::new(story.support, &story.policy, Vec::new())),
        }
    }

    pub(super) const fn reset(&mut self) {
        self.mail.wake.invalidate();
        self.phone.wake.invalidate();
        self.texts.wake.invalidate();
        self.desk.wake.invalidate();
    }
}

/// The people of a story, with a shared output buffer.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) all: Vec<Person>,
    pub(super) spare: Vec<people::Output>,
    pub(super) wakes: Vec<Wake>,
    /// The outcome of each person's last order; `None` while it is in progress.
    pub(super) outcomes: Vec<Option<Outcome>>,
    /// The session cookies in the hands of thieves.
    pub(super) thefts: Thefts,
}

impl People {
    /// Clears the cached due times, the outcomes and the thefts.
    pub(super) fn reset(&mut self) {
        let people = self.all.len();
        self.wakes.clear();
        self.wakes.resize(people, Wake::UNKNOWN);
        self.outcomes.clear();
        self.outcomes.resize(people, None);
        self.thefts.clear();
    }
}
