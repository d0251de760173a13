//! What the macros of LaTeX mean for text.

use crate::read::marks::Mark;

/// The meaning of a macro.
pub(super) enum Meaning {
    /// Begins an environment.
    Begin,
    /// Ends one.
    End,
    /// Begins an item of a list.
    Item,
    /// Ends a line, or a row of a table.
    NewLine,
    /// Draws a line between rows.
    Rule,
    /// Ends a paragraph.
    NewParagraph,
    /// Begins a formula on lines of its own.
    Display,
    /// Begins a formula within a line.
    Inline,
    /// Stands for a text.
    Shown(&'static str),
    /// Puts a mark on the next letter.
    Accent(char),
    /// Code between two equal characters.
    Verb,
    /// Nothing for people, with so many arguments.
    Dropped(usize),
    /// Names another place or a work by its key.
    Reference,
    /// Its first argument is an address, its second a text.
    Link,
    /// The caption of a figure or a table.
    Caption,
    /// A footnote.
    Footnote,
    /// Raises, lowers or strikes its argument.
    Marked(Mark),
    /// Only changes the looks of its argument.
    Transparent,
}

/// The level of the heading that a macro begins. The title of the document has level 1.
pub(super) fn section_level(name: &str, has_chapters: bool) -> Option<u8> {
    let below = u8::from(has_chapters);
    match name {
        "part" => Some(1),
        "chapter" => Some(2),
        "section" => Some(2 + below),
        "subsection" => Some(3 + below),
        "subsubsection" => Some(4 + below),
        "paragraph" => Some(5 + below),
        "subparagraph" => Some(6),
        _ => None,
    }
}

/// The meaning of the macro `name`, without its backslash.
pub(super) fn meaning(name: &str) -> Meaning {
    if let Some(mark) = accent(name) {
        return Meaning::Accent(mark);
    }
    if let Some(text) = shown(name) {
        return Meaning::Shown(text);
    }
    match name {
        "begin" => Meaning::Begin,
        "end" => Meaning::End,
        "item" | "bibitem" => Meaning::Item,
        "\\" | "tabularnewline" | "newline" | "linebreak" => Meaning::NewLine,
        "par" | "newpage" | "clearpage" | "pagebreak" => Meaning::NewParagraph,
        "hline" | "midrule" | "toprule" => Meaning::Rule,
        "[" => Meaning::Display,
        "(" => Meaning::Inline,
        "verb" | "lstinline" => Meaning::Verb,
        "cite" | "citep" | "citet" | "parencite" | "textcite" | "autocite" | "ref" | "eqref"
        | "cref" | "Cref" | "autoref" | "pageref" | "nameref" => Meaning::Reference,
        "href" => Meaning::Link,
        "textsuperscript" => Meaning::Marked(Mark::Raised),
        "textsubscript" => Meaning::Marked(Mark::Lowered),
        "sout" | "st" => Meaning::Marked(Mark::Struck),
        "caption" | "captionof" => Meaning::Caption,
        "footnote" | "footnotetext" | "thanks" | "marginpar" | "endnote" => Meaning::Footnote,
        "label" | "index" | "vspace" | "hspace" | "includegraphics" | "input" | "include"
        | "bibliography" | "bibliographystyle" | "usepackage" | "documentclass" | "pagestyle"
        | "thispagestyle" | "setcounter" | "color" | "cline" | "cmidrule" | "phantom"
        | "nocite" | "hypersetup" | "title" | "author" | "date" | "addbibresource" => {
            Meaning::Dropped(if name == "setcounter" { 2 } else { 1 })
        }
        "newcommand" | "renewcommand" | "setlength" | "addtolength" => Meaning::Dropped(2),
        "textcolor" | "colorbox" | "fontsize" => Meaning::Dropped(1),
        "multicolumn" | "multirow" => Meaning::Dropped(2),
        _ => Meaning::Transparent,
    }
}

/// The combining character of an accent.
fn accent(name: &str) -> Option<char> {
    Some(match name {
        "'" => '\u{301}',
        "`" => '\u{300}',
        "^" => '\u{302}',
        "\"" => '\u{308}',
        "~" => '\u{303}',
        "=" => '\u{304}',
        "." => '\u{307}',
        "c" => '\u{327}',
        "v" => '\u{30c}',
        "u" => '\u{306}',
        "H" => '\u{30b}',
        "r" => '\u{30a}',
        "k" => '\u{328}',
        _ => return None,
    })
}

/// The text that a macro stands for.
fn shown(name: &str) -> Option<&'static str> {
    Some(match name {
        "%" => "%",
        "&" => "&",
        "$" => "$",
        "#" => "#",
        "_" => "_",
        "{" => "{",
        "}" => "}",
        " " | "," | ";" | ":" | "quad" | "qquad" | "\n" => " ",
        "ldots" | "dots" | "textellipsis" => "…",
        "ss" => "ß",
        "ae" => "æ",
        "AE" => "Æ",
        "oe" => "œ",
        "OE" => "Œ",
        "o" => "ø",
        "O" => "Ø",
        "aa" => "å",
        "AA" => "Å",
        "l" => "ł",
        "L" => "Ł",
        "i" => "i",
        "S" => "§",
        "P" => "¶",
        "copyright" => "©",
        "textregistered" => "®",
        "texttrademark" => "™",
        "pounds" => "£",
        "euro" | "EUR" => "€",
        "textdegree" | "degree" => "°",
        "textbackslash" => "\\",
        "textasciitilde" => "~",
        "textasciicircum" => "^",
        "textbar" => "|",
        "textless" => "<",
        "textgreater" => ">",
        "TeX" => "TeX",
        "LaTeX" => "LaTeX",
        "-" | "/" | "@" => "",
        _ => return None,
    })
}

/// A formula without the labels by which other places name it.
pub(super) fn without_labels(formula: &str) -> String {
    let mut parts = formula.split("\\label{");
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        plain.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    plain.replace("\\nonumber", "")
}
