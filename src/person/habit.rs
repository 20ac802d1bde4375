//! How a person is: how soon mail is read, how long a phone rings, when to give up.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::time::Span;

/// A person's habits. All times are what the person takes on average; each act draws its own
/// between half and one and a half of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "PersonHabits")]
pub struct Habits {
    /// From one page to the next choice.
    pub thinks_for: Span,
    /// From a mail's arrival to reading it.
    pub reads_mail_after: Span,
    /// Whether the spam folder is looked into.
    pub looks_into_spam: bool,
    /// Where links are opened.
    pub opens_links_in: OpensLinksIn,
    /// How long the person waits for a mail before asking for another.
    pub waits_for_mail: Span,
    /// How many mails are asked for before turning to support.
    pub mails_asked: u8,
    /// From the first ring to picking up.
    pub answers_after: Span,
    /// Whether the phone is answered at all.
    pub answers: Answers,
    /// From one key to the next.
    pub key_gap: Span,
    /// How many calls are asked for before turning to support.
    pub calls_asked: u8,
    /// How many wrong codes are typed before doubting the device.
    pub codes_tried: u8,
    /// In a hundred: how often a code is mistyped.
    pub mistypes: u8,
    /// How long the person waits for support before asking again.
    pub waits_for_support: Span,
    /// How many support requests are filed before giving up.
    pub tickets_filed: u8,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            thinks_for: Span::from_secs(4),
            reads_mail_after: Span::from_secs(45),
            looks_into_spam: false,
            opens_links_in: OpensLinksIn::SameBrowser,
            waits_for_mail: Span::from_mins(10),
            mails_asked: 3,
            answers_after: Span::from_secs(6),
            answers: Answers::Always,
            key_gap: Span::from_millis(400),
            calls_asked: 2,
            codes_tried: 2,
            mistypes: 0,
            waits_for_support: Span::from_days(1),
            tickets_filed: 3,
        }
    }
}

/// Where a person opens links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OpensLinksIn {
    /// In the browser that signs in.
    SameBrowser,
    /// On another device.
    OtherBrowser,
}

/// Whether a person answers the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answers {
    /// Always.
    Always,
    /// Not the first call, but the later ones.
    NotTheFirst,
    /// Never.
    Never,
}
