//! Benchmark of a verification call and of a text: `serve` against a loop that only sends the same requests.
//!
//! A call has 7 exchanges: the order, the document, four status callbacks and the digits. A text has 3: the order
//! and two status callbacks. Both sides send the same bytes to the same app: the loop replays what `serve` has
//! sent for one call, with axum and reqwest alone. App, provider and workers share one thread, so a ratio
//! compares the work of all of it. The two sides take turns; compare figures of one run only.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod app;
mod raw;
mod served;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use self::app::App;

/// How often each case is measured; the median counts.
const ROUNDS: usize = 7;

/// What a benchmark may fail with.
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What a worker orders, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Call,
    Text,
}

/// A case: what is ordered, whether connections are kept, the number of workers, the orders of each, and the
/// ratio that is aimed at.
#[derive(Clone, Copy, Debug)]
struct Case {
    order: Order,
    keeps_connections: bool,
    workers: usize,
    count: usize,
    aim: Option<f64>,
}

impl Case {
    fn name(self) -> String {
        let what = match self.order {
            Order::Call => "calls",
            Order::Text => "texts",
        };
        let idle = if self.keeps_connections { "kept connections" } else { "no idle ones" };
        format!("{what}, {idle}, {} workers", self.workers)
    }
}

/// One measurement.
struct Measured {
    /// Orders a second.
    rate: f64,
    /// From the begin of each order to its first callback, sorted.
    first: Vec<Duration>,
    /// From the begin of each order to its last callback, sorted.
    whole: Vec<Duration>,
}

/// The most that the median may take from an order to its first callback, with one worker.
const FIRST_MAX: Duration = Duration::from_micros(250);

const fn case(order: Order, keeps_connections: bool, (workers, count): (usize, usize), aim: f64) -> Case {
    Case { order, keeps_connections, workers, count, aim: Some(aim) }
}

/// The least ratio with kept connections is 0.5; 0.6 is aimed at.
const CASES: [Case; 14] = [
    case(Order::Call, false, (1, 400), 0.75),
    case(Order::Call, false, (16, 50), 0.75),
    case(Order::Call, false, (64, 16), 0.75),
    Case { aim: None, ..case(Order::Call, false, (200, 6), 0.0) },
    case(Order::Call, true, (1, 1_000), 0.6),
    case(Order::Call, true, (16, 100), 0.6),
    case(Order::Call, true, (64, 30), 0.6),
    Case { aim: None, ..case(Order::Call, true, (200, 10), 0.0) },
    case(Order::Text, false, (1, 800), 0.75),
    case(Order::Text, false, (16, 100), 0.75),
    case(Order::Text, false, (64, 30), 0.75),
    case(Order::Text, true, (1, 2_000), 0.6),
    case(Order::Text, true, (16, 200), 0.6),
    case(Order::Text, true, (64, 60), 0.6),
];

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut out = io::stdout().lock();
        writeln!(out, "orders/s, median of {ROUNDS}; times: median and 99th percentile of the last round\n")?;
        writeln!(
            out,
            "{:<38} {:>7} {:>7} {:>6}  {:<16} {:>17} {:>17}",
            "", "loop", "serve", "ratio", "aim", "first callback", "all"
        )?;
        // For profiles: `cargo bench --bench calls -- 'calls, kept'`.
        let only = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
        for case in
            CASES.into_iter().filter(|case| only.as_ref().is_none_or(|only| case.name().contains(only)))
        {
            tell(&mut out, case, play(case).await?)?;
        }
        Ok(())
    })
}

/// The rates of both sides in each round, and the last measurement of `serve`.
async fn play(case: Case) -> Result<(Vec<(f64, f64)>, Measured), Failed> {
    let app = Arc::new(App::start(case.order, case.workers).await?);
    let served = served::Side::start(case, &app).await?;
    let replay = served.record(&app).await?;
    let raw = raw::Side::start(case, &app, replay).await?;
    let mut rates = Vec::new();
    let mut last = None;
    for _ in 0..ROUNDS {
        let floor = raw.measure(&app).await?;
        // Each round starts a new server, because tests do that too, and the trace of an old one would grow.
        let ours = served::Side::start(case, &app).await?.measure(&app).await?;
        rates.push((floor.rate, ours.rate));
        last = Some(ours);
    }
    Ok((rates, last.ok_or("no round was measured")?))
}

/// Lets each worker order its number of times; `order` returns how long one took.
async fn measure<F, Fut>(case: Case, app: &App, order: F) -> Result<Measured, Failed>
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = Result<Duration, Failed>> + Send + 'static,
{
    let begun = Instant::now();
    let mut workers = JoinSet::new();
    for worker in 0..case.workers {
        let orders: Vec<_> = (0..case.count).map(|_| order(worker)).collect();
        workers.spawn(async move {
            let mut whole = Vec::with_capacity(orders.len());
            for order in orders {
                whole.push(order.await?);
            }
            Ok::<_, Failed>(whole)
        });
    }
    let mut whole = Vec::new();
    while let Some(ended) = workers.join_next().await {
        whole.append(&mut ended??);
    }
    Ok(app.measured(begun.elapsed(), whole))
}

fn tell(out: &mut impl Write, case: Case, (rates, last): (Vec<(f64, f64)>, Measured)) -> io::Result<()> {
    let (floor, ours) = rates.iter().copied().unzip();
    let ratio = median(rates.iter().map(|(floor, ours)| ours / floor).collect());
    let met = |is_met: bool| if is_met { "met" } else { "MISSED" };
    let aim = case.aim.map_or_else(String::new, |aim| format!("{aim:.2} {}", met(ratio >= aim)));
    let (floor, ours) = (median(floor), median(ours));
    let (first, whole) = (shown(&last.first), shown(&last.whole));
    write!(
        out,
        "{:<38} {floor:>7.0} {ours:>7.0} {ratio:>6.2}  {aim:<16} {first:>17} {whole:>17}",
        case.name()
    )?;
    if case.workers == 1 {
        let is_met = percentile(&last.first, 50) <= FIRST_MAX;
        write!(out, "  first within {} µs: {}", FIRST_MAX.as_micros(), met(is_met))?;
    }
    writeln!(out)?;
    out.flush()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default()
}

/// The median and the 99th percentile, in microseconds.
fn shown(sorted: &[Duration]) -> String {
    format!("{} / {} µs", percentile(sorted, 50).as_micros(), percentile(sorted, 99).as_micros())
}
