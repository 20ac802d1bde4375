//! A person's mailbox: letters that have come, and when they are read.

use crate::crossing::Letter;
use crate::crossing::Link;
use crate::draw::Draw;
use crate::event::EventKind;
use crate::event::Folder;
use crate::event::MailKind;
use crate::id::MailId;
use crate::person::Person;
use crate::secret::Token;
use crate::time::Time;

/// The letters of all the mailboxes that a person reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Mailbox {
    letters: Vec<Letter>,
    /// By habit, when the newest mail that is waited for is read; its place in the list.
    to_read: Option<(Time, usize)>,
    /// Mails whose links were opened, so that habit does not open one twice.
    opened: Vec<MailId>,
    /// Which mails hold the link that this person waits for.
    awaits: Awaits,
}

/// Which mails hold the link that a person waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Awaits {
    /// The reference service's verification mails.
    #[default]
    Verification,
    /// Mails of another service with a link in them.
    ForeignLink,
}

impl Awaits {
    fn suits(self, letter: &Letter) -> bool {
        match self {
            Self::Verification => letter.kind == Some(MailKind::Verification),
            Self::ForeignLink => matches!(letter.links.first(), Some(Link::Url(_))),
        }
    }
}

impl Mailbox {
    /// Empties it, and keeps its memory.
    pub(super) fn clear(&mut self) {
        self.letters.clear();
        self.to_read = None;
        self.opened.clear();
        self.awaits = Awaits::default();
    }

    pub(super) fn letters(&self) -> &[Letter] {
        &self.letters
    }

    pub(super) const fn await_mails(&mut self, awaits: Awaits) {
        self.awaits = awaits;
    }

    /// The mail that was asked for, with a link in it: the `nth` as they came, or the newest for 0.
    pub(super) fn awaited(&self, nth: u16) -> Option<Letter> {
        let mut mails = self.letters.iter().filter(|letter| self.awaits.suits(letter));
        match nth.checked_sub(1) {
            Some(before) => mails.nth(usize::from(before)).copied(),
            None => mails.next_back().copied(),
        }
    }

    /// The newest mail that holds this link.
    pub(super) fn mail_with(&self, link: Token) -> Option<MailId> {
        let mut mails = self.letters.iter().rev();
        mails.find(|letter| letter.links.first() == Some(Link::Token(link))).map(|letter| letter.mail)
    }

    /// When the mail that waits to be read by habit is due.
    pub(super) fn reading_due(&self) -> Option<Time> {
        self.to_read.map(|(at, _)| at)
    }

    /// The mail that is due to be read by habit; it is not due a second time.
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
        if sees && new && self.mailbox.awaits.suits(&letter) {
            let wait = self.about(draw, self.habits.reads_mail_after);
            self.mailbox.to_read = Some((now + wait, self.mailbox.letters.len() - 1));
        }
    }

    /// The person looks at a mail.
    pub(super) fn read_mail(&mut self, mail: MailId) {
        self.fact(EventKind::ReadMail { mail });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crossing::Action;
    use crate::crossing::Links;
    use crate::crossing::Offers;
    use crate::crossing::Page;
    use crate::crossing::Shown;
    use crate::crossing::UrlId;
    use crate::crossing::Urls;
    use crate::event::PageName;
    use crate::id::AccountId;
    use crate::id::AddressId;
    use crate::id::BrowserId;
    use crate::id::PersonId;
    use crate::person::Act;
    use crate::person::Belongings;
    use crate::person::BrowserChoice;
    use crate::person::Habits;
    use crate::person::Input;
    use crate::person::LinkChoice;
    use crate::person::Outcome;
    use crate::person::Output;
    use crate::time::Epoch;

    fn somebody(awaits: Awaits) -> Person {
        let has = Belongings {
            user: AddressId(0),
            other_user: None,
            password: None,
            data: None,
            identity: false,
            gadgets: Vec::new(),
        };
        let mut person = Person::new(PersonId(0), AccountId(0), Epoch::default(), Habits::default(), has);
        person.await_mails(awaits);
        person
    }

    fn foreign(mail: u32, urls: &[u32]) -> Letter {
        let links = Links::Urls(Urls::of(urls.iter().copied().map(UrlId)));
        let (mail, folder) = (MailId(mail), Folder::Inbox);
        Letter { mail, kind: None, raw: None, links, truncated: false, folder }
    }

    fn verification(mail: u32, token: u128) -> Letter {
        let (kind, links) = (Some(MailKind::Verification), Links::Token(Token::new(token)));
        Letter { kind, links, ..foreign(mail, &[]) }
    }

    /// The link that this person follows when told to, if any.
    fn follows(person: &mut Person, draw: &mut Draw, nth: u16) -> Result<Option<Link>, Outcome> {
        let choice = LinkChoice { nth, browser: BrowserChoice::Same };
        person.handle_input(Time::ZERO, draw, &Input::Order(Act::OpenLink(choice)));
        let outputs: Vec<Output> = std::iter::from_fn(|| person.poll_output()).collect();
        let link = outputs.iter().find_map(|output| match output {
            Output::Request { action: Action::FollowLink(link), .. } => Some(Ok(*link)),
            Output::Finished(outcome) => Some(Err(*outcome)),
            _ => None,
        });
        link.expect("the order comes to something")
    }

    #[test]
    fn a_person_follows_the_links_of_the_service_that_is_used() {
        let (url, token) = (|url| Link::Url(UrlId(url)), |bits| Link::Token(Token::new(bits)));
        let cut = |letter: Letter| Letter { truncated: true, ..letter };
        for (awaits, letters, nth, followed) in [
            (Awaits::Verification, vec![], 0, Err(Outcome::NoMail)),
            (Awaits::Verification, vec![foreign(0, &[1])], 0, Err(Outcome::NoMail)),
            (Awaits::Verification, vec![verification(0, 7), foreign(1, &[1])], 0, Ok(Some(token(7)))),
            (Awaits::Verification, vec![cut(verification(0, 7))], 0, Ok(None)),
            (Awaits::ForeignLink, vec![verification(0, 7)], 0, Err(Outcome::NoMail)),
            (Awaits::ForeignLink, vec![foreign(0, &[])], 0, Err(Outcome::NoMail)),
            (Awaits::ForeignLink, vec![foreign(0, &[3, 4]), foreign(1, &[])], 0, Ok(Some(url(3)))),
            (Awaits::ForeignLink, vec![foreign(0, &[3]), foreign(1, &[5])], 0, Ok(Some(url(5)))),
            (Awaits::ForeignLink, vec![foreign(0, &[3]), foreign(1, &[5])], 1, Ok(Some(url(3)))),
            (Awaits::ForeignLink, vec![cut(foreign(0, &[3]))], 0, Ok(Some(url(3)))),
        ] {
            let (mut person, mut draw) = (somebody(awaits), Draw::new(1));
            for letter in &letters {
                person.handle_input(Time::ZERO, &mut draw, &Input::Letter(*letter));
            }
            assert_eq!(follows(&mut person, &mut draw, nth), followed, "{awaits:?} {letters:?}");
        }
    }

    #[test]
    fn who_waits_for_a_foreign_link_follows_it_by_habit() {
        for (awaits, letter, link) in [
            (Awaits::ForeignLink, foreign(0, &[3]), Some(Link::Url(UrlId(3)))),
            (Awaits::ForeignLink, foreign(0, &[]), None),
            (Awaits::Verification, verification(0, 7), Some(Link::Token(Token::new(7)))),
            (Awaits::Verification, foreign(0, &[3]), None),
        ] {
            let (mut person, mut draw) = (somebody(awaits), Draw::new(1));
            let (shown, offers) = (Shown::Nothing, Offers::NONE);
            let page = Page { name: PageName::VerifyEmail, notice: None, shown, offers };
            let opens = Act::GoTo(PageName::VerifyEmail);
            person.handle_input(Time::ZERO, &mut draw, &Input::Order(opens));
            while person.poll_output().is_some() {}
            person.handle_input(Time::ZERO, &mut draw, &Input::Page(BrowserId(0), Ok(&page)));
            while person.poll_output().is_some() {}
            person.handle_input(Time::ZERO, &mut draw, &Input::ActByHabit(None));
            while person.poll_output().is_some() {}
            person.handle_input(Time::ZERO, &mut draw, &Input::Letter(letter));
            let mut followed = None;
            for _ in 0..20 {
                while let Some(output) = person.poll_output() {
                    if let Output::Request { action: Action::FollowLink(link), .. } = output {
                        followed = followed.or(link);
                    }
                }
                let Some(due) = person.poll_timeout() else { break };
                person.handle_input(due, &mut draw, &Input::Timeout);
            }
            assert_eq!(followed, link, "{awaits:?} {letter:?}");
        }
    }
}
