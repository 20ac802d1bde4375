//! `--must-reach`: outcomes that some run must reach, or the drill fails.
//!
//! A flow in which recovery never succeeds violates no invariant, because all of its owners end
//! with support. This option detects such a flow.

use std::io::Write;

use crate::cli::drill::Outcome;
use crate::cli::exit::Exit;
use crate::drill::Sometimes;
use crate::story::nearest;

/// What some run must have reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Must {
    /// Every known outcome.
    All,
    /// One outcome.
    This(Sometimes),
}

impl Must {
    /// Parses `all` or an id, as reports list them.
    pub(in crate::cli) fn read(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let known = || Sometimes::ALL.iter().map(|what| what.id());
        Sometimes::ALL.iter().find(|what| what.id() == text).map(|what| Self::This(*what)).ok_or_else(|| {
            match nearest(text, known().chain(["all"])) {
                Some(near) => format!("there is no such id; did you mean `{near}`?"),
                None => format!(
                    "there is no such id; the ids are `all` and {}",
                    known().collect::<Vec<_>>().join(", ")
                ),
            }
        })
    }

    fn means(self, what: Sometimes) -> bool {
        match self {
            Self::All => true,
            Self::This(this) => this == what,
        }
    }
}

/// The exit code of a drill with these requirements; prints the unmet ones.
pub(in crate::cli) fn exit(outcome: &Outcome, musts: &[Must]) -> Exit {
    let missing = missing(outcome, musts);
    if missing.is_empty() {
        return outcome.exit();
    }
    let _closed_pipe = writeln!(anstream::stderr(), "error: no run reached {}", missing.join(", "));
    Exit::Finding
}

fn missing(outcome: &Outcome, musts: &[Must]) -> Vec<&'static str> {
    let meant = Sometimes::ALL.iter().filter(|what| musts.iter().any(|must| must.means(**what)));
    let reached = |id| outcome.sometimes.iter().any(|reached| reached.id == id && reached.reached);
    meant.map(|what| what.id()).filter(|id| !reached(*id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_and_slips_are_helped() {
        assert_eq!(Must::read("all"), Ok(Must::All));
        for what in Sometimes::ALL {
            assert_eq!(Must::read(what.id()), Ok(Must::This(*what)));
        }
        assert_eq!(Must::read("recoverd").unwrap_err(), "there is no such id; did you mean `recovered`?");
        assert!(Must::read("xyzzy-plugh-xyzzy").unwrap_err().contains("the ids are `all` and recovered, "));
    }
}
