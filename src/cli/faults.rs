//! `lostkey faults`: lists the faults that a story can have.

use crate::cli::exit::Exit;
use crate::cli::listing::{Args, Item, Line, Listing, Section};
use crate::story;
use crate::story::{FaultField, KnownFault};

/// How a fault selects accounts and occurrences.
const OCCURRENCES: [(&str, &str); 7] = [
    ("of: ana", "only for the account `ana`; without it, for all accounts"),
    ("to: \"*@app.test\"", "only emails to these addresses; without it, to all"),
    ("on: every", "every time, which is the default"),
    ("on: 2", "only the second time"),
    ("on: first 2", "the first two times"),
    ("on: from 3", "the third time and every time after it"),
    ("on: 30%", "each time with this probability, drawn from the seed"),
];

/// Lists all kinds of faults.
pub(super) fn faults(args: &Args) -> Exit {
    let (faults, kinds) = args.keep(story::faults().into_iter(), item);
    let (_, choices) = args.keep(OCCURRENCES.iter(), |(written, means)| Item {
        name: (*written).to_owned(),
        lines: vec![Line::Says((*means).to_owned())],
    });
    let sections = vec![
        Section { heading: "Kinds".to_owned(), items: kinds },
        Section { heading: "Whose account, and which occurrences".to_owned(), items: choices },
    ];
    args.print(&Listing { title: "Faults", sections }, &faults)
}

fn item(fault: &KnownFault) -> Item {
    let KnownFault { name, models, fields, reports, counts, example } = fault;
    let mut lines = vec![Line::Says(models.clone())];
    for FaultField { name, says, values, optional } in fields {
        let optional = if *optional { "; optional" } else { "" };
        lines.push(Line::Detail(format!("{name} ({values}{optional}): {says}")));
    }
    lines.push(Line::Detail(format!("the service learns: {reports}; `on` counts {counts}")));
    lines.push(Line::Detail(format!("`- {{ does: {example} }}`")));
    Item { name: name.clone(), lines }
}
