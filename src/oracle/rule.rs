//! Rules: the kinds of objection of an oracle, under ids that stay stable when the wording changes.

use serde::Serialize;

use crate::oracle::Verdict;
use crate::story::Role;

/// One kind of objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The id of the oracle.
    #[serde(skip)]
    pub oracle: &'static str,
    /// The id of the oracle and that of the rule, for example `single-use/link-twice`.
    pub id: &'static str,
    /// The violation, in one sentence.
    pub sentence: &'static str,
}

/// An objection of an oracle; the verdict is determined separately.
#[derive(Clone, Debug)]
pub(super) struct Objection {
    pub(super) rule: Rule,
    pub(super) who: Option<Role>,
    pub(super) detail: Option<String>,
    pub(super) says: String,
    pub(super) notes: Vec<String>,
}

impl Rule {
    /// An objection by this rule, in a sentence with names.
    pub(super) const fn says(self, says: String) -> Objection {
        Objection { rule: self, who: None, detail: None, says, notes: Vec::new() }
    }
}

impl Objection {
    /// Sets the role of the actor: acts of an owner and of a stranger have different causes.
    pub(super) const fn of(mut self, who: Option<Role>) -> Self {
        self.who = who;
        self
    }

    /// Adds a detail that distinguishes causes of one rule, without names or numbers of a run.
    pub(super) fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds what would have been enough, and why a proof did not count.
    pub(super) fn noting(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }
}

/// The key that findings with the same cause share, as one line.
pub(super) fn cause(rule: &str, verdict: Verdict, who: Option<Role>, detail: Option<&str>) -> String {
    let who = match who {
        Some(Role::Owner) => " by the owner",
        Some(Role::Stranger) => " by a stranger",
        None => "",
    };
    let (before, detail) = detail.map_or(("", ""), |detail| (": ", detail));
    format!("{rule} [{}]{who}{before}{detail}", verdict.label())
}

/// Declares the rules of an oracle: one constant per rule, and the list of all.
macro_rules! rules {
    ($oracle:literal; $($name:ident = $id:literal, $sentence:literal;)*) => {
        $(const $name: $crate::oracle::Rule = $crate::oracle::Rule {
            oracle: $oracle,
            id: concat!($oracle, "/", $id),
            sentence: $sentence,
        };)*

        const RULES: &[$crate::oracle::Rule] = &[$($name,)*];
    };
}

pub(super) use rules;
