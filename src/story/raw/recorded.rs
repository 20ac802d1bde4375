//! A recording of `lostkey serve`, as a story file has it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::Spanned;

use crate::base::time::Span;
use crate::story::raw::{Named, RawFault, Text, Written};

/// What reached `lostkey serve` from outside, as `POST /save` writes it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Recording")]
pub(in crate::story) struct RawRecording {
    /// When it was saved, as a time since the story began: `00:01:30`. A replay ends here.
    #[schemars(with = "Written", required)]
    pub(in crate::story) until: Option<Text>,
    /// Whether it was saved before the rest of what was due at that time. Default: no.
    pub(in crate::story) ends_early: Option<bool>,
    /// The account of the requests that name no other one: `AC` and letters and digits.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) account: Option<Text>,
    /// The tag with which an address is also known: `ana+TAG@example.com` is `ana@example.com`.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) tag: Option<Text>,
    /// Whether webhooks left while others were under way. Default: one by one, as with a manual clock.
    pub(in crate::story) webhooks: Option<RawWebhooks>,
    /// The inputs, in order of time.
    #[schemars(with = "Option<Vec<RawInput>>")]
    pub(in crate::story) inputs: Option<Vec<Spanned<RawInput>>>,
}

/// How webhooks leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::story) enum RawWebhooks {
    /// Each one is answered before the next one leaves.
    OneByOne,
    /// Several can be under way.
    AtOnce,
}

/// One input. One of `order`, `webhook`, `scanned`, `mail`, `phone`, `person`, `sender`, `faults` and `page` says
/// what it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "RecordedInput")]
pub(in crate::story) struct RawInput {
    /// The time since the story began: `00:00:10`, `1d 00:00:10.250`.
    #[schemars(with = "Written", required)]
    pub(in crate::story) at: Option<Text>,
    /// Whether it came before the rest of what was due at that time. Default: no.
    pub(in crate::story) early: Option<bool>,
    /// The app's request to the REST API or to a gateway: `POST /Calls.json`. `call-1`, `text-1` and
    /// `verification-1` stand for SIDs.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) order: Option<Text>,
    /// The account of an order, where it is not that of the recording.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) account: Option<Text>,
    /// The fields of an order or of a page's form.
    #[schemars(with = "Option<Named<Written>>")]
    pub(in crate::story) form: Option<Named<String>>,
    /// The fields of an order that have several values.
    #[schemars(with = "Option<Named<Vec<Written>>>")]
    pub(in crate::story) lists: Option<Named<Vec<String>>>,
    /// The JSON body of an order to a gateway.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) json: Option<Text>,
    /// The webhook that the app answers: `POST http://127.0.0.1:3000/voice`.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) webhook: Option<Text>,
    /// When the webhook was sent. Default: when it was answered.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) asked: Option<Text>,
    /// The HTTP status of the answer.
    #[schemars(with = "Option<u16>")]
    pub(in crate::story) status: Option<Spanned<u16>>,
    /// The content type of the answer.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) content_type: Option<Text>,
    /// The address of a redirect.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) location: Option<Text>,
    /// The body of the answer.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) body: Option<Text>,
    /// Why no answer arrived.
    pub(in crate::story) lost: Option<RawLoss>,
    /// The link that the scanner opened.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) scanned: Option<Text>,
    /// The sender of an email; empty for `<>`.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) mail: Option<Text>,
    /// The recipients of the email.
    #[schemars(with = "Option<Vec<Written>>")]
    pub(in crate::story) recipients: Option<Vec<Text>>,
    /// The message with its headers.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) message: Option<Text>,
    /// The message in base64, if it is not plain text.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) base64: Option<Text>,
    /// Where the SMTP transaction ended. Default: after the message.
    pub(in crate::story) ends_at: Option<RawMailStage>,
    /// The number of a phone in the test's hand, in E.164.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) phone: Option<Text>,
    /// What the phone does with its call.
    pub(in crate::story) does: Option<RawPhoneAct>,
    /// The keys that are pressed.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) presses: Option<Text>,
    /// The time until the first key. Default: none.
    pub(in crate::story) after: Option<Span>,
    /// The time between two keys. Default: none.
    pub(in crate::story) gap: Option<Span>,
    /// The text that the phone sends.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) texts: Option<Text>,
    /// The recipient of that text.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) to: Option<Text>,
    /// How the phone answers by itself from now on; empty for no script.
    pub(in crate::story) script: Option<RawScript>,
    /// A person of the story.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) person: Option<Text>,
    /// Whether the person's phone is lost or works.
    pub(in crate::story) phone_is: Option<RawPhoneState>,
    /// The device whose next code was given; `any` for the one in use.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) code_of: Option<Text>,
    /// A sender of the provider: a number or a short code.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) sender: Option<Text>,
    /// The app's URL for texts to that sender. Default: none.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) url: Option<Text>,
    /// The method of that URL, GET or POST. Default: POST.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) method: Option<Text>,
    /// The URL that is asked if the first one fails.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) fallback: Option<Text>,
    /// The faults in force from now on.
    #[schemars(with = "Option<Vec<RawFault>>")]
    pub(in crate::story) faults: Option<Vec<Spanned<RawFault>>>,
    /// A browser's request to the reference service: `POST /mfa`.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) page: Option<Text>,
    /// The browser, from 1. Default: 1.
    pub(in crate::story) browser: Option<u32>,
}

/// Why no answer arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::story) enum RawLoss {
    /// The app could not be reached.
    Down,
    /// The connection was closed.
    Cut,
    /// It took too long.
    TimedOut,
    /// It had not arrived when the world was saved.
    NotYet,
}

/// Where an SMTP transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::story) enum RawMailStage {
    /// At a recipient.
    Recipient,
    /// At DATA.
    Data,
    /// Within the message.
    Text,
}

/// What a phone does with its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::story) enum RawPhoneAct {
    /// Answers it.
    Answers,
    /// Ends or declines it.
    HangsUp,
}

/// Whether a phone is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::story) enum RawPhoneState {
    /// Lost.
    Lost,
    /// Found again.
    Works,
}

/// How a phone answers by itself.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Script")]
pub(in crate::story) struct RawScript {
    /// Answers after this time of ringing.
    pub(in crate::story) answers_after: Option<Span>,
    /// Declines after this time of ringing.
    pub(in crate::story) rejects_after: Option<Span>,
    /// What else happens to calls.
    #[schemars(with = "Option<RawLine>")]
    pub(in crate::story) line: Option<RawLine>,
    /// What is done on the line, in order.
    #[schemars(with = "Option<Vec<RawStep>>")]
    pub(in crate::story) then: Option<Vec<Spanned<RawStep>>>,
}

/// The state of a phone's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::story) enum RawLine {
    /// It rings until somebody answers.
    Rings,
    /// It is busy.
    Busy,
    /// Voicemail answers.
    Voicemail,
    /// The phone cannot be reached.
    Unreachable,
}

/// One step of a script.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "ScriptStep")]
pub(in crate::story) struct RawStep {
    /// The words that a sentence must contain.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) hears: Option<Text>,
    /// The delay. Default: none.
    pub(in crate::story) after: Option<Span>,
    /// The keys to press; without any, the phone hangs up.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) presses: Option<Text>,
    /// The time between two keys. Default: none.
    pub(in crate::story) gap: Option<Span>,
}
