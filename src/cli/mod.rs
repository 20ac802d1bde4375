//! The command: one file per subcommand. Only this module prints and spawns threads.

mod accepts;
mod baseline;
mod check;
mod compare;
mod damage;
mod drill;
mod event_log;
mod exit;
mod explain;
mod faults;
mod interrupt;
mod listing;
mod merge;
mod oracles;
mod output;
mod outputs;
mod parallel;
mod play;
mod policy;
mod program;
mod replay;
mod run;
mod schema;
mod serve;
mod signals;
mod steps;
mod story_file;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use self::exit::Exit;
use self::story_file::story;
use crate::policy::Norm;
use crate::stage::StageKind;

/// Rehearse the day your users lose their MFA device.
#[derive(Debug, Parser)]
#[command(name = "lostkey", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the scenarios of features, in memory, over real SMTP and HTTP, or both
    Run(run::Args),
    /// Play one story and print its timeline
    Play(play::Args),
    /// Generate stories from a seed, play and judge them, and report what fails
    Drill(drill::Args),
    /// Replay one run of a drill
    Replay(replay::Args),
    /// Merge the results of a drill's shards
    Merge(merge::Args),
    /// List the oracles and the standards behind them
    Oracles(listing::Args),
    /// Check features and stories without playing them, and report every mistake
    Check(check::Args),
    /// Explain the ids that findings, comments and stories cite
    Explain(explain::Args),
    /// List the faults a story can have
    Faults(listing::Args),
    /// List the policy keys: default, values, weaknesses of each value, and the deciding norm
    Policy(listing::Args),
    /// Print the JSON Schema of stories, for editors
    Schema,
    /// Serve a voice provider and a mailbox for your app, and let tests control its phones
    Serve(serve::Args),
    /// List the steps that features can use
    Steps(listing::Args),
}

impl Command {
    /// Whether it plays stories or keeps results, so that signals matter.
    const fn plays(&self) -> bool {
        match self {
            Self::Run(_)
            | Self::Play(_)
            | Self::Drill(_)
            | Self::Replay(_)
            | Self::Merge(_)
            | Self::Serve(_) => true,
            Self::Oracles(_)
            | Self::Check(_)
            | Self::Explain(_)
            | Self::Faults(_)
            | Self::Policy(_)
            | Self::Schema
            | Self::Steps(_) => false,
        }
    }

    fn run(&self) -> Exit {
        match self {
            Self::Run(args) => run::run(args),
            Self::Play(args) => play::play(args),
            Self::Drill(args) => drill::drill(args),
            Self::Replay(args) => replay::replay(args),
            Self::Merge(args) => merge::merge(args),
            Self::Oracles(args) => oracles::oracles(args),
            Self::Check(args) => check::check(args),
            Self::Explain(args) => explain::explain(args),
            Self::Faults(args) => faults::faults(args),
            Self::Policy(args) => policy::policy(args),
            Self::Schema => schema::schema(),
            Self::Serve(args) => serve::serve(args),
            Self::Steps(args) => steps::steps(args),
        }
    }
}

/// On which stages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Stages {
    /// In memory
    #[default]
    Virtual,
    /// Over real SMTP and HTTP
    Wire,
    /// Both, one after the other, and compare the traces
    Both,
}

impl Stages {
    const fn kinds(self) -> &'static [StageKind] {
        match self {
            Self::Virtual => &[StageKind::Virtual],
            Self::Wire => &[StageKind::Wire],
            Self::Both => &[StageKind::Virtual, StageKind::Wire],
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Virtual => "virtual",
            Self::Wire => "wire",
            Self::Both => "both",
        }
    }
}

/// What oracles judge by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum NormName {
    /// NIST SP 800-63B-4
    #[default]
    Nist,
    /// OWASP ASVS 5.0
    Asvs,
    /// Behaviour measured at the provider that the flow is modelled on
    Aws,
}

impl NormName {
    /// The norm with this name, as results have it.
    fn named(name: &str) -> Option<Norm> {
        Self::value_variants().iter().map(|variant| variant.norm()).find(|norm| norm.name == name)
    }

    const fn norm(self) -> Norm {
        match self {
            Self::Nist => Norm::NIST,
            Self::Asvs => Norm::ASVS,
            Self::Aws => Norm::AWS,
        }
    }
}

/// A count with its noun in the right number.
fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// Runs the command line. The exit code is 0 on success, 1 if a scenario failed, an oracle objects
/// or the stages differ, 2 for a bad command line or file, 3 if the command could not run, 4 if two
/// runs of one seed differ.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                let _not_shown = error.print();
                return Exit::BadInput.into();
            }
            let _closed_pipe = write!(output::stdout(), "{}", error.render().ansi());
            return output::finished(Exit::Well).into();
        }
    };
    let exit = match signals::prepare() {
        Err((exit, says)) if cli.command.plays() => {
            let _closed_pipe = writeln!(anstream::stderr(), "error: {says}");
            return exit.into();
        }
        // The other commands need no signals.
        Ok(()) | Err(_) => cli.command.run(),
    };
    output::finished(exit).into()
}
