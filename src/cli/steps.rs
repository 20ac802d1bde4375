//! `lostkey steps`: the catalogue of steps, for people and for editors.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::AnsiColor;
use anstyle::Style;
use serde::Serialize;

use crate::cli::Format;
use crate::cli::exit::Exit;
use crate::gherkin;
use crate::gherkin::KnownStep;
use crate::gherkin::words::ParameterType;
use crate::gherkin::words::parameters;

const BOLD: Style = Style::new().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();
const DIM: Style = Style::new().dimmed();

/// Tell which steps there are.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How to tell them
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Tells all steps.
pub(super) fn steps(args: &Args) -> Exit {
    let told = match args.format {
        Format::Text => text(),
        Format::Md => markdown(),
        Format::Json => json(),
    };
    let _closed_pipe = anstream::stdout().write_all(told.as_bytes());
    Exit::Well
}

/// The steps of each noun.
fn nouns() -> impl Iterator<Item = (&'static str, &'static [KnownStep])> {
    let by_file = gherkin::catalogue().chunk_by(|one, other| one.file == other.file);
    by_file.filter_map(|steps| Some((steps.first()?.noun.as_str(), steps)))
}

fn keywords(step: &KnownStep) -> String {
    step.keywords.join("/")
}

fn text() -> String {
    let mut told = String::new();
    let width = gherkin::catalogue().iter().map(|step| keywords(step).len()).max().unwrap_or(0);
    for (noun, steps) in nouns() {
        let _ = writeln!(told, "{BOLD}{noun}{BOLD:#}");
        for step in steps {
            let (keywords, expression) = (keywords(step), &step.expression);
            let _ = writeln!(told, "  {CYAN}{keywords:<width$}{CYAN:#}  {expression}");
            if step.summary.is_empty() {
                continue;
            }
            let _ = writeln!(told, "  {:width$}  {}", "", step.summary);
            let _ = writeln!(told, "  {:width$}  {DIM}e.g. {}{DIM:#}", "", step.example);
        }
        told.push('\n');
    }
    let width = parameters().iter().map(|parameter| parameter.name.len() + 2).max().unwrap_or(0);
    let _ = writeln!(told, "{BOLD}What stands in braces{BOLD:#}");
    for ParameterType { name, summary, examples, values, .. } in parameters() {
        let name = format!("{{{name}}}");
        let _ = writeln!(told, "  {CYAN}{name:<width$}{CYAN:#}  {summary}: {DIM}{examples}{DIM:#}");
        for value in values() {
            let _ = writeln!(told, "  {:width$}    {DIM}{value}{DIM:#}", "");
        }
    }
    told
}

fn markdown() -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let mut told = "# Steps\n".to_owned();
    for (noun, steps) in nouns() {
        let _ = writeln!(told, "\n## {noun}\n\n| | step | what it does | example |\n|---|---|---|---|");
        for step in steps {
            let (keywords, expression) = (keywords(step), cell(&step.expression));
            let (summary, example) = (cell(step.summary), cell(step.example));
            let _ = writeln!(told, "| {keywords} | `{expression}` | {summary} | `{example}` |");
        }
    }
    told.push_str("\n## What stands in braces\n");
    for ParameterType { name, summary, examples, values, .. } in parameters() {
        let _ = writeln!(told, "\n`{{{name}}}`: {summary}, for example {examples}\n");
        for value in values() {
            let _ = writeln!(told, "- {value}");
        }
    }
    told
}

fn json() -> String {
    #[derive(Serialize)]
    struct All {
        steps: &'static [KnownStep],
        parameters: &'static [ParameterType],
    }

    let all = All { steps: gherkin::catalogue(), parameters: parameters() };
    // Texts and numbers alone always can be written.
    serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
}
