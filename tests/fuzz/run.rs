//! Fuzzes the readers of stories and of what apps send with damaged inputs for a given time.
//!
//! ```text
//! cargo run --release --example fuzz -- stories 600       ten minutes, from a seed that is printed
//! cargo run --release --example fuzz -- twiml 600 7       ten minutes, from seed 7
//! cargo run --release --example fuzz -- twiml 0 1234      the one input of seed 1234, shown
//! ```
//!
//! Each input derives from one seed, so the seed reproduces a failure. A failure is a panic, an
//! input that takes longer than [`HANGS_AFTER`], a story that changes when written and read back,
//! an error without a position, or a call that does not end.

#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test may")]
#![expect(clippy::disallowed_methods, reason = "it runs for a given time, in two threads")]

mod damage;
mod provider;
mod samples;
mod smtp;
mod target;
mod verify;

use std::process::ExitCode;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};
use std::{panic, thread};

use self::damage::Corpus;
use self::target::Target;

/// Longest time for one input.
const HANGS_AFTER: Duration = Duration::from_secs(5);

/// The maximum number of characters shown of a failure; the seed reproduces the input.
const SHOWN_MAX: usize = 2_000;

/// Number of inputs between two reports to the watchdog.
const BATCH: u64 = 64;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let (target, seconds, seed) = match words[..] {
        [target, seconds] => (target, seconds, None),
        [target, seconds, seed] => (target, seconds, Some(seed)),
        _ => return usage(),
    };
    let seed = match seed.map(str::parse) {
        None => since_the_epoch(),
        Some(Ok(seed)) => seed,
        Some(Err(_)) => return usage(),
    };
    let (Some(target), Ok(seconds)) = (Target::named(target), seconds.parse()) else { return usage() };
    if seconds == 0 { show(target, seed) } else { search(target, Duration::from_secs(seconds), seed) }
}

fn usage() -> ExitCode {
    let names = Target::ALL.map(Target::name).join("|");
    eprintln!("fuzz <{names}> <seconds> [seed]; with 0 seconds, the one input of that seed");
    ExitCode::from(2)
}

/// A seed that differs between runs.
fn since_the_epoch() -> u64 {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    now.as_secs() << 24
}

fn show(target: Target, seed: u64) -> ExitCode {
    let input = Corpus::of(target).input(seed);
    println!("{}", String::from_utf8_lossy(&input));
    match target.check(&input) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Checks one input after another, while this thread watches for inputs that hang.
fn search(target: Target, how_long: Duration, first: u64) -> ExitCode {
    println!("{target:?}: from seed {first}, for {} s", how_long.as_secs());
    panic::set_hook(Box::new(|_| {}));
    let (report, reports) = mpsc::channel();
    let worker = thread::spawn(move || {
        let (corpus, began) = (Corpus::of(target), Instant::now());
        for seed in first.. {
            if (seed - first).is_multiple_of(BATCH)
                && (began.elapsed() >= how_long || report.send(seed).is_err())
            {
                return Ok(seed - first);
            }
            let input = corpus.input(seed);
            let checked = panic::catch_unwind(|| target.check(&input));
            if let Err(why) = checked.unwrap_or_else(|_| Err("it panics".to_owned())) {
                return Err((seed, why));
            }
        }
        Ok(0)
    });
    let mut last = first;
    loop {
        match reports.recv_timeout(HANGS_AFTER) {
            Ok(seed) => last = seed,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("one of the inputs from seed {last} to {} takes too long", last + BATCH);
                return ExitCode::FAILURE;
            }
        }
    }
    match worker.join().unwrap() {
        Ok(inputs) => {
            println!("{target:?}: {inputs} inputs, nothing found");
            ExitCode::SUCCESS
        }
        Err((seed, why)) => {
            eprintln!("{target:?}: seed {seed}: {}", why.chars().take(SHOWN_MAX).collect::<String>());
            ExitCode::FAILURE
        }
    }
}

/// Number of seeds per target in `cargo test`; CI tries more.
#[cfg(test)]
const TRIED: std::ops::Range<u64> = 0..1_500;

/// The same for targets that need a server for each input.
#[cfg(test)]
const TRIED_OUTSIDE: std::ops::Range<u64> = 0..400;

#[test]
fn damaged_stories_are_read_or_refused() {
    let corpus = Corpus::of(Target::Stories);
    for seed in TRIED {
        assert_eq!(Target::Stories.check(&corpus.input(seed)), Ok(()), "seed {seed}");
    }
}

#[test]
fn damaged_documents_are_run_or_refused() {
    let corpus = Corpus::of(Target::Twiml);
    for seed in TRIED {
        assert_eq!(Target::Twiml.check(&corpus.input(seed)), Ok(()), "seed {seed}");
    }
}

#[test]
fn damaged_requests_get_a_tunnel_or_a_refusal() {
    let corpus = Corpus::of(Target::Connect);
    for seed in TRIED {
        assert_eq!(Target::Connect.check(&corpus.input(seed)), Ok(()), "seed {seed}");
    }
}

#[test]
fn damaged_requests_of_apps_are_answered() {
    for target in Target::ALL.into_iter().skip(3) {
        let corpus = Corpus::of(target);
        for seed in TRIED_OUTSIDE {
            assert_eq!(target.check(&corpus.input(seed)), Ok(()), "{target:?} seed {seed}");
        }
    }
}

/// A corpus whose inputs are never accepted, or never refused, tests too little.
#[test]
fn some_inputs_are_taken_and_some_are_refused() {
    for (nth, target) in Target::ALL.into_iter().enumerate() {
        let tried = if nth < 3 { TRIED } else { TRIED_OUTSIDE };
        let (corpus, most) = (Corpus::of(target), tried.end as usize);
        let taken = tried.filter(|seed| target.takes(&corpus.input(*seed))).count();
        assert!((most / 30..most - most / 30).contains(&taken), "{target:?}: {taken} of {most}");
    }
}
