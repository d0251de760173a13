//! The tags in the source of a page.

/// The tag, comment or stray `<` that a text begins with.
pub(super) fn next_tag(text: &str) -> &str {
    let end = |mark: &str| text.find(mark).map_or(text.len(), |at| at + mark.len());
    if text.starts_with("<!--") {
        return &text[..end("-->")];
    }
    if text.starts_with("<![CDATA[") {
        return &text[..end("]]>")];
    }
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'>', None) => return &text[..=at],
            // A tag does not contain another one.
            (b'<', None) if at > 0 => return &text[..at],
            _ => {}
        }
    }
    text
}

/// The name in an end tag.
pub(super) fn end_name(tag: &str) -> Option<&str> {
    tag.strip_prefix("</").map(|name| name.trim_end_matches('>').trim())
}

/// A start tag.
pub(super) struct StartTag<'a> {
    pub(super) name: &'a str,
    /// Whether it is the end tag too.
    pub(super) is_empty: bool,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> StartTag<'a> {
    /// None for a comment, a declaration and the like.
    pub(super) fn parse(tag: &'a str) -> Option<Self> {
        let inner = tag.trim_start_matches('<').trim_end_matches('>');
        let name = inner.split([' ', '\t', '\r', '\n', '/']).next()?;
        let is_element = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let attributes = || attributes(&inner[name.len()..]);
        let is_empty = inner.ends_with('/');
        is_element.then(|| Self { name, is_empty, attributes: attributes() })
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        let found = self.attributes.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| *value)
    }

    /// Whether the element has one of these roles, as EPUB or as ARIA names them.
    pub(super) fn has_role(&self, wanted: &[&str]) -> bool {
        let stated = [self.attribute("epub:type"), self.attribute("role")];
        let mut roles = stated.into_iter().flatten().flat_map(str::split_whitespace);
        roles.any(|role| wanted.contains(&role.trim_start_matches("doc-")))
    }
}

/// The attributes in a start tag that have a value.
fn attributes(mut text: &str) -> Vec<(&str, &str)> {
    let mut attributes = Vec::new();
    while let Some((name, rest)) = text.split_once('=') {
        let rest = rest.trim_start();
        let Some(quote) = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
            text = rest;
            continue;
        };
        let Some((value, after)) = rest[1..].split_once(quote) else { break };
        let name = name.rsplit(char::is_whitespace).find(|name| !name.is_empty());
        attributes.extend(name.map(|name| (name, value)));
        text = after;
    }
    attributes
}
