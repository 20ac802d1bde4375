//! `lostkey check`: validates features and stories without playing them.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};

use crate::cli::accepts::Today;
use crate::cli::counted;
use crate::cli::exit::Exit;
use crate::cli::output::stdout;
use crate::gherkin;
use crate::gherkin::{Accepted, Checked, Flaw};
use crate::story::ColorChoice;

const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Check features and stories.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Feature files, story files, or folders of them
    #[arg(default_values = ["features", "scenarios"])]
    paths: Vec<PathBuf>,
    /// Folder of the stories that steps open
    #[arg(long, value_name = "DIR", default_value = "scenarios")]
    scenarios: PathBuf,
    #[command(flatten)]
    today: Today,
}

/// Checks the given files and folders, and prints all mistakes.
pub(super) fn check(args: &Args) -> Exit {
    let checked = gherkin::check(&args.paths, &args.scenarios);
    let mut out = stdout();
    tell(&mut out, &checked.flaws);
    let Checked { features, scenarios, steps, stories, flaws, notes, warnings, acceptances } = &checked;
    for warning in warnings {
        let _closed_pipe = writeln!(out, "{YELLOW}warning{YELLOW:#}: {warning}");
    }
    let today = args.today.date();
    for ended in acceptances.iter().filter(|accepted| accepted.acceptance.until < today) {
        let Accepted { file, line, what, acceptance } = ended;
        let _closed_pipe = writeln!(
            out,
            "{YELLOW}warning{YELLOW:#}: {file}:{line}: the acceptance of {what} ended on {}: its findings fail \
             again; decide anew, with a later `until`, or remove it",
            acceptance.until
        );
    }
    for note in notes {
        let _closed_pipe = writeln!(out, "{YELLOW}note{YELLOW:#}: {note}");
    }
    let of = [
        counted(*features, "feature", "features"),
        counted(*scenarios, "scenario", "scenarios"),
        counted(*steps, "step", "steps"),
        counted(*stories, "story", "stories"),
    ];
    let [features, scenarios, steps, stories] = of;
    let read = match (checked.features, checked.stories) {
        (0, 0) => "no feature and no story".to_owned(),
        (0, _) => stories,
        (_, 0) => format!("{features} with {scenarios} and {steps}"),
        (_, _) => format!("{features} with {scenarios} and {steps}, {stories}"),
    };
    if flaws.is_empty() {
        let _closed_pipe = writeln!(out, "{GREEN}ok{GREEN:#} checked: {read}; no mistakes");
        return Exit::Well;
    }
    let files: BTreeSet<&str> = flaws.iter().map(Flaw::file).collect();
    let (wrong, files) = (counted(flaws.len(), "mistake", "mistakes"), counted(files.len(), "file", "files"));
    let _closed_pipe = writeln!(out, "{RED}{wrong}{RED:#} in {files}; checked: {read}");
    Exit::BadInput
}

/// Prints mistakes, each with its location and a help line.
pub(super) fn tell(out: &mut dyn Write, flaws: &[Flaw]) {
    for flaw in flaws {
        let _closed_pipe = writeln!(out, "{RED}error{RED:#}: {}", flaw.drawn(ColorChoice::Coloured));
    }
}
