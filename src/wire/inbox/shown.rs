//! What the control API of messages answers, and its parameters as schemas.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::wire::contract::complete;
use crate::wire::inbox::mailpit::Item;

/// The parameters of a wait, with what they are. A list has all but the last one.
pub(super) const WAIT_PARAMETERS: [(&str, &str); 6] = [
    ("to", "The address of a recipient."),
    ("subject", "Words in the subject."),
    ("contains", "Words in the text."),
    ("tag", "The tag of a test, in the recipient or in a header."),
    ("since", "The cursor after which the message came."),
    ("timeout", "Seconds of real time, 60 at most; 30 by default."),
];

/// The parameters of a wait as a schema.
pub(super) struct WaitQuery;

/// The parameters of a list as a schema.
pub(super) struct ListQuery;

impl JsonSchema for WaitQuery {
    fn schema_name() -> Cow<'static, str> {
        "WaitQuery".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        query(&WAIT_PARAMETERS)
    }
}

impl JsonSchema for ListQuery {
    fn schema_name() -> Cow<'static, str> {
        "ListQuery".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let [parameters @ .., _] = &WAIT_PARAMETERS;
        query(parameters)
    }
}

fn query(parameters: &[(&str, &str)]) -> Schema {
    let properties = parameters.iter().map(|(name, says)| {
        let schema = match *name {
            "since" => json!({ "type": "integer", "minimum": 0, "description": says }),
            "timeout" => json!({ "type": "number", "minimum": 0, "maximum": 60, "description": says }),
            _ => json!({ "type": "string", "description": says }),
        };
        ((*name).to_owned(), schema)
    });
    json_schema!({ "type": "object", "properties": properties.collect::<Map<String, Value>>() })
}

/// The messages that match.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
pub(super) struct Messages<'a> {
    /// The messages, the oldest first.
    pub(super) messages: Vec<Item<'a>>,
    /// How many there are, also beyond the list.
    pub(super) count: usize,
    /// The cursor of the last one in the list.
    pub(super) cursor: Option<u64>,
}

/// How many messages were deleted.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
pub(super) struct Deleted {
    /// Their number.
    pub(super) deleted: usize,
}

/// The message that a wait waited for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WaitedMessage", transform = complete)]
pub(super) struct Waited<'a> {
    /// The message.
    pub(super) message: Item<'a>,
    /// The links in it, the most likely one first.
    pub(super) links: Vec<Link>,
    /// The codes in it, the most likely one first.
    pub(super) codes: Vec<Code>,
    /// The cursor that waits for later ones.
    pub(super) cursor: u64,
}

/// A link in a message.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FoundLink", transform = complete)]
pub(super) struct Link {
    /// The URL.
    pub(super) url: String,
    /// Where it was found.
    pub(super) reason: &'static str,
}

/// A one-time code in an email or a text.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FoundCode", transform = complete)]
pub(crate) struct Code {
    /// The code.
    pub(crate) code: String,
    /// Why it is taken for one.
    pub(crate) reason: &'static str,
}

/// The links in a message.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
pub(super) struct Links {
    /// The most likely one first.
    pub(super) links: Vec<Link>,
}

/// The codes in a message.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
pub(super) struct Codes {
    /// The most likely one first.
    pub(super) codes: Vec<Code>,
}

/// A cursor.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
pub(super) struct Cursor {
    /// Messages with a higher number are newer.
    pub(super) cursor: u64,
}

/// The SMTP session that brought a message.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Transcript", transform = complete)]
pub(super) struct TranscriptOf<'a> {
    /// The reverse-path.
    pub(super) from: Option<&'a str>,
    /// The recipients.
    pub(super) to: &'a [String],
    /// The user of AUTH.
    pub(super) user: Option<&'a str>,
    /// Whether it came by TLS.
    pub(super) encrypted: bool,
    /// The lines, with dots for credentials.
    pub(super) transcript: String,
}

/// No message matched in time.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NoMessage", transform = complete)]
pub(super) struct Missed<'a> {
    /// What happened.
    pub(super) error: String,
    /// What was waited for.
    pub(super) wanted: WantedMessage<'a>,
    /// What arrived instead, the newest 20.
    pub(super) arrived: Vec<NearMiss<'a>>,
    /// How many arrived.
    pub(super) arrived_count: usize,
    /// Whether the mailbox has dropped some of them because of its limits.
    pub(super) some_were_dropped: bool,
    /// The cursor for the next attempt.
    pub(super) cursor: u64,
}

/// What a wait waits for.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
pub(super) struct WantedMessage<'a> {
    /// The address of a recipient.
    pub(super) to: &'a Option<String>,
    /// Words in the subject.
    pub(super) subject: &'a Option<String>,
    /// Words in the text.
    pub(super) contains: &'a Option<String>,
    /// The tag of a test.
    pub(super) tag: &'a Option<String>,
}

/// A message that does not match.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
pub(super) struct NearMiss<'a> {
    /// Its id.
    pub(super) id: &'a str,
    /// Its recipients.
    pub(super) to: &'a [String],
    /// Its subject.
    pub(super) subject: &'a str,
    /// Its cursor.
    pub(super) cursor: u64,
}
