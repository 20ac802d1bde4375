//! Output of a drill with `--witness`: how often each fact was reported, seen, missed or invented.

use std::io;
use std::io::Write;

use anstyle::Style;

use crate::cli::exit::Exit;
use crate::cli::program::program;
use crate::witness::Fact;
use crate::witness::comparison::{Example, Reason, Table};

const BOLD: Style = Style::new().bold();

/// Prints the table.
pub(super) fn tell(out: &mut dyn Write, table: &Table) {
    let _closed_pipe = write_table(out, table);
}

/// Fails if a claim was invented and no weakness excuses it, or if a miss is unexplained.
pub(super) fn exit(table: &Table) -> Exit {
    if table.invented_by_norm() == 0 && table.unexplained.is_empty() { Exit::Well } else { Exit::Finding }
}

fn write_table(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    writeln!(
        out,
        "\n{BOLD}{:<22} {:>9} {:>9} {:>9}  missed, by reason{BOLD:#}",
        "witness", "reported", "seen", "invented"
    )?;
    for fact in Fact::ALL {
        let row = table.rows.get(&fact).cloned().unwrap_or_default();
        let missed: Vec<String> = Reason::ALL
            .iter()
            .filter_map(|reason| Some(format!("{} {}", row.missed.get(reason)?, reason.label())))
            .collect();
        let line = format!(
            "{:<22} {:>9} {:>9} {:>9}  {}",
            fact.label(),
            row.reported,
            row.seen,
            row.invented,
            missed.join(", ")
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    for (word, examples) in [("invented", &table.invented), ("unexplained", &table.unexplained)] {
        for (fact, Example { seed, says }) in examples {
            let fact = fact.label();
            writeln!(out, "  {word}: {fact}, in run {seed}: {says}; {} replay {seed}", program())?;
        }
    }
    Ok(())
}
