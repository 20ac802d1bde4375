//! Size limits of a story file and of its lists, names and texts.

use crate::message::Held;

/// Largest file, in bytes. Checked before parsing.
pub const FILE_MAX: usize = 256 * 1024;

/// Longest line, in bytes. Longer lines cannot be shown in an error.
pub const LINE_MAX: usize = 4 * 1024;

/// Maximum nesting depth of mappings and lists. Real stories need at most six.
pub const DEPTH_MAX: usize = 16;

/// Maximum number of values in a file, keys included.
pub const VALUES_MAX: usize = 20_000;

/// Maximum number of aliases (`*name`) in a file.
pub const ALIASES_MAX: usize = 32;

/// Maximum number of values that all aliases of a file expand to.
pub const ALIASED_VALUES_MAX: usize = 10_000;

/// Maximum number of accounts in a story.
pub const ACCOUNTS_MAX: usize = 16;

/// Maximum number of people in a story.
pub const PEOPLE_MAX: usize = 32;

/// Maximum number of devices of an account.
pub const DEVICES_MAX: usize = Held::MAX;

/// Maximum number of email addresses on file for an account.
pub const EMAILS_MAX: usize = 5;

/// Maximum number of mailboxes that a person reads, of phone numbers that a person answers, and of
/// other people's devices that a person holds: each separately.
pub const REACH_MAX: usize = 8;

/// Maximum number of SMS gateways in a story.
pub const GATEWAYS_MAX: usize = 16;

/// Maximum number of API keys of the provider's account.
pub const KEYS_MAX: usize = 16;

/// Maximum number of the provider's numbers.
pub const NUMBERS_MAX: usize = 64;

/// Maximum number of calls a second, and at once: as many as one run takes.
pub const CALLS_MAX: u32 = 100_000;

/// Maximum number of faults in a story.
pub const FAULTS_MAX: usize = 64;

/// Maximum number of accepted findings in a story.
pub const ACCEPTS_MAX: usize = 100;

/// Maximum number of timed moves in a story.
pub const MOVES_MAX: usize = 512;

/// Maximum number of inputs in a recording of `lostkey serve`.
pub const RECORDED_MAX: usize = 1_000;

/// Maximum number of recipients of a recorded email.
pub const RECIPIENTS_MAX: usize = 1_000;

/// Maximum number of browsers in a recording.
pub const BROWSERS_MAX: u32 = 100;

/// Longest URL or header in a recording, in bytes.
pub const URL_MAX: usize = 8_000;

/// Longest name of an account, person or device, in characters.
pub const NAME_MAX: usize = 40;

/// Longest sentence, full name or password, in characters.
pub const TEXT_MAX: usize = 500;

/// Longest email address, in characters (RFC 5321 section 4.5.3.1.3, without the angle brackets).
pub const ADDRESS_MAX: usize = 254;

/// Maximum clock drift, in parts per million. One tenth is far beyond any real clock.
pub const DRIFT_PPM_MAX: u32 = 100_000;

/// Maximum initial counter of an HOTP device, far beyond any real use.
pub const COUNTER_MAX: u64 = 1_000_000_000_000;

/// Maximum number of codes that an HOTP device has run ahead.
pub const RAN_AHEAD_MAX: u32 = 1_000_000;

/// Last day on which a move can happen: stories last at most 100 years.
pub const DAYS_MAX: u64 = 36_500;
