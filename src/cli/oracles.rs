//! `lostkey oracles`: lists the invariants, with their sources.

use serde::Serialize;

use crate::cli::exit::Exit;
use crate::cli::listing::{Args, Item, Line, Listing, Section};
use crate::oracle;

/// An oracle, in JSON.
#[derive(Serialize)]
struct Listed {
    id: &'static str,
    sentence: &'static str,
    source: &'static str,
    evidence: &'static str,
    rules: Vec<Rule>,
}

/// A rule of an oracle, in JSON.
#[derive(Serialize)]
struct Rule {
    id: &'static str,
    sentence: &'static str,
}

impl Listed {
    fn of(oracle: &oracle::Oracle) -> Self {
        let rules = oracle.rules.iter().map(|rule| Rule { id: rule.id, sentence: rule.sentence });
        Self {
            id: oracle.id,
            sentence: oracle.sentence,
            source: oracle.source,
            evidence: oracle.evidence.label(),
            rules: rules.collect(),
        }
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = vec![
            Line::Says(self.sentence.to_owned()),
            Line::Detail(self.source.to_owned()),
            Line::Detail(format!("evidence: {}", self.evidence)),
        ];
        lines.extend(self.rules.iter().map(|rule| Line::Detail(format!("{}: {}", rule.id, rule.sentence))));
        lines
    }
}

/// Lists all oracles.
pub(super) fn oracles(args: &Args) -> Exit {
    let all = oracle::ALL.iter().map(Listed::of);
    let (oracles, items) =
        args.keep(all, |oracle| Item { name: oracle.id.to_owned(), lines: oracle.lines() });
    let evidence = oracle::Evidence::ALL.iter().map(|evidence| Item {
        name: evidence.label().to_owned(),
        lines: vec![Line::Says(evidence.sentence().to_owned())],
    });
    let mut sections = vec![Section { heading: String::new(), items }];
    if !oracles.is_empty() {
        let heading = "Evidence that an oracle needs".to_owned();
        sections.push(Section { heading, items: evidence.collect() });
    }
    args.print(&Listing { title: "Oracles", sections }, &oracles)
}
