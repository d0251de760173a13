//! Messages -> one document, and the files attached to them.

use super::content::{Content, content, is_html};
use super::decode;
use super::headers::Headers;
use super::parts::Part;
use super::plain_body::{Paragraph, Role, paragraphs};
use super::repeats::Said;
use crate::document::{BlockKind, FileDetails, Place};
use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::members::{MemberPaths, too_many_members};
use crate::read::{Input, Member, ReadFile, html};

const NO_SUBJECT: &str = "(no subject)";
/// Messages that a warning names.
const MAX_NAMED: usize = 10;
/// Attachments whose names are listed in the text.
const MAX_LISTED: usize = 50;

/// Writes messages one after the other.
pub(super) struct MessageWriter<'i> {
    input: &'i Input<'i>,
    builder: DocumentBuilder,
    members: Vec<Member>,
    paths: MemberPaths,
    encrypted: Vec<String>,
}

impl<'i> MessageWriter<'i> {
    pub(super) fn new(input: &'i Input<'i>) -> Self {
        Self {
            input,
            builder: DocumentBuilder::new(input),
            members: Vec::new(),
            paths: MemberPaths::default(),
            encrypted: Vec::new(),
        }
    }

    /// Writes a message under a heading of `level`. What it repeats of `said` is boilerplate:
    /// the message that said it first answers. Attachments go to `folder`.
    pub(super) fn write(
        &mut self,
        message: &Part<'_>,
        level: u8,
        folder: &str,
        mut said: Option<&mut Said>,
    ) -> Result<()> {
        let headers = &message.headers;
        let place = Place { message: headers.date_and_author(), ..Place::default() };
        self.builder.set_place(place);
        let subject = headers.subject().unwrap_or_else(|| NO_SUBJECT.to_owned());
        self.builder.push(BlockKind::Heading(level), &subject);
        let content = content(message);
        let attached = self.attach(&content, folder)?;
        let stated = headers.subject().map(|subject| format!("Subject: {subject}"));
        for line in stated.into_iter().chain(headers.lines()).chain(attached) {
            self.builder.push(BlockKind::ListItem, &line);
        }
        if content.is_encrypted {
            self.encrypted.push(headers.date_and_author().unwrap_or(subject));
        }
        let mut new_text = Vec::new();
        for body in content.bodies {
            let parts = if is_html(body) { page_blocks(body) } else { text_blocks(body) };
            self.write_parts(parts, said.as_deref(), &mut new_text);
        }
        if let Some(said) = &mut said {
            new_text.iter().for_each(|text| said.add(text));
        }
        self.builder.check(self.input)
    }

    fn write_parts(&mut self, parts: Vec<BodyPart>, said: Option<&Said>, new: &mut Vec<String>) {
        for part in parts {
            let text: String =
                part.blocks.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
            let repeats = said.is_some_and(|said| match part.is_quote {
                true => said.has_quoted(&text),
                false => said.has_unmarked(&text),
            });
            let shown = |kind| if repeats { BlockKind::Boilerplate } else { kind };
            for attribution in &part.attribution {
                self.builder.push(shown(BlockKind::Paragraph), attribution);
            }
            part.blocks.iter().for_each(|(kind, text)| self.builder.push(shown(*kind), text));
            if !repeats {
                new.push(text);
            }
        }
    }

    /// Adds the attachments as members. Returns the line that lists them.
    fn attach(&mut self, content: &Content<'_, '_>, folder: &str) -> Result<Option<String>> {
        let mut names = Vec::new();
        for (number, part) in content.attachments.iter().enumerate() {
            let count = self.members.len() as u64 + 1;
            if count > self.input.limits.members.into() {
                return Err(too_many_members(self.input, count));
            }
            let name = attachment_name(part, number + 1);
            let path = self.paths.unique(&format!("{folder}{name}"));
            names.push(path.rsplit('/').next().unwrap_or(&path).to_owned());
            let stated = part.headers.media_type_with_charset();
            let media_type = stated.or_else(|| Some(part.media_type.clone()));
            self.members.push(Member { path, media_type, bytes: decode::bytes(part).into_owned() });
        }
        names.truncate(MAX_LISTED);
        Ok((!names.is_empty()).then(|| format!("Attachments: {}", names.join(", "))))
    }

    /// What was written. `headers` are those of the one message of the file.
    pub(super) fn finish(self, headers: Option<&Headers<'_>>) -> Result<ReadFile> {
        let mut warnings = Vec::new();
        if !self.encrypted.is_empty() {
            let named = self.encrypted.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>();
            let more = self.encrypted.len().saturating_sub(MAX_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            warnings.push(format!("Encrypted messages were left out: {}{more}.", named.join("; ")));
        }
        let details = FileDetails {
            title: headers.and_then(Headers::subject),
            authors: headers.map(Headers::authors).unwrap_or_default(),
            date: headers.and_then(Headers::iso_date),
            warnings,
            ..FileDetails::default()
        };
        let document = self.builder.finish_within(self.input)?;
        let members = self.members;
        Ok(ReadFile { document, details, members, ..ReadFile::default() })
    }
}

/// The name of the file that a part is.
fn attachment_name(part: &Part<'_>, number: usize) -> String {
    if let Some(name) = part.headers.file_name() {
        return name.replace(['/', '\\'], "-");
    }
    match part.media_type.as_str() {
        "message/rfc822" | "message/global" => format!("message {number}.eml"),
        "text/calendar" => format!("invitation {number}.ics"),
        "text/html" => format!("page {number}.html"),
        "application/pdf" => format!("attachment {number}.pdf"),
        _ => format!("attachment {number}"),
    }
}

/// Blocks of a body that are new or repeated together.
struct BodyPart {
    attribution: Vec<String>,
    blocks: Vec<(BlockKind, String)>,
    is_quote: bool,
}

fn text_blocks(body: &Part<'_>) -> Vec<BodyPart> {
    let is_flowed =
        body.headers.parameter("format").is_some_and(|it| it.eq_ignore_ascii_case("flowed"));
    let mut parts: Vec<BodyPart> = Vec::new();
    let mut attribution = Vec::new();
    for Paragraph { text, role } in paragraphs(&decode::text(body), is_flowed) {
        let is_quote = role == Role::Quoted;
        match role {
            Role::Attribution => attribution.push(text),
            _ => match parts.last_mut().filter(|last| is_quote && last.is_quote) {
                Some(last) => last.blocks.push((BlockKind::Paragraph, text)),
                None => parts.push(BodyPart {
                    attribution: std::mem::take(&mut attribution),
                    blocks: vec![(BlockKind::Paragraph, text)],
                    is_quote,
                }),
            },
        }
    }
    parts
}

fn page_blocks(body: &Part<'_>) -> Vec<BodyPart> {
    let mut builder = DocumentBuilder::default();
    html::read_fragment(&decode::text(body), &mut builder);
    let document = builder.finish();
    let part = |block: &crate::document::Block| BodyPart {
        attribution: Vec::new(),
        blocks: vec![(block.kind, document.slice(block.span).to_owned())],
        is_quote: false,
    };
    document.blocks.iter().map(part).collect()
}
