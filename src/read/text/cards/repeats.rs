//! Rules by which events repeat, in words.

use super::lines::Line;
use super::times;

const DAYS: [(&str, &str); 7] = [
    ("MO", "Monday"),
    ("TU", "Tuesday"),
    ("WE", "Wednesday"),
    ("TH", "Thursday"),
    ("FR", "Friday"),
    ("SA", "Saturday"),
    ("SU", "Sunday"),
];

/// "every 2 weeks on Monday, Friday until 3 May 2026" of "FREQ=WEEKLY;INTERVAL=2;…"; a rule of
/// another form as it stands.
pub(super) fn repeats(line: &Line) -> String {
    let part = |name: &str| {
        let mut parts = line.value.split(';').filter_map(|part| part.split_once('='));
        parts.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let unit = match part("FREQ") {
        Some("DAILY") => "day",
        Some("WEEKLY") => "week",
        Some("MONTHLY") => "month",
        Some("YEARLY") => "year",
        Some("HOURLY") => "hour",
        _ => return line.text(),
    };
    let mut text = match part("INTERVAL") {
        None | Some("1") => format!("every {unit}"),
        Some(count) => format!("every {count} {unit}s"),
    };
    if let Some(days) = part("BYDAY") {
        let days: Vec<String> = days.split(',').map(weekday).collect();
        text.push_str(&format!(" on {}", days.join(", ")));
    }
    if let Some(days) = part("BYMONTHDAY") {
        text.push_str(&format!(" on day {days}"));
    }
    if let Some(count) = part("COUNT") {
        text.push_str(&format!(", {count} times"));
    }
    if let Some(until) = part("UNTIL") {
        let until = Line { value: until.to_owned(), ..Line::default() };
        text.push_str(&format!(" until {}", times::day(&until)));
    }
    text
}

/// "Monday" of "MO", "the 2nd Monday" of "2MO".
fn weekday(text: &str) -> String {
    let text = text.trim();
    let named = |(code, name): &(&str, &'static str)| Some((text.strip_suffix(code)?, *name));
    match DAYS.iter().find_map(named) {
        Some(("", name)) => name.to_owned(),
        Some(("1" | "+1", name)) => format!("the 1st {name}"),
        Some(("2" | "+2", name)) => format!("the 2nd {name}"),
        Some(("3" | "+3", name)) => format!("the 3rd {name}"),
        Some(("-1", name)) => format!("the last {name}"),
        Some((number, name)) => format!("{name} {number}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn rules_are_written_in_words() {
        let read = |rule: &str| repeats(&Line { value: rule.to_owned(), ..Line::default() });
        assert_eq!(read("FREQ=WEEKLY;BYDAY=TU,TH"), "every week on Tuesday, Thursday");
        assert_eq!(read("FREQ=MONTHLY;BYDAY=-1FR"), "every month on the last Friday");
        assert_eq!(
            read("FREQ=DAILY;INTERVAL=2;UNTIL=20260503T000000Z"),
            "every 2 days until 3 May 2026"
        );
        assert_eq!(read("often"), "often");
    }
}
