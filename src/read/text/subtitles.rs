//! Subtitles: SubRip and WebVTT. Cues are joined into paragraphs that end with a sentence.

use crate::document::{BlockKind, Place};
use crate::error::Result;
use crate::read::blocks::{DocumentBuilder, readable};
use crate::read::{Input, ReadFile};

/// A paragraph ends with a sentence once it has so many bytes.
const PARAGRAPH_BYTES: usize = 400;
/// A paragraph ends with a cue once it has so many bytes.
const MAX_PARAGRAPH_BYTES: usize = 1500;
/// A pause after a sentence that ends a paragraph.
const PAUSE_MS: u32 = 2000;

/// Reads SubRip.
pub(crate) fn srt(input: &Input<'_>) -> Result<ReadFile> {
    read(input)
}

/// Reads WebVTT.
pub(crate) fn vtt(input: &Input<'_>) -> Result<ReadFile> {
    read(input)
}

fn read(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let text = readable(&text);
    let mut joined = Joined { builder: DocumentBuilder::new(input), ..Joined::default() };
    let mut lines = text.lines().peekable();
    let (mut done, mut count) = (0, 0_u32);
    while let Some(line) = lines.next() {
        done += line.len() as u64 + 1;
        let Some(time) = cue_time(line) else { continue };
        let mut said = Vec::new();
        while let Some(line) = lines.next_if(|line| cue_time(line).is_none()) {
            done += line.len() as u64 + 1;
            if line.trim().is_empty() {
                break;
            }
            said.push(line);
        }
        // Where the blank line is missing, the next cue's number is the last line.
        if lines.peek().is_some_and(|line| cue_time(line).is_some())
            && said.last().is_some_and(|line| line.trim().parse::<u32>().is_ok())
        {
            said.pop();
        }
        joined.add(time, &said);
        joined.builder.check(input)?;
        count += 1;
        if count.is_multiple_of(1000) {
            input.step(done, text.len() as u64, "bytes")?;
        }
    }
    if count == 0 {
        return Err(input.damaged("it has no cue with a start and an end time"));
    }
    joined.end_paragraph();
    Ok(joined.builder.finish_within(input)?.into())
}

/// Start and end of a cue in milliseconds: "00:00:30,000 --> 00:00:34,500 align:start".
fn cue_time(line: &str) -> Option<(u32, u32)> {
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    Some((milliseconds(start.trim())?, milliseconds(end)?))
}

/// "01:02:03,500", "02:03.500" or "02:03".
fn milliseconds(time: &str) -> Option<u32> {
    let (clock, fraction) = time.split_once([',', '.']).unwrap_or((time, "0"));
    let mut seconds = 0_u32;
    for part in clock.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.trim().parse().ok()?)?;
    }
    let digits: String = fraction.chars().chain("00".chars()).take(3).collect();
    seconds.checked_mul(1000)?.checked_add(digits.parse().ok()?)
}

/// The paragraph that cues are joined to.
#[derive(Default)]
struct Joined {
    builder: DocumentBuilder,
    text: String,
    speaker: Option<String>,
    time: Option<(u32, u32)>,
    /// The last line of the last cue. Rolling subtitles show it again.
    last_line: String,
}

impl Joined {
    fn add(&mut self, (start, end): (u32, u32), lines: &[&str]) {
        for line in lines {
            let (speaker, line) = spoken(line);
            if line.is_empty() || line == self.last_line {
                continue;
            }
            self.begin(start, speaker);
            if !self.text.is_empty() {
                self.text.push(' ');
            } else if let Some(speaker) = &self.speaker {
                self.text = format!("{speaker}: ");
            }
            self.text.push_str(&line);
            self.last_line = line;
            let first = self.time.map_or(start, |(first, _)| first);
            self.time = Some((first, end));
        }
    }

    /// Ends the paragraph where another speaker or a pause after a sentence does.
    fn begin(&mut self, start: u32, speaker: Option<String>) {
        let Some((_, end)) = self.time else {
            self.speaker = speaker;
            return;
        };
        let is_other = speaker.is_some() && speaker != self.speaker;
        let ends_sentence = self
            .text
            .trim_end_matches(['"', '”', ')', '\'', '»'])
            .ends_with(['.', '!', '?', '…', '。', '？', '！']);
        let bytes = self.text.len();
        let is_full = bytes >= PARAGRAPH_BYTES || start.saturating_sub(end) >= PAUSE_MS;
        if is_other || (ends_sentence && is_full) || bytes >= MAX_PARAGRAPH_BYTES {
            self.end_paragraph();
            self.speaker = speaker.or(self.speaker.take().filter(|_| !is_other));
        }
    }

    fn end_paragraph(&mut self) {
        self.builder.set_place(Place { time: self.time.take(), ..Place::default() });
        self.builder.push(BlockKind::Paragraph, &std::mem::take(&mut self.text));
    }
}

/// The speaker of a line, if it has one, and its text without tags.
fn spoken(line: &str) -> (Option<String>, String) {
    let mut text = String::with_capacity(line.len());
    let mut speaker = None;
    let mut rest = line;
    // After the last end of its kind, nothing is a tag.
    let last_end = |close: char| line.rfind(close).map_or(usize::MAX, |at| line.len() - at);
    let (tag_end, style_end) = (last_end('>'), last_end('}'));
    let end = |rest: &str, close: char| rest.find(close).map(|end| end + 1);
    while let Some(at) = rest.find(['<', '{', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (length, shown) = match rest.as_bytes()[0] {
            b'<' if rest.len() >= tag_end => (end(rest, '>'), ""),
            b'{' if rest.len() >= style_end && rest.starts_with("{\\") => (end(rest, '}'), "{"),
            b'<' | b'{' => (None, ""),
            _ => reference(rest),
        };
        let Some(length) = length else {
            // Not markup after all.
            text.push_str(&rest[..1]);
            rest = &rest[1..];
            continue;
        };
        let tag = &rest[..length];
        if let Some(voice) = tag.strip_prefix("<v").filter(|v| v.starts_with([' ', '.'])) {
            let name = voice.trim_end_matches('>').split_once(' ').map_or("", |(_, name)| name);
            speaker = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        } else if shown != "{" {
            text.push_str(shown);
        }
        rest = &rest[length..];
    }
    text.push_str(rest);
    (speaker, text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The length and the text of a character reference of WebVTT.
fn reference(text: &str) -> (Option<usize>, &'static str) {
    let known = [
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&lrm;", ""),
        ("&rlm;", ""),
    ];
    match known.iter().find(|(name, _)| text.starts_with(name)) {
        Some((name, shown)) => (Some(name.len()), shown),
        None => (None, ""),
    }
}
