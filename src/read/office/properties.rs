//! What the properties of a package say about it.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::package::Package;
use crate::document::FileDetails;

/// Reads the title, the authors, the date and the language into `details`.
pub(super) fn read(package: &Package, details: &mut FileDetails) {
    for part in ["docProps/core.xml", "meta.xml"] {
        read_part(package.part(part).unwrap_or(""), details);
    }
    if details.language.is_none() {
        details.language = package.part("word/styles.xml").and_then(language_of_styles);
    }
}

fn read_part(xml: &str, details: &mut FileDetails) {
    let mut reader = Reader::from_str(xml);
    let (mut text, mut created) = (String::new(), None);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Eof => break,
            Event::Start(_) => text.clear(),
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(name) => {
                text.push_str(match &*name {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => "",
                });
            }
            Event::End(element) => {
                let value = std::mem::take(&mut text).trim().to_owned();
                if value.is_empty() {
                    continue;
                }
                match element.local_name().as_ref() {
                    "title" => details.title = Some(value),
                    "creator" | "initial-creator" => add_authors(&value, &mut details.authors),
                    "modified" | "date" => details.date = Some(value),
                    "created" | "creation-date" => created = Some(value),
                    "language" => details.language = Some(value),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    if details.date.is_none() {
        details.date = created;
    }
}

fn add_authors(names: &str, authors: &mut Vec<String>) {
    for name in names.split(';').map(str::trim).filter(|name| !name.is_empty()) {
        if !authors.iter().any(|known| known == name) {
            authors.push(name.to_owned());
        }
    }
}

/// The language of text without one of its own: `<w:lang w:val="en-GB"/>`.
fn language_of_styles(xml: &str) -> Option<String> {
    let element = &xml[xml.find("<w:lang ")?..];
    let element = &element[..element.find('>')?];
    let value = element.split_once("w:val=\"")?.1;
    let value = value.split_once('"')?.0;
    (!value.is_empty() && value != "x-none").then(|| value.to_owned())
}
