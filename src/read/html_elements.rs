//! What the elements of HTML mean for the text, and which of them end which.

/// What an element does to the text in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing: it stands within a line.
    Inline,
    /// Has no content and shows none.
    Void,
    /// A line break.
    Break,
    /// A line between blocks.
    Rule,
    /// An image: its `alt` stands in the line.
    Image,
    /// Stands apart from what comes before and after.
    Block,
    /// A heading of this level.
    Heading(u8),
    /// Text whose white space counts.
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
    /// What the page is about.
    Main,
    /// Around what the page is about: menus, footers, asides.
    Around,
    /// Not for reading.
    Unseen,
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
        "main" | "article" => Role::Main,
        "nav" | "footer" | "aside" => Role::Around,
        "address" | "blockquote" | "body" | "button" | "caption" | "center" | "dd" | "details"
        | "dialog" | "div" | "dl" | "dt" | "fieldset" | "figcaption" | "figure" | "form"
        | "header" | "hgroup" | "html" | "legend" | "optgroup" | "option" | "p" | "search"
        | "section" | "summary" | "tbody" | "tfoot" | "thead" => Role::Block,
        // Ruby's readings go too: they would part the word they explain.
        "annotation" | "annotation-xml" | "audio" | "canvas" | "datalist" | "iframe"
        | "noembed" | "noframes" | "noscript" | "object" | "rp" | "rt" | "script" | "select"
        | "style" | "svg" | "template" | "textarea" | "title" | "video" | "xmp" => Role::Unseen,
        _ => Role::Inline,
    }
}

/// The open elements that the start of `name` ends, and those it looks no
/// further out than: end tags that may be left out.
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

/// The elements of the six levels of heading: the end tag of one ends any other.
pub(super) const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];

/// What keeps an open heading outside from being ended inside.
pub(super) const CONTAINERS: &[&str] =
    &["td", "th", "table", "caption", "button", "object", "template", "svg", "div", "section"];
