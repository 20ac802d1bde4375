//! One entry of the references.

use serde::Serialize;

/// One thing that can be explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The id that texts cite.
    pub id: String,
    /// What it is, in a few words.
    pub title: String,
    /// What kind of thing it is.
    pub kind: EntryKind,
    /// The explanation: paragraphs, each on one line.
    pub text: String,
    /// Where it comes from, or which entries say more.
    pub sources: Vec<String>,
}

/// What an entry explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A requirement of a standard.
    Norm,
    /// A flaw that a recovery flow can have.
    Weakness,
    /// What keeps an owner out.
    Situation,
    /// The recovery flow, a page or a rule of it.
    Flow,
    /// A provider's behaviour, or one of its codes.
    Provider,
    /// An oracle.
    Oracle,
    /// A kind of fault.
    Fault,
    /// A key of a policy.
    PolicyKey,
}

impl EntryKind {
    /// In words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Norm => "norm",
            Self::Weakness => "weakness",
            Self::Situation => "situation of an owner",
            Self::Flow => "recovery flow",
            Self::Provider => "provider",
            Self::Oracle => "oracle",
            Self::Fault => "fault",
            Self::PolicyKey => "policy key",
        }
    }
}
