//! How much a story may hold: each file, line, list and text has a limit with a name.

use crate::crossing::Held;

/// The largest file, in bytes. It is refused before anything is parsed.
pub const FILE_MAX: usize = 256 * 1024;

/// The longest line, in bytes: what a person can still be shown.
pub const LINE_MAX: usize = 4 * 1024;

/// How deep mappings and lists may stand in each other. No story needs more than six.
pub const DEPTH_MAX: usize = 16;

/// How many values, keys included, a file may hold.
pub const VALUES_MAX: usize = 20_000;

/// How many aliases (`*name`) a file may hold.
pub const ALIASES_MAX: usize = 32;

/// How many values all aliases of a file may stand for.
pub const ALIASED_VALUES_MAX: usize = 10_000;

/// How many accounts a story may have.
pub const ACCOUNTS_MAX: usize = 16;

/// How many people a story may have.
pub const PEOPLE_MAX: usize = 32;

/// How many devices an account may have.
pub const DEVICES_MAX: usize = Held::MAX;

/// How many e-mail addresses an account may have on file.
pub const EMAILS_MAX: usize = 5;

/// How many mailboxes a person may read, how many numbers may ring there, and how many devices of
/// others a person may hold.
pub const REACH_MAX: usize = 8;

/// How many faults a story may have.
pub const FAULTS_MAX: usize = 64;

/// How many timed moves a story may have.
pub const MOVES_MAX: usize = 512;

/// The longest name of an account, a person or a device, in characters.
pub const NAME_MAX: usize = 40;

/// The longest sentence, full name or password, in characters.
pub const TEXT_MAX: usize = 500;

/// The longest e-mail address, in characters (RFC 5321 section 4.5.3.1.3, without the brackets).
pub const ADDRESS_MAX: usize = 254;

/// How far a clock may drift, in parts per million: a tenth, far worse than any clock.
pub const DRIFT_PPM_MAX: u32 = 100_000;

/// The count at which a counter device may begin: far more codes than anybody types.
pub const COUNTER_MAX: u64 = 1_000_000_000_000;

/// How many codes a counter device may have run ahead.
pub const RAN_AHEAD_MAX: u32 = 1_000_000;

/// The last day on which somebody can move: stories last 100 years at most.
pub const DAYS_MAX: u64 = 36_500;
