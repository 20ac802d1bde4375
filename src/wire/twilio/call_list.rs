//! The list of calls: filters and pages (TW-call).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::base::number::Number;
use crate::base::time::Epoch;
use crate::event::CallStatus;
use crate::message::Sid;
use crate::providers::phone::{CALLS_MAX, Call};
use crate::wire::form::Form;
use crate::wire::twilio::resource;
use crate::wire::twilio::rest::ACCOUNTS;
use crate::world::World;

/// Calls on a page, if the request does not say.
const PAGE_USUAL: usize = 50;

/// Most calls on a page.
const PAGE_MAX: usize = 1_000;

/// Highest number of a page: as many as there can be calls.
const PAGES_MAX: usize = CALLS_MAX;

/// Prefix of page tokens: `PA` and the SID of the last call of the page before.
const TOKEN: &str = "PA";

/// Twilio's code for an invalid date.
const INVALID_DATE: u32 = 20_001;

/// Twilio's code for an invalid page size.
const INVALID_PAGE_SIZE: u32 = 20_006;

/// Twilio's code for an invalid page.
const INVALID_PAGE: u32 = 20_007;

/// What a request asks for.
#[derive(Debug, Default)]
pub(super) struct Query {
    to: Option<Number>,
    from: Option<Number>,
    status: Option<String>,
    parent: bool,
    times: Vec<TimeFilter>,
    size: usize,
    page: usize,
    after: Option<Sid>,
    /// The filters as they were asked for, for the addresses of other pages.
    filters: Vec<(String, String)>,
}

/// A filter on the start or the end of a call.
#[derive(Debug)]
struct TimeFilter {
    of_end: bool,
    from: i64,
    to: i64,
}

impl Query {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// Twilio's error code.
    pub(super) fn read(query: &str) -> Result<Self, u32> {
        let mut read = Self { size: PAGE_USUAL, ..Self::default() };
        for (name, value) in Form::read(query.as_bytes()).fields() {
            match name.as_str() {
                "PageSize" => {
                    let size = value.parse().map_err(|_| INVALID_PAGE_SIZE)?;
                    read.size =
                        Some(size).filter(|size| (1..=PAGE_MAX).contains(size)).ok_or(INVALID_PAGE_SIZE)?;
                    continue;
                }
                "Page" => {
                    let page = value.parse().map_err(|_| INVALID_PAGE)?;
                    read.page = Some(page).filter(|page| *page <= PAGES_MAX).ok_or(INVALID_PAGE)?;
                }
                "PageToken" => {
                    let sid = value.strip_prefix(TOKEN).and_then(Sid::read);
                    read.after = Some(sid.ok_or(INVALID_PAGE)?);
                }
                "To" => read.to = Some(Number::read(value).unwrap_or(Number::NONE)),
                "From" => read.from = Some(Number::read(value).unwrap_or(Number::NONE)),
                "Status" => read.status = Some(value.clone()),
                "ParentCallSid" => read.parent = true,
                _ => read.times.extend(time_filter(name, value)?),
            }
            if !matches!(name.as_str(), "Page" | "PageToken") {
                read.filters.push((name.clone(), value.clone()));
            }
        }
        Ok(read)
    }

    fn takes(&self, call: &Call, epoch: Epoch) -> bool {
        let at = |test: fn(CallStatus) -> bool| {
            let found = call.log().iter().find(|(_, status)| test(*status));
            found.and_then(|(at, _)| i64::try_from(epoch.unix_secs(*at)).ok())
        };
        let start = at(|status| status == CallStatus::Initiated);
        let end = at(CallStatus::is_terminal);
        // No call here has a parent.
        !self.parent
            && self.to.is_none_or(|to| to == call.number())
            && self.from.is_none_or(|from| from == call.from())
            && self.status.as_deref().is_none_or(|status| status == call.rest_status().label())
            && self.times.iter().all(|filter| {
                let time = if filter.of_end { end } else { start };
                time.is_some_and(|time| (filter.from..=filter.to).contains(&time))
            })
    }
}

/// `StartTime`, `StartTime<`, `StartTime>` and the same of `EndTime`: a day in UTC, or a time.
fn time_filter(name: &str, value: &str) -> Result<Option<TimeFilter>, u32> {
    let (name, relation) = match name.strip_suffix(['<', '>']) {
        Some(bare) => (bare, name.chars().last()),
        None => (name, None),
    };
    let of_end = match name {
        "StartTime" => false,
        "EndTime" => true,
        _ => return Ok(None),
    };
    let (first, last) = span(value).ok_or(INVALID_DATE)?;
    let (from, to) = match relation {
        Some('<') => (i64::MIN, last),
        Some('>') => (first, i64::MAX),
        _ => (first, last),
    };
    Ok(Some(TimeFilter { of_end, from, to }))
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

/// One page of the calls that `has` selects, newest first.
pub(super) fn page(world: &World, account: &str, asked: &Query, has: impl Fn(Sid) -> bool) -> Value {
    let epoch = world.story().epoch;
    // The page after a call has the older ones; the call itself may have been deleted meanwhile.
    let after = asked.after.map(|sid| world.call_of_sid(sid).map_or(0, |call| call.id().index()));
    let older = world.calls().get(..after.unwrap_or(usize::MAX).min(world.calls().len()));
    let older = older.unwrap_or_default().iter().rev();
    let mut fitting = older.filter(|call| has(call.sid()) && asked.takes(call, epoch));
    if after.is_none() {
        let _seen = fitting.by_ref().take(asked.page * asked.size).count();
    }
    let shown: Vec<&Call> = fitting.by_ref().take(asked.size).collect();
    let last = shown.last().map(|call| call.sid()).filter(|_| fitting.next().is_some());
    let uri = |page: usize, token: Option<Sid>| {
        let mut form = Form::new();
        for (name, value) in &asked.filters {
            form = form.with(name, value);
        }
        form = form.with("PageSize", asked.size.to_string()).with("Page", page.to_string());
        if let Some(sid) = token {
            form = form.with("PageToken", format!("{TOKEN}{sid}"));
        }
        format!("{ACCOUNTS}{account}/Calls.json?{}", form.body())
    };
    let start = asked.page * asked.size;
    json!({
        "calls": shown.iter().map(|call| resource::call(call, account, epoch)).collect::<Vec<_>>(),
        "first_page_uri": uri(0, None),
        "next_page_uri": last.map(|sid| uri(asked.page + 1, Some(sid))),
        "previous_page_uri": asked.page.checked_sub(1).map(|page| uri(page, None)),
        "page": asked.page,
        "page_size": asked.size,
        "start": start,
        "end": start + shown.len().saturating_sub(1),
        "uri": uri(asked.page, asked.after),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_or_refused() {
        let read = Query::read("To=%2B34600000001&StartTime%3E=2026-01-02T00%3A00%3A00Z&PageSize=3").unwrap();
        assert_eq!((read.size, read.to), (3, Number::read("+34600000001").ok()));
        assert_eq!(read.times[0].from, 1_767_312_000);
        for (query, code) in [
            ("PageSize=0", INVALID_PAGE_SIZE),
            ("PageSize=1001", INVALID_PAGE_SIZE),
            ("PageSize=x", INVALID_PAGE_SIZE),
            ("Page=-1", INVALID_PAGE),
            ("Page=18446744073709551615", INVALID_PAGE),
            ("Page=100001", INVALID_PAGE),
            ("PageToken=PA7", INVALID_PAGE),
            ("StartTime=soon", INVALID_DATE),
            ("EndTime%3C=2026-02-30", INVALID_DATE),
        ] {
            assert_eq!(Query::read(query).unwrap_err(), code, "{query}");
        }
    }

    #[test]
    fn a_day_is_all_of_its_seconds() {
        assert_eq!(span("2026-01-02"), Some((1_767_312_000, 1_767_398_399)));
        assert_eq!(span("2026-01-02T00:00:01Z"), Some((1_767_312_001, 1_767_312_001)));
    }
}
