//! Tables of URLs, documents and raw emails that came from outside, each with a small id.
//!
//! Crossings and events are `Copy` and are printed in traces. A text from outside can be long and can
//! hold a secret, so crossings hold only an id and the text stays here. An outside client can send any
//! amount of data, so each table has a limit.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::base::time::Span;
use crate::message::{Body, timeout_of_fragment};

/// The maximum number of URLs of one world: three for each call that its phone company takes.
pub const URLS_MAX: usize = 300_000;

/// The maximum number of bytes of all URLs together.
pub const URL_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// The longest URL that is kept, in bytes. RFC 9110 section 4.1 recommends at least 8,000 octets.
pub const URL_LEN_MAX: usize = 8_000;

/// The maximum number of documents of orders that no call has taken yet.
pub const DOCUMENTS_MAX: usize = 30_000;

/// The maximum number of raw emails that one world keeps.
pub const MAILS_MAX: usize = 10_000;

/// The maximum total size of the emails that one world keeps, in bytes.
pub const MAIL_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// A URL of a foreign service, by its index in [`Papers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UrlId(pub u32);

/// A document that was sent with a call order, by its index in [`Papers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocId(pub u32);

/// An email of a foreign service as it arrived, by its index in [`Papers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawId(pub u32);

impl RawId {
    /// An email that was not kept, because nobody in the story reads it.
    pub const NOT_KEPT: Self = Self(u32::MAX);
}

impl UrlId {
    /// A URL that was not kept because of a limit; [`Papers::url`] returns `None` for it.
    pub const UNKNOWN: Self = Self(u32::MAX);
}

/// An email of a foreign service: its bytes and its parsed contents.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptMail {
    /// The bytes as the client sent them.
    pub raw: Vec<u8>,
    /// The reverse-path of the envelope; `None` for `<>`, which bounces use.
    pub from: Option<String>,
    /// The forward-paths of the envelope, in order.
    pub to: Vec<String>,
    /// The subject, decoded.
    pub subject: Option<String>,
    /// The text that a reader sees.
    pub text: String,
    /// All links, the most likely one first.
    pub links: Vec<UrlId>,
    /// All one-time codes, the most likely one first.
    pub codes: Vec<String>,
}

impl KeptMail {
    fn bytes(&self) -> usize {
        let lists = self.to.iter().chain(&self.codes);
        let texts = lists.chain(&self.from).chain(&self.subject).chain([&self.text]);
        self.raw.len() + texts.map(String::len).sum::<usize>() + self.links.len() * size_of::<UrlId>()
    }
}

impl fmt::Debug for KeptMail {
    /// Shows only the size, because the text, the links and the codes are secrets of the recipient.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptMail").field("bytes", &self.raw.len()).finish_non_exhaustive()
    }
}

/// The tables of one world.
#[derive(Clone, Default)]
pub struct Papers {
    urls: Vec<Arc<str>>,
    by_url: BTreeMap<Arc<str>, UrlId>,
    url_bytes: usize,
    documents: Vec<Option<Body>>,
    /// The places of the documents that were taken.
    free: Vec<DocId>,
    mails: Vec<Arc<KeptMail>>,
    mail_bytes: usize,
}

impl Papers {
    /// The id of a URL; equal texts have equal ids. [`UrlId::UNKNOWN`] if a limit is reached.
    pub fn url_id(&mut self, url: &str) -> UrlId {
        if let Some(id) = self.by_url.get(url) {
            return *id;
        }
        let bytes = self.url_bytes.saturating_add(url.len());
        if url.len() > URL_LEN_MAX || self.urls.len() >= URLS_MAX || bytes > URL_BYTES_MAX {
            return UrlId::UNKNOWN;
        }
        self.url_bytes = bytes;
        let id = UrlId(place(self.urls.len()));
        let text: Arc<str> = url.into();
        self.urls.push(Arc::clone(&text));
        self.by_url.insert(text, id);
        id
    }

    /// The text of a URL.
    pub fn url(&self, id: UrlId) -> Option<Arc<str>> {
        self.urls.get(id.0 as usize).map(Arc::clone)
    }

    /// The time-out that a URL asks for in its fragment.
    pub fn timeout(&self, id: UrlId) -> Option<Span> {
        timeout_of_fragment(self.urls.get(id.0 as usize)?.split_once('#').map(|(_, fragment)| fragment))
    }

    /// The id of the first half of a URL, which is what remains when an email client breaks a long line.
    pub fn half_url_id(&mut self, id: UrlId) -> UrlId {
        let Some(whole) = self.url(id) else { return UrlId::UNKNOWN };
        self.url_id(&whole[..whole.floor_char_boundary(whole.len() / 2)])
    }

    /// Keeps the document of a call order until it is taken; `None` if the table is full.
    pub fn keep(&mut self, document: Body) -> Option<DocId> {
        if let Some(id) = self.free.pop() {
            self.documents[id.0 as usize] = Some(document);
            return Some(id);
        }
        if self.documents.len() >= DOCUMENTS_MAX {
            return None;
        }
        let id = DocId(place(self.documents.len()));
        self.documents.push(Some(document));
        Some(id)
    }

    /// Takes the document with this id. Its call keeps it from now on, and its place is free.
    pub fn take_document(&mut self, id: DocId) -> Option<Body> {
        let taken = self.documents.get_mut(id.0 as usize)?.take()?;
        self.free.push(id);
        Some(taken)
    }

    /// Keeps an email; `None` if the table is full.
    pub fn keep_mail(&mut self, mail: KeptMail) -> Option<RawId> {
        let bytes = self.mail_bytes.saturating_add(mail.bytes());
        if self.mails.len() >= MAILS_MAX || bytes > MAIL_BYTES_MAX {
            return None;
        }
        let id = RawId(place(self.mails.len()));
        self.mail_bytes = bytes;
        self.mails.push(Arc::new(mail));
        Some(id)
    }

    /// The email with this id.
    pub fn mail(&self, id: RawId) -> Option<Arc<KeptMail>> {
        self.mails.get(id.0 as usize).map(Arc::clone)
    }

    /// How much memory the tables take, in bytes; an estimate.
    pub fn bytes(&self) -> usize {
        self.url_bytes + self.mail_bytes + self.documents.len() * size_of::<Body>()
    }

    /// Empties all tables; ids start again from zero.
    pub fn clear(&mut self) {
        if !self.urls.is_empty() {
            self.urls.clear();
            self.by_url.clear();
        }
        self.url_bytes = 0;
        self.documents.clear();
        self.free.clear();
        self.mails.clear();
        self.mail_bytes = 0;
    }
}

impl fmt::Debug for Papers {
    /// Shows only the counts, because URLs, documents and emails hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Papers")
            .field("urls", &self.urls.len())
            .field("documents", &self.documents.len())
            .field("mails", &self.mails.len())
            .finish_non_exhaustive()
    }
}

fn place(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(bytes: usize) -> KeptMail {
        let (raw, text) = (vec![b'x'; bytes], String::new());
        KeptMail { raw, from: None, to: vec![], subject: None, text, links: vec![], codes: vec![] }
    }

    #[test]
    fn a_url_has_one_id() {
        let mut papers = Papers::default();
        let (one, two) = (papers.url_id("https://a.test/1"), papers.url_id("https://a.test/2"));
        assert_eq!((one, two), (UrlId(0), UrlId(1)));
        assert_eq!(papers.url_id("https://a.test/1"), one);
        assert_eq!(papers.url(two).as_deref(), Some("https://a.test/2"));
        assert_eq!(papers.url(UrlId(7)), None);
    }

    #[test]
    fn ids_start_again_once_the_tables_are_empty() {
        let mut papers = Papers::default();
        let url = papers.url_id("http://a.test/x");
        let kept = papers.keep(Body::NotTwiml(12_100)).unwrap();
        let raw = papers.keep_mail(mail(1)).unwrap();
        assert_eq!(papers.take_document(DocId(7)), None);
        papers.clear();
        assert_eq!((papers.url(url), papers.take_document(kept), papers.mail(raw)), (None, None, None));
        assert_eq!(papers.url_id("http://b.test/"), url);
    }

    #[test]
    fn each_table_has_a_limit() {
        let mut papers = Papers::default();
        assert_eq!(papers.url_id(&"x".repeat(URL_LEN_MAX + 1)), UrlId::UNKNOWN);
        for n in 0..URLS_MAX {
            assert_ne!(papers.url_id(&n.to_string()), UrlId::UNKNOWN);
        }
        assert_eq!(papers.url_id("one more"), UrlId::UNKNOWN);
        assert_eq!(papers.url_id("7"), UrlId(7), "one that is kept already");
        assert_eq!(papers.url(UrlId::UNKNOWN), None);
        papers.clear();
        let long = |n: usize| format!("{n:0>width$}", width = URL_LEN_MAX);
        let fit = URL_BYTES_MAX / URL_LEN_MAX;
        assert!((0..fit).all(|n| papers.url_id(&long(n)) != UrlId::UNKNOWN));
        assert_eq!(papers.url_id(&long(fit)), UrlId::UNKNOWN, "all together are too long");
        for n in 0..DOCUMENTS_MAX {
            assert_eq!(papers.keep(Body::Empty), Some(DocId(n as u32)));
        }
        assert_eq!(papers.keep(Body::Empty), None);
        assert_eq!(papers.take_document(DocId(5)), Some(Body::Empty));
        assert_eq!(papers.take_document(DocId(5)), None, "it is taken once");
        assert_eq!(papers.keep(Body::NotTwiml(12_100)), Some(DocId(5)), "its place is free");
        assert_eq!(papers.keep(Body::Empty), None);
    }

    #[test]
    fn mails_are_kept_up_to_a_number_and_a_size() {
        let mut papers = Papers::default();
        for n in 0..MAILS_MAX {
            assert_eq!(papers.keep_mail(mail(1)), Some(RawId(n as u32)));
        }
        assert_eq!(papers.keep_mail(mail(1)), None);
        papers.clear();
        assert_eq!(papers.keep_mail(mail(MAIL_BYTES_MAX)), Some(RawId(0)));
        assert_eq!(papers.keep_mail(mail(1)), None);
        assert!(papers.mail(RawId(0)).is_some() && papers.mail(RawId(1)).is_none());
    }

    #[test]
    fn all_texts_of_a_mail_count() {
        let text = || "12345".to_owned();
        let kept = KeptMail {
            from: Some(text()),
            to: vec![text(), text()],
            subject: Some(text()),
            text: text(),
            links: vec![UrlId(0)],
            codes: vec![text()],
            ..mail(3)
        };
        assert_eq!(kept.bytes(), 3 + 6 * 5 + 4);
    }

    #[test]
    fn half_of_a_url_is_a_url_of_its_own() {
        let mut papers = Papers::default();
        let whole = papers.url_id("https://a.test/é123");
        let half = papers.half_url_id(whole);
        assert_eq!(papers.url(half).as_deref(), Some("https://a."));
        assert_eq!(papers.half_url_id(UrlId::UNKNOWN), UrlId::UNKNOWN);
    }

    #[test]
    fn what_is_kept_is_not_printed() {
        let mut papers = Papers::default();
        papers.url_id("https://a.test/secret");
        let kept = KeptMail { text: "secret".to_owned(), codes: vec!["123456".to_owned()], ..mail(3) };
        papers.keep_mail(kept.clone());
        let printed = format!("{papers:?} {kept:?}");
        assert!(!printed.contains("secret") && !printed.contains("123456"), "{printed}");
    }
}
