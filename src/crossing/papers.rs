//! Papers: the texts and raw mails that came from outside, kept in tables and named by small ids.
//!
//! Crossings and events are `Copy` and are printed in traces. A text from outside can be long and can
//! hold a secret, so crossings name it by an id and the text stays here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The most URLs that one world keeps; a play of a recovery flow needs some tens.
pub const URLS_MAX: usize = 10_000;

/// The longest URL that is kept, in bytes. RFC 9110 section 4.1 asks for 8,000 octets at least.
pub const URL_LEN_MAX: usize = 8_000;

/// The most addresses and subjects that one world keeps.
pub const TEXTS_MAX: usize = 10_000;

/// The longest address or subject that is kept whole, in bytes. RFC 5322 section 2.1.1 limits a header
/// line to 998; a folded subject may be longer, and is cut here.
pub const TEXT_LEN_MAX: usize = 4_000;

/// The most raw mails that one world keeps.
pub const MAILS_MAX: usize = 10_000;

/// The most bytes that the raw mails of one world hold together.
pub const MAIL_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// The URL of a page outside of the reference service, by its place in [`Papers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UrlId(pub u32);

/// An address or a subject of a foreign mail, by its place in [`Papers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(pub u32);

/// A foreign mail as it arrived, by its place in [`Papers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawId(pub u32);

impl UrlId {
    /// A URL that was too long, or one too many: [`Papers::url`] knows no text for it.
    pub const UNKNOWN: Self = Self(u32::MAX);
}

impl TextId {
    /// A text that was one too many: [`Papers::text`] knows no text for it.
    pub const UNKNOWN: Self = Self(u32::MAX);
}

/// A foreign mail: its bytes, and what was read from them.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptMail {
    /// The bytes as the client sent them.
    pub raw: Vec<u8>,
    /// The forward-paths of the envelope, in order.
    pub to: Vec<String>,
    /// The text that a reader sees.
    pub text: String,
    /// All links, the most likely one first.
    pub links: Vec<UrlId>,
    /// All one-time codes, the most likely one first.
    pub codes: Vec<String>,
}

impl KeptMail {
    fn bytes(&self) -> usize {
        let texts = self.to.iter().chain(&self.codes).map(String::len).sum::<usize>();
        self.raw.len() + self.text.len() + texts + self.links.len() * size_of::<UrlId>()
    }
}

impl fmt::Debug for KeptMail {
    /// Sizes only: the mail's text, links and codes are secrets of its reader.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptMail").field("bytes", &self.raw.len()).finish_non_exhaustive()
    }
}

/// The tables of one world.
#[derive(Clone, Default)]
pub struct Papers {
    urls: Table,
    texts: Table,
    mails: Vec<Arc<KeptMail>>,
    mail_bytes: usize,
}

impl Papers {
    /// The id of a URL, the same for the same text; [`UrlId::UNKNOWN`] if it cannot be kept.
    pub fn url_id(&mut self, url: &str) -> UrlId {
        let id = if url.len() <= URL_LEN_MAX { self.urls.id(url, URLS_MAX) } else { None };
        id.map_or(UrlId::UNKNOWN, UrlId)
    }

    /// The text of a URL.
    pub fn url(&self, id: UrlId) -> Option<Arc<str>> {
        self.urls.text(id.0)
    }

    /// The id of the first half of a URL: what is left when a mail program wraps a long line.
    pub fn half_url_id(&mut self, id: UrlId) -> UrlId {
        let Some(whole) = self.url(id) else { return UrlId::UNKNOWN };
        self.url_id(&whole[..whole.floor_char_boundary(whole.len() / 2)])
    }

    /// The id of an address or a subject, the same for the same text. A text that is too long is cut.
    pub fn text_id(&mut self, text: &str) -> TextId {
        let kept = &text[..text.floor_char_boundary(TEXT_LEN_MAX)];
        self.texts.id(kept, TEXTS_MAX).map_or(TextId::UNKNOWN, TextId)
    }

    /// The text of an address or a subject.
    pub fn text(&self, id: TextId) -> Option<Arc<str>> {
        self.texts.text(id.0)
    }

    /// Keeps a foreign mail; `None` if the tables are full.
    pub fn keep_mail(&mut self, mail: KeptMail) -> Option<RawId> {
        let bytes = self.mail_bytes.saturating_add(mail.bytes());
        if self.mails.len() >= MAILS_MAX || bytes > MAIL_BYTES_MAX {
            return None;
        }
        let id = u32::try_from(self.mails.len()).ok()?;
        self.mail_bytes = bytes;
        self.mails.push(Arc::new(mail));
        Some(RawId(id))
    }

    /// A foreign mail.
    pub fn mail(&self, id: RawId) -> Option<Arc<KeptMail>> {
        self.mails.get(usize::try_from(id.0).ok()?).map(Arc::clone)
    }

    /// Empties all tables: ids start again from zero.
    pub fn clear(&mut self) {
        self.urls.clear();
        self.texts.clear();
        self.mails.clear();
        self.mail_bytes = 0;
    }
}

impl fmt::Debug for Papers {
    /// Counts only: URLs and mails hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Papers")
            .field("urls", &self.urls.texts.len())
            .field("texts", &self.texts.texts.len())
            .field("mails", &self.mails.len())
            .finish_non_exhaustive()
    }
}

/// Texts, each kept once, in the order in which they came.
#[derive(Clone, Default)]
struct Table {
    texts: Vec<Arc<str>>,
    places: BTreeMap<Arc<str>, u32>,
}

impl Table {
    /// The place of `text`; `None` if it is not there and there are `max` texts already.
    fn id(&mut self, text: &str, max: usize) -> Option<u32> {
        if let Some(place) = self.places.get(text) {
            return Some(*place);
        }
        if self.texts.len() >= max {
            return None;
        }
        let place = u32::try_from(self.texts.len()).ok()?;
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        self.places.insert(text, place);
        Some(place)
    }

    fn text(&self, place: u32) -> Option<Arc<str>> {
        self.texts.get(usize::try_from(place).ok()?).map(Arc::clone)
    }

    fn clear(&mut self) {
        self.texts.clear();
        self.places.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(bytes: usize) -> KeptMail {
        KeptMail { raw: vec![b'x'; bytes], to: vec![], text: String::new(), links: vec![], codes: vec![] }
    }

    #[test]
    fn the_same_url_has_the_same_id() {
        let mut papers = Papers::default();
        let (one, two) = (papers.url_id("https://a.test/1"), papers.url_id("https://a.test/2"));
        assert_eq!((one, two), (UrlId(0), UrlId(1)));
        assert_eq!(papers.url_id("https://a.test/1"), one);
        assert_eq!(papers.url(two).as_deref(), Some("https://a.test/2"));
        papers.clear();
        assert_eq!(papers.url(one), None);
    }

    #[test]
    fn each_table_has_an_end() {
        let mut papers = Papers::default();
        assert_eq!(papers.url_id(&"x".repeat(URL_LEN_MAX + 1)), UrlId::UNKNOWN);
        for n in 0..URLS_MAX {
            assert_ne!(papers.url_id(&n.to_string()), UrlId::UNKNOWN);
        }
        assert_eq!(papers.url_id("one more"), UrlId::UNKNOWN);
        assert_eq!(papers.url_id("7"), UrlId(7), "one that is kept already");
        for n in 0..TEXTS_MAX {
            assert_ne!(papers.text_id(&n.to_string()), TextId::UNKNOWN);
        }
        assert_eq!(papers.text_id("one more"), TextId::UNKNOWN);
        assert_eq!((papers.url(UrlId::UNKNOWN), papers.text(TextId::UNKNOWN)), (None, None));
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
    fn a_long_text_is_cut_between_characters() {
        let mut papers = Papers::default();
        let long = format!("x{}", "é".repeat(TEXT_LEN_MAX));
        let id = papers.text_id(&long);
        assert_eq!(papers.text(id).map(|text| text.len()), Some(TEXT_LEN_MAX - 1));
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
