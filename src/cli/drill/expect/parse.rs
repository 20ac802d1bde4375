//! Reads expectations: `FIGURE [p95|mean|median|min|max] OPERATOR BOUND`.

use std::ops::Range;

use crate::base::time::Span;
use crate::cli::drill::expect::figure::Figure;
use crate::cli::drill::expect::{Expectation, Of, Op, Ratio};
use crate::story::nearest;

/// Longest expectation, in characters.
const LENGTH_MAX: usize = 200;

/// Most digits before and after the point of a number.
const DIGITS_MAX: usize = 9;

/// Reads an expectation; an error shows where it went wrong.
pub(super) fn expectation(text: &str) -> Result<Expectation, String> {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let count = plain.chars().count();
    if count > LENGTH_MAX {
        return Err(format!("an expectation has at most {LENGTH_MAX} characters, and this one has {count}"));
    }
    Reader { text: &plain }.read()
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn read(&self) -> Result<Expectation, String> {
        let is_sign = |c: char| "<>=≤≥!".contains(c);
        let Some(at) = self.text.find(is_sign) else {
            let help =
                "write a figure, an operator and a bound: `recovered >= 95%`, `time to recover p95 < 1h`";
            return Err(self.wrong("there is no operator", self.text.len()..self.text.len(), help));
        };
        let after = self.text.get(at..).unwrap_or_default();
        let signs = at..at + after.find(|c| !is_sign(c)).unwrap_or(after.len());
        let op = self.op(signs.clone())?;
        let (figure, of) = self.figure(0..at)?;
        let bound = self.trimmed(signs.end..self.text.len());
        let written = self.at(bound.clone()).to_owned();
        let (of, bound) = self.bound(figure, of, bound)?;
        Ok(Expectation { figure, of, op, bound, written })
    }

    fn at(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    fn op(&self, signs: Range<usize>) -> Result<Op, String> {
        match self.at(signs.clone()) {
            "≤" => return Ok(Op::AtMost),
            "≥" => return Ok(Op::AtLeast),
            "==" => return Ok(Op::Equal),
            sign => {
                if let Some(op) = Op::ALL.into_iter().find(|op| op.sign() == sign) {
                    return Ok(op);
                }
            }
        }
        let says = format!("there is no operator `{}`", self.at(signs.clone()));
        Err(self.wrong(&says, signs, "the operators are `<`, `<=`, `=`, `>=` and `>`"))
    }

    /// The figure, and what is measured of it, if the text says so.
    fn figure(&self, range: Range<usize>) -> Result<(Figure, Option<Of>), String> {
        let whole = self.trimmed(range);
        let left = self.at(whole.clone());
        let (name, last) = left.rsplit_once(|c: char| c.is_whitespace()).unwrap_or(("", left));
        let last_at = whole.end - last.len()..whole.end;
        let of = self.statistic(last, last_at)?;
        let name_at = if of.is_some() { self.trimmed(whole.start..whole.start + name.len()) } else { whole };
        let name = self.at(name_at.clone());
        if name.is_empty() {
            let help = "write for example `recovered >= 95%`";
            return Err(self.wrong("there is no figure before the operator", name_at, help));
        }
        let folded = folded(name);
        if let Some(figure) = Figure::all().find(|figure| self::folded(figure.name()) == folded) {
            return Ok((figure, of));
        }
        let known = || Figure::all().map(Figure::name);
        let says = format!("there is no figure `{name}`");
        let near =
            nearest(name, known()).map_or_else(String::new, |near| format!("did you mean `{near}`?\n"));
        let help = format!("{near}the figures are {}", known().collect::<Vec<_>>().join(", "));
        Err(self.wrong(&says, name_at, &help))
    }

    fn statistic(&self, word: &str, at: Range<usize>) -> Result<Option<Of>, String> {
        let word = word.to_lowercase();
        Ok(Some(match word.as_str() {
            "mean" => Of::Mean,
            "median" => Of::Percentile(50),
            "min" => Of::Min,
            "max" => Of::Max,
            _ => {
                let digits = word.strip_prefix('p').filter(|digits| !digits.is_empty());
                let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
                let Some(digits) = digits else { return Ok(None) };
                match digits.parse() {
                    Ok(percent @ 1..=100) => Of::Percentile(percent),
                    Ok(_) | Err(_) => {
                        let says = format!("there is no percentile `{word}`");
                        return Err(self.wrong(&says, at, "the percentiles are `p1` to `p100`"));
                    }
                }
            }
        }))
    }

    /// The bound, in the unit of the figure, and what is measured then.
    fn bound(&self, figure: Figure, of: Option<Of>, at: Range<usize>) -> Result<(Of, Ratio), String> {
        let (name, text) = (figure.name(), self.at(at.clone()));
        if text.is_empty() {
            let help = format!("write for example `{}`", example(figure));
            return Err(self.wrong("there is no bound after the operator", at, &help));
        }
        let Some(bound) = Bound::read(text) else {
            let says = format!("`{text}` is not a bound");
            let help = "a bound is a percentage, `95%` and at most `100%`, a number, `0.3`, or a time, `90m`; numbers \
                        have at most 9 digits on each side of the point";
            return Err(self.wrong(&says, at, help));
        };
        let help = || format!("write for example `{}`", example(figure));
        match (bound, of) {
            (Bound::Time(ratio), Some(of)) if figure.is_time() => Ok((of, ratio)),
            (Bound::Number(ratio), Some(of)) if figure.is_count() => Ok((of, ratio)),
            (Bound::Percent(ratio), None) if !figure.is_time() => Ok((Of::Share, ratio)),
            (Bound::Time(_), None) if figure.is_time() => {
                let says = format!("`{name}` has many values, and nothing says which");
                let help = "name a percentile, `p95`, or `mean`, `median`, `min`, `max`, before the operator";
                Err(self.wrong(&says, self.trimmed(0..self.operator()), help))
            }
            (Bound::Number(_), None) if figure.is_count() => {
                let says = format!("`{name}` has many values, and nothing says which");
                let help = format!(
                    "`{name} < 20%` is the share of runs with at least one; `{name} mean < 1` counts"
                );
                Err(self.wrong(&says, self.trimmed(0..self.operator()), &help))
            }
            (Bound::Percent(_), Some(_)) if !figure.is_time() => {
                let says = "a share of runs has neither percentiles nor a mean";
                Err(self.wrong(says, self.trimmed(0..self.operator()), &help()))
            }
            _ if figure.is_time() => {
                let says = format!("`{name}` is a time, and `{text}` is none");
                let help = if text.bytes().all(|byte| byte.is_ascii_digit()) {
                    format!("add a unit: `{text}s`, `{text}m` or `{text}h`")
                } else {
                    help()
                };
                Err(self.wrong(&says, at, &help))
            }
            _ if figure.is_count() => {
                let says = format!("`{name}` is a count, and `{text}` is none");
                Err(self.wrong(&says, at, &help()))
            }
            _ => {
                let says = format!("`{name}` is a share of runs, so its bound is a percentage");
                Err(self.wrong(&says, at, &help()))
            }
        }
    }

    fn operator(&self) -> usize {
        self.text.find(['<', '>', '=', '≤', '≥', '!']).unwrap_or(self.text.len())
    }

    /// A range without the blanks around it.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let part = self.at(range.clone());
        let start = range.start + (part.len() - part.trim_start().len());
        start..start + part.trim().len()
    }

    /// A message with the text, a caret below the mistake, and help.
    fn wrong(&self, says: &str, at: Range<usize>, help: &str) -> String {
        let chars = |range: Range<usize>| self.at(range).chars().count();
        let (before, under) = (chars(0..at.start), chars(at.clone()).max(1));
        format!("{says}\n  {}\n  {}{}\n{help}", self.text, " ".repeat(before), "^".repeat(under))
    }
}

/// An expectation about this figure.
fn example(figure: Figure) -> String {
    let name = figure.name();
    if figure.is_time() {
        format!("{name} p95 < 1h")
    } else if figure.is_count() {
        format!("{name} p95 <= 2")
    } else {
        format!("{name} >= 95%")
    }
}

/// A bound, with its unit.
enum Bound {
    Percent(Ratio),
    Number(Ratio),
    Time(Ratio),
}

impl Bound {
    fn read(text: &str) -> Option<Self> {
        if let Some(percent) = text.strip_suffix('%') {
            let Ratio { over, under } = number(percent.trim_end())?;
            let share = Ratio { over, under: under * 100 };
            return (share.over <= share.under).then_some(Self::Percent(share));
        }
        if let Some(number) = number(text) {
            return Some(Self::Number(number));
        }
        let span: Span = text.parse().ok()?;
        (span != Span::FOREVER)
            .then(|| Self::Time(Ratio { over: u128::from(span.as_millis()), under: 1_000 }))
    }
}

/// A decimal number.
fn number(text: &str) -> Option<Ratio> {
    let (whole, rest) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let is_digits = |digits: &str| {
        (1..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_digits(whole) || !rest.is_none_or(is_digits) {
        return None;
    }
    let rest = rest.unwrap_or_default();
    let over = format!("{whole}{rest}").parse().ok()?;
    Some(Ratio { over, under: 10_u128.pow(u32::try_from(rest.len()).ok()?) })
}

/// A name without differences in case and between space, dash and underscore.
fn folded(name: &str) -> String {
    let words =
        name.split(|c: char| c.is_whitespace() || c == '-' || c == '_').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}
