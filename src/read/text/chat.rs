//! Messages of a chat -> text: a heading a day, a block a message.

use crate::document::{BlockKind, Document, Place};
use crate::error::Result;
use crate::read::Input;
use crate::read::blocks::DocumentBuilder;

/// Writes the messages of chats.
pub(super) struct Chat<'a> {
    input: &'a Input<'a>,
    builder: DocumentBuilder,
    day: String,
    /// The level of the headings of days.
    level: u8,
}

impl<'a> Chat<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Self {
        Self { input, builder: DocumentBuilder::new(input), day: String::new(), level: 0 }
    }

    /// The messages from now on are of the chat `name`.
    pub(super) fn begin(&mut self, name: &str) {
        self.builder.set_place(Place::default());
        self.builder.push(BlockKind::Heading(1), name);
        self.level = 1;
        self.day.clear();
    }

    /// Adds a message: "3 May 2025", "10:14", "R. Okafor", and its text. An author is empty for
    /// a notice of the program.
    pub(super) fn push(&mut self, day: &str, time: &str, author: &str, text: &str) -> Result<()> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let parts: Vec<&str> = [day, author].into_iter().filter(|part| !part.is_empty()).collect();
        let message = Some(parts.join(", ")).filter(|message| !message.is_empty());
        self.builder.set_place(Place { message, ..Place::default() });
        if day != self.day {
            self.builder.push(BlockKind::Heading(self.level + 1), day);
            day.clone_into(&mut self.day);
        }
        let time = if time.is_empty() { String::new() } else { format!("[{time}] ") };
        let author = if author.is_empty() { String::new() } else { format!("{author}: ") };
        self.builder.push(BlockKind::ListItem, &format!("{time}{author}{}", text.trim()));
        self.builder.check(self.input)
    }

    pub(super) fn finish(self) -> Result<Document> {
        self.builder.finish_within(self.input)
    }
}
