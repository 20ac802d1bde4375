//! The threads of a drill; each takes chunks of seeds until none are left.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::drill::Ended;
use crate::cli::drill::journal::Journal;
use crate::cli::drill::outcome::Shard;
use crate::cli::drill::progress::Progress;
use crate::cli::exit::Exit;
use crate::cli::program::program;
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
}

/// The result, and the real time it took.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) tally: Tally,
    pub(super) witnessed: Table,
    pub(super) took: Duration,
}

/// The number of processors.
pub(super) fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

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
pub(super) fn work(work: &Work, journal: Journal) -> Ended<Done> {
    let mut tally = Tally::default();
    for done in journal.done.values() {
        tally.add_all(done);
    }
    let before = Duration::from_secs_f64(journal.seconds);
    let all = work.time.is_none().then_some(work.runs / work.shard.n);
    let crew = Workers {
        work,
        chunk: if work.time.is_some() { CHUNK } else { CHUNK.max(work.runs.div_ceil(CHUNKS_MAX)) },
        began: Instant::now(),
        next: AtomicU64::new(0),
        shared: Mutex::new(Shared {
            tally,
            witnessed: Table::default(),
            journal,
            progress: Progress::of(all),
        }),
    };
    let ended: Vec<Ended<()>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..work.jobs).map(|_| scope.spawn(|| crew.one())).collect();
        let died = || Err((Exit::CouldNotRun, "a worker thread panicked".to_owned()));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| died())).collect()
    });
    let took = before + crew.began.elapsed();
    let died = |_| (Exit::CouldNotRun, "a worker thread panicked".to_owned());
    let shared = crew.shared.into_inner().map_err(died)?;
    shared.progress.over();
    ended.into_iter().collect::<Ended<Vec<()>>>()?;
    Ok(Done { tally: shared.tally, witnessed: shared.witnessed, took })
}

impl Workers<'_> {
    fn is_late(&self) -> bool {
        self.work.time.is_some_and(|time| self.began.elapsed() >= time)
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
            let mut tally = Tally::default();
            let mut witnessed = Table::default();
            for seed in (work.first + from)..(work.first + (from + self.chunk).min(work.runs)) {
                if !work.shard.has(seed) {
                    continue;
                }
                let ran = runner.run(seed);
                if let Some(stuck) = &ran.stuck {
                    return Err((
                        Exit::CouldNotRun,
                        format!("run {seed}: {stuck}; {} replay {seed}", program()),
                    ));
                }
                if seed % 100 < work.twice && *again.run(seed).trace != *ran.trace {
                    let says = format!(
                        "run {seed} is not deterministic: two runs of this seed differ; {} replay {seed}",
                        program()
                    );
                    return Err((Exit::Nondeterministic, says));
                }
                if work.witness {
                    witnessed.add(seed, ran.story, ran.trace, &compare(ran.trace, ran.story));
                }
                tally.add(seed, &ran);
            }
            let after = self.began.elapsed();
            if let Ok(mut shared) = self.shared.lock() {
                let Shared { tally: sum, witnessed: table, journal, progress } = &mut *shared;
                sum.add_all(&tally);
                table.add_all(&witnessed);
                journal.add(chunk, after.as_secs_f64(), &tally);
                progress.done(sum.runs, after, sum.findings.len());
            }
        }
    }
}
