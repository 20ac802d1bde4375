//! A person's mailbox: received letters, and the time of reading.

use crate::base::id::MailId;
use crate::base::rng::Rng;
use crate::base::secret::Token;
use crate::base::time::{Span, Time};
use crate::event::{EventKind, Folder, MailKind};
use crate::message::Letter;
use crate::people::Person;

/// How soon a person reads an email at the latest who has no other way in.
const WATCHED_AFTER: Span = Span::from_mins(2);

/// The letters of all mailboxes that a person reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Mailbox {
    letters: Vec<Letter>,
    /// By habit: when the newest verification email is read, and its index.
    to_read: Option<(Time, usize)>,
    /// Emails whose links were opened, so that habit opens each only once.
    opened: Vec<MailId>,
}

impl Mailbox {
    /// Removes all letters and keeps the allocations.
    pub(super) fn clear(&mut self) {
        self.letters.clear();
        self.to_read = None;
        self.opened.clear();
    }

    pub(super) fn letters(&self) -> &[Letter] {
        &self.letters
    }

    /// The `nth` verification email in order of arrival, or the newest for 0.
    pub(super) fn verification(&self, nth: u16) -> Option<Letter> {
        let mut mails =
            self.letters.iter().filter(|letter| letter.body.kind() == Some(MailKind::Verification));
        match nth.checked_sub(1) {
            Some(before) => mails.nth(usize::from(before)).copied(),
            None => mails.next_back().copied(),
        }
    }

    /// The newest email with this link.
    pub(super) fn mail_with(&self, link: Token) -> Option<MailId> {
        let mut mails = self.letters.iter().rev();
        mails.find(|letter| letter.links.token() == Some(link)).map(|letter| letter.mail)
    }

    /// When the pending email is due to be read by habit.
    pub(super) fn reading_due(&self) -> Option<Time> {
        self.to_read.map(|(at, _)| at)
    }

    /// Takes the email that is due to be read by habit.
    pub(super) fn take_due(&mut self, now: Time) -> Option<Letter> {
        let (at, place) = self.to_read?;
        if at > now {
            return None;
        }
        self.to_read = None;
        let letter = self.letters[place];
        self.opened.push(letter.mail);
        Some(letter)
    }
}

impl Person {
    pub(super) fn on_letter(&mut self, now: Time, draw: &mut Rng, letter: Letter) {
        self.mailbox.letters.push(letter);
        // Nothing but this email may open the account, so its reader watches all folders.
        let watches = self.brain.one_will_do;
        let sees = letter.folder == Folder::Inbox || self.habits.looks_into_spam || watches;
        let new = !self.mailbox.opened.contains(&letter.mail);
        if sees && new && letter.body.kind() == Some(MailKind::Verification) {
            let after = self.habits.reads_mail_after;
            let wait = self.about(draw, if watches { after.min(WATCHED_AFTER) } else { after });
            self.mailbox.to_read = Some((now + wait, self.mailbox.letters.len() - 1));
        }
        if sees {
            self.on_warning(now, draw, letter);
        }
    }

    /// Records that the person reads an email.
    pub(super) fn read_mail(&mut self, mail: MailId) {
        self.fact(EventKind::ReadMail { mail });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::{AccountId, AddressId, PersonId};
    use crate::base::machine::Cx;
    use crate::base::time::Epoch;
    use crate::event::Control;
    use crate::message::{Links, MailBody, RawId, UrlId, Urls};
    use crate::people::{Act, Belongings, BrowserChoice, Habits, Input, LinkChoice, Outcome, Output};

    fn somebody() -> Person {
        let has = Belongings {
            user: AddressId(0),
            other_user: None,
            password: None,
            data: None,
            identity: false,
            session: false,
            shares_phone: false,
            gadgets: Vec::new(),
        };
        Person::new(PersonId(0), AccountId(0), Epoch::default(), Habits::default(), has)
    }

    fn foreign(mail: u32) -> Letter {
        let links = Links::Urls(Urls::of([UrlId(3)]));
        let body = MailBody::Raw(RawId(mail));
        Letter { mail: MailId(mail), body, links, truncated: false, folder: Folder::Inbox }
    }

    fn verification(mail: u32, token: u128) -> Letter {
        let body = MailBody::Template(MailKind::Verification);
        Letter { body, links: Links::Token(Token::new(token)), ..foreign(mail) }
    }

    /// The token of the link that this person follows when ordered to, or the outcome of the order.
    fn follows(person: &mut Person, draw: &mut Rng, nth: u16) -> Result<Option<Token>, Outcome> {
        let choice = LinkChoice { nth, browser: BrowserChoice::Same };
        person.handle_input(&mut Cx::new(Time::ZERO, draw), &Input::Order(Act::OpenLink(choice)));
        let mut outputs = Vec::new();
        person.take_outputs(&mut outputs);
        let link = outputs.iter().find_map(|output| {
            if let Output::Request { action, .. } = output {
                assert_eq!(action.control(), Control::FollowLink);
                return Some(Ok(action.fields().token()));
            }
            if let Output::Finished(outcome) = output { Some(Err(*outcome)) } else { None }
        });
        link.expect("the order comes to something")
    }

    #[test]
    fn people_open_the_links_of_the_reference_service_alone() {
        let cut = |letter: Letter| Letter { truncated: true, ..letter };
        for (letters, nth, followed) in [
            (vec![], 0, Err(Outcome::NoMail)),
            (vec![foreign(0)], 0, Err(Outcome::NoMail)),
            (vec![verification(0, 7), foreign(1)], 0, Ok(Some(Token::new(7)))),
            (vec![foreign(0), verification(1, 7)], 1, Ok(Some(Token::new(7)))),
            (vec![verification(0, 7), verification(1, 8)], 0, Ok(Some(Token::new(8)))),
            (vec![cut(verification(0, 7))], 0, Ok(None)),
        ] {
            let (mut person, mut draw) = (somebody(), Rng::new(1));
            for letter in &letters {
                person.handle_input(&mut Cx::new(Time::ZERO, &mut draw), &Input::Letter(*letter));
                person.take_outputs(&mut Vec::new());
            }
            let waits = person.mailbox.reading_due().is_some();
            assert_eq!(waits, letters.iter().any(|letter| letter.body.kind().is_some()), "{letters:?}");
            assert_eq!(follows(&mut person, &mut draw, nth), followed, "{letters:?}");
        }
    }
}
