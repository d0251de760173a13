//! The characters that a recognition model tells apart.

use super::network::corrupt;
use crate::error::Result;

/// The strings of a model's classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Characters(Vec<String>);

impl Characters {
    /// Reads a list of characters: a JSON list of strings, or text with one character a line.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(corrupt)?;
        let list = match serde_json::from_str::<Vec<String>>(text) {
            Ok(list) => list,
            Err(_) => text.lines().map(str::to_owned).collect(),
        };
        if list.is_empty() {
            return Err(corrupt("the list of characters is empty"));
        }
        Ok(Self(list))
    }

    /// The classes of a model with these characters: a blank before them, a space after them.
    pub(super) fn classes(&self) -> usize {
        self.0.len() + 2
    }

    /// The string of a class. That of the blank is empty.
    pub(super) fn of_class(&self, class: usize) -> &str {
        match class {
            0 => "",
            _ => self.0.get(class - 1).map_or(" ", String::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_list_and_a_list_of_lines_are_the_same_characters() {
        let json = Characters::parse("[\"a\", \"\\\"\", \"é\"]".as_bytes()).expect("JSON");
        let lines = Characters::parse("a\n\"\né\n".as_bytes()).expect("lines");
        assert_eq!(json, lines);
        assert_eq!(json.classes(), 5);
    }

    #[test]
    fn the_first_class_is_the_blank_and_the_last_one_the_space() {
        let characters = Characters::parse(b"a\nb").expect("lines");
        let strings: Vec<&str> = (0..4).map(|class| characters.of_class(class)).collect();
        assert_eq!(strings, ["", "a", "b", " "]);
    }

    #[test]
    fn no_characters_are_a_corrupt_model() {
        assert!(Characters::parse(b"").is_err());
        assert!(Characters::parse(b"[]").is_err());
        assert!(Characters::parse(b"\xff\xfe").is_err());
    }
}
