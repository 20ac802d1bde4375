//! Connection overrides: the fragment of a webhook's URL sets its retries and its time-out, for example
//! `https://app.example/status#rc=2&rp=5xx,ct&rt=3000` (TW-overrides). The fragment is neither sent nor
//! signed.

use crate::base::time::Span;
use crate::event::NoReply;
use crate::message::HookReply;

/// Most retries that a URL can ask for.
const RETRIES_MAX: u8 = 5;

/// The shortest and the longest time-out that a URL can ask for, in milliseconds.
const TIMEOUT: (u64, u64) = (100, 15_000);

/// How often a webhook is sent again, and after what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// `rc`; `None` for the phone company's habit.
    count: Option<u8>,
    /// `rp`, a set of the bits below.
    after: u8,
}

/// `ct`: the connection failed.
const CONNECTION: u8 = 1;
/// `rt`: no answer came in time.
const READING: u8 = 2;
/// `4xx`.
const REFUSED: u8 = 4;
/// `5xx`.
const FAILED: u8 = 8;
/// `all`, which includes a connection that closes without an answer.
const ALL: u8 = CONNECTION | READING | REFUSED | FAILED | 16;

impl Retries {
    /// Twilio's default: after a failed connection only.
    pub const USUAL: Self = Self { count: None, after: CONNECTION };

    /// The overrides in the fragment of a URL. What is not valid there has no effect; Twilio does not
    /// document what it does then.
    pub fn of_fragment(fragment: Option<&str>) -> Self {
        let mut read = Self::USUAL;
        for (name, value) in parts(fragment) {
            match name {
                "rc" => read.count = value.parse().ok().filter(|count| *count <= RETRIES_MAX).or(read.count),
                "rp" => {
                    let after = value.split(',').map(bit).try_fold(0, |bits, bit| Some(bits | bit?));
                    read.after = after.unwrap_or(read.after);
                }
                _ => {}
            }
        }
        read
    }

    /// Whether this reply to the attempt after `tried` retries leads to another one; `usual` is the number
    /// of retries without an override.
    pub const fn again(self, reply: &Result<HookReply, NoReply>, tried: u8, usual: u8) -> bool {
        let most = match self.count {
            Some(count) => count,
            None => usual,
        };
        let because = match reply {
            Ok(HookReply::Answered { http: 400..=499, .. }) => REFUSED,
            Ok(HookReply::Answered { http: 500..=599, .. }) => FAILED,
            Ok(_) => return false,
            Err(NoReply::Down) => CONNECTION,
            Err(NoReply::TimedOut) => READING,
            Err(NoReply::Cut) => ALL & !(CONNECTION | READING | REFUSED | FAILED),
        };
        tried < most && self.after & because != 0
    }
}

/// The time-out that the fragment of a URL asks for: `rt`, or `tt` for the whole request, whichever is
/// shorter. On one machine a connection is made or refused at once, so `ct` has no effect.
pub fn timeout_of_fragment(fragment: Option<&str>) -> Option<Span> {
    let (least, most) = TIMEOUT;
    let times = parts(fragment).filter(|(name, _)| matches!(*name, "rt" | "tt"));
    let times = times.filter_map(|(_, value)| value.parse().ok());
    times.filter(|millis| (least..=most).contains(millis)).min().map(Span::from_millis)
}

fn parts(fragment: Option<&str>) -> impl Iterator<Item = (&str, &str)> {
    fragment.unwrap_or_default().split('&').filter_map(|part| part.split_once('='))
}

fn bit(name: &str) -> Option<u8> {
    Some(match name {
        "ct" => CONNECTION,
        "rt" => READING,
        "4xx" => REFUSED,
        "5xx" => FAILED,
        "all" => ALL,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fragment_decides_after_what_a_request_is_sent_again() {
        let replies = [
            ("4xx", Ok(HookReply::bare(404))),
            ("5xx", Ok(HookReply::bare(503))),
            ("ct", Err(NoReply::Down)),
            ("rt", Err(NoReply::TimedOut)),
            ("cut", Err(NoReply::Cut)),
            ("2xx", Ok(HookReply::HEARD)),
        ];
        for (fragment, again) in [
            (None, "ct"),
            (Some(""), "ct"),
            (Some("rp=4xx"), "4xx"),
            (Some("rp=5xx,rt"), "5xx rt"),
            (Some("rc=1&rp=all&e=ashburn"), "4xx 5xx ct rt cut"),
            (Some("rc=0&rp=all"), ""),
            (Some("rp=never"), "ct"),
            (Some("rc=6"), "ct"),
            (Some("section-2"), "ct"),
        ] {
            let retries = Retries::of_fragment(fragment);
            let told = replies.iter().filter(|(_, reply)| retries.again(reply, 0, 1));
            let told: Vec<&str> = told.map(|(name, _)| *name).collect();
            assert_eq!(told.join(" "), again, "{fragment:?}");
        }
    }

    #[test]
    fn a_request_is_sent_again_as_often_as_the_fragment_says() {
        let down = Err(NoReply::Down);
        for (fragment, most) in [(None, 1), (Some("rc=0"), 0), (Some("rc=5"), 5), (Some("rc=-1"), 1)] {
            let retries = Retries::of_fragment(fragment);
            let tries = (0..9).take_while(|tried| retries.again(&down, *tried, 1)).count();
            assert_eq!(tries, most, "{fragment:?}");
        }
    }

    #[test]
    fn a_time_out_lies_between_its_limits() {
        for (fragment, millis) in [
            (None, None),
            (Some("rt=100"), Some(100)),
            (Some("rt=15000&rc=2"), Some(15_000)),
            (Some("rt=3000&tt=2000"), Some(2_000)),
            (Some("rt=99"), None),
            (Some("rt=15001"), None),
            (Some("rt=soon"), None),
            (Some("ct=100"), None),
        ] {
            assert_eq!(timeout_of_fragment(fragment), millis.map(Span::from_millis), "{fragment:?}");
        }
    }
}
