//! *Sometimes* assertions: situations that at least one run of a drill must reach.

use crate::base::id::PersonId;
use crate::event::{Actor, CallStatus, DeviceChange, Event, EventKind, MailKind, Notice, Refusal, Way};
use crate::fault::{Around, CrashWhen, FaultKind};
use crate::story::{Role, Story};

macro_rules! sometimes {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal,)*) => {
        /// A situation that some run must reach.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Sometimes { $($(#[doc = $doc])* $name,)* }

        impl Sometimes {
            /// All situations.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in reports.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The description.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),*),)* }
            }
        }
    };
}

sometimes! {
    /// An owner signs in by alternative factors.
    Recovered = "recovered",
    /// An owner signs in with a code of a device.
    SignedInWithCode = "signed-in-with-code",
    /// Support resets MFA.
    SupportReset = "support-reset",
    /// An owner gives up.
    GaveUp = "gave-up",
    /// Codes for an account are throttled.
    ThrottledSignIn = "throttled-sign-in",
    /// An owner is refused without a check because of earlier failures.
    LockOut = "lock-out",
    /// A device is re-synced.
    Resynced = "re-synced",
    /// A re-sync with two codes fails.
    ResyncRefused = "re-sync-refused",
    /// A used code or pair is refused.
    ReplayRefused = "replay-refused",
    /// An expired link is refused.
    LinkExpired = "link-expired",
    /// A used link is refused.
    LinkUsed = "link-used",
    /// A replaced link is refused.
    LinkReplaced = "link-replaced",
    /// A link is refused because its sign-in has ended.
    LinkNoSession = "link-without-session",
    /// A scanner fetches a link before the recipient opens it.
    LinkScanned = "link-scanned",
    /// An email address is verified in another browser.
    OtherBrowser = "other-browser",
    /// The limit of emails is reached.
    TooManyMails = "too-many-mails",
    /// The limit of calls is reached.
    TooManyCalls = "too-many-calls",
    /// The tries of a phone code are used up.
    CodeUsedUp = "code-used-up",
    /// A wrong phone code is keyed in.
    WrongPhoneCode = "wrong-phone-code",
    /// Voicemail picks up.
    Voicemail = "voicemail",
    /// A call is not answered.
    NoAnswer = "no-answer",
    /// Two calls are under way at the same time.
    CallsOverlap = "calls-overlap",
    /// The phone step ends with "Phone verification could not be completed".
    PhoneFailed = "phone-failed",
    /// The phone company places a call but does not answer the order.
    UnclearCall = "unclear-call",
    /// A webhook is refused because of its signature.
    ForgeryRefused = "forgery-refused",
    /// A form without a CSRF token is refused.
    CrossSiteRefused = "cross-site-refused",
    /// The service crashes after it sent something and before it recorded that.
    CrashAfterSend = "crash-between-send-and-record",
    /// The service crashes while it answers a page request.
    CrashAtPage = "crash-at-page",
    /// A page request fails because the service is down.
    AppDown = "app-down",
    /// An email is permanently refused or bounces.
    MailReturned = "mail-returned",
    /// A ticket is lost.
    TicketLost = "ticket-lost",
    /// Nobody answers the call from support.
    CallBackMissed = "call-back-missed",
    /// Support rejects the proof of identity.
    NotProven = "not-proven",
    /// A new device is assigned.
    DeviceAssigned = "device-assigned",
    /// A session ends because a factor changed elsewhere.
    SessionEnded = "session-ended",
    /// A stranger completes the first step.
    StrangerAtStepTwo = "stranger-at-step-two",
    /// A stranger is told that a step comes too early.
    TooEarly = "too-early",
    /// Devices from before a recovery stop counting.
    EarlierStopped = "earlier-devices-stopped",
    /// A device is lost in mid-story.
    DeviceLost = "device-lost",
    /// A lost device is found again.
    DeviceFound = "device-found",
    /// The clock of a device is set right in mid-story.
    ClockSet = "clock-set",
    /// A battery is replaced in mid-story.
    BatteryReplaced = "battery-replaced",
    /// A device is restored from a backup.
    DeviceRestored = "device-restored",
}

/// The situations that a trace reaches, as a bit set.
pub(super) struct Reach<'a> {
    story: &'a Story,
    pub(super) bits: u64,
    calls_up: u32,
}

impl<'a> Reach<'a> {
    pub(super) const fn of(story: &'a Story) -> Self {
        Self { story, bits: 0, calls_up: 0 }
    }
    fn mark(&mut self, what: Sometimes) {
        self.bits |= 1 << what as u64;
    }

    fn is_owner(&self, who: PersonId) -> bool {
        self.story.people.get(who.index()).is_some_and(|person| person.role == Role::Owner)
    }

    pub(super) fn take_in(&mut self, event: &Event) {
        match event.kind {
            // The notice is sent, too, where a recovery ends with a new sign-in.
            EventKind::SignedIn { way: Way::Recovery, .. }
            | EventKind::MailOrdered { kind: MailKind::RecoveryNotice, .. } => {
                self.mark(Sometimes::Recovered)
            }
            EventKind::SignedIn { way: Way::Mfa, .. } => self.mark(Sometimes::SignedInWithCode),
            EventKind::FactorsReset { .. } => self.mark(Sometimes::SupportReset),
            EventKind::GaveUp => self.mark(Sometimes::GaveUp),
            EventKind::Throttled { .. } => self.mark(Sometimes::ThrottledSignIn),
            EventKind::Resynced { .. } => self.mark(Sometimes::Resynced),
            EventKind::ResyncRefused { why: Refusal::Used, .. }
            | EventKind::MfaRefused { why: Refusal::Used, .. } => self.mark(Sometimes::ReplayRefused),
            EventKind::ResyncRefused { .. } => self.mark(Sometimes::ResyncRefused),
            EventKind::LinkRefused { why, .. } => self.link_refused(why),
            EventKind::LinkScanned { .. } => self.mark(Sometimes::LinkScanned),
            EventKind::CodeRefused { why: Refusal::Wrong, .. } => self.mark(Sometimes::WrongPhoneCode),
            EventKind::CodeRefused { why: Refusal::UsedUp, .. }
            | EventKind::CodeVoided { why: Refusal::UsedUp, .. } => self.mark(Sometimes::CodeUsedUp),
            EventKind::PhoneFailed { .. } => self.mark(Sometimes::PhoneFailed),
            EventKind::CallUnclear { placed: Some(_), .. } => self.mark(Sometimes::UnclearCall),
            EventKind::WebhookRefused { why: Refusal::BadSignature, .. } => {
                self.mark(Sometimes::ForgeryRefused)
            }
            EventKind::RequestRefused { why: Refusal::BadCsrf, .. } => self.mark(Sometimes::CrossSiteRefused),
            EventKind::RequestRefused { why: Refusal::TooEarly, .. } => self.mark(Sometimes::TooEarly),
            EventKind::MailBounced { .. } => self.mark(Sometimes::MailReturned),
            EventKind::MailRefused { code: 500.., .. } => self.mark(Sometimes::MailReturned),
            EventKind::TicketLost { .. } => self.mark(Sometimes::TicketLost),
            EventKind::CallBackMissed { .. } => self.mark(Sometimes::CallBackMissed),
            EventKind::IdentityChecked { passed: false, .. } => self.mark(Sometimes::NotProven),
            EventKind::MailOrdered { kind: MailKind::StoppedNotice, .. } => {
                self.mark(Sometimes::EarlierStopped);
            }
            EventKind::DeviceChanged { change, .. } => self.mark(match change {
                DeviceChange::Lost => Sometimes::DeviceLost,
                DeviceChange::Found => Sometimes::DeviceFound,
                DeviceChange::ClockSet => Sometimes::ClockSet,
                DeviceChange::BatteryReplaced => Sometimes::BatteryReplaced,
                DeviceChange::Restored { .. } => Sometimes::DeviceRestored,
            }),
            EventKind::DeviceAssigned { .. } => self.mark(Sometimes::DeviceAssigned),
            EventKind::FaultStruck { fault } => self.struck(fault),
            EventKind::SawNothing { lost: crate::event::NoReply::Down, .. } => self.mark(Sometimes::AppDown),
            EventKind::Saw { notice: Some(notice), .. } => self.saw(event, notice),
            EventKind::StatusChanged { status, .. } => self.status(status),
            EventKind::SessionEnded { why: crate::event::SessionEnd::FactorChanged, .. } => {
                self.mark(Sometimes::SessionEnded);
            }
            _ => {}
        }
    }

    fn link_refused(&mut self, why: Refusal) {
        match why {
            Refusal::Expired => self.mark(Sometimes::LinkExpired),
            Refusal::Used => self.mark(Sometimes::LinkUsed),
            Refusal::Replaced => self.mark(Sometimes::LinkReplaced),
            Refusal::NoSession => self.mark(Sometimes::LinkNoSession),
            _ => {}
        }
    }

    fn saw(&mut self, event: &Event, notice: Notice) {
        let Actor::Person(who) = event.by else { return };
        match notice {
            Notice::TryLater if self.is_owner(who) => self.mark(Sometimes::LockOut),
            Notice::EmailVerified if !self.is_owner(who) => self.mark(Sometimes::StrangerAtStepTwo),
            Notice::GoBack => self.mark(Sometimes::OtherBrowser),
            Notice::TooManyMails => self.mark(Sometimes::TooManyMails),
            Notice::TooManyCalls => self.mark(Sometimes::TooManyCalls),
            _ => {}
        }
    }

    fn status(&mut self, status: CallStatus) {
        match status {
            CallStatus::Queued => {
                self.calls_up += 1;
                if self.calls_up > 1 {
                    self.mark(Sometimes::CallsOverlap);
                }
            }
            CallStatus::NoAnswer => self.mark(Sometimes::NoAnswer),
            _ => {}
        }
        if status.is_terminal() {
            self.calls_up = self.calls_up.saturating_sub(1);
        }
    }

    fn struck(&mut self, fault: u16) {
        match self.story.faults.get(usize::from(fault)).map(|fault| fault.kind) {
            Some(FaultKind::CallToVoicemail { .. }) => self.mark(Sometimes::Voicemail),
            Some(FaultKind::AppCrashes {
                around: Around::Mail | Around::Call | Around::Ticket,
                when: CrashWhen::After,
                ..
            }) => self.mark(Sometimes::CrashAfterSend),
            Some(FaultKind::AppCrashes { around: Around::Page, .. }) => self.mark(Sometimes::CrashAtPage),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_bit_for_each() {
        assert!(Sometimes::ALL.len() <= 64);
        for (place, what) in Sometimes::ALL.iter().enumerate() {
            assert_eq!(*what as usize, place);
            assert!(what.sentence().trim().ends_with('.'), "{}", what.id());
        }
    }
}
