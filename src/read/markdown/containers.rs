//! Blocks of HTML around lines of Markdown: `<details>` without blank lines.

use crate::read::html::{Token, tokens};

/// Elements in which lines without tags are read as Markdown.
const CONTAINERS: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "br",
    "center",
    "details",
    "div",
    "em",
    "i",
    "img",
    "kbd",
    "p",
    "picture",
    "section",
    "source",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
];

/// A run of lines of such a block.
pub(super) enum Part<'a> {
    Html(&'a str),
    Markdown(&'a str),
}

/// The parts of a block of HTML; none where it is more than a container, or hides something.
pub(super) fn parts(block: &str) -> Option<Vec<Part<'_>>> {
    if block.contains("<!--") || !is_container(block) {
        return None;
    }
    let mut parts = Vec::new();
    let (mut begin, mut end, mut was_html, mut is_in_tag) = (0, 0, true, false);
    for line in block.split_inclusive('\n') {
        let visible = line.trim_start();
        let is_html = is_in_tag || visible.starts_with('<') || visible.is_empty();
        is_in_tag = match (line.rfind('<'), line.rfind('>')) {
            (None, None) => is_in_tag,
            (open, close) => open > close,
        };
        if is_html != was_html {
            parts.push(part(&block[begin..end], was_html));
            (begin, was_html) = (end, is_html);
        }
        end += line.len();
    }
    parts.push(part(&block[begin..end], was_html));
    Some(parts)
}

fn part(text: &str, is_html: bool) -> Part<'_> {
    if is_html { Part::Html(text) } else { Part::Markdown(text) }
}

fn is_container(block: &str) -> bool {
    tokens(block).all(|token| match token {
        Token::Start(tag) => {
            let is_plain =
                ["hidden", "style", "aria-hidden"].iter().all(|name| tag.attribute(name).is_none());
            is_plain && CONTAINERS.contains(&tag.name.as_str())
        }
        Token::Text(_) | Token::End(_) => true,
    })
}
