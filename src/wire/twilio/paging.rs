//! Pages and date filters of the provider's lists (TW-call, TW-message).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::wire::form::Form;

/// Resources on a page, if the request does not say.
const PAGE_USUAL: usize = 50;

/// Most resources on a page.
const PAGE_MAX: usize = 1_000;

/// Highest number of a page: as many as there can be resources.
const PAGES_MAX: usize = 100_000;

/// Prefix of page tokens: `PA` and the SID of the last resource of the page before.
const TOKEN: &str = "PA";

/// Twilio's code for an invalid date.
const INVALID_DATE: u32 = 20_001;

/// Twilio's code for an invalid page size.
const INVALID_PAGE_SIZE: u32 = 20_006;

/// Twilio's code for an invalid page.
pub(super) const INVALID_PAGE: u32 = 20_007;

/// The page that a request asks for.
#[derive(Debug)]
pub(super) struct Paging {
    pub(super) size: usize,
    pub(super) page: usize,
    /// The SID of the last resource of the page before.
    pub(super) after: Option<String>,
    /// The filters as they were asked for, for the addresses of other pages.
    filters: Vec<(String, String)>,
}

impl Default for Paging {
    fn default() -> Self {
        Self { size: PAGE_USUAL, page: 0, after: None, filters: Vec::new() }
    }
}

impl Paging {
    /// Reads the query of a request; `filter` gets all that is not about pages.
    ///
    /// # Errors
    /// Twilio's error code.
    pub(super) fn read(
        query: &str,
        mut filter: impl FnMut(&str, &str) -> Result<(), u32>,
    ) -> Result<Self, u32> {
        let mut read = Self::default();
        for (name, value) in Form::read(query.as_bytes()).fields() {
            match name.as_ref() {
                "PageSize" => {
                    let size = value.parse().map_err(|_| INVALID_PAGE_SIZE)?;
                    read.size =
                        Some(size).filter(|size| (1..=PAGE_MAX).contains(size)).ok_or(INVALID_PAGE_SIZE)?;
                }
                "Page" => {
                    let page = value.parse().map_err(|_| INVALID_PAGE)?;
                    read.page = Some(page).filter(|page| *page <= PAGES_MAX).ok_or(INVALID_PAGE)?;
                }
                "PageToken" => {
                    read.after = Some(value.strip_prefix(TOKEN).ok_or(INVALID_PAGE)?.to_owned());
                }
                name => {
                    filter(name, value)?;
                    read.filters.push((name.to_owned(), value.clone()));
                }
            }
        }
        Ok(read)
    }

    /// One page of `fitting`, which are newest first and begin after [`Paging::after`].
    pub(super) fn page<T>(
        &self,
        (path, key): (&str, &str),
        fitting: impl Iterator<Item = T>,
        sid: impl Fn(&T) -> String,
        show: impl Fn(&T) -> Value,
    ) -> Value {
        let (shown, last) = self.cut(fitting, sid);
        let start = self.page * self.size;
        json!({
            key: shown.iter().map(show).collect::<Vec<_>>(),
            "first_page_uri": self.uri(path, 0, None),
            "next_page_uri": last.map(|sid| self.uri(path, self.page + 1, Some(&sid))),
            "previous_page_uri": self.page.checked_sub(1).map(|page| self.uri(path, page, None)),
            "page": self.page,
            "page_size": self.size,
            "start": start,
            "end": start + shown.len().saturating_sub(1),
            "uri": self.uri(path, self.page, self.after.as_deref()),
        })
    }

    /// The same as [`Paging::page`] with `meta`, as version 2 of Twilio's APIs shows it. `url` is absolute,
    /// because SDKs follow the addresses as they are.
    pub(super) fn page_with_meta<T>(
        &self,
        (url, key): (&str, &str),
        fitting: impl Iterator<Item = T>,
        sid: impl Fn(&T) -> String,
        show: impl Fn(&T) -> Value,
    ) -> Value {
        let (shown, last) = self.cut(fitting, sid);
        json!({
            key: shown.iter().map(show).collect::<Vec<_>>(),
            "meta": {
                "key": key,
                "page": self.page,
                "page_size": self.size,
                "first_page_url": self.uri(url, 0, None),
                "previous_page_url": self.page.checked_sub(1).map(|page| self.uri(url, page, None)),
                "next_page_url": last.map(|sid| self.uri(url, self.page + 1, Some(&sid))),
                "url": self.uri(url, self.page, self.after.as_deref()),
            },
        })
    }

    /// The resources on the page, and the SID of the last one if others follow.
    fn cut<T>(
        &self,
        mut fitting: impl Iterator<Item = T>,
        sid: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        if self.after.is_none() {
            let _seen = fitting.by_ref().take(self.page * self.size).count();
        }
        let shown: Vec<T> = fitting.by_ref().take(self.size).collect();
        let last = shown.last().map(sid).filter(|_| fitting.next().is_some());
        (shown, last)
    }

    fn uri(&self, path: &str, page: usize, token: Option<&str>) -> String {
        let mut form = Form::new();
        for (name, value) in &self.filters {
            form = form.with(name, value);
        }
        form = form.with("PageSize", self.size.to_string()).with("Page", page.to_string());
        if let Some(sid) = token {
            form = form.with("PageToken", format!("{TOKEN}{sid}"));
        }
        format!("{path}?{}", form.body())
    }
}

/// Whether this is a SID with this prefix.
pub(super) fn is_sid(prefix: &str, text: &str) -> bool {
    let hex = text.strip_prefix(prefix).unwrap_or_default();
    hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A filter on a time, in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeFilter {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl TimeFilter {
    /// Reads a filter whose name ends with `<` or `>`, or with neither: a day in UTC, or a time.
    ///
    /// # Errors
    /// Twilio's error code.
    pub(super) fn read(name: &str, value: &str) -> Result<Self, u32> {
        let (first, last) = span(value).ok_or(INVALID_DATE)?;
        Ok(match name.chars().last() {
            Some('<') => Self { from: i64::MIN, to: last },
            Some('>') => Self { from: first, to: i64::MAX },
            _ => Self { from: first, to: last },
        })
    }

    /// Whether the time fits; a time that there is not yet never does.
    pub(super) fn takes(self, unix_secs: Option<u64>) -> bool {
        let time = unix_secs.and_then(|time| i64::try_from(time).ok());
        time.is_some_and(|time| (self.from..=self.to).contains(&time))
    }
}

/// The first and the last second that a date or time names.
fn span(value: &str) -> Option<(i64, i64)> {
    if let Ok(time) = value.parse::<Timestamp>() {
        return Some((time.as_second(), time.as_second()));
    }
    let day: Date = value.parse().ok()?;
    let first = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
    let next = first.checked_add(24.hours()).ok()?;
    Some((first.as_second(), next.as_second() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_or_refused() {
        let read = |query: &str| {
            Paging::read(query, |name, value| match name {
                "When" | "When<" | "When>" => TimeFilter::read(name, value).map(drop),
                _ => Ok(()),
            })
        };
        let paging =
            read("To=%2B34600000001&When%3E=2026-01-02T00%3A00%3A00Z&PageSize=3&PageToken=PACA7").unwrap();
        assert_eq!((paging.size, paging.after.as_deref(), paging.filters.len()), (3, Some("CA7"), 2));
        for (query, code) in [
            ("PageSize=0", INVALID_PAGE_SIZE),
            ("PageSize=1001", INVALID_PAGE_SIZE),
            ("PageSize=x", INVALID_PAGE_SIZE),
            ("Page=-1", INVALID_PAGE),
            ("Page=18446744073709551615", INVALID_PAGE),
            ("Page=100001", INVALID_PAGE),
            ("PageToken=7", INVALID_PAGE),
            ("When=soon", INVALID_DATE),
            ("When%3C=2026-02-30", INVALID_DATE),
        ] {
            assert_eq!(read(query).unwrap_err(), code, "{query}");
        }
    }

    #[test]
    fn a_day_is_all_of_its_seconds() {
        assert_eq!(span("2026-01-02"), Some((1_767_312_000, 1_767_398_399)));
        assert_eq!(span("2026-01-02T00:00:01Z"), Some((1_767_312_001, 1_767_312_001)));
        let since = TimeFilter::read("StartTime>", "2026-01-02T00:00:00Z").unwrap();
        assert!(since.takes(Some(1_767_312_000)) && !since.takes(Some(1_767_311_999)) && !since.takes(None));
    }

    #[test]
    fn pages_follow_each_other() {
        let page = |query: &str, left: &[u32]| {
            let paging = Paging::read(query, |_, _| Ok(())).unwrap();
            paging.page(("/x.json", "things"), left.iter(), |n| n.to_string(), |n| json!(n))
        };
        let one = page("PageSize=2&To=a", &[5, 4, 3]);
        assert_eq!(one["things"], json!([5, 4]));
        assert_eq!(one["next_page_uri"], "/x.json?To=a&PageSize=2&Page=1&PageToken=PA4");
        assert_eq!(
            (&one["previous_page_uri"], &one["start"], &one["end"]),
            (&Value::Null, &json!(0), &json!(1))
        );
        let two = page("PageSize=2&To=a&Page=1&PageToken=PA4", &[3]);
        assert_eq!((&two["things"], &two["next_page_uri"]), (&json!([3]), &Value::Null));
        assert_eq!(two["previous_page_uri"], "/x.json?To=a&PageSize=2&Page=0");
        let none = page("Page=7", &[1]);
        assert_eq!(none["things"], json!([]));
    }
}
