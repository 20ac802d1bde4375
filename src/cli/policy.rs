//! `lostkey policy`: lists the keys of a policy, and the weaknesses that their values allow.

use crate::cli::exit::Exit;
use crate::cli::listing::{Args, Item, Line, Listing, Section};
use crate::docs;
use crate::docs::PolicyKey;

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
    for value in values {
        let mark = if value.value == *default { " (default)" } else { "" };
        lines.push(Line::Detail(format!("{}{mark}: {}", value.value, value.says())));
    }
    lines.push(Line::Detail(format!("norm: {}", norms.join(", "))));
    Item { name: key.clone(), lines }
}
