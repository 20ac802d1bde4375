//! Whether this process may open more files and sockets.
//!
//! A process that may not looks like a service that is down. That is the trouble of a machine, and no finding.

use std::error::Error;
use std::io;
use std::os::fd::AsFd as _;

/// The error numbers of a process, and of a system, with too many open files: the same on all Unix systems.
const EMFILE: i32 = 24;
const ENFILE: i32 = 23;

/// The process may not open as many files and sockets as it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this process may not open enough files and sockets: {}; raise the limit that `ulimit -n` tells", io::Error::from_raw_os_error(*.0))]
pub struct TooFew(i32);

impl TooFew {
    /// Whether this error, or what caused it, means that there are too few descriptors.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            let from_io = error.downcast_ref::<io::Error>();
            let number = from_io.and_then(io::Error::raw_os_error);
            if let Some(number) = number.filter(|number| [EMFILE, ENFILE].contains(number)) {
                return Some(Self(number));
            }
            // The source of an error in an `io::Error` is that of the inner one, which would be left out.
            let inner = from_io.and_then(io::Error::get_ref).map(|inner| inner as &(dyn Error + 'static));
            next = inner.or_else(|| error.source());
        }
        None
    }
}

/// Checks that this many descriptors are left, by taking and returning them.
///
/// # Errors
/// [`TooFew`] if there are not so many.
pub(crate) fn check(count: usize) -> Result<(), TooFew> {
    let stderr = io::stderr();
    let taken = (0..count).map(|_| stderr.as_fd().try_clone_to_owned()).collect::<io::Result<Vec<_>>>();
    // Other errors are no lack of descriptors, and show where they matter.
    taken.map(drop).or_else(|error| TooFew::of(&error).map_or(Ok(()), Err))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_descriptors_is_told_from_other_errors() {
        let too_many = || io::Error::from_raw_os_error(EMFILE);
        let nested = io::Error::other(io::Error::other(too_many()));
        assert_eq!(
            (TooFew::of(&too_many()), TooFew::of(&nested)),
            (Some(TooFew(EMFILE)), Some(TooFew(EMFILE)))
        );
        for other in
            [io::Error::from_raw_os_error(111), io::Error::other("24"), io::ErrorKind::NotFound.into()]
        {
            assert_eq!(TooFew::of(&other), None, "{other}");
        }
        let says = TooFew(EMFILE).to_string();
        assert!(says.contains("open files") && says.contains("`ulimit -n`"), "{says}");
        check(8).unwrap();
    }
}
