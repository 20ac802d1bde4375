//! How many sandboxes there may be, for how long, and how large.

use std::time::Duration;

/// The maximum number of sandboxes at a time, besides the default one.
pub const SANDBOXES_MAX: usize = 256;

/// The highest age of a sandbox, in real time; then it ends, because its test has probably forgotten it.
pub const AGE_MAX: Duration = Duration::from_secs(60 * 60);

/// How much one sandbox may hold, in bytes: emails, URLs, calls and events.
pub const BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// The limits of sandboxes. The default sandbox has none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxLimits {
    /// The maximum number of sandboxes at a time.
    pub count: usize,
    /// The highest age, in real time.
    pub age: Duration,
    /// How much one sandbox may hold, in bytes. It is checked before each request to create something and
    /// each email, so the last one may exceed it.
    pub bytes: usize,
}

impl Default for SandboxLimits {
    fn default() -> Self {
        Self { count: SANDBOXES_MAX, age: AGE_MAX, bytes: BYTES_MAX }
    }
}
