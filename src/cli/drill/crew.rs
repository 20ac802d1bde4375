//! The threads of a drill: each takes the next few seeds until none is left.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::drill::Mix;
use crate::drill::Runner;
use crate::drill::Tally;
use crate::policy::Norm;
use crate::story::Story;

/// How many runs a thread takes at a time.
const CHUNK: u64 = 1_000;

/// What is to be done.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) bases: Vec<Arc<Story>>,
    pub(super) norm: Norm,
    pub(super) first: u64,
    pub(super) runs: u64,
    pub(super) time: Option<Duration>,
    pub(super) jobs: usize,
}

/// How many processors there are.
pub(super) fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does it all; how long it took in real time.
#[expect(clippy::disallowed_methods, reason = "how long a drill takes in real time is told, not acted on")]
pub(super) fn work(work: &Work) -> Result<(Tally, Duration), String> {
    let began = Instant::now();
    let next = AtomicU64::new(0);
    let total = Mutex::new(Tally::default());
    let late = || work.time.is_some_and(|time| began.elapsed() >= time);
    let done = thread::scope(|scope| {
        let one = || {
            let mut runner = Runner::new(work.bases.clone(), Mix::usual(), work.norm);
            let mut tally = Tally::default();
            loop {
                let from = next.fetch_add(CHUNK, Ordering::Relaxed);
                if from >= work.runs || late() {
                    break;
                }
                for run in from..(from + CHUNK).min(work.runs) {
                    let seed = work.first + run;
                    let ran = runner.run(seed);
                    if let Some(stuck) = &ran.stuck {
                        return Err(format!("run {seed}: {stuck}"));
                    }
                    tally.add(seed, &ran);
                    runner.recycle(ran);
                }
            }
            if let Ok(mut total) = total.lock() {
                total.add_all(&tally);
            }
            Ok::<(), String>(())
        };
        let threads: Vec<_> = (0..work.jobs).map(|_| scope.spawn(one)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a thread died".to_owned())))
            .collect()
    });
    let done: Result<Vec<()>, String> = done;
    done?;
    let total = total.into_inner().map_err(|_| "a thread died".to_owned())?;
    Ok((total, began.elapsed()))
}
