//! The same request once more, while its ticket is open.
//!
//! An app sends again what it does not know to have come, and people ask again when nobody calls:
//! neither is a second case, for a second reset would take away what its owner has set up since. But
//! forms that look the same may come from two people. When the ticket is closed and nothing was
//! reset, whoever asked last has been with nobody yet, and gets a ticket of their own.

use crate::crossing::TicketForm;
use crate::event::EventKind;
use crate::id::TicketId;
use crate::support::Output;
use crate::support::State;
use crate::support::SupportDesk;
use crate::support::Ticket;
use crate::time::Time;

impl SupportDesk {
    /// Whether a ticket with this form is open; it is remembered that it was asked for again.
    pub(super) fn is_asked_again(&mut self, form: &TicketForm) -> bool {
        let Some(at) = self.tickets.iter().position(|ticket| ticket.form == *form && ticket.is_open()) else {
            return false;
        };
        self.tickets[at].asked_again = true;
        self.outputs.push(Output::AskedAgain(TicketId(at as u32)));
        true
    }

    pub(super) fn close(&mut self, now: Time, ticket: TicketId, reset: bool) {
        let closed = self.at(ticket);
        closed.state = State::Closed;
        closed.due = None;
        let (form, again) = (closed.form, closed.asked_again);
        self.fact(EventKind::TicketClosed { ticket, reset });
        self.outputs.push(Output::Tells(ticket, reset));
        if again && !reset {
            self.outputs.push(Output::Reopens(ticket));
            let due = now + self.habits.reads_after;
            self.open(form, State::Waiting, Some(due));
        }
    }

    pub(super) fn open(&mut self, form: TicketForm, state: State, due: Option<Time>) {
        let ticket = TicketId(u32::try_from(self.tickets.len()).unwrap_or(u32::MAX));
        let new =
            Ticket { form, account: None, state, due, calls: 0, resets: 0, papers: None, asked_again: false };
        self.tickets.push(new);
        self.fact(EventKind::TicketTaken { ticket, problem: form.problem });
        if state == State::Lost {
            self.fact(EventKind::TicketLost { ticket });
        }
    }
}
