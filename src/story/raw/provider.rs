//! The providers of apps outside, as a story file has them.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::Spanned;

use crate::story::raw::{Named, Text, Written};

/// A generic SMS gateway: where the texts of an app that uses another provider are in its requests.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Gateway")]
pub(in crate::story) struct RawGateway {
    /// The path that the app posts to, for example `/sms/send`.
    #[schemars(with = "Written", required)]
    pub(in crate::story) path: Option<Text>,
    /// Where the recipient's number is in the JSON body or the form: `recipient.phone`.
    #[schemars(with = "Written", required)]
    pub(in crate::story) to: Option<Text>,
    /// Where the text is.
    #[schemars(with = "Written", required)]
    pub(in crate::story) text: Option<Text>,
    /// Where the sender is. Default: a short code sends.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) from: Option<Text>,
    /// The answer to an accepted text. Default: 200 with `{"id": "{sid}"}`.
    pub(in crate::story) answer: Option<RawAnswer>,
}

/// The answer of a gateway.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "GatewayAnswer")]
pub(in crate::story) struct RawAnswer {
    /// HTTP status. Default: 200.
    #[schemars(with = "Option<u16>")]
    pub(in crate::story) status: Option<Spanned<u16>>,
    /// The body, in which `{sid}` stands for the message SID.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) body: Option<Text>,
    /// The content type. Default: `application/json`.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) content_type: Option<Text>,
}

/// The voice and SMS provider of apps outside.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Twilio")]
pub(in crate::story) struct RawTwilio {
    /// The SID of the only account that is accepted: `AC` and 32 hexadecimal digits. Default: any account.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) account: Option<Text>,
    /// The auth token of that account.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) token: Option<Text>,
    /// API keys of that account: the SID (`SK…`) and the secret of each.
    #[schemars(with = "Option<Named<Written>>")]
    pub(in crate::story) keys: Option<Named<String>>,
    /// Calls that leave the queue in a second. Default: no limit.
    #[schemars(with = "Option<u32>")]
    pub(in crate::story) cps: Option<Spanned<u32>>,
    /// Calls that may be under way at once. Default: 1000.
    #[schemars(with = "Option<u32>")]
    pub(in crate::story) calls_at_once: Option<Spanned<u32>>,
    /// The provider's numbers, and where they report what comes in.
    pub(in crate::story) numbers: Option<Named<RawNumber>>,
}

/// One of the provider's numbers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "ProviderNumber")]
pub(in crate::story) struct RawNumber {
    /// The URL for texts that come in.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) sms: Option<Text>,
    /// The method of that request, GET or POST. Default: POST.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) sms_method: Option<Text>,
    /// The URL for calls that come in.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) voice: Option<Text>,
}
