//! The list of texts: its filters (TW-message).

use serde_json::Value;

use crate::base::time::Epoch;
use crate::event::TextStatus;
use crate::message::TextSid;
use crate::providers::messaging::Text;
use crate::wire::twilio::messages::resource;
use crate::wire::twilio::paging::{INVALID_PAGE, Paging, TimeFilter};
use crate::wire::twilio::rest::ACCOUNTS;
use crate::world::World;

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Query {
    paging: Paging,
    filters: Filters,
    after: Option<TextSid>,
}

#[derive(Debug, Default)]
struct Filters {
    to: Option<String>,
    from: Option<String>,
    sent: Vec<TimeFilter>,
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
                "To" => filters.to = Some(value.to_owned()),
                "From" => filters.from = Some(value.to_owned()),
                "DateSent" | "DateSent<" | "DateSent>" => filters.sent.push(TimeFilter::read(name, value)?),
                _ => {}
            }
            Ok(())
        })?;
        let after = paging.after.as_deref().map(|sid| TextSid::read(sid).ok_or(INVALID_PAGE)).transpose()?;
        Ok(Self { paging, filters, after })
    }
}

impl Filters {
    fn takes(&self, text: &Text, shown: &Value, epoch: Epoch) -> bool {
        let sent = text.log().iter().find(|(_, status)| *status == TextStatus::Sent);
        let sent = sent.map(|(at, _)| epoch.unix_secs(*at));
        self.to.as_deref().is_none_or(|to| shown["to"] == to)
            && self.from.as_deref().is_none_or(|from| shown["from"] == from)
            && self.sent.iter().all(|filter| filter.takes(sent))
    }
}

/// One page of the texts that `has` selects, newest first.
pub(super) fn page(world: &World, account: &str, asked: &Query, has: impl Fn(&Text) -> bool) -> Value {
    let epoch = world.story().epoch;
    // The page after a text has the older ones; the text itself may have been deleted meanwhile.
    let after = asked.after.map(|sid| world.text_of_sid(sid).map_or(0, |text| text.id().index()));
    let older = world.texts().get(..after.unwrap_or(usize::MAX).min(world.texts().len()));
    let fitting = older.unwrap_or_default().iter().rev().filter(|text| has(text));
    let fitting = fitting.map(|text| (text, resource::text(text, account, epoch)));
    let fitting = fitting.filter(|(text, shown)| asked.filters.takes(text, shown, epoch));
    let path = format!("{ACCOUNTS}{account}/Messages.json");
    asked.paging.page(
        (&path, "messages"),
        fitting,
        |(text, _)| text.sid().to_string(),
        |(_, shown)| shown.clone(),
    )
}
