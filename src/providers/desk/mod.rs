//! A support desk: tickets, agents, the call back to the number on file, the identity check, the reset.
//!
//! A state machine without I/O. Agents follow the policy on whom to call and what to check, so a weak
//! policy makes weak agents. The desk cannot reset MFA itself: it sends a request to the service.

#![warn(clippy::wildcard_enum_match_arm)]

mod again;
mod habit;
mod proof;

#[cfg(test)]
mod tests;

pub use self::habit::Habits;
use crate::base::id::{AccountId, AddressId, TicketId};
use crate::base::later_password::LaterPassword;
use crate::base::machine::{Cx, Reason};
use crate::base::number::Number;
use crate::base::secret::Digest;
use crate::base::time::{Span, Time};
use crate::event::{EventKind, NoReply};
use crate::fault::TicketVerdict;
use crate::message::{Authenticity, ResetReply, ResetRequest, TicketForm, TicketReply, TicketResult};
use crate::policy::{CallBack, Policy, ReportedIntrusion, ResetGoesTo, SupportProof};

/// How long after a lost answer an agent repeats a reset request.
const RESET_AGAIN_AFTER: Span = Span::from_mins(1);

/// How many times an agent sends a reset request before closing the ticket.
const RESETS_MAX: u8 = 60;

/// The desk's record of an account.
#[derive(Clone, Debug)]
pub struct Card {
    /// The 12-digit account number.
    pub account_number: u64,
    /// The addresses on file.
    pub emails: Vec<AddressId>,
    /// The phone number on file.
    pub phone: Option<Number>,
    /// The full name.
    pub full_name: Digest,
}

/// The support desk.
#[derive(Clone, Debug)]
pub struct SupportDesk {
    habits: Habits,
    call_back: CallBack,
    proof: SupportProof,
    reset_goes_to: ResetGoesTo,
    reported_intrusion: ReportedIntrusion,
    /// One card per account, indexed by account id.
    cards: Vec<Card>,
    tickets: Vec<Ticket>,
    outputs: Vec<Output>,
}

#[derive(Clone, Copy, Debug)]
struct Ticket {
    form: TicketForm,
    /// The account whose number the form gives.
    account: Option<AccountId>,
    /// The number that an agent called last.
    called: Option<Number>,
    state: State,
    due: Option<Time>,
    calls: u8,
    resets: u8,
    /// `Some` once documents were requested; the value is whether they prove identity.
    papers: Option<bool>,
    /// Whether the same request arrived again while the ticket was open.
    asked_again: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In the queue.
    Waiting,
    /// Lost, without anyone noticing.
    Lost,
    /// Read; the call back is due.
    Read,
    /// The agent's call is ringing.
    Calling,
    /// The call was answered; the agent checks identity.
    Checking,
    /// The agent waits for answers or documents that prove identity.
    Asking,
    /// The agent waits for the answer to a reset request.
    Resetting,
    /// Closed.
    Closed,
}

/// Inputs.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// A ticket; answered by one [`Output::Reply`].
    Ticket {
        /// The submitted form.
        form: TicketForm,
        /// The faults that the ticket meets.
        verdict: TicketVerdict,
    },
    /// A person answered the agent's call.
    Taken(TicketId),
    /// A person answered the agent's questions or sent documents, which proves to be the owner of this
    /// account, or nothing.
    Proved(TicketId, Option<AccountId>),
    /// The service's answer to a reset request.
    Answered(TicketId, Result<ResetReply, NoReply>),
    /// The phone number on file was changed at the service.
    PhoneChanged(AccountId, Number),
    /// A deadline is due.
    Timeout,
}

/// Outputs of one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Output {
    /// A fact for the trace.
    Fact(EventKind),
    /// The answer to a ticket.
    Reply(TicketReply),
    /// An agent calls this number.
    Call(TicketId, Number),
    /// The call was not answered and stops ringing.
    StopsRinging(TicketId),
    /// The agent asks the person on the line for proof of identity.
    Asks(TicketId),
    /// The agent asks the author of the ticket for documents, because the call back is not possible.
    AsksForDocuments(TicketId),
    /// A request to the service to reset MFA.
    Reset(ResetRequest),
    /// The input repeats this ticket, which is still open.
    AskedAgain(TicketId),
    /// The ticket closed without a reset after a repeated request: the next ticket is for the latest
    /// requester.
    Reopens(TicketId),
    /// The ticket is closed: its author and the person on the line learn the result.
    Tells(TicketId, TicketResult),
}

impl Ticket {
    /// Whether an agent will still work on the ticket.
    const fn is_open(&self) -> bool {
        !matches!(self.state, State::Lost | State::Closed)
    }
}

/// How long an agent waits who finds the line busy with another agent's call.
const BUSY: Span = Span::from_mins(5);

impl SupportDesk {
    /// Creates a desk with these habits, this policy, and one card per account.
    pub const fn new(habits: Habits, policy: &Policy, cards: Vec<Card>) -> Self {
        Self {
            habits,
            call_back: policy.call_back,
            proof: policy.support_proof,
            reset_goes_to: policy.reset_goes_to,
            reported_intrusion: policy.reported_intrusion,
            cards,
            tickets: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// Resets to the state that [`SupportDesk::new`] creates, reusing allocations.
    pub fn reset(&mut self, habits: Habits, policy: &Policy, cards: impl Iterator<Item = Card>) {
        (self.habits, self.call_back, self.proof) = (habits, policy.call_back, policy.support_proof);
        (self.reset_goes_to, self.reported_intrusion) = (policy.reset_goes_to, policy.reported_intrusion);
        self.cards.clear();
        self.cards.extend(cards);
        self.tickets.clear();
        self.outputs.clear();
    }

    /// Handles one input. Never fails: a refusal is an output.
    ///
    /// # Panics
    /// If the outputs of the previous input were not drained, which is a bug in the caller.
    pub fn handle_input(&mut self, cx: &mut Cx<'_>, input: Input) {
        assert!(self.outputs.is_empty(), "take_outputs before the next input");
        let now = cx.now;
        match input {
            Input::Ticket { form, verdict } => self.on_ticket(now, form, verdict),
            Input::Taken(ticket) => self.on_taken(now, ticket),
            Input::Proved(ticket, identity) => self.on_proved(now, ticket, identity),
            Input::Answered(ticket, reply) => self.on_answered(now, ticket, reply),
            Input::PhoneChanged(account, number) => {
                if let Some(card) = self.cards.get_mut(account.index()) {
                    card.phone = Some(number);
                }
            }
            Input::Timeout => self.on_timeout(now),
        }
    }

    /// Swaps the outputs of the last input with `into`, which must be empty, to reuse its allocation.
    pub const fn take_outputs(&mut self, into: &mut Vec<Output>) {
        std::mem::swap(&mut self.outputs, into);
    }

    /// When and why [`Input::Timeout`] is due next, if it is.
    pub fn poll_timeout(&self) -> Option<(Time, Reason)> {
        let next = self.tickets.iter().filter_map(|ticket| ticket.due).min();
        next.map(|at| (at, Reason::TicketStep))
    }

    fn on_ticket(&mut self, now: Time, form: TicketForm, verdict: TicketVerdict) {
        if verdict.fails {
            self.outputs.push(Output::Reply(TicketReply::Failed));
            return;
        }
        if self.is_asked_again(&form) {
            self.outputs.push(Output::Reply(TicketReply::Taken));
            return;
        }
        let (state, due) = if verdict.lost {
            (State::Lost, None)
        } else {
            (State::Waiting, Some(now + self.habits.reads_after + verdict.late))
        };
        self.open(form, state, due);
        self.outputs.push(Output::Reply(TicketReply::Taken));
    }

    fn on_timeout(&mut self, now: Time) {
        for at in 0..self.tickets.len() {
            if self.tickets[at].due.is_some_and(|due| due <= now) {
                self.tickets[at].due = None;
                self.on_due(now, TicketId(at as u32));
            }
        }
    }

    fn on_due(&mut self, now: Time, ticket: TicketId) {
        match self.at(ticket).state {
            State::Waiting => self.read(now, ticket),
            State::Read => self.call(now, ticket),
            State::Calling => self.missed(now, ticket),
            State::Checking => self.checked(ticket),
            State::Asking => self.asked_long_enough(now, ticket),
            State::Resetting => self.request_reset(ticket),
            State::Lost | State::Closed => {}
        }
    }

    /// The account whose number the form gives. No two accounts have the same one.
    fn account_named(&self, form: &TicketForm) -> Option<AccountId> {
        let at = self.cards.iter().position(|card| card.account_number == form.account_number)?;
        u16::try_from(at).ok().map(AccountId)
    }

    /// An agent reads the ticket.
    fn read(&mut self, now: Time, ticket: TicketId) {
        self.fact(EventKind::TicketRead { ticket });
        let Ticket { form, account, .. } = *self.at(ticket);
        let Some(account) = account else {
            self.close(now, ticket, false);
            return;
        };
        match self.proof {
            SupportProof::CallBackAndIdentity
            | SupportProof::CallBackAndAnyIdentity
            | SupportProof::CallBackOnly => {
                self.at(ticket).state = State::Read;
                self.at(ticket).due = Some(now + self.habits.calls_after);
            }
            SupportProof::PersonalData => {
                let passed = proof::matches_card(&self.cards[account.index()], &form);
                self.fact(EventKind::IdentityChecked { ticket, passed });
                if passed { self.request_reset(ticket) } else { self.close(now, ticket, false) }
            }
            SupportProof::Nothing => self.request_reset(ticket),
        }
    }

    fn number_to_call(&mut self, ticket: TicketId) -> Option<Number> {
        let Ticket { form, account, .. } = *self.at(ticket);
        match self.call_back {
            CallBack::NumberOnFile => account.and_then(|account| self.cards[account.index()].phone),
            CallBack::NumberInTicket => form.phone,
        }
    }

    fn call(&mut self, now: Time, ticket: TicketId) {
        let Some(number) = self.number_to_call(ticket) else {
            return self.ask_for_documents(now, ticket);
        };
        let rings_for = self.habits.rings_for;
        if self.is_on_the_line(ticket, number) {
            // One phone takes one call: the agent hears that it is busy, and tries again soon.
            self.at(ticket).due = Some(now + BUSY);
            return;
        }
        let entry = self.at(ticket);
        entry.state = State::Calling;
        entry.called = Some(number);
        entry.calls += 1;
        entry.due = Some(now + rings_for);
        self.fact(EventKind::CalledBack { ticket, number });
        self.outputs.push(Output::Call(ticket, number));
    }

    /// Whether another ticket's agent rings this number now, or talks to whoever answered there.
    fn is_on_the_line(&self, ticket: TicketId, number: Number) -> bool {
        self.tickets.iter().enumerate().any(|(at, other)| {
            at != ticket.index()
                && other.called == Some(number)
                && other.papers.is_none()
                && matches!(other.state, State::Calling | State::Asking | State::Checking)
        })
    }

    fn ask_for_documents(&mut self, now: Time, ticket: TicketId) {
        self.at(ticket).state = State::Asking;
        self.at(ticket).papers = Some(false);
        self.at(ticket).due = Some(now + self.habits.documents_take);
        self.outputs.push(Output::AsksForDocuments(ticket));
    }

    fn missed(&mut self, now: Time, ticket: TicketId) {
        self.fact(EventKind::CallBackMissed { ticket });
        self.outputs.push(Output::StopsRinging(ticket));
        self.call_later(now, ticket);
    }

    /// The owner was not reached.
    fn call_later(&mut self, now: Time, ticket: TicketId) {
        if self.at(ticket).calls >= self.habits.calls {
            // The number may be dead, and its owner can still prove identity by documents (H33).
            self.ask_for_documents(now, ticket);
        } else {
            self.at(ticket).state = State::Read;
            self.at(ticket).due = Some(now + self.habits.calls_again_after);
        }
    }

    fn request_reset(&mut self, ticket: TicketId) {
        let account_number = self.number_to_reset(ticket);
        let password = self.one_time_password(ticket).map(LaterPassword::password);
        let entry = self.at(ticket);
        entry.state = State::Resetting;
        entry.due = None;
        entry.resets += 1;
        let problem = entry.form.problem;
        let request =
            ResetRequest { ticket, account_number, problem, password, credential: Authenticity::Valid };
        self.fact(EventKind::ResetRequested { ticket });
        self.outputs.push(Output::Reset(request));
    }

    /// The number of the account to reset.
    fn number_to_reset(&mut self, ticket: TicketId) -> u64 {
        let Ticket { form, called, .. } = *self.at(ticket);
        let named = form.account_number;
        match self.reset_goes_to {
            ResetGoesTo::TicketAccount => named,
            ResetGoesTo::FirstWithNumber => {
                let first = self.cards.iter().find(|card| card.phone.is_some() && card.phone == called);
                first.map_or(named, |card| card.account_number)
            }
        }
    }

    fn on_answered(&mut self, now: Time, ticket: TicketId, reply: Result<ResetReply, NoReply>) {
        if !self.is_in(ticket, State::Resetting) {
            return;
        }
        match reply {
            Ok(ResetReply::Done) => self.close(now, ticket, true),
            Ok(ResetReply::Refused | ResetReply::Unknown) => self.close(now, ticket, false),
            Err(_) if self.at(ticket).resets < RESETS_MAX => {
                self.at(ticket).due = Some(now + RESET_AGAIN_AFTER);
            }
            Err(_) => self.close(now, ticket, false),
        }
    }

    fn is_in(&self, ticket: TicketId, state: State) -> bool {
        self.tickets.get(ticket.index()).is_some_and(|entry| entry.state == state)
    }

    fn at(&mut self, ticket: TicketId) -> &mut Ticket {
        &mut self.tickets[ticket.index()]
    }

    fn fact(&mut self, kind: EventKind) {
        self.outputs.push(Output::Fact(kind));
    }
}
