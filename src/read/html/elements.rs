//! The roles of HTML elements for text, and the elements that a start tag ends.

/// The effect of an element on its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::read) enum Role {
    /// None: the text is part of a line.
    Inline,
    /// An element without content that shows nothing.
    Void,
    /// A line break.
    Break,
    /// A line between blocks.
    Rule,
    /// An image; its `alt` text is part of a line.
    Image,
    /// A block, separate from the text before and after it.
    Block,
    /// A heading of this level.
    Heading(u8),
    /// Text with significant white space.
    Preformatted,
    /// A list, numbered or not.
    List { numbered: bool },
    /// An item of a list.
    Item,
    /// A table.
    Table,
    /// A row of a table.
    Row,
    /// A cell of a row.
    Cell,
    /// The caption of a table or a figure.
    Caption,
    /// The main content of the page.
    Main,
    /// Outside of the main content: menus, footers, asides.
    Aside,
    /// Not visible as text.
    Invisible,
}

/// The role of the element of this name, in lower case.
pub(super) fn role(name: &str) -> Role {
    match name {
        "br" => Role::Break,
        "hr" => Role::Rule,
        "img" => Role::Image,
        "area" | "base" | "basefont" | "bgsound" | "col" | "embed" | "frame" | "input"
        | "keygen" | "link" | "meta" | "param" | "source" | "track" | "wbr" => Role::Void,
        "h1" => Role::Heading(1),
        "h2" => Role::Heading(2),
        "h3" => Role::Heading(3),
        "h4" => Role::Heading(4),
        "h5" => Role::Heading(5),
        "h6" => Role::Heading(6),
        "pre" | "listing" => Role::Preformatted,
        "ol" => Role::List { numbered: true },
        "ul" | "menu" | "dir" => Role::List { numbered: false },
        "li" => Role::Item,
        "table" => Role::Table,
        "tr" => Role::Row,
        "td" | "th" => Role::Cell,
        "caption" | "figcaption" => Role::Caption,
        "main" | "article" => Role::Main,
        "nav" | "footer" | "aside" => Role::Aside,
        "address" | "blockquote" | "body" | "button" | "center" | "dd" | "details" | "dialog"
        | "div" | "dl" | "dt" | "fieldset" | "figure" | "form" | "header" | "hgroup" | "html"
        | "legend" | "optgroup" | "option" | "p" | "search" | "section" | "summary" | "tbody"
        | "tfoot" | "thead" => Role::Block,
        // Ruby annotations are left out too: they would split the word they explain.
        // So is what the author of the page deleted.
        "annotation" | "annotation-xml" | "audio" | "canvas" | "datalist" | "del" | "iframe"
        | "noembed" | "noframes" | "noscript" | "object" | "rp" | "rt" | "script" | "select"
        | "style" | "svg" | "template" | "textarea" | "title" | "video" | "xmp" => Role::Invisible,
        _ => Role::Inline,
    }
}

/// The open elements that a start tag `name` ends, as their end tags may be omitted, and the
/// elements outside of which it ends none.
pub(super) fn ended_by(name: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    match name {
        "li" => Some((&["li"], &["ul", "ol", "menu", "dir", "td", "th", "table"])),
        "dt" | "dd" => Some((&["dt", "dd"], &["dl", "td", "th", "table"])),
        "td" | "th" => Some((&["td", "th"], &["tr", "table"])),
        "tr" => Some((&["tr"], &["table"])),
        "tbody" | "thead" | "tfoot" => Some((&["tbody", "thead", "tfoot", "tr"], &["table"])),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Some((HEADINGS, CONTAINERS)),
        _ => None,
    }
}

/// The six levels of headings. The end tag of one ends any other.
pub(super) const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];

/// Elements inside which no heading outside of them is ended.
pub(super) const CONTAINERS: &[&str] =
    &["td", "th", "table", "caption", "button", "object", "template", "svg", "div", "section"];
