//! `lostkey oracles`: what must hold, and where that is asked for.

use serde::Serialize;

use crate::cli::exit::Exit;
use crate::cli::listing::Args;
use crate::cli::listing::Item;
use crate::cli::listing::Line;
use crate::cli::listing::Listing;
use crate::cli::listing::Section;
use crate::oracle;

/// An oracle, as JSON has it.
#[derive(Serialize)]
struct Listed {
    id: &'static str,
    sentence: &'static str,
    source: &'static str,
}

/// Lists all oracles.
pub(super) fn oracles(args: &Args) -> Exit {
    let all = oracle::ALL.iter();
    let all = all.map(|oracle| Listed { id: oracle.id, sentence: oracle.sentence, source: oracle.source });
    let (oracles, items) = args.keep(all, |oracle| Item {
        name: oracle.id.to_owned(),
        lines: vec![Line::Says(oracle.sentence.to_owned()), Line::Detail(oracle.source.to_owned())],
    });
    let sections = vec![Section { heading: String::new(), items }];
    args.print(&Listing { title: "Oracles", sections }, &oracles)
}
