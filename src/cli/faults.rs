//! `lostkey faults`: what can go wrong in a story.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::AnsiColor;
use anstyle::Style;

use crate::cli::Format;
use crate::cli::exit::Exit;
use crate::story;
use crate::story::FaultField;
use crate::story::KnownFault;

const CYAN: Style = AnsiColor::Cyan.on_default();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// How occurrences are chosen, and whose.
const OCCURRENCES: [(&str, &str); 6] = [
    ("of: ana", "only for the account `ana`; for all without it"),
    ("on: every", "each time, as without it"),
    ("on: 2", "the second time alone"),
    ("on: first 2", "the first two times"),
    ("on: from 3", "the third time and all later ones"),
    ("on: 30%", "each time with this chance, drawn from the seed"),
];

/// Tell what can go wrong.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How to tell it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Tells all kinds of faults.
pub(super) fn faults(args: &Args) -> Exit {
    let faults = story::faults();
    let told = match args.format {
        Format::Text => text(&faults),
        Format::Md => markdown(&faults),
        // Texts alone always can be written.
        Format::Json => serde_json::to_string_pretty(&faults).unwrap_or_default() + "\n",
    };
    let _closed_pipe = anstream::stdout().write_all(told.as_bytes());
    Exit::Well
}

fn text(faults: &[KnownFault]) -> String {
    let mut told = String::new();
    for KnownFault { name, models, fields, reports, counts, example } in faults {
        let _ = writeln!(told, "{CYAN}{name}{CYAN:#}  {models}");
        for FaultField { name, says, values } in fields {
            let _ = writeln!(told, "    {name}: {values}  {DIM}{says}{DIM:#}");
        }
        let _ = writeln!(told, "    the app hears {reports}; counted by {counts}");
        let _ = writeln!(told, "    {DIM}- {{ does: {example} }}{DIM:#}\n");
    }
    let _ = writeln!(told, "{BOLD}Whose, and which occurrences{BOLD:#}");
    for (written, means) in OCCURRENCES {
        let _ = writeln!(told, "  {CYAN}{written:<11}{CYAN:#}  {means}");
    }
    told
}

fn markdown(faults: &[KnownFault]) -> String {
    let mut told = "# Faults\n".to_owned();
    for KnownFault { name, models, fields, reports, counts, example } in faults {
        let _ = writeln!(told, "\n## {name}\n\n{models} The app hears {reports}. Counted by {counts}.\n");
        for FaultField { name, says, values } in fields {
            let _ = writeln!(told, "- `{name}` ({values}): {says}");
        }
        let _ = writeln!(told, "- for example `- {{ does: {example} }}`");
    }
    told.push_str("\n## Whose, and which occurrences\n\n");
    for (written, means) in OCCURRENCES {
        let _ = writeln!(told, "- `{written}`: {means}");
    }
    told
}
