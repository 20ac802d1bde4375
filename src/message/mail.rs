//! Emails sent by the service, and letters in a mailbox.

use crate::base::id::{AddressId, MailId};
use crate::base::secret::Token;
use crate::event::{Folder, MailKind};
use crate::message::{RawId, UrlId};

/// An email sent by the service to the mail provider (RFC 5321: one recipient per transaction).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The forward-path.
    pub to: AddressId,
    /// Sender, subject and text.
    pub body: MailBody,
    /// The targets of its links. The mail provider and its scanners see these, but not the text.
    pub links: Links,
}

/// The contents and the sender of an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailBody {
    /// An email of the reference service, which has one text and one subject for each kind.
    Template(MailKind),
    /// An email of a foreign service. Its sender, its subject and its bytes are in the
    /// [`Papers`](crate::message::Papers), so that none of them gets into a trace.
    Raw(RawId),
}

impl MailBody {
    /// The kind of an email of the reference service; `None` for a foreign email.
    pub const fn kind(self) -> Option<MailKind> {
        match self {
            Self::Template(kind) => Some(kind),
            Self::Raw(_) => None,
        }
    }
}

impl Mail {
    /// An email of the reference service, with the token of its link if it has one.
    pub const fn of_service(to: AddressId, kind: MailKind, link: Option<Token>) -> Self {
        let links = match link {
            Some(token) => Links::Token(token),
            None => Links::None,
        };
        Self { to, body: MailBody::Template(kind), links }
    }
}

/// The target of a link in an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The reference service, with this token.
    Token(Token),
    /// This URL.
    Url(UrlId),
}

/// The links of one email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// No links.
    None,
    /// The link of an email of the reference service.
    Token(Token),
    /// The links of a foreign email, the most likely one first.
    Urls(Urls),
}

impl Links {
    /// All links, the most likely one first.
    pub fn iter(&self) -> impl Iterator<Item = Link> {
        let urls = if let Self::Urls(urls) = *self { urls } else { Urls::default() };
        self.token().map(Link::Token).into_iter().chain(urls.iter().map(Link::Url))
    }

    /// The token of the link to the reference service, if there is one.
    pub const fn token(&self) -> Option<Token> {
        if let Self::Token(token) = *self { Some(token) } else { None }
    }
}

/// A few URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Urls {
    urls: [u32; Self::MAX],
    len: u8,
}

impl Urls {
    /// The maximum number of links that an email carries. An email with more links is probably a
    /// newsletter; the other links are in the [`Papers`](crate::message::Papers).
    pub const MAX: usize = 4;

    /// The first of these URLs, without those that could not be kept.
    pub fn of(urls: impl IntoIterator<Item = UrlId>) -> Self {
        let mut few = Self::default();
        let known = urls.into_iter().filter(|url| *url != UrlId::UNKNOWN);
        for (place, url) in few.urls.iter_mut().zip(known) {
            *place = url.0;
            few.len += 1;
        }
        few
    }

    /// The URLs in order.
    pub fn iter(self) -> impl Iterator<Item = UrlId> {
        self.urls.into_iter().take(usize::from(self.len)).map(UrlId)
    }
}

/// The mail provider's reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailReply {
    /// 250: the provider has accepted responsibility.
    Taken,
    /// A 4xx reply is transient: try again later. A 5xx reply is permanent.
    Refused {
        /// The SMTP reply code (RFC 5321 section 4.2).
        code: u16,
    },
}

/// An email in a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The id of the email.
    pub mail: MailId,
    /// Sender, subject and text.
    pub body: MailBody,
    /// The targets of its links.
    pub links: Links,
    /// Whether a line break has split the link, so that only its first half opens. A URL in `links` is
    /// already that half.
    pub truncated: bool,
    /// The folder.
    pub folder: Folder,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_carries_its_first_links_and_none_that_is_unknown() {
        for (given, kept) in [
            (vec![], vec![]),
            (vec![UrlId(7)], vec![7]),
            (vec![UrlId::UNKNOWN, UrlId(2)], vec![2]),
            ((0..9).map(UrlId).collect(), vec![0, 1, 2, 3]),
        ] {
            let links = Links::Urls(Urls::of(given));
            let kept: Vec<Link> = kept.into_iter().map(|url| Link::Url(UrlId(url))).collect();
            assert_eq!(links.iter().collect::<Vec<_>>(), kept);
            assert_eq!(links.token(), None);
        }
    }

    #[test]
    fn a_mail_of_the_service_has_its_token_as_its_only_link() {
        let mail = |link| Mail::of_service(AddressId(0), MailKind::Verification, link);
        assert_eq!(mail(None).links.iter().next(), None);
        let token = Token::new(1);
        assert_eq!(mail(Some(token)).links.iter().collect::<Vec<_>>(), [Link::Token(token)]);
        assert_eq!(mail(Some(token)).links.token(), Some(token));
        assert_eq!(mail(None).body.kind(), Some(MailKind::Verification));
        assert_eq!(MailBody::Raw(RawId(0)).kind(), None);
    }

    /// A drill copies crossings and letters in its innermost loop. Above 128 bytes, the compiler calls
    /// `memmove` for each copy.
    #[test]
    fn mails_and_letters_are_small() {
        assert!(size_of::<Mail>() <= 48, "{}", size_of::<Mail>());
        assert!(size_of::<Letter>() <= 48, "{}", size_of::<Letter>());
        assert!(size_of::<crate::message::Action>() <= 56);
        assert!(size_of::<crate::message::Crossing>() <= 112);
        assert!(size_of::<crate::message::Answer>() <= 120);
    }
}
