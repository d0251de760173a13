//! vCard: each contact a section.

use std::collections::HashMap;

use crate::document::BlockKind;
use crate::error::Result;
use crate::read::blocks::{DocumentBuilder, readable};
use crate::read::{Input, ReadFile};

use super::lines::{ContentLines, Line};
use super::{keep, push_line, repeated, times};

/// What is shown of a contact, in this order. Photos and keys are not.
const SHOWN: [(&str, &str); 17] = [
    ("NICKNAME", "Nickname"),
    ("ORG", "Organization"),
    ("TITLE", "Job title"),
    ("ROLE", "Role"),
    ("TEL", "Phone"),
    ("EMAIL", "Email"),
    ("ADR", "Address"),
    ("IMPP", "Messenger"),
    ("X-SOCIALPROFILE", "Profile"),
    ("URL", "Website"),
    ("BDAY", "Birthday"),
    ("ANNIVERSARY", "Anniversary"),
    ("X-ABDATE", "Date"),
    ("RELATED", "Related"),
    ("X-ABRELATEDNAMES", "Related"),
    ("CATEGORIES", "Categories"),
    ("NOTE", "Note"),
];
/// Types that say nothing to people.
const SILENT_TYPES: [&str; 5] = ["voice", "internet", "pref", "x400", "text"];

/// Reads contacts: each is a heading, and below it a line for each thing that is known of it.
pub(crate) fn contacts(input: &Input<'_>) -> Result<ReadFile> {
    let source = input.text(false)?;
    let text = readable(&source);
    let mut builder = DocumentBuilder::new(input);
    let mut contact: Option<Vec<Line>> = None;
    let mut has_contact = false;
    let total = text.lines().count() as u64;
    for (at, line) in ContentLines::of(&text).enumerate() {
        if at.is_multiple_of(1000) {
            input.step(at as u64, total, "lines")?;
        }
        let is_card = line.value.trim().eq_ignore_ascii_case("VCARD");
        match (&*line.name, &mut contact) {
            ("BEGIN" | "END", _) if is_card => {
                has_contact = true;
                write(&contact.take().unwrap_or_default(), &mut builder);
                contact = (line.name == "BEGIN").then(Vec::new);
                builder.check(input)?;
            }
            (_, Some(lines)) if is_needed(&line) => keep(lines, line, input)?,
            _ => {}
        }
    }
    write(&contact.unwrap_or_default(), &mut builder);
    if !has_contact {
        return Err(input.damaged("It has no BEGIN:VCARD"));
    }
    Ok(builder.finish_within(input)?.into())
}

fn is_needed(line: &Line) -> bool {
    matches!(&*line.name, "FN" | "N" | "X-ABLABEL") || shown(&line.name).is_some()
}

/// Where a property stands among those that are shown.
fn shown(name: &str) -> Option<usize> {
    SHOWN.iter().position(|(shown, _)| *shown == name)
}

fn write(contact: &[Line], builder: &mut DocumentBuilder) {
    let Some(name) = name(contact) else { return };
    builder.push(BlockKind::Heading(2), &name);
    let labels: HashMap<&str, String> = contact
        .iter()
        .filter(|line| line.name == "X-ABLABEL" && !line.group.is_empty())
        .map(|line| (&*line.group, line.text().replace("_$!<", "").replace(">!$_", "")))
        .collect();
    let mut lines: Vec<(usize, &Line)> =
        contact.iter().filter_map(|line| Some((shown(&line.name)?, line))).collect();
    lines.sort_by_key(|(place, _)| *place);
    for (place, line) in lines {
        let kind = labels.get(&*line.group).cloned().unwrap_or_else(|| types(line));
        let label = SHOWN[place].1;
        let label = match repeated(&kind) {
            "" => label.to_owned(),
            kind => format!("{label} ({kind})"),
        };
        push_line(builder, &label, &value(line));
    }
}

/// The name of a contact; otherwise what else tells it apart.
fn name(contact: &[Line]) -> Option<String> {
    let first = |name: &str| contact.iter().find(|line| line.name == name);
    let full = first("FN").map(Line::text);
    let is_known = |name: &String| !name.trim().is_empty();
    let known = full.filter(is_known).or_else(|| first("N").map(full_name).filter(is_known));
    let others = ["ORG", "NICKNAME", "EMAIL", "TEL"].iter().filter_map(|name| first(name));
    let name = known.or_else(|| others.map(value).find(is_known))?;
    Some(name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// "Ana Silva" of "Silva;Ana;;;".
fn full_name(line: &Line) -> String {
    let mut parts = line.parts(';');
    if parts.len() > 1 {
        parts.rotate_left(1);
    }
    parts.join(" ")
}

/// "work, fax" of a line's types.
fn types(line: &Line) -> String {
    let types = line.parameters.iter().filter(|(key, _)| key == "TYPE");
    let types = types.flat_map(|(_, value)| value.split(',')).map(|kind| match kind.trim() {
        kind if kind.eq_ignore_ascii_case("cell") => "mobile".to_owned(),
        kind => kind.to_lowercase(),
    });
    let types = types.filter(|kind| !kind.is_empty() && !SILENT_TYPES.contains(&kind.as_str()));
    types.collect::<Vec<_>>().join(", ")
}

fn value(line: &Line) -> String {
    match &*line.name {
        "ORG" | "ADR" => line.parts(';').join(", ").replace('\n', ", "),
        "NICKNAME" | "CATEGORIES" => line.parts(',').join(", "),
        "BDAY" | "ANNIVERSARY" | "X-ABDATE" => times::day(line),
        "TEL" | "EMAIL" => {
            let text = line.text();
            let bare = text.strip_prefix("tel:").or_else(|| text.strip_prefix("mailto:"));
            bare.unwrap_or(&text).to_owned()
        }
        _ => line.text(),
    }
}
