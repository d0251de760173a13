//! The reader of messages that Outlook saved.

use super::output::Output;
use super::streams;
use crate::document::BlockKind;
use crate::error::Result;
use crate::read::compound_file::{CompoundFile, u16_at, u32_at};
use crate::read::{Input, Member, ReadFile, dates};

/// Bytes before the properties of the message, and of a recipient or an attachment.
const MESSAGE_HEADER: usize = 32;
const PART_HEADER: usize = 8;
/// Properties, by their numbers.
const SUBJECT: u16 = 0x0037;
const SENDER_NAME: u16 = 0x0c1a;
const SENDER_ADDRESS: u16 = 0x5d01;
const SENT: u16 = 0x0039;
const RECEIVED: u16 = 0x0e06;
const BODY: u16 = 0x1000;
const HTML_BODY: u16 = 0x1013;
const RECIPIENT_KIND: u16 = 0x0c15;
const NAME: u16 = 0x3001;
const ADDRESS: u16 = 0x39fe;
const PLAIN_ADDRESS: u16 = 0x3003;
const ATTACHED: u16 = 0x3701;
const SHORT_FILE_NAME: u16 = 0x3704;
const FILE_NAME: u16 = 0x3707;
const MEDIA_TYPE: u16 = 0x370e;
/// Seconds from 1601 to 1970.
const SECONDS_TO_1970: i64 = 11_644_473_600;

/// Reads a message: its subject, who wrote it to whom and when, and its text. Attachments are
/// its members.
pub(crate) fn msg(input: &Input<'_>) -> Result<ReadFile> {
    let file = streams::open(input)?;
    let root = file.children(0);
    if !file.has("__properties_version1.0") {
        return Err(input.damaged("it has no properties of a message"));
    }
    let message = Properties { file: &file, entries: root.clone(), header: MESSAGE_HEADER };
    let mut out = Output::new(input);
    let subject = message.text(SUBJECT).unwrap_or_else(|| "(no subject)".to_owned());
    let date = message.time(SENT).or_else(|| message.time(RECEIVED));
    let sender = address(message.text(SENDER_NAME), message.text(SENDER_ADDRESS));
    out.begin_message(date, message.text(SENDER_NAME).or_else(|| sender.clone()));
    out.push(BlockKind::Heading(1), &subject);
    let mut lines: Vec<String> =
        sender.map(|sender| format!("From: {sender}")).into_iter().collect();
    lines.extend(recipients(&file, &root));
    let shown = date.and_then(dates::of_seconds);
    lines.extend(shown.map(|(day, time)| format!("Date: {day}, {time} +00:00")));
    let (members, left_out) = attachments(input, &file, &root)?;
    if left_out > 0 {
        out.warn("Messages that are attached to the message were left out.");
    }
    let names: Vec<&str> = members.iter().map(|member| member.path.as_str()).collect();
    if !names.is_empty() {
        lines.push(format!("Attachments: {}", names.join(", ")));
    }
    out.push(BlockKind::Paragraph, &lines.join("\n"));
    match (message.text(BODY), message.bytes(HTML_BODY)) {
        (Some(body), _) => {
            for paragraph in body.replace("\r\n", "\n").split("\n\n") {
                out.push(BlockKind::Paragraph, paragraph);
            }
        }
        (None, Some(page)) => out.push_page(&page),
        (None, None) => out.warn("The text of the message is in a form that is not read."),
    }
    out.details.title = message.text(SUBJECT);
    let mut read = out.finish();
    read.members = members;
    Ok(read)
}

/// The properties in one folder of the file.
struct Properties<'a> {
    file: &'a CompoundFile<'a>,
    entries: Vec<usize>,
    header: usize,
}

impl Properties<'_> {
    /// A property that is a text.
    fn text(&self, property: u16) -> Option<String> {
        let text = match self.stream(property, 0x001f) {
            Some(bytes) => encoding_rs::UTF_16LE.decode_without_bom_handling(&bytes).0.into_owned(),
            None => {
                let bytes = self.stream(property, 0x001e)?;
                encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned()
            }
        };
        let text = text.trim_end_matches('\0').trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A property that is bytes.
    fn bytes(&self, property: u16) -> Option<Vec<u8>> {
        self.stream(property, 0x0102)
    }

    /// A property that is a number.
    fn number(&self, property: u16) -> Option<u32> {
        u32_at(&self.fixed(property)?, 0)
    }

    /// A property that is a time, in seconds since 1970.
    fn time(&self, property: u16) -> Option<i64> {
        let ticks = u64::from_le_bytes(self.fixed(property)?);
        let seconds = i64::try_from(ticks / 10_000_000).ok()? - SECONDS_TO_1970;
        (ticks > 0).then_some(seconds)
    }

    fn stream(&self, property: u16, kind: u16) -> Option<Vec<u8>> {
        self.file.stream(&self.entries, &format!("__substg1.0_{property:04X}{kind:04X}"))
    }

    /// The value of a property of at most eight bytes.
    fn fixed(&self, property: u16) -> Option<[u8; 8]> {
        let records = self.file.stream(&self.entries, "__properties_version1.0")?;
        let mut records = records.get(self.header..)?.chunks_exact(16);
        let record = records.find(|record| u16_at(record, 2) == Some(property))?;
        record[8..].try_into().ok()
    }
}

/// The lines "To: …" and "Cc: …".
fn recipients(file: &CompoundFile<'_>, root: &[usize]) -> Vec<String> {
    let (mut to, mut copies) = (Vec::new(), Vec::new());
    for recipient in parts(file, root, "__recip_version1.0_#") {
        let mail = recipient.text(ADDRESS).or_else(|| recipient.text(PLAIN_ADDRESS));
        let Some(address) = address(recipient.text(NAME), mail) else { continue };
        match recipient.number(RECIPIENT_KIND) {
            Some(2) => copies.push(address),
            Some(3) => {}
            _ => to.push(address),
        }
    }
    let line = |name: &str, list: Vec<String>| {
        (!list.is_empty()).then(|| format!("{name}: {}", list.join(", ")))
    };
    [line("To", to), line("Cc", copies)].into_iter().flatten().collect()
}

/// The files that are attached, and how many attachments are none: messages and objects.
fn attachments(
    input: &Input<'_>,
    file: &CompoundFile<'_>,
    root: &[usize],
) -> Result<(Vec<Member>, usize)> {
    let (mut members, mut left_out) = (Vec::<Member>::new(), 0);
    // Attachments may share their bytes in the file.
    let (mut total, limit) = (0, input.limits.expanded_bytes_of(input.bytes.len() as u64));
    for (index, attachment) in parts(file, root, "__attach_version1.0_#").enumerate() {
        if index >= input.limits.members as usize {
            let limit = u64::from(input.limits.members);
            return Err(super::package::too_large(input, limit + 1, limit, "attachments"));
        }
        let Some(bytes) = attachment.bytes(ATTACHED) else {
            left_out += 1;
            continue;
        };
        total += bytes.len() as u64;
        if total > limit {
            return Err(super::package::too_large(input, total, limit, "bytes of attachments"));
        }
        let name = attachment.text(FILE_NAME).or_else(|| attachment.text(SHORT_FILE_NAME));
        let name = name.unwrap_or_else(|| format!("attachment-{}", index + 1));
        let name = name.rsplit(['/', '\\']).next().unwrap_or(&name).to_owned();
        let is_taken =
            name.is_empty() || name == ".." || members.iter().any(|known| known.path == name);
        let path = if is_taken { format!("{}-{name}", index + 1) } else { name };
        members.push(Member { path, media_type: attachment.text(MEDIA_TYPE), bytes });
    }
    Ok((members, left_out))
}

fn parts<'a>(
    file: &'a CompoundFile<'a>,
    root: &[usize],
    prefix: &'static str,
) -> impl Iterator<Item = Properties<'a>> {
    let folders: Vec<usize> = root
        .iter()
        .copied()
        .filter(|&number| {
            file.entries[number].is_folder && file.entries[number].name.starts_with(prefix)
        })
        .collect();
    folders.into_iter().map(move |number| Properties {
        file,
        entries: file.children(number),
        header: PART_HEADER,
    })
}

/// "R. Okafor <okafor@example.org>", or the one that is known.
fn address(name: Option<String>, mail: Option<String>) -> Option<String> {
    match (name, mail) {
        (Some(name), Some(mail)) if name != mail => Some(format!("{name} <{mail}>")),
        (name, mail) => name.or(mail),
    }
}
