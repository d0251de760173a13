//! Messages of a chat -> text: a heading a day, a block a message.

use crate::document::{BlockKind, Document, Place};
use crate::read::blocks::DocumentBuilder;

/// Writes the messages of chats.
#[derive(Default)]
pub(super) struct Chat {
    builder: DocumentBuilder,
    day: String,
    /// The level of the headings of days.
    level: u8,
}

impl Chat {
    /// The messages from now on are of the chat `name`.
    pub(super) fn begin(&mut self, name: &str) {
        self.builder.set_place(Place::default());
        self.builder.push(BlockKind::Heading(1), name);
        self.level = 1;
        self.day.clear();
    }

    /// Adds a message: "3 May 2025", "10:14", "R. Okafor", and its text. An author is empty for
    /// a notice of the program.
    pub(super) fn push(&mut self, day: &str, time: &str, author: &str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let parts: Vec<&str> = [day, author].into_iter().filter(|part| !part.is_empty()).collect();
        self.builder.set_place(Place { message: Some(parts.join(", ")), ..Place::default() });
        if day != self.day {
            self.builder.push(BlockKind::Heading(self.level + 1), day);
            day.clone_into(&mut self.day);
        }
        let time = if time.is_empty() { String::new() } else { format!("[{time}] ") };
        let author = if author.is_empty() { String::new() } else { format!("{author}: ") };
        self.builder.push(BlockKind::ListItem, &format!("{time}{author}{}", text.trim()));
    }

    pub(super) fn finish(self) -> Document {
        self.builder.finish()
    }
}
