//! `lostkey policy`: the keys of a policy, and what their values are open to.

use crate::cli::exit::Exit;
use crate::cli::listing::Args;
use crate::cli::listing::Item;
use crate::cli::listing::Line;
use crate::cli::listing::Listing;
use crate::cli::listing::Section;
use crate::docs;
use crate::docs::PolicyKey;
use crate::docs::PolicyValue;

/// Lists all keys.
pub(super) fn policy(args: &Args) -> Exit {
    let (keys, items) = args.keep(docs::policy_keys().into_iter(), item);
    let sections = vec![Section { heading: String::new(), items }];
    args.print(&Listing { title: "Policy keys", sections }, &keys)
}

fn item(key: &PolicyKey) -> Item {
    let PolicyKey { key, decides, takes, default, values, norms } = key;
    let mut lines = vec![Line::Says(decides.clone())];
    if !values.iter().any(|value| value.value == *default) {
        lines.push(Line::Detail(format!("default: {default} ({takes})")));
    }
    for PolicyValue { value, means, open_to } in values {
        let mut told = value.clone();
        if value == default {
            told.push_str(" (default)");
        }
        if !means.is_empty() {
            told.push_str(&format!(": {means}"));
        }
        if !open_to.is_empty() {
            told.push_str(&format!(" Open to {}.", open_to.join(", ")));
        }
        lines.push(Line::Detail(told));
    }
    lines.push(Line::Detail(format!("decided by {}", norms.join(", "))));
    Item { name: key.clone(), lines }
}
