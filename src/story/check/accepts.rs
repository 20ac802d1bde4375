//! Checks accepted findings: rule, account, reason and last day.

use jiff::civil::Date;
use serde_yaml::Spanned;

use crate::base::id::AccountId;
use crate::story::accepts::Acceptance;
use crate::story::check::{at, at_most, missing, name, sentence};
use crate::story::error::{Checked, Found, line_of};
use crate::story::mistake::Mistake;
use crate::story::nearest::nearest;
use crate::story::outline::Outline;
use crate::story::raw::{RawAcceptance, Text};
use crate::story::{Account, Story, limit, parse, rules};

impl Story {
    /// The line of each acceptance in the text of a story; empty if the text is not that of a story.
    pub fn lines_of_acceptances(text: &str) -> Vec<usize> {
        let raw = Outline::of(text).and_then(|outline| parse::fields(&outline));
        let accepts = raw.ok().and_then(|raw| raw.accepts).unwrap_or_default();
        accepts.iter().map(|one| line_of(text, at(one).start)).collect()
    }
}

/// Checks all acceptances.
pub(super) fn accepts(
    raw: Vec<Spanned<RawAcceptance>>,
    accounts: &[Account],
    outline: &Outline<'_>,
) -> Checked<Vec<Acceptance>> {
    at_most(&raw, limit::ACCEPTS_MAX, "the story", "acceptances")?;
    let mut accepted: Vec<Acceptance> = Vec::new();
    for one in &raw {
        let next = acceptance(one, accounts, outline)?;
        if accepted.iter().any(|other| (&other.rule, other.account) == (&next.rule, next.account)) {
            let message = format!("`{}` is accepted twice for the same account", next.rule);
            let help = "keep one of them, with the reason and the day that hold".to_owned();
            return Err(Found::new(Mistake::BadValue { message, help }, at(one)));
        }
        accepted.push(next);
    }
    Ok(accepted)
}

fn acceptance(
    raw: &Spanned<RawAcceptance>,
    accounts: &[Account],
    outline: &Outline<'_>,
) -> Checked<Acceptance> {
    let lacks = |field: &str, help: &str| missing(field, "this acceptance", outline.whole(at(raw)), help);
    let RawAcceptance { rule: id, account, because, until } = &raw.value;
    let id = id
        .as_ref()
        .ok_or_else(|| lacks("rule", "name the rule that objects: `rule: single-use/link-twice`"))?;
    let rule = rule(id)?;
    let names = accounts.iter().map(|account| account.name.as_str());
    let account = account.as_ref().map(|of| name::account(of, names).map(AccountId)).transpose()?;
    let help = "say why the team lives with it: `because: \"Support gets no calls at night.\"`";
    let because = sentence(because.as_ref().ok_or_else(|| lacks("because", help))?)?;
    let help = "add the last day on which it holds: `until: 2027-01-01`";
    let until = last_day(until.as_ref().ok_or_else(|| lacks("until", help))?)?;
    Ok(Acceptance { rule, account, because, until })
}

/// The id of a rule. The name of an oracle is refused: it would accept what nobody has looked at.
fn rule(id: &Text) -> Checked<String> {
    let known = rules::ids();
    if known.contains(&id.value) {
        return Ok(id.value.clone());
    }
    let of_oracle = rules::of(id.value.trim_end_matches('/'));
    let mistake = if of_oracle.is_empty() {
        let near = nearest(&id.value, known.iter().map(String::as_str)).map(str::to_owned);
        let named = rules::of(id.value.split('/').next().unwrap_or_default());
        let oracles = || rules::RULES.iter().map(|(oracle, _)| (*oracle).to_owned()).collect();
        let (intro, known) = if named.is_empty() {
            ("before the `/` of a rule is its oracle:", oracles())
        } else {
            ("the rules of this oracle are", named)
        };
        Mistake::UnknownRule { id: id.value.clone(), near, intro, known }
    } else {
        Mistake::WholeOracle { oracle: id.value.clone(), rules: of_oracle }
    };
    Err(Found::new(mistake, at(id)))
}

fn last_day(text: &Text) -> Checked<Date> {
    date(&text.value).map_err(|message| {
        let help = "write year, month and day: `until: 2027-01-01`".to_owned();
        Found::new(Mistake::BadValue { message, help }, at(text))
    })
}

/// Reads a date: `2027-01-01`.
///
/// # Errors
/// If it is none.
pub fn date(text: &str) -> Result<Date, String> {
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    date.ok_or_else(|| format!("`{text}` is not a date"))
}
