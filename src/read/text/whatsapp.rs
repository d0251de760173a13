//! A chat that WhatsApp exported: "[12/03/2025, 10:14:05] Name: text", and the forms of other
//! languages. A message goes on until the next line of that form.

use crate::error::Result;
use crate::read::blocks::readable;
use crate::read::chat_line::ChatLine;
use crate::read::{Input, ReadFile, dates};

use super::chat::Chat;

/// Reads the messages of a chat.
pub(crate) fn whatsapp(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let text = readable(&text).replace(['\u{200e}', '\u{200f}'], "");
    let order = DateOrder::of(&text);
    let mut chat = Chat::new(input);
    let mut current: Option<(ChatLine<'_>, String)> = None;
    let mut done = 0;
    for (at, line) in text.lines().enumerate() {
        if at.is_multiple_of(1000) {
            input.step(done, text.len() as u64, "bytes")?;
        }
        done += line.len() as u64 + 1;
        match (ChatLine::of(line), &mut current) {
            (Some(begun), _) => {
                let said = begun.text.to_owned();
                if let Some((line, said)) = current.replace((begun, said)) {
                    write(&line, &said, order, &mut chat)?;
                }
            }
            (None, Some((_, said))) => {
                said.push('\n');
                said.push_str(line);
            }
            (None, None) => chat.push("", "", "", line)?,
        }
    }
    if let Some((line, said)) = current {
        write(&line, &said, order, &mut chat)?;
    }
    Ok(chat.finish()?.into())
}

fn write(line: &ChatLine<'_>, said: &str, order: DateOrder, chat: &mut Chat<'_>) -> Result<()> {
    let day = order.day(line.date).unwrap_or_default();
    chat.push(&day, &line.time, line.author, said)
}

/// The order of day, month and year in the dates of a file.
#[derive(Clone, Copy)]
enum DateOrder {
    DayFirst,
    MonthFirst,
}

impl DateOrder {
    /// A number above 12 can only be a day. Where there is none, only those who write "AM" and
    /// "PM" and slashes put the month first.
    fn of(text: &str) -> Self {
        let mut is_american = false;
        for line in text.lines() {
            let Some(ChatLine { date: [first, second, _], time, .. }) = ChatLine::of(line) else {
                continue;
            };
            if (13..=31).contains(&first) {
                return Self::DayFirst;
            }
            if (13..=31).contains(&second) && first <= 12 {
                return Self::MonthFirst;
            }
            is_american |= time.ends_with('m') && line.contains('/');
        }
        if is_american { Self::MonthFirst } else { Self::DayFirst }
    }

    fn day(self, [first, second, third]: [u32; 3]) -> Option<String> {
        if first > 31 {
            return dates::day(first.into(), second, third);
        }
        let year = if third < 100 { 2000 + third } else { third };
        match self {
            Self::DayFirst => dates::day(year.into(), second, first),
            Self::MonthFirst => dates::day(year.into(), first, second),
        }
    }
}
