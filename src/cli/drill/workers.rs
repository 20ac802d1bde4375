//! The threads of a drill; each takes chunks of seeds until none are left.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::drill::Ended;
use crate::cli::drill::journal::Journal;
use crate::cli::drill::outcome::Shard;
use crate::cli::drill::print::ReproCommand;
use crate::cli::drill::progress::Progress;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::parallel::processors;
use crate::drill::{Mix, Runner, Tally};
use crate::policy::Norm;
use crate::story::Story;
use crate::witness::comparison::{Table, compare};

/// Seeds per chunk; long drills use larger chunks.
const CHUNK: u64 = 1_000;

/// The maximum number of chunks of a drill, which limits the length of its journal.
const CHUNKS_MAX: u64 = 500;

/// The work of a drill.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) bases: Vec<Arc<Story>>,
    pub(super) norm: Norm,
    /// The seed of the first run; the others follow.
    pub(super) first: u64,
    pub(super) runs: u64,
    pub(super) shard: Shard,
    pub(super) time: Option<Duration>,
    pub(super) jobs: usize,
    /// Percentage of runs that are played twice.
    pub(super) twice: u64,
    /// Whether to compare the witness's claims with the service's reports in each run.
    pub(super) witness: bool,
    /// How a run is repeated.
    pub(super) again: ReproCommand,
    /// Whether to end early, with what is there.
    pub(super) interrupt: Interrupt,
}

/// The result, and the real time it took.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) tally: Tally,
    pub(super) witnessed: Table,
    pub(super) took: Duration,
    /// Why a run or a thread could not go on, if so. What others have found is there all the same.
    pub(super) trouble: Option<(Exit, String)>,
}

/// Threads beyond these, for each processor, only take memory.
const THREADS_PER_PROCESSOR: usize = 8;

/// State that the threads share.
struct Workers<'a> {
    work: &'a Work,
    chunk: u64,
    began: Instant,
    next: AtomicU64,
    shared: Mutex<Shared>,
}

struct Shared {
    tally: Tally,
    witnessed: Table,
    journal: Journal,
    progress: Progress,
}

/// Plays all runs.
#[expect(clippy::disallowed_methods, reason = "the elapsed real time is only reported")]
pub(super) fn work(work: &Work, journal: Journal) -> Done {
    let mut tally = Tally::of(&work.bases);
    for done in journal.done.values() {
        tally.add_all(done);
    }
    let before = journal.took;
    let all = work.time.is_none().then_some(work.runs / work.shard.n);
    let chunk = if work.time.is_some() { CHUNK } else { CHUNK.max(work.runs.div_ceil(CHUNKS_MAX)) };
    let crew = Workers {
        work,
        chunk,
        began: Instant::now(),
        next: AtomicU64::new(0),
        shared: Mutex::new(Shared {
            tally,
            witnessed: Table::default(),
            journal,
            progress: Progress::of(all),
        }),
    };
    let chunks = usize::try_from(work.runs.div_ceil(chunk)).unwrap_or(usize::MAX);
    let trouble = crew.all(work.jobs.min(chunks).min(processors() * THREADS_PER_PROCESSOR));
    let took = before.saturating_add(crew.began.elapsed());
    let shared = crew.shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    shared.progress.over();
    Done { tally: shared.tally, witnessed: shared.witnessed, took, trouble }
}

impl Workers<'_> {
    /// Runs this many threads, or as many as the machine has room for; returns the first trouble.
    fn all(&self, jobs: usize) -> Option<(Exit, String)> {
        thread::scope(|scope| {
            let mut threads = Vec::new();
            for job in 0..jobs {
                match thread::Builder::new().spawn_scoped(scope, || self.one()) {
                    Ok(thread) => threads.push(thread),
                    Err(_) if job > 0 => break,
                    // Without any other thread, this one does the work.
                    Err(_) => return self.one().err(),
                }
            }
            let died = || Err((Exit::CouldNotRun, "a worker thread panicked".to_owned()));
            let ended: Vec<Ended<()>> =
                threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| died())).collect();
            ended.into_iter().find_map(Result::err)
        })
    }

    /// Whether time is up, or the drill was asked to end.
    fn is_late(&self) -> bool {
        self.work.interrupt.is_asked() || self.work.time.is_some_and(|time| self.began.elapsed() >= time)
    }

    /// Runs one thread.
    fn one(&self) -> Ended<()> {
        let work = self.work;
        let mut runner = Runner::new(work.bases.clone(), Mix::usual(), work.norm);
        let mut again = Runner::new(work.bases.clone(), Mix::usual(), work.norm);
        loop {
            let chunk = self.next.fetch_add(1, Ordering::Relaxed);
            let from = chunk * self.chunk;
            if from >= work.runs || self.is_late() {
                return Ok(());
            }
            if self.shared.lock().is_ok_and(|shared| shared.journal.done.contains_key(&chunk)) {
                continue;
            }
            let first = work.first + from;
            let mut part = Part::default();
            let seeds = first..first + self.chunk.min(work.runs - from);
            let ended = self.runs(seeds, &mut runner, &mut again, &mut part);
            let after = self.began.elapsed();
            if let Ok(mut shared) = self.shared.lock() {
                let Shared { tally, witnessed, journal, progress } = &mut *shared;
                tally.add_all(&part.tally);
                witnessed.add_all(&part.witnessed);
                if part.is_whole {
                    journal.add(chunk, after.as_secs_f64(), &part.tally);
                }
                progress.done(tally.runs, after, tally.findings.len());
            }
            ended?;
        }
    }

    /// Plays the runs with these seeds, or as many of them as there is time for.
    fn runs(&self, seeds: Range<u64>, runner: &mut Runner, again: &mut Runner, part: &mut Part) -> Ended<()> {
        let work = self.work;
        for seed in seeds {
            if self.work.interrupt.is_asked() {
                return Ok(());
            }
            if !work.shard.has(seed) {
                continue;
            }
            let ran = runner.run(seed);
            if let Some(stuck) = &ran.stuck {
                return Err((Exit::CouldNotRun, format!("run {seed}: {stuck}; {}", work.again.line(seed))));
            }
            if seed % 100 < work.twice && *again.run(seed).trace != *ran.trace {
                let says = format!(
                    "run {seed} is not deterministic: two runs of this seed differ; {}",
                    work.again.line(seed)
                );
                return Err((Exit::Nondeterministic, says));
            }
            if work.witness {
                part.witnessed.add(seed, ran.story, ran.trace, &compare(ran.trace, ran.story));
            }
            part.tally.add(seed, &ran);
        }
        part.is_whole = true;
        Ok(())
    }
}

/// What one chunk came to.
#[derive(Default)]
struct Part {
    tally: Tally,
    witnessed: Table,
    /// Whether all runs of the chunk were played.
    is_whole: bool,
}
