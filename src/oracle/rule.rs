//! Rules: the kinds of objection that an oracle makes, each under an id that stays when its words change.

use serde::Serialize;

use crate::oracle::Verdict;
use crate::story::Role;

/// One kind of objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The oracle that objects.
    #[serde(skip)]
    pub oracle: &'static str,
    /// The oracle's id and that of the rule, for example `single-use/link-twice`.
    pub id: &'static str,
    /// What the service did.
    pub sentence: &'static str,
}

/// What an oracle objects to; by what it judges is decided apart.
#[derive(Clone, Debug)]
pub(super) struct Objection {
    pub(super) rule: Rule,
    pub(super) who: Option<Role>,
    pub(super) detail: Option<String>,
    pub(super) says: String,
}

impl Rule {
    /// An objection by this rule, in a sentence with names.
    pub(super) const fn says(self, says: String) -> Objection {
        Objection { rule: self, who: None, detail: None, says }
    }
}

impl Objection {
    /// Names whose act it is about: an owner's and a stranger's are different causes.
    pub(super) const fn of(mut self, who: Option<Role>) -> Self {
        self.who = who;
        self
    }

    /// Adds what else tells two causes of one rule apart; no names and no numbers of a run.
    pub(super) fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// What findings of one cause have in common, as one line.
pub(super) fn cause(rule: &str, verdict: Verdict, who: Option<Role>, detail: Option<&str>) -> String {
    let who = match who {
        Some(Role::Owner) => " by the owner",
        Some(Role::Stranger) => " by a stranger",
        None => "",
    };
    let (before, detail) = detail.map_or(("", ""), |detail| (": ", detail));
    format!("{rule} [{}]{who}{before}{detail}", verdict.label())
}

/// Declares the rules of an oracle: a constant for each, and the list of all.
macro_rules! rules {
    ($oracle:literal; $($name:ident = $id:literal, $sentence:literal;)*) => {
        $(const $name: $crate::oracle::Rule = $crate::oracle::Rule {
            oracle: $oracle,
            id: concat!($oracle, "/", $id),
            sentence: $sentence,
        };)*

        /// All rules of this oracle.
        const RULES: &[$crate::oracle::Rule] = &[$($name,)*];
    };
}

pub(super) use rules;
