//! Mailpit's search: which messages a query finds.

use std::sync::Arc;

use crate::wire::inbox::content::Contact;
use crate::wire::inbox::message::StoredMessage;
use crate::wire::inbox::query::{Place, Query, Term, Test};
use crate::wire::inbox::{Inbox, part};
use crate::wire::mime;

impl Query {
    /// Whether the query finds this message: all its terms do.
    pub fn finds(&self, message: &StoredMessage) -> bool {
        let mut text = None;
        self.terms().iter().all(|Term { test, is_negated }| {
            let found = match test {
                Test::Text(wanted) => {
                    // Parsed once for all words, and only if there are any.
                    text.get_or_insert_with(|| searched_text(message)).contains(wanted)
                }
                test => meets(message, test),
            };
            found != *is_negated
        })
    }
}

impl Inbox {
    /// The messages that a query finds, the newest first.
    pub fn search(&self, query: &Query) -> Vec<Arc<StoredMessage>> {
        self.newest_first().into_iter().filter(|message| query.finds(message)).collect()
    }
}

fn meets(message: &StoredMessage, test: &Test) -> bool {
    let summary = message.summary();
    let any = |contacts: &[Contact], wanted: &str| contacts.iter().any(|one| one.contains(wanted));
    match test {
        Test::Contact(place, wanted) => match place {
            Place::To => any(&summary.to, wanted),
            Place::From => any(summary.from.as_slice(), wanted),
            Place::Cc => any(&summary.cc, wanted),
            Place::Bcc => any(&summary.bcc, wanted),
            Place::ReplyTo => any(&summary.reply_to, wanted),
            Place::Anywhere => {
                let from = summary.from.as_slice();
                let lists = [from, &summary.to, &summary.cc, &summary.bcc, &summary.reply_to];
                lists.iter().any(|list| any(list, wanted))
            }
        },
        Test::Subject(wanted) => summary.subject.to_lowercase().contains(wanted),
        Test::MessageId(wanted) => summary.message_id.to_lowercase().contains(wanted),
        Test::Tag(wanted) => message.has_tag(wanted),
        Test::IsRead => message.is_read(),
        Test::IsTagged => !message.tags().is_empty(),
        Test::HasInline => summary.inlines > 0,
        Test::HasAttachment => summary.attachments > 0,
        Test::After(millis) => i64::try_from(message.received()).is_ok_and(|received| received >= *millis),
        Test::Before(millis) => i64::try_from(message.received()).is_ok_and(|received| received <= *millis),
        Test::Larger(bytes) => message.raw().len() as u64 > *bytes,
        Test::Smaller(bytes) => (message.raw().len() as u64) < *bytes,
        Test::Text(wanted) => searched_text(message).contains(wanted),
    }
}

/// All that plain words are searched in, in lower case: contacts, subject, texts and file names.
pub(super) fn searched_text(message: &StoredMessage) -> String {
    let summary = message.summary();
    let mut text = String::new();
    let from = summary.from.as_slice();
    for one in [from, &summary.to, &summary.cc, &summary.bcc, &summary.reply_to].into_iter().flatten() {
        text.extend([one.name.as_str(), " ", one.address.as_str(), "\n"]);
    }
    text.extend([summary.subject.as_str(), "\n"]);
    let flat = mime::flat(message.raw());
    if let Some(parsed) = mime::message_of(&flat) {
        text.extend([part::text(&parsed).as_str(), "\n"]);
        if !part::html(&parsed).is_empty() {
            text.extend([mime::shown_text(&parsed).as_str(), "\n"]);
        }
        for file in part::files(&parsed) {
            text.extend([file.name(), "\n"]);
        }
    }
    text.to_lowercase()
}
