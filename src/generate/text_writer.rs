//! Tokens become text as they are generated.

use crate::error::Result;
use crate::model::TextTokenizer;

/// Passes on complete characters only, and no text that may be the beginning of a stop text. The
/// cost of a token does not depend on the length of the text, because only ids since the last
/// complete character are kept.
pub(super) struct TextWriter<'a> {
    tokenizer: &'a TextTokenizer,
    stop: &'a [String],
    /// Text of earlier ids that was not passed on.
    pending: String,
    /// The ids since the last one that ended with a complete character.
    ids: Vec<u32>,
    /// Whether there were ids before them.
    has_started: bool,
    /// Bytes of the pending text and of these ids' text that were passed on.
    written: usize,
    stopped: bool,
}

impl<'a> TextWriter<'a> {
    pub(super) fn new(tokenizer: &'a TextTokenizer, stop: &'a [String]) -> Self {
        let (pending, ids) = (String::new(), Vec::new());
        Self { tokenizer, stop, pending, ids, has_started: false, written: 0, stopped: false }
    }

    /// Returns whether a stop text was found.
    pub(super) fn push(&mut self, token: u32, on_text: &mut dyn FnMut(&str)) -> Result<bool> {
        self.ids.push(token);
        let text = self.text()?;
        let complete = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let stops = self.stop.iter().filter(|stop| !stop.is_empty());
        let end = if let Some(at) = stops.filter_map(|stop| complete.find(stop.as_str())).min() {
            self.stopped = true;
            at
        } else {
            complete.len() - self.possible_stop_bytes(complete)
        };
        self.write(&text[..end], on_text);
        if complete.len() == text.len() && (self.has_started || !text.is_empty()) {
            self.pending = text[self.written..].to_owned();
            self.ids.clear();
            (self.has_started, self.written) = (true, 0);
        }
        Ok(self.stopped)
    }

    /// The pending text, and the text of the ids after it.
    fn text(&self) -> Result<String> {
        let text = if self.has_started {
            self.tokenizer.decode_after(&self.ids)?
        } else {
            self.tokenizer.decode(&self.ids)?
        };
        Ok(self.pending.clone() + &text)
    }

    /// Bytes at the end of `text` that a stop text could begin with.
    fn possible_stop_bytes(&self, text: &str) -> usize {
        let begins = |stop: &String| {
            (1..stop.len())
                .rev()
                .filter(|&length| stop.is_char_boundary(length))
                .find(|&length| text.ends_with(&stop[..length]))
        };
        self.stop.iter().filter_map(begins).max().unwrap_or(0)
    }

    /// Passes on what is left. Further calls pass on nothing.
    pub(super) fn finish(&mut self, on_text: &mut dyn FnMut(&str)) -> Result<()> {
        if !self.stopped {
            let text = self.text()?;
            self.write(&text, on_text);
        }
        Ok(())
    }

    /// How many ids and bytes are kept.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.ids.len() + self.pending.len()
    }

    fn write(&mut self, text: &str, on_text: &mut dyn FnMut(&str)) {
        if let Some(new) = text.get(self.written..).filter(|new| !new.is_empty()) {
            self.written = text.len();
            on_text(new);
        }
    }
}
