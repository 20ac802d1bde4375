//! A person's mailbox: received letters, and the time of reading.

use crate::crossing::Letter;
use crate::draw::Draw;
use crate::event::EventKind;
use crate::event::Folder;
use crate::event::MailKind;
use crate::id::MailId;
use crate::person::Person;
use crate::secret::Token;
use crate::time::Time;

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
        let mut mails = self.letters.iter().filter(|letter| letter.kind == MailKind::Verification);
        match nth.checked_sub(1) {
            Some(before) => mails.nth(usize::from(before)).copied(),
            None => mails.next_back().copied(),
        }
    }

    /// The newest email with this link.
    pub(super) fn mail_with(&self, link: Token) -> Option<MailId> {
        let mut mails = self.letters.iter().rev();
        mails.find(|letter| letter.link == Some(link)).map(|letter| letter.mail)
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
    pub(super) fn on_letter(&mut self, now: Time, draw: &mut Draw, letter: Letter) {
        self.mailbox.letters.push(letter);
        let sees = letter.folder == Folder::Inbox || self.habits.looks_into_spam;
        let new = !self.mailbox.opened.contains(&letter.mail);
        if sees && new && letter.kind == MailKind::Verification {
            let wait = self.about(draw, self.habits.reads_mail_after);
            self.mailbox.to_read = Some((now + wait, self.mailbox.letters.len() - 1));
        }
    }

    /// Records that the person reads an email.
    pub(super) fn read_mail(&mut self, mail: MailId) {
        self.fact(EventKind::ReadMail { mail });
    }
}
