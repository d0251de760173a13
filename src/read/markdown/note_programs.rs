//! Marks of Logseq, Roam, Bear and Anki, which Markdown does not know.

use std::borrow::Cow;

use super::note_marks::fence_after;

/// Each opening mark with its closing one.
const MARKS: [(&str, &str); 4] = [("((", "))"), ("{{", "}}"), ("^^", "^^"), ("::", "::")];
/// What begins the lines of the hours that a task took, up to ":END:".
const CLOCK: &str = ":LOGBOOK:";
/// What `{{…}}` shows that is no text of the note.
const COMPONENTS: [&str; 12] = [
    "embed", "iframe", "kanban", "mermaid", "pdf", "query", "renderer", "table", "tweet",
    "twitter", "video", "youtube",
];
/// The most bytes between two marks.
const MAX_MARKED_BYTES: usize = 400;
/// The fewest bytes of the id of a block in another note.
const MIN_REFERENCE_BYTES: usize = 7;

/// The text without ids of blocks, references to them, and marks of highlights and of hidden
/// answers, whose texts stay. All line ends stay. Code is left as it is.
pub(super) fn without_marks(text: &str) -> Cow<'_, str> {
    if !MARKS.iter().any(|(open, _)| text.contains(open)) && !text.contains(CLOCK) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut fence = None;
    for line in text.split_inclusive('\n') {
        fence = fence_after(fence, line);
        if fence.is_some() {
            shown.push_str(line);
        } else if is_property_of_program(line) {
            shown.push_str(if line.ends_with('\n') { "\n" } else { "" });
        } else {
            for (number, part) in line.split('`').enumerate() {
                if number > 0 {
                    shown.push('`');
                }
                match number % 2 {
                    0 => add(part, &mut shown),
                    _ => shown.push_str(part),
                }
            }
        }
    }
    Cow::Owned(shown)
}

/// Whether a line has a property of a block that only the program needs: "id:: 64f1a2b3-…", or
/// when somebody worked on it.
fn is_property_of_program(line: &str) -> bool {
    let line = line.trim();
    if matches!(line, CLOCK | ":END:") || line.starts_with("CLOCK: [") {
        return true;
    }
    match line.split_once(":: ") {
        Some(("id", id)) => is_reference(id),
        Some(("collapsed", value)) => matches!(value, "true" | "false"),
        _ => false,
    }
}

/// Adds a part of a line without its marks.
fn add(part: &str, shown: &mut String) {
    let mut rest = part;
    while let Some(first) = rest.chars().next() {
        let mark = MARKS.iter().find(|(open, _)| rest.starts_with(open));
        let found = mark.and_then(|(open, close)| {
            let inside = &rest[open.len()..];
            let near = &inside[..inside.floor_char_boundary(MAX_MARKED_BYTES)];
            let length = near.find(close)?;
            let after = &inside[length + close.len()..];
            let text = text_of(open, &inside[..length], shown, after)?;
            Some((text, after))
        });
        let Some((text, after)) = found else {
            shown.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        shown.push_str(text);
        // Nothing is shown between two spaces.
        let is_gap = text.is_empty() && (shown.is_empty() || shown.ends_with([' ', '\n']));
        rest = if is_gap { after.strip_prefix(' ').unwrap_or(after) } else { after };
    }
}

/// What is shown of the text between two marks; none if they are something else.
fn text_of<'a>(open: &str, inside: &'a str, before: &str, after: &str) -> Option<&'a str> {
    match open {
        "((" => is_reference(inside).then_some(""),
        "{{" => text_of_braces(inside),
        _ => {
            let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            let is_highlight = !inside.is_empty()
                && !inside.starts_with([' ', ':', '^'])
                && !inside.ends_with(' ')
                && is_apart(before.chars().next_back())
                && is_apart(after.chars().next());
            is_highlight.then_some(inside)
        }
    }
}

/// A hidden answer ("{{c1::Tarawa::hint}}", "{{cloze Tarawa}}"), a task (`{{[[TODO]]}}`), a link,
/// or what a program puts there, such as a part of another note, which is not shown.
fn text_of_braces(inside: &str) -> Option<&str> {
    if let Some(name) = inside.strip_prefix("[[").and_then(|inside| inside.strip_suffix("]]")) {
        let is_task = matches!(name, "TODO" | "DONE");
        return Some(if is_task {
            name
        } else if COMPONENTS.contains(&name) {
            ""
        } else {
            inside
        });
    }
    if let Some(answer) = inside.strip_prefix("cloze ") {
        return Some(answer.trim());
    }
    if let Some((number, answer)) = inside.split_once("::") {
        let number = number.strip_prefix('c')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        return is_number.then(|| answer.split("::").next().unwrap_or(answer));
    }
    let (name, _) = inside.split_once([':', ' '])?;
    COMPONENTS.contains(&name).then_some("")
}

/// Whether this is the id of a block: letters and digits.
fn is_reference(id: &str) -> bool {
    id.len() >= MIN_REFERENCE_BYTES
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && id.bytes().any(|byte| byte.is_ascii_digit())
        && id.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn marks_of_note_programs_are_left_out_and_their_text_stays() {
        for (source, shown) in [
            ("Feed it ^feed\n  id:: 64f1a2b3-1111-4aaa\n- Next", "Feed it ^feed\n\n- Next"),
            ("collapsed:: true\nText", "\nText"),
            ("for ((64f1a2b3-2222)) fifty", "for fifty"),
            ("[the oven](((64f1a2b3-2222)))", "[the oven]()"),
            ("The ^^**pump**^^ is new", "The **pump** is new"),
            ("::Kimchi:: is ready, (::so::)", "Kimchi is ready, (so)"),
            (
                "It is {{c1::South Tarawa}} or {{c12::Bairiki::islet}}.",
                "It is South Tarawa or Bairiki.",
            ),
            ("Buy {{cloze rye flour}}", "Buy rye flour"),
            ("{{query (task now)}} at {{[[Hollis]]}} {{[[table]]}}", "at [[Hollis]] "),
            (
                "- Oil\n  :LOGBOOK:\n  CLOCK: [2024-04-11 Thu 10:02:11] => 00:37\n  :END:\n- Wax",
                "- Oil\n\n\n\n- Wax",
            ),
            ("- {{[[TODO]]}} 900 litres {{embed: ((aX9_bc1))}}", "- TODO 900 litres "),
        ] {
            assert_eq!(without_marks(source), shown);
        }
    }

    #[test]
    fn what_only_looks_like_such_a_mark_stays() {
        for text in [
            "Builder:: Kofi and (due:: 2025-02-28)",
            "What is the tallest dam? :: Jinping-I",
            "std::vec::Vec and ::std::mem::swap",
            "id:: the number of the order",
            "((see note 1)) ((1994)) ((and so on))",
            "{{ name }} {{< figure >}} {{site.title}}",
            "a^^b^^c and ^^ alone",
            "`::x:: ((64f1a2b3-2222))`",
            "```\n{{c1::x}}\n```\n",
        ] {
            assert_eq!(without_marks(text), text);
        }
    }

    #[test]
    fn many_marks_take_linear_time() {
        for mark in ["((", "{{", "^^", "::", "`", "^^a "] {
            without_marks(&mark.repeat(1 << 20));
        }
    }
}
