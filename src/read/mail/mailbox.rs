//! Many messages in one file: mbox.

use std::borrow::Cow;
use std::ops::Range;

use super::parts::PartReader;
use super::repeats::Said;
use super::threads::Threads;
use super::writer::MessageWriter;
use crate::error::Result;
use crate::read::{Input, ReadFile};

/// The most bytes of a subject in the path of an attachment.
const MAX_FOLDER_BYTES: usize = 60;

/// Reads a mailbox. The messages of a thread stand together, in the order of their dates.
pub(crate) fn mbox(input: &Input<'_>) -> Result<ReadFile> {
    let ranges = messages(input.bytes);
    if ranges.is_empty() {
        return Err(input.damaged("it has no line that begins a message"));
    }
    if ranges.len() > input.limits.objects as usize {
        let (got, limit) = (ranges.len() as u64, input.limits.objects.into());
        return Err(input.too_large(got, limit, "messages"));
    }
    let reader = PartReader::new(input);
    let mut threads = Threads::default();
    for range in &ranges {
        threads.add(&reader.parser.split(&input.bytes[range.clone()]).0);
    }
    let mut writer = MessageWriter::new(input);
    let mut done = 0;
    for thread in threads.finish() {
        let mut said = (thread.len() > 1).then(Said::default);
        for (place, &number) in thread.iter().enumerate() {
            input.step(done, ranges.len() as u64, "members")?;
            done += 1;
            let bytes = unescaped(&input.bytes[ranges[number].clone()]);
            let message = reader.read(&bytes)?;
            let level = if place == 0 { 1 } else { 2 };
            let subject = message.headers.subject().unwrap_or_default();
            let folder = folder(number + 1, &subject);
            writer.write(&message, level, &folder, said.as_mut())?;
        }
    }
    writer.finish(None)
}

/// The folder of a message's attachments: "12 Minutes of May/".
fn folder(number: usize, subject: &str) -> String {
    let subject = subject.replace(['/', '\\'], "-");
    let subject = &subject[..subject.floor_char_boundary(MAX_FOLDER_BYTES)];
    format!("{}/", format!("{number} {}", subject.trim()).trim_end())
}

/// The messages of a mailbox: each follows a line that begins with "From " at the beginning or
/// after an empty line, and has a header in the next one.
fn messages(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut messages: Vec<Range<usize>> = Vec::new();
    let (mut position, mut after_empty, mut after_from) = (0, true, None);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if let Some(from) = after_from.take()
            && (is_header(line) || messages.is_empty())
        {
            if let Some(last) = messages.last_mut() {
                last.end = from;
            }
            messages.push(position..bytes.len());
        }
        if after_empty && line.starts_with(b"From ") {
            after_from = Some(position);
        }
        after_empty = matches!(line, b"\n" | b"\r\n");
        position += line.len();
    }
    messages
}

fn is_header(line: &[u8]) -> bool {
    let name = line.iter().position(|&byte| byte == b':').map(|colon| &line[..colon]);
    name.is_some_and(|name| !name.is_empty() && name.iter().all(|byte| byte.is_ascii_graphic()))
}

/// A message with its lines that begin with "From " as they were: mailboxes put a `>` before
/// them.
fn unescaped(message: &[u8]) -> Cow<'_, [u8]> {
    let is_escaped = |line: &[u8]| {
        let marks = line.iter().take_while(|&&byte| byte == b'>').count();
        marks > 0 && line[marks..].starts_with(b"From ")
    };
    let lines = || message.split_inclusive(|&byte| byte == b'\n');
    if !lines().any(is_escaped) {
        return message.into();
    }
    let mut unescaped = Vec::with_capacity(message.len());
    for line in lines() {
        unescaped.extend_from_slice(if is_escaped(line) { &line[1..] } else { line });
    }
    unescaped.into()
}
