//! The state of the service: the records of its durable half, and the volatile half.

use crate::base::account_set::AccountSet;
use crate::base::id::{AccountId, AddressId, CodeId, DeviceId, LinkId, OutboxId, SessionId, TicketId};
use crate::base::number::Number;
use crate::base::otp::Kind;
use crate::base::secret::{Code, Password, Seed, Token};
use crate::base::time::Time;
use crate::event::{CallStatus, MailKind, Refusal, Way};
use crate::message::TicketForm;
use crate::service::reference::Authenticator;
use crate::service::reference::budget::{ByBrowser, Counts, Recent};
use crate::service::reference::call_ref::CallRef;

/// A subscriber, as on file when a story begins.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// The user name.
    pub user: AddressId,
    /// The password.
    pub password: Password,
    /// The 12-digit account number.
    pub number: u64,
    /// The addresses on file, the one for verification first.
    pub emails: Vec<AddressId>,
    /// The phone number on file.
    pub phone: Option<Number>,
    /// The authenticators, oldest first.
    pub devices: Vec<Enrolled>,
}

/// An authenticator on file when a story begins.
#[derive(Clone, Copy, Debug)]
pub struct Enrolled {
    /// The device.
    pub device: DeviceId,
    /// Its kind.
    pub kind: Kind,
    /// Its secret.
    pub seed: Seed,
    /// The expected counter (HOTP only).
    pub counter: u64,
}

/// The durable half: survives a crash.
#[derive(Clone, Debug)]
pub(super) struct Durable {
    pub(super) accounts: Vec<Account>,
    pub(super) sessions: Vec<Session>,
    pub(super) links: Vec<Link>,
    pub(super) codes: Vec<PhoneCode>,
    pub(super) outbox: Vec<Entry>,
    pub(super) passwords: Vec<(AddressId, ByBrowser)>,
    /// The cookies of browsers without a session that have signed in to these accounts.
    pub(super) known: Vec<(Token, AccountSet)>,
    pub(super) resets: Vec<TicketId>,
    pub(super) next_device: u16,
    /// How many codes have been computed for devices that are no longer on file.
    pub(super) computed: u64,
}

/// The volatile half: lost in a crash.
#[derive(Clone, Debug, Default)]
pub(super) struct Volatile {
    /// Entries passed to the stage and not answered yet.
    pub(super) sending: Vec<OutboxId>,
    /// Links confirmed in unfinished recoveries, if the policy writes a confirmation in two parts.
    pub(super) half_written: Vec<(LinkId, SessionId)>,
}

#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) user: AddressId,
    pub(super) password: Password,
    pub(super) number: u64,
    pub(super) emails: Vec<AddressId>,
    pub(super) phone: Option<Number>,
    pub(super) devices: Vec<Authenticator>,
    /// Devices from before a recovery that no longer count, oldest first. Their owner can bring them back.
    pub(super) stopped: Vec<Authenticator>,
    /// How many devices the account has had.
    pub(super) had_devices: u16,
    /// Removed devices that are still accepted, if the policy fails to drop them.
    pub(super) removed: Vec<Authenticator>,
    /// Removed devices and when, if sign-in reads a replica that lags behind.
    pub(super) lagging: Vec<(Time, Authenticator)>,
    /// Wrong MFA codes and pairs, across sessions and devices.
    pub(super) codes: ByBrowser,
    /// Wrong phone codes, across codes, sessions and calls.
    pub(super) phone_codes: Counts,
    /// Locked permanently, if the policy locks accounts.
    pub(super) shut: bool,
    pub(super) mails: Recent,
    pub(super) calls: Recent,
    /// The phone number of the last support form about this account.
    pub(super) typed_number: Option<Number>,
}

/// How far a session has come through the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AuthState {
    /// No user name yet.
    Anonymous,
    /// A user name was given.
    Named(AddressId),
    /// The password was right; MFA is on.
    Password(AccountId),
    /// The user chose alternative factors.
    Recovering(AccountId),
    SignedIn(AccountId, Way),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    pub(super) token: Token,
    pub(super) standing: AuthState,
    pub(super) opened: Time,
    pub(super) seen: Time,
    /// When it was signed in.
    pub(super) signed_in: Time,
    pub(super) live: bool,
    pub(super) email_verified: bool,
    pub(super) phone_verified: bool,
    /// The newest phone code of this session.
    pub(super) code: Option<CodeId>,
    /// The newest verification email could not be sent.
    pub(super) mail_failed: bool,
    /// A verification email was requested.
    pub(super) mail_asked: bool,
    /// The account from which MFA was removed in this browser, and how many devices it had had by then.
    pub(super) removed_mfa_of: Option<(AccountId, u16)>,
    /// The accounts that this browser has signed in to.
    pub(super) knows: AccountSet,
    /// The devices from before this recovery have been dealt with.
    pub(super) earlier_stopped: bool,
    /// A new device whose codes are not confirmed yet.
    pub(super) offered: Option<Enrolled>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) token: Token,
    pub(super) account: AccountId,
    /// The sign-in attempt that requested it.
    pub(super) session: SessionId,
    pub(super) issued: Time,
    pub(super) state: LinkState,
    /// Whether the record survives a crash; not yet, if the policy sends before it records.
    pub(super) recorded: bool,
}

/// Whether a link is usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkState {
    Live,
    /// Fetched once, if the policy lets a fetch burn the link: its page still works, the link does not.
    Fetched,
    Confirmed,
    Void(Refusal),
}

/// One phone code and the calls that go with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct PhoneCode {
    pub(super) code: Code,
    pub(super) reference: CallRef,
    pub(super) session: SessionId,
    pub(super) account: AccountId,
    pub(super) issued: Time,
    pub(super) tries: u16,
    /// How many earlier codes were issued for the same request, because their calls got no answer.
    pub(super) retries: u8,
    /// The call was answered. A replayed webhook must not extend the talk deadline.
    pub(super) answered: bool,
    pub(super) state: CodeState,
    pub(super) call: CallState,
    /// When the service stops waiting for the call to progress.
    pub(super) deadline: Option<Time>,
    /// The highest `SequenceNumber` received, so that late callbacks change nothing.
    pub(super) heard: Option<u8>,
}

/// Whether a phone code is usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeState {
    Live,
    Used,
    Void(Refusal),
}

/// What the service knows about the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallState {
    /// Ordered; the status is the latest one reported by callbacks.
    Under(CallStatus),
    /// The step failed with this call.
    Failed,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) what: OutboxItem,
    pub(super) tries: u8,
    pub(super) state: EntryState,
}

/// The message that an entry holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum OutboxItem {
    Mail { account: AccountId, to: AddressId, kind: MailKind, link: Option<LinkId> },
    Call { code: CodeId, number: Number },
    Ticket(TicketForm),
}

/// The delivery state of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryState {
    /// To be sent at this time or later.
    Due(Time),
    /// Sent and marked as sent.
    Sent,
    /// Given up.
    Dropped,
}

impl Durable {
    pub(super) fn new(subscribers: Vec<Subscriber>, new_devices_from: u16) -> Self {
        Self {
            accounts: subscribers.into_iter().map(Account::new).collect(),
            sessions: Vec::new(),
            links: Vec::new(),
            codes: Vec::new(),
            outbox: Vec::new(),
            passwords: Vec::new(),
            known: Vec::new(),
            resets: Vec::new(),
            next_device: new_devices_from,
            computed: 0,
        }
    }

    /// Resets to the state that [`Durable::new`] creates, reusing allocations.
    pub(super) fn reset(&mut self, subscribers: impl Iterator<Item = Subscriber>, new_devices_from: u16) {
        self.accounts.clear();
        self.accounts.extend(subscribers.map(Account::new));
        self.sessions.clear();
        self.links.clear();
        self.codes.clear();
        self.outbox.clear();
        self.passwords.clear();
        self.known.clear();
        self.resets.clear();
        self.next_device = new_devices_from;
        self.computed = 0;
    }

    pub(super) fn account_by_user(&self, user: AddressId) -> Option<AccountId> {
        self.account_where(|account| account.user == user)
    }

    pub(super) fn account_by_number(&self, number: u64) -> Option<AccountId> {
        self.account_where(|account| account.number == number)
    }

    /// The first account with this number on file; several can have it.
    pub(super) fn account_by_phone(&self, phone: Number) -> Option<AccountId> {
        self.account_where(|account| account.phone == Some(phone))
    }

    /// The account with this number, if it has this address on file. Several can have the address.
    pub(super) fn account_of_form(&self, form: &TicketForm) -> Option<AccountId> {
        self.account_where(|account| {
            account.number == form.account_number && account.emails.contains(&form.email)
        })
    }

    fn account_where(&self, test: impl Fn(&Account) -> bool) -> Option<AccountId> {
        let at = self.accounts.iter().position(test)?;
        u16::try_from(at).ok().map(AccountId)
    }
}

impl Account {
    fn new(subscriber: Subscriber) -> Self {
        Self {
            user: subscriber.user,
            password: subscriber.password,
            number: subscriber.number,
            emails: subscriber.emails,
            phone: subscriber.phone,
            had_devices: u16::try_from(subscriber.devices.len()).unwrap_or(u16::MAX),
            devices: subscriber.devices.into_iter().map(Authenticator::new).collect(),
            stopped: Vec::new(),
            removed: Vec::new(),
            lagging: Vec::new(),
            codes: ByBrowser::default(),
            phone_codes: Counts::default(),
            shut: false,
            mails: Recent::default(),
            calls: Recent::default(),
            typed_number: None,
        }
    }
}

impl AuthState {
    /// The account whose password was given.
    pub(super) const fn account(self) -> Option<AccountId> {
        match self {
            Self::Anonymous | Self::Named(_) => None,
            Self::Password(account) | Self::Recovering(account) | Self::SignedIn(account, _) => Some(account),
        }
    }
}
