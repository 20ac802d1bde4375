//! Notices of something that the person did not do, and what the person does about them by habit.
//!
//! A notice says what happened and when, and where to go if that was not its reader (NIST SP 800-63B-4 section
//! 4.6). Whoever knows of no such act of their own takes it as a warning.

use crate::base::rng::{Rng, Stream};
use crate::base::time::{Span, Time};
use crate::event::{Control, EventKind, MailKind, Notice, PageName, Problem};
use crate::message::{Letter, Page};
use crate::people::memory::Plan;
use crate::people::{Act, Claim, OnNotice, Outcome, PasswordChoice, Person};

/// How long a person remembers what they did: a notice can be delayed by a day (RFC 5321 section 4.5.4.1).
const REMEMBERS: Span = Span::from_days(2);

/// The number of warnings that a person acts on. Somebody else can cause one after another.
const REACTIONS_MAX: u8 = 3;

/// The number of tries to change the password, or to sign out everywhere, before the person asks support.
const TRIES: u8 = 3;

/// Wait after "Too many tries".
const A_LITTLE: Span = Span::from_mins(5);

/// What a person knows of their own acts, and the warning that they act on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Warnings {
    /// When the person last did what a notice of each kind tells of.
    did: [Option<Time>; MailKind::ALL.len()],
    /// The newest warning that the person has not acted on.
    open: Option<Letter>,
    /// When the person acts on it.
    due: Option<Time>,
    /// The reaction under way.
    reaction: Option<OnNotice>,
    tries: u8,
    reactions: u8,
    /// Acts on orders only, apart from this reaction.
    on_order: bool,
}

impl Warnings {
    pub(super) const fn due(&self) -> Option<Time> {
        self.due
    }

    /// Records a request of the person, for the notices that it leads to.
    pub(super) fn requested(&mut self, now: Time, control: Control) {
        let kinds: &[MailKind] = match control {
            Control::SendEmail | Control::ResendEmail => &[MailKind::Verification],
            Control::FinishSignIn => &[MailKind::RecoveryNotice, MailKind::DeactivationNotice],
            Control::Deactivate => &[MailKind::DeactivationNotice],
            Control::BeginAssign | Control::FinishAssign | Control::Reactivate => {
                &[MailKind::AssignmentNotice, MailKind::StoppedNotice, MailKind::DeactivationNotice]
            }
            Control::SubmitPair => &[MailKind::ResyncNotice],
            Control::ChangePhone => &[MailKind::ContactNotice],
            Control::ChangePassword => &[MailKind::PasswordNotice],
            Control::SubmitTicket => &[MailKind::ResetNotice, MailKind::ContactNotice],
            Control::Open
            | Control::SubmitUser
            | Control::SubmitPassword
            | Control::SubmitCode
            | Control::Troubleshoot
            | Control::ChooseResync
            | Control::ChooseAlternative
            | Control::FollowLink
            | Control::ProbeLink
            | Control::ConfirmLink
            | Control::CallMe
            | Control::SubmitSpoken
            | Control::SignOut
            | Control::SignOutEverywhere
            | Control::Support => &[],
        };
        for kind in kinds {
            self.did[*kind as usize] = Some(now);
        }
    }

    /// Records a page that shows a wrong code of the person's own.
    fn saw(&mut self, now: Time, page: &Page) {
        let wrong = matches!(
            page.notice,
            Some(Notice::WrongCode | Notice::NotInWindow | Notice::TryLater | Notice::DeviceDisabled)
        );
        if wrong && page.name != PageName::Password {
            for kind in [MailKind::ThrottleNotice, MailKind::DisabledNotice] {
                self.did[kind as usize] = Some(now);
            }
        }
    }

    /// Whether a notice of this kind can be about an act of the person.
    fn is_own(&self, now: Time, kind: MailKind) -> bool {
        self.did[kind as usize].is_some_and(|at| now.since(at) <= REMEMBERS)
    }
}

impl Person {
    /// Takes in a letter that may be a warning.
    pub(super) fn on_warning(&mut self, now: Time, draw: &mut Rng, letter: Letter) {
        if letter.body.kind().is_none_or(|kind| self.warnings.is_own(now, kind)) {
            return;
        }
        self.warnings.open = Some(letter);
        let acts = self.habits.on_notice != OnNotice::Ignores && self.brain.is_on();
        let idle = self.warnings.due.is_none() && self.warnings.reaction.is_none();
        if acts && idle && self.warnings.reactions < REACTIONS_MAX {
            self.warnings.due = Some(now + self.about(draw, self.habits.reacts_after));
        }
    }

    /// Acts on the newest warning: on a feature's step or a move, whatever the habit.
    pub(super) fn react(&mut self) {
        if self.warnings.open.is_none() {
            return self.finish(Outcome::NoMail);
        }
        self.warnings.on_order = !self.brain.is_on();
        self.begin_reaction();
        self.brain.on = true;
        self.brain.until = None;
        self.finish(Outcome::Done);
    }

    /// Begins to act on a warning once that is due.
    pub(super) fn on_warning_due(&mut self, now: Time) {
        if self.warnings.due.is_some_and(|due| due <= now) {
            self.warnings.due = None;
            self.begin_reaction();
        }
    }

    fn begin_reaction(&mut self) {
        let Some(letter) = self.warnings.open.take() else { return };
        self.fact(EventKind::Reacted { mail: letter.mail });
        let habit = self.habits.on_notice;
        let reaction = if habit == OnNotice::Ignores { OnNotice::ChangesPassword } else { habit };
        self.warnings.due = None;
        self.warnings.reaction = Some(reaction);
        self.warnings.tries = 0;
        self.warnings.reactions = self.warnings.reactions.saturating_add(1);
        self.brain.wake();
    }

    /// The next step of the reaction under way; `None` if the person first has to get into the account, or if there
    /// is none.
    pub(super) fn next_reaction(&mut self, page: &Page) -> Option<(Span, Plan)> {
        let thinks = self.habits.thinks_for;
        let (control, act) = match self.warnings.reaction? {
            OnNotice::ChangesPassword => {
                (Control::ChangePassword, Act::ChangePassword(PasswordChoice::Right))
            }
            OnNotice::SignsOutEverywhere => (Control::SignOutEverywhere, Act::SignOutEverywhere),
            OnNotice::AsksSupport | OnNotice::Ignores => {
                self.warnings.reaction = None;
                return self.tells_support(thinks);
            }
        };
        if page.name == PageName::AssignDevice {
            return Some((thinks, Plan::Do(Act::GoTo(PageName::SecurityCredentials))));
        }
        if !page.offers.has(control) {
            return None;
        }
        if self.warnings.tries >= TRIES {
            self.warnings.reaction = None;
            return self.tells_support(thinks);
        }
        self.warnings.tries += 1;
        let wait = if page.notice == Some(Notice::TryLater) { A_LITTLE } else { thinks };
        Some((wait, Plan::Do(act)))
    }

    /// "I did not do this", to support.
    fn tells_support(&self, thinks: Span) -> Option<(Span, Plan)> {
        let may = self.has.data.is_some() && self.brain.tickets < self.habits.tickets_filed;
        let claim = Claim { problem: Problem::NotMe, phone: None };
        may.then_some((thinks, Plan::Do(Act::FileTicket(claim))))
    }

    /// Takes in a page: a wrong code of the person's own, or the end of the reaction under way.
    pub(super) fn on_page_after_warning(&mut self, now: Time, page: &Page) {
        self.warnings.saw(now, page);
        let done = match page.notice {
            Some(Notice::PasswordChanged) => Some(OnNotice::ChangesPassword),
            Some(Notice::SignedOutEverywhere) => Some(OnNotice::SignsOutEverywhere),
            Some(Notice::TicketFiled) => None,
            _ => return,
        };
        if done.is_some() && self.warnings.reaction == done {
            self.warnings.reaction = None;
        }
        if self.warnings.reaction.is_none() && std::mem::take(&mut self.warnings.on_order) {
            self.brain.stop();
        }
    }

    /// An act by habit, as it is carried out: the current password can be mistyped.
    pub(super) fn as_typed(&self, draw: &mut Rng, act: Act) -> Act {
        if act != Act::ChangePassword(PasswordChoice::Right) || self.habits.mistypes == 0 {
            return act;
        }
        let mistypes = draw.below(Stream::Person(self.id), 100) < u32::from(self.habits.mistypes);
        if mistypes { Act::ChangePassword(PasswordChoice::Wrong) } else { act }
    }
}

#[cfg(test)]
mod tests;
