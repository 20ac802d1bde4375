//! Draws the story of a run: people, device states, habits and faults.
//!
//! Everything drawn can be expressed in a story file, so any run can be saved as one. What the base
//! story specifies explicitly is kept; the drill fills in the rest.

use crate::base::id::AccountId;
use crate::base::number::Number;
use crate::base::otp::Kind;
use crate::base::rng::{Rng, Stream};
use crate::base::time::Span;
use crate::drill::faults::FaultDraw;
use crate::drill::mix::Mix;
use crate::drill::{changes, patterns};
use crate::people::{Act, Answers, Habits, OpensLinksIn};
use crate::policy::{PhoneNumber, Policy};
use crate::story::{Account, Character, Device, DeviceState, Has, Role, Story, limit};

/// Names for added strangers. The first one that the base does not use is taken.
const STRANGERS: [&str; 4] = ["mallory", "eve", "trudy", "oscar"];

/// The phone number that every added stranger answers.
pub(super) const STRANGERS_NUMBER: &str = "+1 415 555 0100";

/// Clock offsets in milliseconds: near ones, which sign-in refuses and most re-sync windows cover,
/// and far ones, which only the widest window covers, or none.
const DRIFTS: [i64; 4] = [45_000, 75_000, 120_000, 480_000];
const DRIFTS_FAR: [i64; 3] = [1_800_000, 7_200_000, 36_000_000];

/// How many codes an HOTP device has run ahead, near and far.
const RAN_AHEAD: [u32; 3] = [3, 9, 15];
const RAN_FAR: [u32; 3] = [40, 150, 2_000];

/// Draws stories from a base.
#[derive(Clone, Debug)]
pub(super) struct Drawing {
    mix: &'static Mix,
    faults: FaultDraw,
    number: Option<Number>,
}

impl Drawing {
    pub(super) fn new(mix: &'static Mix) -> Self {
        Self { mix, faults: FaultDraw::new(mix), number: Number::read(STRANGERS_NUMBER).ok() }
    }

    /// Turns `story`, a copy of `base` or an earlier draw from it, into the story of this run.
    pub(super) fn again(&self, draw: &mut Rng, base: &Story, story: &mut Story, seed: u64) {
        restore(base, story);
        story.seed = seed;
        self.window(draw, &mut story.policy);
        for device in &mut story.devices {
            self.fate(draw, device);
        }
        for person in story.people.iter_mut().filter(|person| person.role == Role::Owner) {
            self.habits(draw, &mut person.habits);
        }
        if story.people.iter().all(|person| person.role == Role::Owner) {
            let count = share(draw, &self.mix.strangers);
            // A story with more people, or more faults, could not be read back.
            let room = limit::PEOPLE_MAX.saturating_sub(story.people.len());
            for _ in 0..count.min(room) {
                let stranger = self.stranger(draw, &story.accounts, free_name(&story.people));
                story.people.extend(stranger);
            }
        }
        changes::draw(draw, self.mix.device_changes, story);
        if draw.below(Stream::Devices, 100) < self.mix.leaves_lost_devices {
            for person in &mut story.people {
                person.habits.leaves_lost_devices = person.role == Role::Owner;
            }
        }
        self.faults.draw(draw, &mut story.faults);
        story.faults.truncate(limit::FAULTS_MAX);
        for stranger in story.people.iter_mut().skip(base.people.len()) {
            stranger.has.session = draw.below(Stream::Story, 100) < self.mix.holdings.session;
        }
        patterns::draw(draw, self.mix.patterns, story);
        if !can_be_called(story) {
            // A fault that can never strike could not be read back either.
            story.faults.retain(|fault| !fault.kind.point().needs_a_phone());
        }
    }

    fn window(&self, draw: &mut Rng, policy: &mut Policy) {
        if policy.resync_window != Policy::NORM.resync_window {
            return;
        }
        let most = self.mix.windows().map(|(_, share)| share).sum();
        let mut at = draw.below(Stream::Story, most);
        for (window, share) in self.mix.windows() {
            if at < share {
                policy.resync_window = window;
                return;
            }
            at -= share;
        }
    }

    fn fate(&self, draw: &mut Rng, device: &mut Device) {
        let untouched = device.state == DeviceState::Works
            && device.clock_off == 0
            && device.drift_ppm == 0
            && device.ran_ahead == 0;
        if !untouched {
            return;
        }
        match share(draw, &self.mix.devices.shares()) {
            0 => device.state = DeviceState::Lost,
            1 => {}
            2 => drift(draw, device, &DRIFTS, &RAN_AHEAD),
            3 => drift(draw, device, &DRIFTS_FAR, &RAN_FAR),
            4 => device.state = DeviceState::Broken,
            _ => device.state = DeviceState::Dead,
        }
    }

    fn habits(&self, draw: &mut Rng, habits: &mut Habits) {
        habits.comes_back_after = habits.comes_back_after.or(Some(Span::from_hours(10)));
        let bits = draw.bits(Stream::Story);
        let varies = |place: u32| ((bits >> (place * 7)) & 127) * 100 / 128 < u64::from(self.mix.habits_vary);
        if varies(0) {
            habits.opens_links_in = OpensLinksIn::OtherBrowser;
        }
        if varies(1) {
            habits.answers = Answers::NotTheFirst;
        }
        if varies(2) {
            habits.looks_into_spam = true;
        }
        if varies(3) {
            habits.mistypes = 20;
        }
        if varies(4) {
            let slow = [Span::from_secs(5), Span::from_mins(15), Span::from_mins(70)];
            habits.reads_mail_after = slow[draw.below(Stream::Story, 3) as usize];
        }
        if varies(5) {
            habits.answers_after = Span::from_secs(25);
            habits.calls_asked = 5;
        }
        if varies(6) {
            habits.key_gap = Span::from_millis(4_200);
        }
        if varies(7) {
            habits.thinks_for = Span::from_secs(40);
        }
        if varies(8) {
            habits.waits_for_mail = Span::from_secs(40);
        }
    }

    /// A stranger who holds less than NIST SP 800-63B requires for access.
    fn stranger(&self, draw: &mut Rng, accounts: &[Account], name: String) -> Option<Character> {
        let place = draw.below(Stream::Story, u32::try_from(accounts.len()).ok()?) as u16;
        let account = accounts.get(usize::from(place))?;
        let holds = self.mix.holdings;
        let mut has = |percent: u32| draw.below(Stream::Story, 100) < percent;
        let password = has(holds.password);
        let mailbox = has(holds.mailbox);
        let data = has(holds.personal_data);
        // An owner proves possession by password and code, or by password, email and phone call
        // (NIST SP 800-63B-4 section 4.2.2.2), so a stranger must not have a full set.
        let device = has(holds.device) && !password;
        let phone = has(holds.phone) && !(password && mailbox);
        Some(Character {
            name,
            account: AccountId(place),
            role: Role::Stranger,
            has: Has { password, personal_data: data, identity: false, devices: device, session: false },
            reads: if mailbox { account.emails.clone() } else { Vec::new() },
            holds: Vec::new(),
            answers: account.phone.filter(|_| phone).into_iter().chain(self.number).collect(),
            habits: Habits::default(),
            begins: None,
        })
    }
}

/// Whether the service could ever place a call.
fn can_be_called(story: &Story) -> bool {
    story.accounts.iter().any(|account| account.phone.is_some())
        || story.policy.phone_number == PhoneNumber::LastTyped
        || story.moves.iter().any(|made| matches!(made.does, Act::ChangePhone(_) | Act::PostPhone(_)))
}

/// An unused name, as story files refer to people by name.
fn free_name(people: &[Character]) -> String {
    let is_free = |name: &str| people.iter().all(|person| person.name != name);
    let known = STRANGERS.iter().find(|name| is_free(name)).map(|name| (*name).to_owned());
    known
        .or_else(|| (1..).map(|number| format!("stranger-{number}")).find(|name| is_free(name)))
        .unwrap_or_default()
}

fn drift(draw: &mut Rng, device: &mut Device, clocks: &[i64], counters: &[u32]) {
    match device.kind {
        Kind::Totp { .. } => {
            let off = clocks[draw.below(Stream::Story, clocks.len() as u32) as usize];
            device.clock_off = if draw.below(Stream::Story, 2) == 0 { off } else { -off };
        }
        Kind::Hotp { .. } => {
            device.ran_ahead = counters[draw.below(Stream::Story, counters.len() as u32) as usize];
        }
    }
}

/// An index, drawn in proportion to the shares.
fn share(draw: &mut Rng, shares: &[u32]) -> usize {
    let mut at = draw.below(Stream::Story, shares.iter().sum());
    shares.iter().take_while(|share| at.checked_sub(**share).map(|rest| at = rest).is_some()).count()
}

/// Undoes the changes of an earlier draw.
fn restore(base: &Story, story: &mut Story) {
    story.policy = base.policy;
    story.devices.clone_from(&base.devices);
    story.people.truncate(base.people.len());
    for (person, was) in story.people.iter_mut().zip(&base.people) {
        person.habits = was.habits;
    }
    story.faults.clear();
    story.faults.extend_from_slice(&base.faults);
    story.moves.clear();
    story.moves.extend_from_slice(&base.moves);
}
