//! `lostkey oracles`: what must hold, where that is asked for, by what it is judged, and each rule.

use std::io::Write;

use anstyle::Style;

use crate::cli::exit::Exit;
use crate::oracle;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Tells all oracles.
pub(super) fn oracles() -> Exit {
    let mut out = anstream::stdout();
    for oracle in oracle::ALL {
        let _closed_pipe = writeln!(
            out,
            "{BOLD}{:<16}{BOLD:#} {}\n{:<16} {DIM}{}{DIM:#}\n{:<16} evidence: {}",
            oracle.id,
            oracle.sentence,
            "",
            oracle.source,
            "",
            oracle.evidence.label()
        );
        for rule in oracle.rules {
            let _closed_pipe = writeln!(out, "  {:<44} {}", rule.id, rule.sentence);
        }
    }
    let _closed_pipe = writeln!(out, "\n{BOLD}Evidence that an oracle needs{BOLD:#}");
    for evidence in oracle::Evidence::ALL {
        let _closed_pipe = writeln!(out, "  {:<44} {}", evidence.label(), evidence.sentence());
    }
    Exit::Well
}
