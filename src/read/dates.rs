//! Dates as people write them, from numbers.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "3 May 2025"; none for a month or a day that does not exist.
pub(super) fn day(year: i64, month: u32, day: u32) -> Option<String> {
    let name = MONTHS.get(month.checked_sub(1)? as usize)?;
    (1..=31).contains(&day).then(|| format!("{day} {name} {year}"))
}

/// The day and the time of day of seconds since 1970: "3 May 2025" and "10:14".
pub(super) fn of_seconds(seconds: i64) -> Option<(String, String)> {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, date) = civil(days);
    Some((day(year, month, date)?, format!("{:02}:{:02}", rest / 3600, rest / 60 % 60)))
}

/// The day and the time of day of "2025-05-03T10:14:05".
pub(super) fn of_iso(text: &str) -> Option<(String, String)> {
    let (date, time) = text.split_once(['T', ' '])?;
    let mut parts = date.split('-');
    let mut number = || parts.next()?.parse::<u32>().ok();
    let (year, month, date) = (number()?, number()?, number()?);
    Some((day(year.into(), month, date)?, time.get(..5)?.to_owned()))
}

/// "2025-05-03T10:14:05Z" of seconds since 1970.
pub(super) fn iso(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, date) = civil(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a day counted from 1970, in the Gregorian calendar. The years are
/// counted from March, so that the leap day ends one.
fn civil(days: i64) -> (i64, u32, u32) {
    let days = days.clamp(-100_000_000, 100_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month as u32, date as u32)
}
