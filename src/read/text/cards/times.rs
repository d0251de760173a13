//! Times of calendars as people write them.

use std::ops::Range;

use mail_parser::DateTime;

use super::lines::Line;
use super::repeated;
use crate::read::dates;

const DAY_SECONDS: i64 = 86_400;

/// "3 May 2026, 14:00 (Europe/Berlin)" of a line with a time; a time of another form as it stands.
pub(super) fn time(line: &Line) -> String {
    line.value.split(',').map(|value| one(value.trim(), line)).collect::<Vec<_>>().join("; ")
}

fn one(value: &str, line: &Line) -> String {
    let Some(stamp) = Stamp::of(value) else { return line.text() };
    let Some((day, time)) = dates::of_seconds(stamp.seconds) else { return line.text() };
    let zone = match line.parameter("TZID") {
        _ if stamp.is_utc => " UTC".to_owned(),
        Some(zone) => format!(" ({})", repeated(zone)),
        None => String::new(),
    };
    if stamp.has_time { format!("{day}, {time}{zone}") } else { day }
}

/// The end of an event. Of whole days it is the last one, where the file has the day after.
pub(super) fn end(line: &Line) -> String {
    match Stamp::of(&line.value) {
        Some(stamp) if !stamp.has_time => {
            let last = dates::of_seconds(stamp.seconds - DAY_SECONDS);
            last.map_or_else(|| time(line), |(day, _)| day)
        }
        _ => time(line),
    }
}

/// "3 February 1980", or "3 February" of a day without a year.
pub(super) fn day(line: &Line) -> String {
    let value = line.value.trim();
    if let Some(digits) = value.strip_prefix("--") {
        let digits = digits.replace('-', "");
        let number = |range: Range<usize>| digits.get(range).and_then(|part| part.parse().ok());
        let date = number(0..2).zip(number(2..4));
        let date = date.and_then(|(month, day)| dates::day(0, month, day));
        return date.map_or_else(|| line.text(), |day| day.trim_end_matches(" 0").to_owned());
    }
    let stamp = Stamp::of(value).and_then(|stamp| dates::of_seconds(stamp.seconds));
    stamp.map_or_else(|| line.text(), |(day, _)| day)
}

/// "1 hour 30 minutes" of "PT1H30M"; another form as it stands.
pub(super) fn duration(value: &str) -> String {
    let Some(rest) = value.trim().trim_start_matches('+').strip_prefix('P') else {
        return value.to_owned();
    };
    let mut parts = Vec::new();
    let mut digits = String::new();
    for char in rest.chars() {
        let unit = match char {
            '0'..='9' => {
                digits.push(char);
                continue;
            }
            'T' => continue,
            'W' => "week",
            'D' => "day",
            'H' => "hour",
            'M' => "minute",
            'S' => "second",
            _ => return value.to_owned(),
        };
        let number = std::mem::take(&mut digits);
        match number.trim_start_matches('0') {
            "" => {}
            "1" => parts.push(format!("1 {unit}")),
            number => parts.push(format!("{number} {unit}s")),
        }
    }
    parts.join(" ")
}

/// A time of day, or a day.
struct Stamp {
    /// Seconds since 1970 by the clock of its zone.
    seconds: i64,
    has_time: bool,
    is_utc: bool,
}

impl Stamp {
    /// Of "20260503", "20260503T140000Z" and the forms with hyphens and colons.
    fn of(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T').unwrap_or((text, ""));
        let date = date.replace('-', "");
        let clock = time.trim_end_matches('Z').replace(':', "");
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if date.len() != 8 || !are_digits(&date) || !(clock.is_empty() || are_digits(&clock)) {
            return None;
        }
        let number = |text: &str| text.parse().ok();
        let part = |range: Range<usize>| clock.get(range).and_then(number).unwrap_or(0);
        let stamp = DateTime {
            year: date[..4].parse().ok()?,
            month: number(&date[4..6])?,
            day: number(&date[6..])?,
            hour: part(0..2),
            minute: part(2..4),
            second: part(4..6),
            tz_before_gmt: false,
            tz_hour: 0,
            tz_minute: 0,
        };
        let is_time = stamp.hour < 24 && stamp.minute < 60 && stamp.second < 61;
        dates::day(stamp.year.into(), stamp.month.into(), stamp.day.into()).filter(|_| is_time)?;
        let (has_time, is_utc) = (!time.is_empty(), time.ends_with('Z'));
        Some(Self { seconds: stamp.to_timestamp(), has_time, is_utc })
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::ContentLines;
    use super::*;
    use crate::test;

    fn line(text: &str) -> Line {
        ContentLines::of(text).next().expect("the text has a line")
    }

    #[test]
    fn times_are_written_as_people_write_them() {
        let read = |text| time(&line(text));
        assert_eq!(read("DTSTART:20260503T140000"), "3 May 2026, 14:00");
        assert_eq!(read("DTSTART:20260503T140000Z"), "3 May 2026, 14:00 UTC");
        assert_eq!(
            read("DTSTART;TZID=Europe/Berlin:20260503T1400"),
            "3 May 2026, 14:00 (Europe/Berlin)"
        );
        assert_eq!(read("DTSTART;VALUE=DATE:20260503"), "3 May 2026");
        assert_eq!(read("DTSTART:20261399"), "20261399");
        assert_eq!(read("DTSTART:soon"), "soon");
    }

    #[test]
    fn whole_days_end_on_their_last_day() {
        assert_eq!(end(&line("DTEND;VALUE=DATE:20260501")), "30 April 2026");
        assert_eq!(end(&line("DTEND:20260501T100000")), "1 May 2026, 10:00");
    }

    #[test]
    fn birthdays_may_have_no_year() {
        let read = |text| day(&line(text));
        assert_eq!(read("BDAY:1980-02-03"), "3 February 1980");
        assert_eq!(read("BDAY:--0203"), "3 February");
        assert_eq!(read("BDAY:--02-03"), "3 February");
        assert_eq!(read("BDAY:circa 1800"), "circa 1800");
    }

    #[test]
    fn durations_are_written_in_words() {
        assert_eq!(duration("PT1H30M"), "1 hour 30 minutes");
        assert_eq!(duration("P2D"), "2 days");
        assert_eq!(duration("long"), "long");
    }
}
