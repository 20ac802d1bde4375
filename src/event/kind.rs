//! The kinds of event in a trace.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::id::{
    AccountId, AddressId, BrowserId, CallId, CodeId, DeviceId, LinkId, MailId, OutboxId, SessionId, TextId,
    TicketId, VerificationId,
};
use crate::base::number::Number;
use crate::base::secret::Digest;
use crate::base::time::Time;
use crate::event::{
    AnsweredBy, CallStatus, Control, DeviceChange, Folder, MailKind, NoReply, Notice, PageName, Problem,
    Refusal, Said, SessionEnd, TextStatus, Typed, VerificationStatus, VerifyChannel, Way, WebhookKind,
};

/// One fact. [`Event`](crate::event::Event) names the actor; the fields name the objects of the action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[expect(missing_docs, reason = "each variant has a doc comment, and the field names are plain")]
pub enum EventKind {
    // People.
    /// A person sent a request from a browser.
    Requested { browser: BrowserId, action: Control, typed: Typed },
    /// A page was shown in the browser.
    Saw { browser: BrowserId, page: PageName, notice: Option<Notice> },
    /// The page showed the full phone number on file.
    ReadNumber { browser: BrowserId },
    /// Another site made this browser post a form to the service; the posted request follows.
    Lured { browser: BrowserId },
    /// No page was returned.
    SawNothing { browser: BrowserId, lost: NoReply },
    /// The person read a code off a device; `None` if the device shows none.
    LookedAt { device: DeviceId, step: Option<u64> },
    /// The person pressed the button of a HOTP device without typing any of the codes.
    PressedButton { device: DeviceId, times: u16 },
    /// The person copied the session cookie out of a browser of the account's owner; `None` if nobody owns the
    /// account.
    StoleCookie { of: Option<BrowserId> },
    /// The person put the stolen session cookie into a browser.
    PutInCookie { browser: BrowserId },
    /// A device of the person changed: it was lost, found, repaired or restored.
    DeviceChanged { device: DeviceId, change: DeviceChange },
    /// The person read an email.
    ReadMail { mail: MailId },
    /// The person acts on an email that tells of something that they did not do.
    Reacted { mail: MailId },
    /// The person picked up the phone.
    PickedUp { call: CallId },
    /// The person keyed in digits on the phone.
    KeyedIn { call: CallId, typed: Typed },
    /// The person forged a webhook request.
    Forged { webhook: WebhookKind },
    /// The person replayed a webhook request unchanged, including its signature; `call` is its call, if there
    /// was one to replay.
    Replayed { webhook: WebhookKind, call: Option<CallId> },
    /// The person hung up or declined the call.
    HungUp { call: CallId },
    /// The person answered the support agent's call.
    TookCallBack { ticket: TicketId },
    /// The person answered the agent's questions, or sent documents; `identity` is the account whose owner they
    /// prove the person to be, `None` if they prove nothing.
    Proved { ticket: TicketId, identity: Option<AccountId> },
    /// The script of the person ends here; the person continues by habit.
    LeftAlone,
    /// The person reached the goal.
    GotIn,
    /// The person gave up for now.
    GaveUp,

    // The service: sessions and sign-in.
    /// A session began; `from` is the session that it continues under a new id.
    SessionOpened { session: SessionId, from: Option<SessionId> },
    /// A session ended.
    SessionEnded { session: SessionId, why: SessionEnd },
    /// The password was correct.
    PasswordAccepted { session: SessionId, account: AccountId },
    /// The user name or the password was wrong.
    PasswordRefused { account: Option<AccountId>, why: Refusal },
    /// An MFA code was accepted.
    MfaAccepted { session: SessionId, account: AccountId, device: DeviceId, step: u64 },
    /// An MFA code was refused.
    MfaRefused { session: SessionId, account: AccountId, why: Refusal },
    /// The account accepts no MFA codes until `until`.
    Throttled { account: AccountId, until: Time },
    /// A device was disabled after too many consecutive failures.
    DeviceDisabled { account: AccountId, device: DeviceId },
    /// The session is signed in.
    SignedIn { session: SessionId, account: AccountId, way: Way },
    /// The session requested alternative factors.
    RecoveryChosen { session: SessionId, account: AccountId },
    /// A request was refused before any rule of the flow was applied.
    RequestRefused { action: Control, why: Refusal },

    // The service: re-sync.
    /// A device was re-synced. `drift` is the number of time steps by which its clock is ahead, or the number
    /// of codes by which its counter had run ahead.
    Resynced { session: SessionId, account: AccountId, device: DeviceId, drift: i32 },
    /// A pair of codes failed to re-sync a device.
    ResyncRefused { session: SessionId, account: AccountId, why: Refusal },

    // The service: step 1.
    /// A link was issued.
    LinkIssued { link: LinkId, session: SessionId, account: AccountId },
    /// A link was invalidated before it was used.
    LinkVoided { link: LinkId, why: Refusal },
    /// The page behind a link was shown, without any change of state.
    LinkShown { link: LinkId },
    /// A link was confirmed; `session` is the sign-in that it belongs to.
    LinkConfirmed { link: LinkId, session: SessionId },
    /// A link was refused.
    LinkRefused { link: Option<LinkId>, why: Refusal },
    /// The email address counts as verified in this session.
    EmailVerified { session: SessionId, account: AccountId },

    // The service: step 2.
    /// A phone code was issued and shown on the page.
    CodeIssued { code: CodeId, session: SessionId, account: AccountId },
    /// A phone code was invalidated before it was used.
    CodeVoided { code: CodeId, why: Refusal },
    /// A phone code was accepted.
    CodeAccepted { code: CodeId, session: SessionId, account: AccountId },
    /// A phone code was refused.
    CodeRefused { code: Option<CodeId>, why: Refusal },
    /// The phone number counts as verified in this session.
    PhoneVerified { session: SessionId, account: AccountId },
    /// The phone step failed for this session.
    PhoneFailed { session: SessionId, account: AccountId },
    /// A webhook request was refused.
    WebhookRefused { webhook: WebhookKind, why: Refusal },
    /// The service received the status of a call.
    StatusHeard { code: CodeId, status: CallStatus },

    // The service: factors.
    /// A device was deactivated; `session` is `None` if support did it.
    DeviceDeactivated { account: AccountId, device: DeviceId, session: Option<SessionId> },
    /// The secret of a new device was shown.
    DeviceOffered { session: SessionId, account: AccountId, device: DeviceId },
    /// A device is active from now on.
    DeviceAssigned { session: SessionId, account: AccountId, device: DeviceId },
    /// The codes of a new device were refused.
    AssignRefused { session: SessionId, account: AccountId, why: Refusal },
    /// The phone number on file was changed.
    PhoneChanged { account: AccountId, number: Number, session: Option<SessionId> },
    /// The password was changed.
    PasswordChanged { account: AccountId, session: SessionId },
    /// The desk's reset request replaced the password with one that only leads to a new one.
    OneTimePasswordSet { account: AccountId, ticket: TicketId },
    /// All sessions of the account were told to end, at the request of one of them.
    SignedOutEverywhere { account: AccountId, session: SessionId },
    /// The desk's request to reset MFA was carried out.
    FactorsReset { account: AccountId, ticket: TicketId },
    /// The desk's request to reset MFA was refused.
    ResetRefused { ticket: TicketId, why: Refusal },

    // The service: outbox.
    /// An email was put into the outbox.
    MailOrdered { outbox: OutboxId, kind: MailKind, to: AddressId, link: Option<LinkId> },
    /// A call was put into the outbox.
    CallOrdered { outbox: OutboxId, number: Number, code: CodeId },
    /// A ticket was put into the outbox.
    TicketOrdered { outbox: OutboxId, problem: Problem },
    /// An outbox entry was sent and marked as sent.
    Sent { outbox: OutboxId },
    /// An outbox entry could not be sent; `again` is the time of the retry, if any.
    NotSent { outbox: OutboxId, again: Option<Time> },

    // The mail provider.
    /// The provider accepted an email; `kind` is `None` unless the reference service sent it.
    MailTaken { mail: MailId, to: AddressId, kind: Option<MailKind> },
    /// The provider refused an email with this SMTP reply code.
    MailRefused { to: AddressId, code: u16 },
    /// The connection was closed; `taken` is whether the provider had accepted the email.
    MailCut { to: AddressId, taken: bool },
    /// The email was delivered to the mailbox.
    MailDelivered { mail: MailId, to: AddressId, folder: Folder },
    /// The email was lost after the provider accepted it.
    MailLost { mail: MailId },
    /// The email was accepted and bounced later.
    MailBounced { mail: MailId },
    /// A link scanner began to fetch the links.
    LinkScanned { mail: MailId },

    // The phone company.
    /// The phone company accepted a call.
    CallTaken { call: CallId, number: Number },
    /// The phone company refused a call with this Twilio error code.
    CallRefused { number: Number, code: u32 },
    /// The phone company failed to respond; `placed` is the call, if it was placed nevertheless.
    CallUnclear { number: Number, placed: Option<CallId> },
    /// The call has a new status.
    StatusChanged { call: CallId, status: CallStatus },
    /// Answering machine detection finished.
    MachineDetected { call: CallId, answered_by: AnsweredBy },
    /// The document was fetched from the service.
    DocumentFetched { call: CallId, webhook: WebhookKind },
    /// The document could not be fetched; `error` is the error code of Twilio's debugger.
    DocumentFailed { call: CallId, webhook: WebhookKind, error: u32 },
    /// The call played or spoke a sentence.
    Spoke { call: CallId, said: Said },
    /// Digits were gathered. `shown_in` is the browser that shows exactly these digits, if the person keyed in
    /// others and the line changed them.
    Gathered {
        call: CallId,
        digits: Digest,
        count: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        shown_in: Option<BrowserId>,
    },
    /// No digit was pressed before the timeout.
    NoDigits { call: CallId },
    /// A status callback reached the service, which responded with this HTTP status.
    CallbackAnswered { call: CallId, status: CallStatus, http: u16 },
    /// A status callback got no response.
    CallbackFailed { call: CallId, status: CallStatus },

    // The phone company: text messages.
    /// The phone company accepted a text.
    TextTaken { text: TextId, number: Number },
    /// The phone company refused a text with this Twilio error code.
    TextRefused { number: Number, code: u32 },
    /// The phone company failed to respond; `sent` is the text, if it was sent nevertheless.
    TextUnclear { number: Number, sent: Option<TextId> },
    /// The text has a new status.
    TextStatusChanged { text: TextId, status: TextStatus },
    /// The text arrived at the handset.
    TextArrived { text: TextId, number: Number },
    /// A handset with this number sent a text to the phone company.
    TextReceived { text: TextId, number: Number },
    /// The owner of a handset opted out of texts by a keyword, or in again.
    OptOutChanged { number: Number, out: bool },
    /// A status callback of a text reached the service, which responded with this HTTP status.
    ReceiptAnswered { text: TextId, status: TextStatus, http: u16 },
    /// A status callback of a text got no response.
    ReceiptFailed { text: TextId, status: TextStatus },
    /// The service responded to a text from a handset with this many texts.
    RepliesFetched { text: TextId, count: u8 },
    /// The service's response to a text from a handset could not be used; `error` is the error code of
    /// Twilio's debugger.
    RepliesFailed { text: TextId, error: u32 },

    // The phone company: verifications.
    /// A verification of this number began; `number` is `None` for an email address.
    VerificationStarted { verification: VerificationId, number: Option<Number> },
    /// The code of a verification was handed to the channel.
    VerificationSent { verification: VerificationId, channel: VerifyChannel },
    /// A request about a verification was refused with this Twilio error code.
    VerificationRefused { verification: Option<VerificationId>, code: u32 },
    /// The phone company failed to respond; `started` is the verification, if its code was sent nevertheless.
    VerificationUnclear { started: Option<VerificationId> },
    /// A code was checked; `right` is the result.
    VerificationChecked { verification: VerificationId, right: bool },
    /// A verification accepts no more codes.
    VerificationClosed { verification: VerificationId, status: VerificationStatus },

    // The support desk.
    /// The desk accepted a ticket; `account` is the one whose number the form gives.
    TicketTaken { ticket: TicketId, problem: Problem, account: Option<AccountId> },
    /// The desk lost a ticket.
    TicketLost { ticket: TicketId },
    /// An agent read a ticket.
    TicketRead { ticket: TicketId },
    /// An agent called this number back.
    CalledBack { ticket: TicketId, number: Number },
    /// The agent's call was not answered.
    CallBackMissed { ticket: TicketId },
    /// The agent checked the identity of the person; `passed` is whether it is that of the account's owner, as
    /// far as the desk's policy cares.
    IdentityChecked { ticket: TicketId, passed: bool },
    /// The agent requested an MFA reset from the service.
    ResetRequested { ticket: TicketId },
    /// The ticket was closed; `reset` is whether MFA was reset.
    TicketClosed { ticket: TicketId, reset: bool },

    // The story.
    /// A fault of the story struck; `fault` is its index in the story's list.
    FaultStruck { fault: u16 },
    /// The service crashed.
    AppCrashed,
    /// The service restarted with its durable state only.
    AppRestarted,
}

impl EventKind {
    /// The account that the event names; `None` if it names none, or only an address, a call or a session.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other kinds name no account")]
    pub const fn account(&self) -> Option<AccountId> {
        match *self {
            Self::PasswordAccepted { account, .. }
            | Self::MfaAccepted { account, .. }
            | Self::MfaRefused { account, .. }
            | Self::Throttled { account, .. }
            | Self::DeviceDisabled { account, .. }
            | Self::SignedIn { account, .. }
            | Self::RecoveryChosen { account, .. }
            | Self::Resynced { account, .. }
            | Self::ResyncRefused { account, .. }
            | Self::LinkIssued { account, .. }
            | Self::EmailVerified { account, .. }
            | Self::CodeIssued { account, .. }
            | Self::CodeAccepted { account, .. }
            | Self::PhoneVerified { account, .. }
            | Self::PhoneFailed { account, .. }
            | Self::DeviceDeactivated { account, .. }
            | Self::DeviceOffered { account, .. }
            | Self::DeviceAssigned { account, .. }
            | Self::AssignRefused { account, .. }
            | Self::PhoneChanged { account, .. }
            | Self::PasswordChanged { account, .. }
            | Self::OneTimePasswordSet { account, .. }
            | Self::SignedOutEverywhere { account, .. }
            | Self::FactorsReset { account, .. } => Some(account),
            Self::PasswordRefused { account, .. } | Self::TicketTaken { account, .. } => account,
            _ => None,
        }
    }
}
