//! The passwords that an account can get during a story, and their texts.
//!
//! They are numbered over all people: 0 is the password that an account had when the story began. An action holds
//! the digest of a password only; the wire finds its text again by trying the numbers.

use crate::base::id::{PersonId, TicketId};
use crate::base::secret::Password;

/// The number of passwords that a person chooses before the first one comes again.
const CHOICES: u16 = 8;

/// The number of tickets whose one-time passwords differ.
const TICKETS: u32 = 256;

/// The number of a password that is set during a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaterPassword(pub u16);

impl LaterPassword {
    /// The password that `person` sets in their change number `change`, from 0 on.
    pub fn chosen_by(person: PersonId, change: u16) -> Self {
        Self(person.0.saturating_mul(CHOICES) + change % CHOICES + 1)
    }

    /// The one-time password that support gives to the owner who has proven to be one in this ticket.
    pub fn of_ticket(ticket: TicketId) -> Self {
        Self(u16::MAX - (ticket.0 % TICKETS) as u16)
    }

    /// The text that a person types.
    pub fn text(self) -> String {
        let of_ticket = u16::MAX - self.0;
        if u32::from(of_ticket) < TICKETS {
            format!("one-time password {of_ticket}")
        } else {
            format!("new password {}", self.0)
        }
    }

    /// The password.
    pub fn password(self) -> Password {
        Password::of(&self.text())
    }

    /// The text of a password that one of this many people has chosen, or that support has given.
    pub fn text_of(password: Password, people: usize) -> Option<String> {
        let people = u16::try_from(people).unwrap_or(u16::MAX);
        let chosen = (1..=people.saturating_mul(CHOICES)).map(Self);
        let given = (0..TICKETS).map(|ticket| Self::of_ticket(TicketId(ticket)));
        chosen.chain(given).map(Self::text).find(|text| Password::of(text) == password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_found_again() {
        let given = LaterPassword::of_ticket(TicketId(3));
        let chosen = LaterPassword::chosen_by(PersonId(1), 9);
        assert_eq!(
            (given.text().as_str(), chosen.text().as_str()),
            ("one-time password 3", "new password 10")
        );
        for later in [given, chosen] {
            assert_eq!(LaterPassword::text_of(later.password(), 2), Some(later.text()));
        }
        assert_eq!(
            LaterPassword::text_of(chosen.password(), 1),
            None,
            "of a person that is not in the story"
        );
        assert_eq!(LaterPassword::text_of(Password::of("another"), 2), None);
    }
}
