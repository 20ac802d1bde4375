//! Reads and writes points in time: calendar time (RFC 3339) and times of moves.

use jiff::Timestamp;

use crate::base::time::{Epoch, Span, Time};
use crate::story::limit;
use crate::story::mistake::Mistake;

/// The default start of a story: 2026-03-02T09:00:00Z.
pub(super) const DEFAULT_EPOCH: Epoch = Epoch::from_unix_millis(1_772_442_000_000);

/// Reads a calendar time: RFC 3339, UTC, not before 1970.
pub(super) fn read_epoch(text: &str) -> Result<Epoch, Mistake> {
    let bad = |why: &str| Mistake::BadClock { text: text.to_owned(), why: why.to_owned() };
    if !text.ends_with('Z') {
        return Err(bad("it does not end with the `Z` of UTC"));
    }
    let moment: Timestamp = text.parse().map_err(|_| bad("the date or time is not valid"))?;
    if moment.as_nanosecond() % 1_000_000 != 0 {
        return Err(bad("it is more precise than a millisecond"));
    }
    let millis = u64::try_from(moment.as_millisecond()).map_err(|_| bad("Unix time begins in 1970"))?;
    Ok(Epoch::from_unix_millis(millis))
}

/// Writes a calendar time that [`read_epoch`] reads back; clamps to the last one that jiff supports.
pub(super) fn write_epoch(epoch: Epoch) -> String {
    let millis = i64::try_from(epoch.unix_millis(Time::ZERO)).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX).to_string()
}

/// Reads the clock part of a move's time: `00:10:00` or `00:10:00.250`.
pub(super) fn read_clock(text: &str) -> Result<Time, &'static str> {
    let (whole, millis) = text.split_once('.').unwrap_or((text, "000"));
    let parts: Vec<&str> = whole.split(':').collect();
    let [hours, minutes, seconds] = parts[..] else {
        return Err("it does not have the form `00:10:00`");
    };
    let number = |part: &str, digits: usize| {
        let right = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| part.parse::<u64>().ok()).flatten().ok_or("it does not have the form `00:10:00`")
    };
    let (hours, minutes, seconds) = (number(hours, 2)?, number(minutes, 2)?, number(seconds, 2)?);
    match (hours, minutes, seconds) {
        (24.., _, _) => Err("a day has 24 hours"),
        (_, 60.., _) => Err("an hour has 60 minutes"),
        (_, _, 60..) => Err("a minute has 60 seconds"),
        _ => {
            let span = Span::from_hours(hours) + Span::from_mins(minutes) + Span::from_secs(seconds);
            Ok(Time::ZERO + span + Span::from_millis(number(millis, 3)?))
        }
    }
}

/// Reads the day part of a move's time: `2d`. `None` if the text has another form.
pub(super) fn read_days(text: &str) -> Option<Result<Span, &'static str>> {
    let digits = text.strip_suffix('d').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let days = digits.parse::<u64>().ok().filter(|days| *days <= limit::DAYS_MAX);
    (!digits.is_empty()).then(|| days.map(Span::from_days).ok_or("a story lasts at most 100 years"))
}

/// Reads the time of a move, as written by [`write_time`]: `00:10:00`, `1d 00:10:00.250`.
pub fn moment(text: &str) -> Result<Time, String> {
    let told = |why: &str| format!("`{text}` is not a time: {why}");
    let (days, clock) = match text.trim().split_once(' ') {
        Some((days, clock)) => {
            (read_days(days).unwrap_or(Err("it does not have the form `1d 00:10:00`")), clock)
        }
        None => (Ok(Span::ZERO), text.trim()),
    };
    Ok(read_clock(clock).map_err(told)? + days.map_err(told)?)
}

/// Writes the time of a move: `1d 00:10:00`, with milliseconds only if they are not 0.
pub fn write_time(time: Time) -> String {
    let text = time.to_string();
    let text = text.trim_start_matches('+');
    text.strip_suffix(".000").unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_default_moment_is_the_one_in_its_comment() {
        assert_eq!(read_epoch("2026-03-02T09:00:00Z"), Ok(DEFAULT_EPOCH));
        assert_eq!(write_epoch(DEFAULT_EPOCH), "2026-03-02T09:00:00Z");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for (text, why) in [
            ("2026-03-02", "`Z`"),
            ("2026-03-02T09:00:00+01:00", "`Z`"),
            ("2026-02-30T09:00:00Z", "date or time"),
            ("1969-12-31T23:59:59Z", "1970"),
            ("2026-03-02T09:00:00.0001Z", "millisecond"),
            ("Z", "date or time"),
        ] {
            let mistake = read_epoch(text).unwrap_err().to_string();
            assert!(mistake.contains(why), "{text}: {mistake}");
        }
    }

    #[test]
    fn what_is_no_time_of_a_move_is_refused() {
        for text in
            ["", "00:10", "0:10:00", "24:00:00", "00:60:00", "00:00:60", "00:00:00.5", "-1:00:00", "aa:bb:cc"]
        {
            assert!(read_clock(text).is_err(), "{text}");
        }
        assert_eq!(read_days("d"), None);
        assert_eq!(read_days("1h"), None);
        assert!(matches!(read_days("99999d"), Some(Err(_))));
    }

    proptest! {
        #[test]
        fn epochs_read_back_as_they_are_written(millis in 0..=253_402_207_200_999_u64) {
            let epoch = Epoch::from_unix_millis(millis);
            prop_assert_eq!(read_epoch(&write_epoch(epoch)), Ok(epoch));
        }

        #[test]
        fn times_read_back_as_they_are_written(millis in 0..86_400_000_u64) {
            let time = Time::from_millis(millis);
            prop_assert_eq!(read_clock(&write_time(time)), Ok(time));
        }
    }
}
