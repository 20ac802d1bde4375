//! The kinds of event: everything that a story can tell.

use serde::Serialize;

use crate::event::AnsweredBy;
use crate::event::CallStatus;
use crate::event::Control;
use crate::event::Folder;
use crate::event::Lost;
use crate::event::MailKind;
use crate::event::Notice;
use crate::event::PageName;
use crate::event::Problem;
use crate::event::Refusal;
use crate::event::Said;
use crate::event::SessionEnd;
use crate::event::Typed;
use crate::event::Way;
use crate::event::WebhookKind;
use crate::id::AccountId;
use crate::id::AddressId;
use crate::id::BrowserId;
use crate::id::CallId;
use crate::id::CodeId;
use crate::id::DeviceId;
use crate::id::LinkId;
use crate::id::MailId;
use crate::id::OutboxId;
use crate::id::SessionId;
use crate::id::TicketId;
use crate::number::Number;
use crate::secret::Digest;
use crate::time::Time;

/// One fact. The actor stands in the event; what is named here is what it was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[expect(missing_docs, reason = "each variant has its sentence, and each field is a word of the glossary")]
pub enum EventKind {
    // People.
    /// A person sent a request from a browser.
    Requested { browser: BrowserId, action: Control, typed: Typed },
    /// A page came back to the browser.
    Saw { browser: BrowserId, page: PageName, notice: Option<Notice> },
    /// The page showed the whole phone number on file.
    ReadNumber { browser: BrowserId },
    /// Another site made this browser post a form to the service; what was posted follows.
    Lured { browser: BrowserId },
    /// No page came back.
    SawNothing { browser: BrowserId, lost: Lost },
    /// The person read a code off a device; `None` when the device shows nothing.
    LookedAt { device: DeviceId, step: Option<u64> },
    /// The person pressed the button of a counter device, and typed none of the codes.
    PressedButton { device: DeviceId, times: u16 },
    /// The person read a mail.
    ReadMail { mail: MailId },
    /// The person picked up the phone.
    PickedUp { call: CallId },
    /// The person keyed something in on the phone.
    KeyedIn { call: CallId, typed: Typed },
    /// The person made up a request as if a call had made it.
    Forged { webhook: WebhookKind },
    /// The person posted once more what a call had asked, as it was, signature and all.
    Replayed { webhook: WebhookKind },
    /// The person hung up, or turned the call away.
    HungUp { call: CallId },
    /// The person took the desk's call.
    TookCallBack { ticket: TicketId },
    /// The person answered the agent's questions; `proof` is whether the answers prove who it is.
    Proved { ticket: TicketId, proof: bool },
    /// From now on the person is left alone, and acts by habit.
    LeftAlone,
    /// The person has got what it came for.
    GotIn,
    /// The person gave up for now.
    GaveUp,

    // The console: sessions and sign-in.
    /// A session began; `from` is the one that it continues under a new name.
    SessionOpened { session: SessionId, from: Option<SessionId> },
    /// A session ended.
    SessionEnded { session: SessionId, why: SessionEnd },
    /// The password was right.
    PasswordAccepted { session: SessionId, account: AccountId },
    /// The user name or the password was wrong.
    PasswordRefused { account: Option<AccountId>, why: Refusal },
    /// A code was right.
    MfaAccepted { session: SessionId, account: AccountId, device: DeviceId, step: u64 },
    /// A code was refused.
    MfaRefused { session: SessionId, account: AccountId, why: Refusal },
    /// The account takes no MFA codes until then.
    Throttled { account: AccountId, until: Time },
    /// A device was disabled after too many failures in a row.
    DeviceDisabled { account: AccountId, device: DeviceId },
    /// The session is signed in.
    SignedIn { session: SessionId, account: AccountId, way: Way },
    /// The session asked for alternative factors.
    RecoveryChosen { session: SessionId, account: AccountId },
    /// A request was refused before it reached any rule of the flow.
    RequestRefused { action: Control, why: Refusal },

    // The console: re-sync.
    /// A device was re-synced. `drift` is how many time steps its clock is ahead from now on, or how
    /// many codes its counter had run ahead.
    Resynced { session: SessionId, account: AccountId, device: DeviceId, drift: i32 },
    /// Two codes did not re-sync anything.
    ResyncRefused { session: SessionId, account: AccountId, why: Refusal },

    // The console: step 1.
    /// A link was issued.
    LinkIssued { link: LinkId, session: SessionId, account: AccountId },
    /// A link stopped working before it was used.
    LinkVoided { link: LinkId, why: Refusal },
    /// The page behind a link was shown; nothing changed by that.
    LinkShown { link: LinkId },
    /// A link was confirmed; `session` is the sign-in that it belongs to.
    LinkConfirmed { link: LinkId, session: SessionId },
    /// A link was refused.
    LinkRefused { link: Option<LinkId>, why: Refusal },
    /// The e-mail address counts as verified in this session.
    EmailVerified { session: SessionId, account: AccountId },

    // The console: step 2.
    /// A phone code was put on the screen.
    CodeIssued { code: CodeId, session: SessionId, account: AccountId },
    /// A phone code stopped working before it was used.
    CodeVoided { code: CodeId, why: Refusal },
    /// A phone code was keyed in right.
    CodeAccepted { code: CodeId, session: SessionId, account: AccountId },
    /// What was keyed in was refused.
    CodeRefused { code: Option<CodeId>, why: Refusal },
    /// The phone number counts as verified in this session.
    PhoneVerified { session: SessionId, account: AccountId },
    /// The phone step could not be completed with this call.
    PhoneFailed { session: SessionId, account: AccountId },
    /// A request of a call was refused.
    WebhookRefused { webhook: WebhookKind, why: Refusal },
    /// A call's status reached the console.
    StatusHeard { code: CodeId, status: CallStatus },

    // The console: factors.
    /// A device stopped counting; `session` is `None` when support did it.
    DeviceDeactivated { account: AccountId, device: DeviceId, session: Option<SessionId> },
    /// A new device's secret was shown.
    DeviceOffered { session: SessionId, account: AccountId, device: DeviceId },
    /// A device counts from now on.
    DeviceAssigned { session: SessionId, account: AccountId, device: DeviceId },
    /// The codes of a new device were refused.
    AssignRefused { session: SessionId, account: AccountId, why: Refusal },
    /// The phone number on file was changed.
    PhoneChanged { account: AccountId, number: Number, session: Option<SessionId> },
    /// Support's request to reset MFA was carried out.
    FactorsReset { account: AccountId, ticket: TicketId },
    /// Support's request to reset MFA was refused.
    ResetRefused { ticket: TicketId, why: Refusal },

    // The console: outbox.
    /// A mail was put into the outbox.
    MailOrdered { outbox: OutboxId, kind: MailKind, to: AddressId, link: Option<LinkId> },
    /// A call was put into the outbox.
    CallOrdered { outbox: OutboxId, number: Number, code: CodeId },
    /// A ticket was put into the outbox.
    TicketOrdered { outbox: OutboxId, problem: Problem },
    /// An entry of the outbox was sent, and that was recorded.
    Sent { outbox: OutboxId },
    /// An entry of the outbox could not be sent; `again` is when it is tried again.
    NotSent { outbox: OutboxId, again: Option<Time> },

    // The mail provider.
    /// The provider took a mail; `kind` is `None` for a mail that is not the reference service's.
    MailTaken { mail: MailId, to: AddressId, kind: Option<MailKind> },
    /// The provider refused a mail with this SMTP reply code.
    MailRefused { to: AddressId, code: u16 },
    /// The connection was cut; `taken` is whether the provider had taken the mail.
    MailCut { to: AddressId, taken: bool },
    /// The mail lies in the mailbox.
    MailDelivered { mail: MailId, to: AddressId, folder: Folder },
    /// The mail was lost after it was taken.
    MailLost { mail: MailId },
    /// The mail was taken and sent back later.
    MailBounced { mail: MailId },
    /// A scanner fetched the link before the reader saw it.
    LinkScanned { mail: MailId },

    // The phone company.
    /// The company took a call.
    CallTaken { call: CallId, number: Number },
    /// The company refused a call with this error code of Twilio's.
    CallRefused { number: Number, code: u32 },
    /// The company failed to answer; `placed` is the call that it placed all the same.
    CallUnclear { number: Number, placed: Option<CallId> },
    /// The call has this status now.
    StatusChanged { call: CallId, status: CallStatus },
    /// Machine detection came to a verdict.
    MachineDetected { call: CallId, answered_by: AnsweredBy },
    /// The service's document arrived.
    DocumentFetched { call: CallId, webhook: WebhookKind },
    /// The service's document could not be had; `error` is Twilio's debugger code.
    DocumentFailed { call: CallId, webhook: WebhookKind, error: u32 },
    /// The call said something.
    Spoke { call: CallId, said: Said },
    /// Digits were collected.
    Gathered { call: CallId, digits: Digest, count: u8 },
    /// No digit was keyed in before the time-out.
    NoDigits { call: CallId },
    /// A status callback reached the service and was answered with this HTTP status.
    CallbackAnswered { call: CallId, status: CallStatus, http: u16 },
    /// A status callback never got an answer.
    CallbackFailed { call: CallId, status: CallStatus },

    // The support desk.
    /// The desk took a ticket.
    TicketTaken { ticket: TicketId, problem: Problem },
    /// The desk lost a ticket.
    TicketLost { ticket: TicketId },
    /// An agent read a ticket.
    TicketRead { ticket: TicketId },
    /// An agent called this number back.
    CalledBack { ticket: TicketId, number: Number },
    /// Nobody took the agent's call.
    CallBackMissed { ticket: TicketId },
    /// The agent checked who it is, and was satisfied or not.
    IdentityChecked { ticket: TicketId, passed: bool },
    /// The agent asked the console to reset MFA.
    ResetRequested { ticket: TicketId },
    /// The ticket was closed; `reset` is whether MFA was reset.
    TicketClosed { ticket: TicketId, reset: bool },

    // The story.
    /// A fault of the story struck; the number is its place in the story's list.
    FaultStruck { fault: u16 },
    /// The console crashed.
    AppCrashed,
    /// The console is back, with its durable half only.
    AppRestarted,
}
