//! The lines of a file, as editors number them.

/// Tells the line of each byte of a text that was read from a file.
pub(super) struct SourceLines {
    /// Where the lines of the text end.
    ends: Vec<u32>,
    /// Those ends, counted from 0, that are none in an editor: form feeds and the like.
    unnumbered: Vec<u32>,
}

impl SourceLines {
    /// The lines of `source`, of which `text` is the [readable](super::blocks::readable) form. A
    /// line of `text` may have been shortened.
    pub(super) fn of(source: &str, text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at as u32).collect();
        let (mut unnumbered, mut count) = (Vec::new(), 0);
        let mut characters = source.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\r' if characters.peek() == Some(&'\n') => {}
                '\n' | '\r' => count += 1,
                '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                    unnumbered.push(count);
                    count += 1;
                }
                _ => {}
            }
        }
        Self { ends, unnumbered }
    }

    /// The number of the line in which byte `at` of the text is, from 1.
    pub(super) fn number(&self, at: usize) -> u32 {
        let ends = self.ends.partition_point(|&end| (end as usize) < at) as u32;
        let unnumbered = self.unnumbered.partition_point(|&end| end < ends) as u32;
        ends - unnumbered + 1
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::readable;
    use super::*;
    use crate::test;

    #[test]
    fn lines_are_numbered_as_in_an_editor() {
        let source = "a\r\nb\n\u{c}\nc\rd\u{2028}e\n\u{feff}f";
        let text = readable(source);
        let lines = SourceLines::of(source, &text);
        let numbers = ["a", "b", "c", "d", "e", "f"]
            .map(|letter| lines.number(text.find(letter).expect("it is in the text")));
        assert_eq!(numbers, [1, 2, 4, 5, 5, 6]);
    }
}
