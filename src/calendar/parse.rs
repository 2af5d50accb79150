//! Dates and times as text.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use super::{
    Day, Instant,
    day::{MICROS_A_DAY, MICROS_A_SECOND},
};

/// A time as it is written: with the distance from UTC or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    Local(NaiveDateTime),
    Instant(Instant),
}

/// A time by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrittenTime {
    pub(crate) day: Day,
    /// Microseconds from 1970-01-01T00:00:00 to what the clock shows.
    pub(crate) local: i64,
    /// Microseconds that the clock is ahead of UTC, where that is written.
    pub(crate) ahead: Option<i64>,
}

/// Why a text is no day or no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is written otherwise.
    Form,
    /// It is written like one that does not exist.
    NoSuch,
}

/// `2026-11-01`: a day of the years 1 to 9999.
pub(crate) fn parse_day(text: &str) -> Option<NaiveDate> {
    read_day(text.as_bytes()).ok().map(Day::to_date)
}

/// What [`read_time`] reads, with nine digits of a fraction at most.
pub(crate) fn parse_time(text: &str) -> Option<Time> {
    let WrittenTime { local, ahead, .. } = read_time(text.as_bytes(), 9).ok()?;
    match ahead {
        Some(ahead) => Some(Time::Instant(Instant(local - ahead))),
        None => DateTime::from_timestamp_micros(local).map(|time| Time::Local(time.naive_utc())),
    }
}

/// `2026-11-01`: a day of the years 1 to 9999.
#[inline]
pub(crate) fn read_day(text: &[u8]) -> Result<Day, Unread> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return Err(Unread::Form) };
    let year = two([*y1, *y2])? * 100 + two([*y3, *y4])?;
    let (month, day) = (two([*m1, *m2])?, two([*d1, *d2])?);
    let year = i32::try_from(year).map_err(|_| Unread::Form)?;
    Day::from_ymd(year, month, day).ok_or(Unread::NoSuch)
}

/// `2026-11-01T16:00`, with or without seconds and their fraction, with or without `Z`, `+02:00`, `+0200` or `+02`.
/// A blank may stand for the `T`. A fraction has at most so many digits, of which six are kept.
#[inline]
pub(crate) fn read_time(text: &[u8], digits: usize) -> Result<WrittenTime, Unread> {
    let (day, rest) = text.split_at_checked(10).ok_or(Unread::Form)?;
    let [b'T' | b't' | b' ', rest @ ..] = rest else { return Err(Unread::Form) };
    let (time, zone) = read_clock(rest, digits)?;
    let ahead = read_zone(zone)?;
    let day = read_day(day)?;
    let ahead = ahead.transpose()?;
    Ok(WrittenTime { day, local: i64::from(day.0) * MICROS_A_DAY + time?, ahead })
}

/// Exactly two digits.
#[inline]
fn two([tens, ones]: [u8; 2]) -> Result<u32, Unread> {
    if tens.is_ascii_digit() && ones.is_ascii_digit() {
        Ok(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    } else {
        Err(Unread::Form)
    }
}

/// Microseconds since midnight, and what stands behind the time. A time of the right form that does not exist is the
/// inner error, so that a zone of the wrong form comes first.
#[inline]
fn read_clock(text: &[u8], digits: usize) -> Result<(Result<i64, Unread>, &[u8]), Unread> {
    let [h1, h2, b':', m1, m2, rest @ ..] = text else { return Err(Unread::Form) };
    let (hour, minute) = (two([*h1, *h2])?, two([*m1, *m2])?);
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (two([*s1, *s2])?, rest),
        rest => (0, rest),
    };
    let (micros, rest) = match rest {
        [b'.', rest @ ..] => read_fraction(rest, digits)?,
        rest => (0, rest),
    };
    let seconds = i64::from(hour * 3_600 + minute * 60 + second);
    let exists = hour < 24 && minute < 60 && second < 60;
    let time = if exists { Ok(seconds * MICROS_A_SECOND + micros) } else { Err(Unread::NoSuch) };
    Ok((time, rest))
}

/// The microseconds of what stands after the point.
fn read_fraction(text: &[u8], digits: usize) -> Result<(i64, &[u8]), Unread> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=digits).contains(&length) {
        return Err(Unread::Form);
    }
    let (fraction, rest) = text.split_at_checked(length).ok_or(Unread::Form)?;
    let padded = fraction.iter().map(|byte| byte - b'0').chain(std::iter::repeat(0));
    Ok((padded.take(6).fold(0, |micros, digit| micros * 10 + i64::from(digit)), rest))
}

/// Microseconds ahead of UTC; `None` where nothing is said. The inner error is as in [`read_clock`].
#[inline]
fn read_zone(text: &[u8]) -> Result<Option<Result<i64, Unread>>, Unread> {
    let (sign, hours, minutes) = match text {
        [] => return Ok(None),
        [b'Z' | b'z'] => return Ok(Some(Ok(0))),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            (sign, two([*h1, *h2])?, two([*m1, *m2])?)
        }
        [sign @ (b'+' | b'-'), h1, h2] => (sign, two([*h1, *h2])?, 0),
        _ => return Err(Unread::Form),
    };
    if hours > 23 || minutes > 59 {
        return Ok(Some(Err(Unread::NoSuch)));
    }
    let ahead = i64::from(hours * 3_600 + minutes * 60) * MICROS_A_SECOND;
    Ok(Some(Ok(if *sign == b'-' { -ahead } else { ahead })))
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

    #[test]
    fn what_is_written_like_a_time_and_is_none_is_told_apart() {
        for (text, why) in [
            ("2026-02-30T16:00", Unread::NoSuch),
            ("2026-02-03T24:00", Unread::NoSuch),
            ("2026-02-03T23:00+24:00", Unread::NoSuch),
            ("2026-02-30", Unread::Form),
            ("2026-02-30T16:00x", Unread::Form),
            ("2026-02-30T16", Unread::Form),
            ("2026-02-03T16:00:00.1234567", Unread::Form),
        ] {
            assert_eq!(read_time(text.as_bytes(), 6), Err(why), "{text}");
        }
        assert_eq!(read_day(b"2026-02-30"), Err(Unread::NoSuch));
        assert_eq!(read_day(b"2026-2-30"), Err(Unread::Form));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*", tail in "[-0-9T:.Z+ ]*") {
            let _ = (parse_day(&text), parse_time(&text), parse_time(&tail));
            let _ = parse_time(&format!("2024-01-01{tail}"));
        }
    }
}
