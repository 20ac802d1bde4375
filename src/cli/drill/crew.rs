//! The threads of a drill: each takes the next few seeds until none is left.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use crate::cli::drill::Ended;
use crate::cli::drill::journal::Journal;
use crate::cli::drill::outcome::Shard;
use crate::cli::exit::Exit;
use crate::drill::Mix;
use crate::drill::Runner;
use crate::drill::Tally;
use crate::policy::Norm;
use crate::story::Story;

/// How many seeds a thread takes at a time: for short drills, and at the most.
const CHUNK: u64 = 1_000;

/// How many lines a drill that is kept has at the most.
const CHUNKS_MAX: u64 = 500;

/// What is to be done.
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
    /// How many in a hundred are played twice.
    pub(super) twice: u64,
}

/// What was done, and how long it took in real time.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) tally: Tally,
    pub(super) took: Duration,
}

/// How many processors there are.
pub(super) fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// What the threads share.
struct Crew<'a> {
    work: &'a Work,
    chunk: u64,
    began: Instant,
    next: AtomicU64,
    shared: Mutex<(Tally, Journal)>,
    bar: ProgressBar,
}

/// Does it all.
#[expect(clippy::disallowed_methods, reason = "how long a drill takes in real time is told, not acted on")]
pub(super) fn work(work: &Work, journal: Journal) -> Ended<Done> {
    let mut tally = Tally::default();
    for done in journal.done.values() {
        tally.add_all(done);
    }
    let before = Duration::from_secs_f64(journal.seconds);
    let crew = Crew {
        work,
        chunk: if work.time.is_some() { CHUNK } else { CHUNK.max(work.runs.div_ceil(CHUNKS_MAX)) },
        began: Instant::now(),
        next: AtomicU64::new(0),
        shared: Mutex::new((tally, journal)),
        bar: bar(work),
    };
    let ended: Vec<Ended<()>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..work.jobs).map(|_| scope.spawn(|| crew.one())).collect();
        let died = || Err((Exit::CouldNotRun, "a thread of the drill died".to_owned()));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| died())).collect()
    });
    crew.bar.finish_and_clear();
    ended.into_iter().collect::<Ended<Vec<()>>>()?;
    let took = before + crew.began.elapsed();
    let (tally, _) =
        crew.shared.into_inner().map_err(|_| (Exit::CouldNotRun, "a thread of the drill died".to_owned()))?;
    Ok(Done { tally, took })
}

/// Shown on a terminal alone.
fn bar(work: &Work) -> ProgressBar {
    let bar = ProgressBar::new(work.runs / work.shard.n);
    let style =
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} runs, {per_sec}, {eta} left");
    match style {
        Ok(style) if work.time.is_none() => bar.with_style(style),
        _ => ProgressBar::hidden(),
    }
}

impl Crew<'_> {
    fn is_late(&self) -> bool {
        self.work.time.is_some_and(|time| self.began.elapsed() >= time)
    }

    /// What one thread does.
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
            if self.shared.lock().is_ok_and(|shared| shared.1.done.contains_key(&chunk)) {
                continue;
            }
            let mut tally = Tally::default();
            for seed in (work.first + from)..(work.first + (from + self.chunk).min(work.runs)) {
                if !work.shard.has(seed) {
                    continue;
                }
                let ran = runner.run(seed);
                if let Some(stuck) = &ran.stuck {
                    return Err((Exit::CouldNotRun, format!("run {seed}: {stuck}; lostkey replay {seed}")));
                }
                if seed % 100 < work.twice && *again.run(seed).trace != *ran.trace {
                    let says = format!("run {seed} is another one the second time; lostkey replay {seed}");
                    return Err((Exit::Nondeterministic, says));
                }
                tally.add(seed, &ran);
            }
            self.bar.inc(tally.runs);
            let seconds = self.began.elapsed().as_secs_f64();
            if let Ok(mut shared) = self.shared.lock() {
                shared.0.add_all(&tally);
                shared.1.add(chunk, seconds, &tally);
            }
        }
    }
}
