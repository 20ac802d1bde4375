//! Configurable habits of a person: reading email, answering the phone, giving up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::time::Span;

/// A person's habits. Times are averages; each act varies its time from half to one and a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "PersonHabits")]
pub struct Habits {
    /// Time to think between a page and the next action.
    pub thinks_for: Span,
    /// Delay from an email's arrival to reading it.
    pub reads_mail_after: Span,
    /// Whether the person looks into the spam folder.
    pub looks_into_spam: bool,
    /// The browser in which links are opened.
    pub opens_links_in: OpensLinksIn,
    /// Wait for an email before requesting another.
    pub waits_for_mail: Span,
    /// Number of emails requested before turning to support.
    pub mails_asked: u8,
    /// Delay from the first ring to picking up.
    pub answers_after: Span,
    /// Whether the person answers the phone.
    pub answers: Answers,
    /// Delay between two key presses.
    pub key_gap: Span,
    /// Number of calls requested before turning to support.
    pub calls_asked: u8,
    /// Number of wrong codes typed before doubting the device.
    pub codes_tried: u8,
    /// Percentage of mistyped codes, and of current passwords mistyped where a new one is set.
    pub mistypes: u8,
    /// Wait for support before asking again.
    pub waits_for_support: Span,
    /// Number of support requests filed before giving up.
    pub tickets_filed: u8,
    /// Whether the person leaves devices on file that are lost or do not work.
    pub leaves_lost_devices: bool,
    /// Delay between giving up and starting over; never, if omitted.
    pub comes_back_after: Option<Span>,
    /// What the person does about a notice of something that they did not do, as far as they know.
    pub on_notice: OnNotice,
    /// Delay from the arrival of such a notice to acting on it.
    pub reacts_after: Span,
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
            leaves_lost_devices: false,
            comes_back_after: None,
            on_notice: OnNotice::Ignores,
            reacts_after: Span::from_mins(10),
        }
    }
}

/// The browser in which a person opens links.
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
    /// Not the first call, but later ones.
    NotTheFirst,
    /// Never.
    Never,
}

/// What a person does about a notice of something that they did not do: "that was not me".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnNotice {
    /// Nothing.
    Ignores,
    /// Signs in and changes the password, which ends all other sessions.
    ChangesPassword,
    /// Signs in and signs out everywhere.
    SignsOutEverywhere,
    /// Asks support, because "I did not do this".
    AsksSupport,
}
