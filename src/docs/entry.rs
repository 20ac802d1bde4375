//! An entry of the references.

use serde::Serialize;

/// The explanation of one id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The id that texts cite.
    pub id: String,
    /// A short title.
    pub title: String,
    /// The kind of thing that it explains.
    pub kind: EntryKind,
    /// The explanation: paragraphs, each on one line.
    pub text: String,
    /// Its sources, or related entries.
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
    /// A situation that keeps an owner out.
    Situation,
    /// The recovery flow, or one of its pages or rules.
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
    /// The name of the kind.
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
