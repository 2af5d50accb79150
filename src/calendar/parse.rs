//! Dates and times as text.

use chrono::{NaiveDate, NaiveDateTime};

use super::{Day, Instant, day::MICROS_A_SECOND};

/// A time as it is written: with the distance from UTC or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    Local(NaiveDateTime),
    Instant(Instant),
}

/// `2026-11-01`: a day of the years 1 to 9999.
pub(crate) fn parse_day(text: &str) -> Option<NaiveDate> {
    let (date, rest) = read_date(text.as_bytes())?;
    rest.is_empty().then_some(date)
}

/// `2026-11-01T16:00`, with or without seconds and their fraction, with or without `Z`, `+02:00`, `+0200` or `+02`.
/// A blank may stand for the `T`. Of a fraction, nine digits at most are read and six are kept.
pub(crate) fn parse_time(text: &str) -> Option<Time> {
    let (date, rest) = read_date(text.as_bytes())?;
    let [b'T' | b't' | b' ', rest @ ..] = rest else { return None };
    let (hour, rest) = read_two(rest)?;
    let (minute, rest) = read_two(rest.strip_prefix(b":")?)?;
    let (second, rest) = match rest.strip_prefix(b":") {
        Some(rest) => read_two(rest)?,
        None => (0, rest),
    };
    let (micros, rest) = match rest.strip_prefix(b".") {
        Some(rest) => read_fraction(rest)?,
        None => (0, rest),
    };
    let local = date.and_hms_micro_opt(hour, minute, second, micros)?;
    let minutes = match rest {
        [] => return Some(Time::Local(local)),
        [b'Z' | b'z'] => 0,
        [b'+', rest @ ..] => read_distance(rest)?,
        [b'-', rest @ ..] => -read_distance(rest)?,
        _ => return None,
    };
    let instant = Instant::from(local.and_utc());
    Some(Time::Instant(instant.plus_micros(-minutes * 60 * MICROS_A_SECOND)))
}

fn read_date(text: &[u8]) -> Option<(NaiveDate, &[u8])> {
    let (century, rest) = read_two(text)?;
    let (of_century, rest) = read_two(rest)?;
    let (month, rest) = read_two(rest.strip_prefix(b"-")?)?;
    let (day, rest) = read_two(rest.strip_prefix(b"-")?)?;
    let year = i32::try_from(century * 100 + of_century).ok()?;
    Some((Day::from_ymd(year, month, day)?.to_date(), rest))
}

/// Exactly two digits.
fn read_two(text: &[u8]) -> Option<(u32, &[u8])> {
    let (&[tens, units], rest) = text.split_first_chunk()?;
    let both = tens.is_ascii_digit() && units.is_ascii_digit();
    both.then(|| (u32::from(tens - b'0') * 10 + u32::from(units - b'0'), rest))
}

/// The microseconds of what stands after the point.
fn read_fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&length) {
        return None;
    }
    let (digits, rest) = text.split_at_checked(length)?;
    let padded = digits.iter().chain(std::iter::repeat(&b'0')).take(6);
    Some((padded.fold(0, |micros, digit| micros * 10 + u32::from(digit - b'0')), rest))
}

/// `02:00`, `0200` or `02`, in minutes.
fn read_distance(text: &[u8]) -> Option<i64> {
    let (hours, rest) = read_two(text)?;
    let (minutes, rest) = match rest {
        [] => (0, rest),
        [b':', rest @ ..] => read_two(rest)?,
        rest => read_two(rest)?,
    };
    let fits = rest.is_empty() && hours < 24 && minutes < 60;
    fits.then(|| i64::from(hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn local(text: &str) -> Option<Time> {
        Some(Time::Local(text.parse().unwrap()))
    }

    fn instant(text: &str) -> Option<Time> {
        Some(Time::Instant(Instant::from(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap())))
    }

    #[test]
    fn days() {
        assert_eq!(parse_day("2024-02-29"), NaiveDate::from_ymd_opt(2024, 2, 29));
        assert_eq!(parse_day("0001-01-01"), NaiveDate::from_ymd_opt(1, 1, 1));
        assert_eq!(parse_day("9999-12-31"), NaiveDate::from_ymd_opt(9999, 12, 31));
        for wrong in [
            "",
            "2024",
            "2024-2-9",
            "2024-02-30",
            "2023-02-29",
            "0000-01-01",
            "12024-01-01",
            "2024-01-01 ",
            " 2024-01-01",
            "2024-01-01T00:00",
            "2024/01/01",
            "+024-01-01",
            "2024-13-01",
            "２０２４-01-01",
        ] {
            assert_eq!(parse_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(parse_time("2026-11-01T16:00"), local("2026-11-01T16:00:00"));
        assert_eq!(parse_time("2026-11-01 16:00:05"), local("2026-11-01T16:00:05"));
        assert_eq!(parse_time("2026-11-01T16:00:05.25"), local("2026-11-01T16:00:05.250"));
        assert_eq!(
            parse_time("2026-11-01T16:00:05.123456789"),
            local("2026-11-01T16:00:05.123456")
        );
        assert_eq!(parse_time("2026-11-01T16:00:00Z"), instant("2026-11-01T16:00:00Z"));
        assert_eq!(parse_time("2026-11-01T16:00+02:00"), instant("2026-11-01T14:00:00Z"));
        assert_eq!(parse_time("2026-11-01T16:00-0330"), instant("2026-11-01T19:30:00Z"));
        assert_eq!(parse_time("2026-11-01 16:00:00.5+02"), instant("2026-11-01T14:00:00.5Z"));
        for wrong in [
            "2026-11-01",
            "2026-11-01T",
            "2026-11-01T16",
            "2026-11-01T24:00",
            "2026-11-01T16:60",
            "2026-11-01T16:00:60",
            "2026-11-01T16:00:00.",
            "2026-11-01T16:00:00.1234567890",
            "2026-11-01T16:00:00+",
            "2026-11-01T16:00:00+2",
            "2026-11-01T16:00:00+24:00",
            "2026-11-01T16:00:00+02:60",
            "2026-11-01T16:00:00 Z",
            "2026-11-01T16:00:00+02:00x",
            "2026-02-30T16:00",
            "2026-11-01T1:00",
        ] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*", tail in "[-0-9T:.Z+ ]*") {
            let _ = (parse_day(&text), parse_time(&text), parse_time(&tail));
            let _ = parse_time(&format!("2024-01-01{tail}"));
        }
    }
}
