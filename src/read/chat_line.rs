//! The lines of chats that WhatsApp exports.

/// The most characters of a name.
const MAX_NAME_CHARACTERS: usize = 60;

/// A line that begins a message: "[12/03/2025, 10:14:05] Name: text", or a form of another
/// language.
#[allow(dead_code, reason = "only its reader, which is another module, needs all of it")]
pub(super) struct ChatLine<'a> {
    /// The three numbers of the date, as they are written.
    pub(super) date: [u32; 3],
    /// "10:14:05", "10:14 am".
    pub(super) time: String,
    /// Empty for a notice of the program.
    pub(super) author: &'a str,
    pub(super) text: &'a str,
}

impl<'a> ChatLine<'a> {
    /// The message that a line begins.
    pub(super) fn of(line: &'a str) -> Option<Self> {
        let line = line.trim_start();
        let (stamp, rest) = match line.strip_prefix('[') {
            Some(bracketed) => bracketed.split_once("] ")?,
            None => line.split_once(" - ")?,
        };
        let (date, time) = stamp.split_once(',').or_else(|| stamp.split_once(" à "))?;
        let mut numbers = date.trim().split(['/', '.', '-']).map(|part| part.trim().parse().ok());
        let date = [numbers.next()??, numbers.next()??, numbers.next()??];
        let time = time.trim();
        let clock: String =
            time.chars().take_while(|c| c.is_ascii_digit() || matches!(c, ':' | '.')).collect();
        if numbers.next().is_some() || !clock.contains([':', '.']) || clock.len() > 8 {
            return None;
        }
        let suffix = time[clock.len()..].trim().to_lowercase();
        let is_suffix = suffix.len() <= 6 && !suffix.contains(|c: char| c.is_ascii_digit());
        let time =
            is_suffix.then(|| [clock.as_str(), suffix.as_str()].join(" ").trim().to_owned())?;
        let is_name =
            |name: &&str| name.chars().count() <= MAX_NAME_CHARACTERS && !name.contains('=');
        let (author, text) = match rest.split_once(": ").or(rest.strip_suffix(':').map(|r| (r, "")))
        {
            Some((author, text)) if is_name(&author) => (author, text),
            _ => ("", rest),
        };
        Some(Self { date, time, author: author.trim(), text })
    }
}
