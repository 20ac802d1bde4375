//! Repeated requests while a ticket is open.
//!
//! A service retries a ticket whose answer was lost, and people ask again when nobody calls them back.
//! Neither opens a second case, because a second reset would remove what the owner has set up since. Two
//! people can send the same form, though: if the ticket is closed without a reset, a new one opens for
//! the latest requester.

use crate::base::id::TicketId;
use crate::base::time::Time;
use crate::event::EventKind;
use crate::message::{TicketForm, TicketResult};
use crate::providers::desk::{Output, State, SupportDesk, Ticket};

impl SupportDesk {
    /// Whether a ticket with this form is open; marks that ticket as requested again.
    pub(super) fn is_asked_again(&mut self, form: &TicketForm) -> bool {
        let Some(at) = self.tickets.iter().position(|ticket| ticket.form == *form && ticket.is_open()) else {
            return false;
        };
        self.tickets[at].asked_again = true;
        self.outputs.push(Output::AskedAgain(TicketId(at as u32)));
        true
    }

    pub(super) fn close(&mut self, now: Time, ticket: TicketId, reset: bool) {
        let password = self.one_time_password(ticket).filter(|_| reset);
        let closed = self.at(ticket);
        closed.state = State::Closed;
        closed.due = None;
        let (form, again) = (closed.form, closed.asked_again);
        self.fact(EventKind::TicketClosed { ticket, reset });
        self.outputs.push(Output::Tells(ticket, TicketResult { reset, password }));
        if again && !reset {
            self.outputs.push(Output::Reopens(ticket));
            let due = now + self.habits.reads_after;
            self.open(form, State::Waiting, Some(due));
        }
    }

    pub(super) fn open(&mut self, form: TicketForm, state: State, due: Option<Time>) {
        let ticket = TicketId(u32::try_from(self.tickets.len()).unwrap_or(u32::MAX));
        let account = self.account_named(&form);
        self.tickets.push(Ticket {
            form,
            account,
            called: None,
            state,
            due,
            calls: 0,
            resets: 0,
            papers: None,
            asked_again: false,
        });
        self.fact(EventKind::TicketTaken { ticket, problem: form.problem, account });
        if state == State::Lost {
            self.fact(EventKind::TicketLost { ticket });
        }
    }
}
