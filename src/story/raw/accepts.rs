//! Accepted findings, as a story file has them.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::story::raw::{Text, Written};

/// A finding that is counted and told, but is no failure until the day has passed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Acceptance")]
pub(in crate::story) struct RawAcceptance {
    /// The rule that objects, for example single-use/link-twice; never a whole oracle. `lostkey oracles` lists
    /// the rules.
    #[schemars(with = "Written", required)]
    pub(in crate::story) rule: Option<Text>,
    /// The account whose findings are accepted. Default: those of all accounts.
    #[schemars(with = "Option<Written>")]
    pub(in crate::story) account: Option<Text>,
    /// Why.
    #[schemars(with = "Written", required)]
    pub(in crate::story) because: Option<Text>,
    /// The last day on which it is accepted: 2027-01-01.
    #[schemars(with = "Written", required)]
    pub(in crate::story) until: Option<Text>,
}
