//! `drill --expect "recovered >= 95%"`: a figure of the drill, and the bound that it has to keep.
//!
//! Figures are compared exactly, as fractions. An expectation about something that never happened is not met:
//! there is nothing that it would hold for.

mod figure;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use self::figure::Figure;
use crate::base::time::Span;
use crate::cli::drill::outcome::Expected;
use crate::drill::Tally;

/// What is measured of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// The share of runs.
    Share,
    Mean,
    Min,
    Max,
    /// 1 to 100.
    Percentile(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Op {
    const ALL: [Self; 5] = [Self::AtMost, Self::AtLeast, Self::Less, Self::More, Self::Equal];

    const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::More => ">",
        }
    }

    const fn holds(self, is: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => is.is_lt(),
            Self::AtMost => is.is_le(),
            Self::Equal => is.is_eq(),
            Self::AtLeast => is.is_ge(),
            Self::More => is.is_gt(),
        }
    }
}

/// A number as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ratio {
    over: u128,
    under: u128,
}

impl Ratio {
    /// Compares two numbers. Counts of an edited file may be so large that they are clamped.
    fn compared(self, other: Self) -> std::cmp::Ordering {
        self.over.saturating_mul(other.under).cmp(&other.over.saturating_mul(self.under))
    }

    fn value(self) -> f64 {
        self.over as f64 / self.under.max(1) as f64
    }
}

/// One expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Expectation {
    figure: Figure,
    of: Of,
    op: Op,
    bound: Ratio,
    /// The bound as it was written.
    written: String,
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.figure.name())?;
        match self.of {
            Of::Share => {}
            Of::Mean => f.write_str(" mean")?,
            Of::Min => f.write_str(" min")?,
            Of::Max => f.write_str(" max")?,
            Of::Percentile(percent) => write!(f, " p{percent}")?,
        }
        write!(f, " {} {}", self.op.sign(), self.written)
    }
}

impl Expectation {
    /// Reads an expectation.
    pub(in crate::cli) fn read(text: &str) -> Result<Self, String> {
        parse::expectation(text)
    }

    /// The figure, and whether it is in its bound.
    pub(in crate::cli) fn of(&self, tally: &Tally) -> Expected {
        let (is, ratio) = self.measured(tally);
        let met = ratio.is_some_and(|ratio| self.op.holds(ratio.compared(self.bound)));
        Expected { expected: self.to_string(), is, met }
    }

    /// The seed of a run that shows why the expectation is not met, if any run does.
    pub(in crate::cli) fn example(&self, tally: &Tally) -> Option<u64> {
        let too_low = match self.op {
            Op::AtLeast | Op::More => true,
            Op::Less | Op::AtMost => false,
            Op::Equal => self.measured(tally).1.is_some_and(|is| is.compared(self.bound).is_lt()),
        };
        let example = match self.figure.values(tally) {
            Some(values) if too_low => values.least,
            Some(values) => values.most,
            None => return self.figure.example(tally, too_low),
        };
        // If nothing happened, any run shows it.
        let any = || tally.figures.end_seeds.iter().flatten().min().copied();
        example.map(|(_, seed)| seed).or_else(any)
    }

    /// The figure in words, and as a number if there is one.
    fn measured(&self, tally: &Tally) -> (String, Option<Ratio>) {
        let Some(values) = self.figure.values(tally).filter(|_| self.of != Of::Share) else {
            let share = self.figure.share(tally);
            let (over, under) = (share.over, share.under);
            if under == 0 {
                return (format!("unknown: there are no {}", self.figure.counted()), None);
            }
            let told =
                format!("{:.2} % ({over} of {under} {})", share.value() * 100.0, self.figure.counted());
            return (told, Some(share));
        };
        let total = values.total();
        if total == 0 {
            return (format!("unknown: there are no {}", self.figure.counted()), None);
        }
        let whole = |value: u64| Ratio { over: u128::from(value), under: 1 };
        let ratio = match self.of {
            Of::Share | Of::Mean => Ratio { over: values.sum(), under: total },
            Of::Min => whole(values.least.map_or(0, |(value, _)| value)),
            Of::Max => whole(values.most.map_or(0, |(value, _)| value)),
            Of::Percentile(percent) => whole(values.percentile(u64::from(percent)).unwrap_or(0)),
        };
        (format!("{} ({total} {})", self.number(ratio), self.figure.counted()), Some(ratio))
    }

    /// A number of this figure, as people write it.
    fn number(&self, ratio: Ratio) -> String {
        match (self.figure.is_time(), ratio.under) {
            (true, _) => {
                let seconds = u64::try_from(ratio.over / ratio.under.max(1)).unwrap_or(u64::MAX);
                Span::from_secs(seconds).to_string()
            }
            (false, 1) => ratio.over.to_string(),
            (false, _) => format!("{:.2}", ratio.value()),
        }
    }
}

/// The help of `--expect`, with all figures.
pub(super) fn long_help() -> String {
    let mut help = "Fail unless a figure is in its bound; repeatable.\n\n\
        FIGURE OPERATOR BOUND: `recovered >= 95%`, `time to recover p95 < 1h`, `tickets < 20%`, `tickets mean < 0.3`. \
        The operators are < <= = >= >. A count or a time has p1 to p100, mean, median, min or max; a count with a \
        percentage is the share of runs with at least one.\n\nThe figures:\n"
        .to_owned();
    let named: Vec<_> = Figure::named().collect();
    let width = named.iter().map(|(_, name, _)| name.len()).max().unwrap_or(0);
    for (_, name, says) in named {
        help.push_str(&format!("  {name:<width$}  {says}\n"));
    }
    help.push_str(
        "  and each id of the `sometimes` list that a drill prints: the share of runs that reach it",
    );
    help
}
