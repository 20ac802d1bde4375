//! The figures that can be expected, by name.

use crate::cli::drill::expect::Ratio;
use crate::drill::{End, Sometimes, Tally, Values};

/// Something that a drill measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    /// The share of owners for whom a run ends so.
    Ended(End),
    /// The share of recovered among the owners who did not sign in as usual.
    RecoveredWhenNeeded,
    /// The share of runs that reach a situation.
    Reached(Sometimes),
    /// A count per run.
    Tickets,
    Emails,
    Calls,
    Resets,
    Requests,
    /// A time.
    ToRecover,
    ToSignIn,
    ToReset,
}

/// The figures with a name and a description. The situations follow.
const NAMED: [(Figure, &str, &str); 13] = [
    (
        Figure::Ended(End::Recovered),
        "recovered",
        "share of owners, each counted once a run, who got in by alternative factors",
    ),
    (Figure::Ended(End::SignedIn), "signed in", "share of owners who signed in as usual"),
    (Figure::Ended(End::WithSupport), "with support", "share of owners for whom the run ended with support"),
    (
        Figure::Ended(End::LockedOut),
        "locked out",
        "share of owners for whom the run ended in none of these ways",
    ),
    (
        Figure::RecoveredWhenNeeded,
        "recovered when needed",
        "share of recovered among the owners without a usual sign-in",
    ),
    (Figure::Tickets, "tickets", "tickets that support took, per run"),
    (Figure::Emails, "emails", "emails that the service ordered, per run"),
    (Figure::Calls, "calls", "calls that the service ordered, per run"),
    (Figure::Resets, "resets", "resets of MFA by support, per run"),
    (Figure::Requests, "requests", "requests of people to the service, per run"),
    (Figure::ToRecover, "time to recover", "from an owner's first request to the recovery"),
    (Figure::ToSignIn, "time to sign in", "from an owner's first request to the first sign-in by any way"),
    (Figure::ToReset, "time to reset", "from a ticket to the reset of MFA"),
];

/// All ends, the worst first.
const ENDS: [End; 4] = [End::LockedOut, End::WithSupport, End::Recovered, End::SignedIn];

impl Figure {
    /// The figures that are no situations, with name and description.
    pub(super) fn named() -> impl Iterator<Item = (Self, &'static str, &'static str)> {
        NAMED.into_iter()
    }

    /// All figures. A situation with the name of another figure is left out.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let is_other = |what: &&Sometimes| NAMED.iter().all(|(_, name, _)| *name != what.id());
        let situations = Sometimes::ALL.iter().filter(is_other).map(|what| Self::Reached(*what));
        NAMED.iter().map(|(figure, ..)| *figure).chain(situations)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Reached(what) => what.id(),
            other => NAMED.iter().find(|(figure, ..)| *figure == other).map_or("", |(_, name, _)| name),
        }
    }

    pub(super) const fn is_time(self) -> bool {
        matches!(self, Self::ToRecover | Self::ToSignIn | Self::ToReset)
    }

    /// Whether it is a count per run, of which a share of runs is known, too.
    pub(super) const fn is_count(self) -> bool {
        matches!(self, Self::Tickets | Self::Emails | Self::Calls | Self::Resets | Self::Requests)
    }

    /// What a share or a total counts.
    pub(super) const fn counted(self) -> &'static str {
        match self {
            Self::RecoveredWhenNeeded => "owners who did not sign in as usual",
            Self::Ended(_) => "owners",
            Self::ToRecover => "recovered owners",
            Self::ToSignIn => "owners who signed in",
            Self::ToReset => "resets",
            Self::Reached(_) | Self::Tickets | Self::Emails | Self::Calls | Self::Resets | Self::Requests => {
                "runs"
            }
        }
    }

    /// The values of a count or a time.
    pub(super) const fn values(self, tally: &Tally) -> Option<&Values> {
        let figures = &tally.figures;
        Some(match self {
            Self::Tickets => &figures.tickets,
            Self::Emails => &figures.emails,
            Self::Calls => &figures.calls,
            Self::Resets => &figures.resets,
            Self::Requests => &figures.requests,
            Self::ToRecover => &figures.time_to_recover,
            Self::ToSignIn => &figures.time_to_sign_in,
            Self::ToReset => &figures.time_to_reset,
            Self::Ended(_) | Self::RecoveredWhenNeeded | Self::Reached(_) => return None,
        })
    }

    /// The share of runs.
    pub(super) fn share(self, tally: &Tally) -> Ratio {
        let ends = &tally.ends;
        let sum = |counts: &[u64]| counts.iter().map(|count| u128::from(*count)).sum::<u128>();
        let of_runs = |count: u128| Ratio { over: count, under: u128::from(tally.runs) };
        let of_owners = |count: u64| Ratio { over: u128::from(count), under: ends.total() };
        match self {
            Self::Ended(End::Recovered) => of_owners(ends.recovered),
            Self::Ended(End::SignedIn) => of_owners(ends.signed_in),
            Self::Ended(End::WithSupport) => of_owners(ends.with_support),
            Self::Ended(End::LockedOut) => of_owners(ends.locked_out),
            Self::RecoveredWhenNeeded => {
                let under = sum(&[ends.recovered, ends.with_support, ends.locked_out]);
                Ratio { over: sum(&[ends.recovered]), under }
            }
            Self::Reached(what) => of_runs(sum(&[tally.sometimes.get(what as usize).copied().unwrap_or(0)])),
            other => {
                let some = other.values(tally).map_or(0, Values::some);
                of_runs(some)
            }
        }
    }

    /// The seed of a run that shows that a share is too low or too high.
    pub(super) fn example(self, tally: &Tally, too_low: bool) -> Option<u64> {
        let figures = &tally.figures;
        let ended = |end: End| figures.end_seeds.get(end as usize).copied().flatten();
        match self {
            Self::Ended(end) if too_low => ENDS.into_iter().filter(|other| *other != end).find_map(ended),
            Self::Ended(end) => ended(end),
            Self::RecoveredWhenNeeded if too_low => ENDS[..2].iter().copied().find_map(ended),
            Self::RecoveredWhenNeeded => ended(End::Recovered),
            Self::Reached(what) => {
                let seeds = if too_low { &figures.missed_seeds } else { &figures.reached_seeds };
                seeds.get(what as usize).copied().flatten()
            }
            _ => None,
        }
    }
}
