//! `lostkey oracles`: what must hold, and where that is asked for.

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
            "{BOLD}{:<16}{BOLD:#} {}\n{:<16} {DIM}{}{DIM:#}",
            oracle.id, oracle.sentence, "", oracle.source
        );
    }
    Exit::Well
}
