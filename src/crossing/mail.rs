//! The mail on its way to the mail provider, and the letter in a mailbox.

use crate::crossing::RawId;
use crate::crossing::TextId;
use crate::crossing::UrlId;
use crate::event::Folder;
use crate::event::MailKind;
use crate::id::AddressId;
use crate::id::MailId;
use crate::secret::Token;

/// One mail for one recipient. A message to several recipients (RFC 5321 section 4.1.1.3) is one such
/// mail for each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The reverse-path.
    pub from: ReversePath,
    /// The forward-path.
    pub to: AddressId,
    /// The subject.
    pub subject: Subject,
    /// The text and the links.
    pub body: Body,
}

/// Who a mail is from (RFC 5321 section 4.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReversePath {
    /// The reference service.
    Service,
    /// `<>`, as bounces have it.
    Null,
    /// Another address.
    Address(TextId),
}

/// The subject of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The one of its template.
    OfTemplate,
    /// There is no subject.
    Missing,
    /// Another text.
    Text(TextId),
}

/// What a mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// A mail of the reference service: what it is about, and the token of its link if it has one.
    Template(MailKind, Option<Token>),
    /// A foreign mail: its bytes stay outside of the trace. The links come along, because the mail
    /// provider and its scanners see them and have no access to the bytes.
    Raw(RawId, Urls),
}

impl Mail {
    /// A mail of the reference service.
    pub const fn of_service(to: AddressId, kind: MailKind, link: Option<Token>) -> Self {
        let (from, subject) = (ReversePath::Service, Subject::OfTemplate);
        Self { from, to, subject, body: Body::Template(kind, link) }
    }

    /// What a mail of the reference service is about; `None` for a foreign mail.
    pub const fn kind(&self) -> Option<MailKind> {
        match self.body {
            Body::Template(kind, _) => Some(kind),
            Body::Raw(..) => None,
        }
    }

    /// Where its links lead.
    pub const fn links(&self) -> Links {
        match self.body {
            Body::Template(_, None) => Links::None,
            Body::Template(_, Some(token)) => Links::Token(token),
            Body::Raw(_, urls) => Links::Urls(urls),
        }
    }
}

/// Where a link in a mail leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// To the reference service, with this token.
    Token(Token),
    /// To this URL.
    Url(UrlId),
}

impl Link {
    /// The token of a link to the reference service.
    pub const fn token(self) -> Option<Token> {
        match self {
            Self::Token(token) => Some(token),
            Self::Url(_) => None,
        }
    }
}

/// The links of one mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// There are none.
    None,
    /// The link of a mail of the reference service.
    Token(Token),
    /// Those of a foreign mail, the most likely one first.
    Urls(Urls),
}

impl Links {
    /// All links, the most likely one first.
    pub fn iter(&self) -> impl Iterator<Item = Link> {
        let (token, urls) = match *self {
            Self::None => (None, Urls::default()),
            Self::Token(token) => (Some(Link::Token(token)), Urls::default()),
            Self::Urls(urls) => (None, urls),
        };
        token.into_iter().chain(urls.iter().map(Link::Url))
    }

    /// The link that a reader opens.
    pub fn first(&self) -> Option<Link> {
        self.iter().next()
    }
}

/// A few URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Urls {
    urls: [u32; Self::MAX],
    len: u8,
}

impl Urls {
    /// How many links of a letter are told to its reader. More than that is a newsletter, and the rest
    /// can be found among the [`Papers`](crate::crossing::Papers).
    pub const MAX: usize = 4;

    /// The first of these; a URL that could not be kept is left out.
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

/// How the mail provider answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailReply {
    /// 250: it is the provider's from now on.
    Taken,
    /// A 4xx reply: try again later. A 5xx reply: never.
    Refused {
        /// The SMTP reply code (RFC 5321 section 4.2).
        code: u16,
    },
}

/// A mail in a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Which mail it is.
    pub mail: MailId,
    /// What it is about; `None` for a foreign mail.
    pub kind: Option<MailKind>,
    /// The bytes of a foreign mail, among the [`Papers`](crate::crossing::Papers).
    pub raw: Option<RawId>,
    /// Where its links lead.
    pub links: Links,
    /// The link was wrapped on its way: what opens is its first half. A URL in `links` is that half
    /// already.
    pub truncated: bool,
    /// Where it lies.
    pub folder: Folder,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_tells_its_first_links_and_none_that_is_unknown() {
        for (given, kept) in [
            (vec![], vec![]),
            (vec![UrlId(7)], vec![7]),
            (vec![UrlId::UNKNOWN, UrlId(2)], vec![2]),
            ((0..9).map(UrlId).collect(), vec![0, 1, 2, 3]),
        ] {
            let links = Links::Urls(Urls::of(given));
            let kept: Vec<Link> = kept.into_iter().map(|url| Link::Url(UrlId(url))).collect();
            assert_eq!(links.first(), kept.first().copied());
            assert_eq!(links.iter().collect::<Vec<_>>(), kept);
        }
    }

    #[test]
    fn a_template_has_its_token_as_its_only_link() {
        let link = |link| Mail::of_service(AddressId(0), MailKind::Verification, link).links();
        assert_eq!(link(None).first(), None);
        let token = Token::new(1);
        assert_eq!(link(Some(token)).iter().collect::<Vec<_>>(), [Link::Token(token)]);
        assert_eq!(Link::Token(token).token(), Some(token));
        assert_eq!(Link::Url(UrlId(0)).token(), None);
    }
}
