//! The list of calls: its filters (TW-call).

use serde_json::Value;

use crate::base::number::Number;
use crate::base::time::Epoch;
use crate::event::CallStatus;
use crate::message::Sid;
use crate::providers::phone::Call;
use crate::wire::twilio::paging::{INVALID_PAGE, Paging, TimeFilter};
use crate::wire::twilio::resource;
use crate::wire::twilio::rest::ACCOUNTS;
use crate::world::World;

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Query {
    paging: Paging,
    filters: Filters,
    after: Option<Sid>,
}

#[derive(Debug, Default)]
struct Filters {
    to: Option<Number>,
    from: Option<Number>,
    status: Option<String>,
    parent: bool,
    starts: Vec<TimeFilter>,
    ends: Vec<TimeFilter>,
}

impl Query {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// Twilio's error code.
    pub(super) fn read(query: &str) -> Result<Self, u32> {
        let mut filters = Filters::default();
        let paging = Paging::read(query, |name, value| {
            match name {
                "To" => filters.to = Some(Number::read(value).unwrap_or(Number::NONE)),
                "From" => filters.from = Some(Number::read(value).unwrap_or(Number::NONE)),
                "Status" => filters.status = Some(value.to_owned()),
                "ParentCallSid" => filters.parent = true,
                "StartTime" | "StartTime<" | "StartTime>" => {
                    filters.starts.push(TimeFilter::read(name, value)?);
                }
                "EndTime" | "EndTime<" | "EndTime>" => filters.ends.push(TimeFilter::read(name, value)?),
                _ => {}
            }
            Ok(())
        })?;
        let after = paging.after.as_deref().map(|sid| Sid::read(sid).ok_or(INVALID_PAGE)).transpose()?;
        Ok(Self { paging, filters, after })
    }
}

impl Filters {
    fn takes(&self, call: &Call, epoch: Epoch) -> bool {
        let at = |test: fn(CallStatus) -> bool| {
            let found = call.log().iter().find(|(_, status)| test(*status));
            found.map(|(at, _)| epoch.unix_secs(*at))
        };
        let start = at(|status| status == CallStatus::Initiated);
        let end = at(CallStatus::is_terminal);
        // No call here has a parent.
        !self.parent
            && self.to.is_none_or(|to| to == call.number())
            && self.from.is_none_or(|from| from == call.from())
            && self.status.as_deref().is_none_or(|status| status == call.rest_status().label())
            && self.starts.iter().all(|filter| filter.takes(start))
            && self.ends.iter().all(|filter| filter.takes(end))
    }
}

/// One page of the calls that `has` selects, newest first.
pub(super) fn page(world: &World, account: &str, asked: &Query, has: impl Fn(Sid) -> bool) -> Value {
    let epoch = world.story().epoch;
    // The page after a call has the older ones; the call itself may have been deleted meanwhile.
    let after = asked.after.map(|sid| world.call_of_sid(sid).map_or(0, |call| call.id().index()));
    let older = world.calls().get(..after.unwrap_or(usize::MAX).min(world.calls().len()));
    let fitting = older.unwrap_or_default().iter().rev();
    let fitting = fitting.filter(|call| has(call.sid()) && asked.filters.takes(call, epoch));
    let path = format!("{ACCOUNTS}{account}/Calls.json");
    let show = |call: &&Call| resource::call(call, account, epoch);
    asked.paging.page((&path, "calls"), fitting, |call| call.sid().to_string(), show)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_or_refused() {
        let query = "To=%2B34600000001&StartTime%3E=2026-01-02T00%3A00%3A00Z&PageSize=3";
        let read = Query::read(query).unwrap();
        assert_eq!((read.paging.size, read.filters.to), (3, Number::read("+34600000001").ok()));
        assert_eq!(read.filters.starts[0].from, 1_767_312_000);
        for (query, code) in
            [("PageToken=PA7", INVALID_PAGE), ("StartTime=soon", 20_001), ("EndTime%3C=2026-02-30", 20_001)]
        {
            assert_eq!(Query::read(query).unwrap_err(), code, "{query}");
        }
    }
}
