//! Passages -> what can be quoted of them: what a person would mark.
//!
//! That is a sentence, the row of a table, an item of a list, a block of code or a line of it.
//! A question or a label is quoted together with what follows it: alone it answers nothing.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Passage;
use super::labels::{indentation, is_label, is_question, is_title, is_title_of_items};
use super::records::join_records;
use crate::chunk::RowHeaders;
use crate::document::{Block, BlockKind, Document, Span};
use crate::lines::{is_short_title, without_mark};
use crate::text::{is_order_to_model, sentences, terms};

/// The most characters of a quote, unless it is one sentence.
pub(super) const MAX_QUOTE_CHARS: usize = 350;
/// The most characters of a list item that is quoted whole.
const MAX_ITEM_CHARS: usize = 200;
/// The most blocks before an item in which its lead-in is looked for.
const MAX_LEAD_IN_BLOCKS: usize = 64;

/// The most blocks after an item in which a heading of the same text is looked for. Each question
/// does so for the items of many passages.
const MAX_CONTENTS_BLOCKS: usize = 4096;
/// The most characters of a notice with what stands below it, and its fewest words.
const MAX_NOTICE_CHARS: usize = 160;
const MIN_NOTICE_WORDS: usize = 3;

/// A part of a passage that can be quoted.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// The index of its passage.
    pub(crate) passage: usize,
    /// Its span in the document's text.
    pub(crate) span: Span,
    /// The items of its list that are in the passage, if they are several and short together.
    pub(crate) list: Option<Span>,
    /// The terms of what stands above it: the headings, the header of its table, the lead-in of
    /// its list, the document's title and name.
    pub(crate) context: Rc<BTreeSet<String>>,
    /// Whether it is a question, a label, the header of a table or an entry of a table of contents,
    /// without what follows; or an order to a model.
    pub(crate) is_label: bool,
    /// Whether it is a heading with text below it.
    pub(crate) is_heading: bool,
}

/// A part of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) span: Span,
    pub(super) kind: BlockKind,
    /// The index of its block.
    pub(super) block: usize,
}

/// The distinct units of the passages, in order.
pub(crate) fn units(passages: &[Passage]) -> Vec<Unit> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (number, passage) in passages.iter().enumerate() {
        let document = &passage.document.document;
        let context: Rc<BTreeSet<String>> =
            Rc::new(terms(&passage.context()).into_iter().collect());
        let mut parts = joined(&pieces(document, passage.span), document);
        if let Some(notice) = notice(&parts, document) {
            parts = vec![notice];
        }
        // All rows of a table, and all items of a list, have the same.
        let mut below: Option<(Span, Rc<BTreeSet<String>>)> = None;
        let mut headers = RowHeaders::default();
        for (at, &part) in parts.iter().enumerate() {
            if !seen.insert((passage.document.id(), part.span)) {
                continue;
            }
            let context = match above(document, part, &mut headers) {
                Some(above) => match &below {
                    Some((known, context)) if *known == above => context.clone(),
                    _ => {
                        let mut all = BTreeSet::clone(&context);
                        all.extend(terms(document.slice(above)));
                        below.insert((above, Rc::new(all))).1.clone()
                    }
                },
                None => context.clone(),
            };
            let text = document.slice(part.span);
            let is_label = is_label(text)
                || is_order_to_model(text)
                || part.kind == BlockKind::TableHeader
                || is_title_of_items(&parts[at..], document)
                || is_entry_of_contents(document, part);
            let is_heading = is_heading_of_text(document, part);
            let list = list_around(&parts, at, document);
            found.push(Unit {
                passage: number,
                span: part.span,
                list,
                context,
                is_label,
                is_heading,
            });
        }
    }
    found
}

/// Whether a piece is an item that is the text of a heading after it: a table of contents has it.
fn is_entry_of_contents(document: &Document, piece: Piece) -> bool {
    if piece.kind != BlockKind::ListItem {
        return false;
    }
    let name = without_mark(document.slice(piece.span)).trim();
    let after = document.blocks.iter().skip(piece.block + 1).take(MAX_CONTENTS_BLOCKS);
    let mut headings = after.filter(|block| matches!(block.kind, BlockKind::Heading(_)));
    headings.any(|block| document.slice(block.span).trim() == name)
}

/// Whether a piece is a heading, and the next block is none.
fn is_heading_of_text(document: &Document, piece: Piece) -> bool {
    let next = document.blocks.get(piece.block + 1).map(|block| block.kind);
    matches!(piece.kind, BlockKind::Heading(_))
        && next.is_some_and(|kind| !matches!(kind, BlockKind::Heading(_)))
}

/// The parts of the blocks in `span`, without boilerplate.
fn pieces(document: &Document, span: Span) -> Vec<Piece> {
    let mut found = Vec::new();
    for part in document.content(span) {
        let first = document.blocks.partition_point(|block| block.span.end <= part.start);
        let blocks = document.blocks.iter().enumerate().skip(first);
        for (index, block) in blocks.take_while(|(_, block)| block.span.start < part.end) {
            let start = block.span.start.max(part.start);
            let span = Span { start, end: block.span.end.min(part.end) };
            split(document, Block { span, kind: block.kind }, index, &mut found);
        }
    }
    join_records(found, document)
}

fn split(document: &Document, block: Block, index: usize, found: &mut Vec<Piece>) {
    let text = document.slice(block.span);
    let mut push = |range: std::ops::Range<usize>| {
        let start = block.span.start as usize;
        let span = Span::new(start + range.start..start + range.end);
        found.push(Piece { span, kind: block.kind, block: index });
    };
    let is_whole = match block.kind {
        BlockKind::TableRow | BlockKind::TableHeader | BlockKind::Heading(_) => true,
        BlockKind::ListItem => text.chars().count() <= MAX_ITEM_CHARS,
        BlockKind::Code => text.chars().count() <= MAX_QUOTE_CHARS,
        _ => false,
    };
    match block.kind {
        _ if is_whole => {
            let start = text.len() - text.trim_start().len();
            push(start..start + text.trim().len());
        }
        BlockKind::Code => lines(text).for_each(&mut push),
        _ => sentences(text).into_iter().for_each(&mut push),
    }
}

/// The lines that are not blank, without the white space at their ends.
fn lines(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let begin = start + line.len() - line.trim_start().len();
        start += line.len();
        let trimmed = line.trim();
        (!trimmed.is_empty()).then(|| begin..begin + trimmed.len())
    })
}

/// Joins questions and labels to what follows them.
fn joined(pieces: &[Piece], document: &Document) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut next = 0;
    while let Some(&first) = pieces.get(next) {
        next += 1;
        let mut whole = first;
        // The command under a step of a list is what the step says.
        let has_code = |piece: Piece, next: usize| {
            let is_code = pieces.get(next).is_some_and(|piece| piece.kind == BlockKind::Code);
            piece.kind == BlockKind::ListItem && is_code
        };
        let is_title = is_title(&pieces[next - 1..], document);
        let is_label_here = is_label(document.slice(first.span)) && can_join(first);
        let mut follows = is_title || is_label_here || has_code(first, next);
        while let Some(&after) = pieces.get(next).filter(|_| follows) {
            let span = Span { end: after.span.end, ..whole.span };
            let is_short = document.slice(span).chars().count() <= MAX_QUOTE_CHARS;
            if !is_short || !can_join(after) || is_question(document.slice(after.span)) {
                break;
            }
            whole.span = span;
            next += 1;
            // All items of a short list belong to its lead-in.
            let is_list = after.kind == BlockKind::ListItem;
            let is_next = pieces.get(next).is_some_and(|p| p.kind == BlockKind::ListItem);
            // Those of an item are further in than it is.
            let is_within = first.kind != BlockKind::ListItem
                || pieces
                    .get(next)
                    .is_some_and(|&p| indentation(document, p) > indentation(document, first));
            follows = is_label(document.slice(after.span))
                || (is_list && is_next && is_within)
                || has_code(after, next);
        }
        found.push(whole);
    }
    found
}

/// The whole of a short section below a line in capitals. Such a line is often no title, but a
/// notice that says something itself: "NO SWIMMING AFTER DARK".
fn notice(parts: &[Piece], document: &Document) -> Option<Piece> {
    let (first, last) = (parts.first()?, parts.last()?);
    let title = document.blocks.get(first.block.checked_sub(1)?)?;
    let next = document.blocks.get(last.block + 1);
    let is_heading = |block: &Block| matches!(block.kind, BlockKind::Heading(_));
    let is_whole = document.blocks[first.block].span.start == first.span.start
        && document.blocks[last.block].span.end == last.span.end
        && next.is_none_or(is_heading);
    let is_text = parts.iter().all(|part| part.kind == BlockKind::Paragraph);
    let span = Span { start: title.span.start, ..last.span };
    let is_short = || document.slice(span).chars().count() <= MAX_NOTICE_CHARS;
    let is_notice = is_heading(title) && is_whole && is_text && is_short();
    let has_capitals = is_notice && is_in_capitals(document.slice(title.span));
    has_capitals.then_some(Piece { span, ..*first })
}

fn is_in_capitals(line: &str) -> bool {
    line.split_whitespace().count() >= MIN_NOTICE_WORDS
        && line.chars().any(char::is_uppercase)
        && !line.chars().any(char::is_lowercase)
}

/// The span of the list that the piece is an item of.
fn list_around(pieces: &[Piece], at: usize, document: &Document) -> Option<Span> {
    let is_item = |piece: &&Piece| piece.kind == BlockKind::ListItem;
    let first = at - pieces[..at].iter().rev().take_while(is_item).count();
    let last = at + pieces[at..].iter().take_while(is_item).count();
    if last - first < 2 || last <= at {
        return None;
    }
    let span = Span { end: pieces[last - 1].span.end, ..pieces[first].span };
    (document.slice(span).chars().count() <= MAX_QUOTE_CHARS).then_some(span)
}

fn can_join(piece: Piece) -> bool {
    !matches!(piece.kind, BlockKind::Heading(_) | BlockKind::TableRow | BlockKind::TableHeader)
}

/// The span of what says what a piece is about: the header of a row's table, the lead-in of a
/// list's item, or the item that it is further in than.
fn above(document: &Document, piece: Piece, headers: &mut RowHeaders) -> Option<Span> {
    match piece.kind {
        BlockKind::TableRow => headers.of(document, piece.block),
        BlockKind::ListItem => {
            item_above(document, piece.block).or_else(|| lead_in(document, piece.block))
        }
        _ => None,
    }
}

/// The short item that an item is further in than.
fn item_above(document: &Document, item: usize) -> Option<Span> {
    let depth = |block: &Block| {
        let text = document.slice(block.span);
        text.len() - text.trim_start().len()
    };
    let own = depth(&document.blocks[item]);
    let before = document.blocks[..item].iter().rev().take(MAX_LEAD_IN_BLOCKS);
    let mut items = before.take_while(|block| block.kind == BlockKind::ListItem);
    let above = items.find(|block| depth(block) < own)?;
    is_short_title(document.slice(above.span)).then_some(above.span)
}

fn lead_in(document: &Document, item: usize) -> Option<Span> {
    let before = document.blocks[..item].iter().rev().take(MAX_LEAD_IN_BLOCKS);
    let mut before = before.skip_while(|block| block.kind == BlockKind::ListItem);
    let block = before.next().filter(|block| block.kind == BlockKind::Paragraph)?;
    is_label(document.slice(block.span)).then_some(block.span)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::test;

    /// The texts of the units of a document with these blocks, one a line.
    pub(in super::super) fn quotable(blocks: &[(BlockKind, &str)]) -> Vec<String> {
        let document = document(blocks);
        let whole = Span::new(0..document.text.len());
        let pieces = joined(&pieces(&document, whole), &document);
        pieces.iter().map(|piece| document.slice(piece.span).to_owned()).collect()
    }

    fn document(blocks: &[(BlockKind, &str)]) -> Document {
        let mut document = Document::default();
        for &(kind, text) in blocks {
            let start = document.text.len();
            document.text.push_str(text);
            document.blocks.push(Block { span: Span::new(start..document.text.len()), kind });
            document.text.push('\n');
        }
        document
    }

    #[test]
    fn a_question_is_quoted_with_its_answer() {
        use BlockKind::Paragraph;
        let question = "Q: How long is the warranty?";
        assert_eq!(
            quotable(&[(Paragraph, question), (Paragraph, "A: Three years. Parts: one.")]),
            [format!("{question}\nA: Three years."), "Parts: one.".to_owned()]
        );
        assert_eq!(quotable(&[(Paragraph, "Why? When? Now.")]), ["Why?", "When? Now."]);
    }

    #[test]
    fn the_title_of_a_line_is_quoted_with_it() {
        use BlockKind::{ListItem, Paragraph};
        let clubs = "1. CHESS CLUB\nMeets on Mondays.\n2. KNITTING CLUB\nMeets in the loft.";
        let both = ["CHESS CLUB\nMeets on Mondays.", "KNITTING CLUB\nMeets in the loft."];
        for (found, expected) in quotable(&[(Paragraph, clubs)]).iter().zip(both) {
            assert!(found.ends_with(expected), "{found}");
        }
        let terms = [(Paragraph, "Dogs"), (Paragraph, "Half fare."), (Paragraph, "Cats")];
        assert_eq!(quotable(&terms), ["Dogs\nHalf fare.", "Cats"]);
        assert_eq!(quotable(&[(Paragraph, "Bus 12\nIt leaves at noon.")]).len(), 2);
        let list = [(ListItem, "- Bikes"), (ListItem, "- In the shed"), (ListItem, "- Cars")];
        assert_eq!(quotable(&list).len(), 3);
    }

    #[test]
    fn an_item_above_several_items_is_about_them() {
        use BlockKind::ListItem;
        let blocks = [(ListItem, "- Fruit"), (ListItem, "  - apples"), (ListItem, "  - pears")];
        assert_eq!(quotable(&blocks), ["- Fruit", "- apples", "- pears"]);
        let document = document(&blocks);
        assert_eq!(item_above(&document, 2), Some(document.blocks[0].span));
        assert_eq!(item_above(&document, 0), None);
        assert_eq!(quotable(&blocks[..2]), ["- Fruit\n  - apples"]);
    }

    #[test]
    fn a_short_list_is_quoted_with_its_lead_in() {
        use BlockKind::{ListItem, Paragraph};
        let blocks = [(Paragraph, "The kit has:"), (ListItem, "- a saw"), (ListItem, "- glue")];
        assert_eq!(quotable(&blocks), ["The kit has:\n- a saw\n- glue"]);
        let long = format!("- {}", "a saw and ".repeat(18));
        let items = [(Paragraph, "The kit has:"), (ListItem, &*long), (ListItem, &*long)];
        assert_eq!(quotable(&items).len(), 2);
        let document = document(&items);
        let item = Piece { span: document.blocks[2].span, kind: ListItem, block: 2 };
        assert_eq!(
            above(&document, item, &mut RowHeaders::default()),
            Some(document.blocks[0].span)
        );
    }

    #[test]
    fn a_notice_in_capitals_is_quoted_with_the_short_text_below_it() {
        use BlockKind::{Heading, Paragraph};
        let notice_of = |title: &str, text: &str| {
            let document = document(&[(Heading(3), title), (Paragraph, text)]);
            let pieces = pieces(&document, document.blocks[1].span);
            notice(&pieces, &document).map(|found| document.slice(found.span).to_owned())
        };
        let (title, text) = ("NO SWIMMING AFTER DARK", "The guards leave at six. Swim by day.");
        assert_eq!(notice_of(title, text), Some(format!("{title}\n{text}")));
        assert_eq!(notice_of(title, &"The guards leave at six. ".repeat(9)), None);
        for title in ["INSTALLATION", "SAFETY NOTES", "No swimming after dark", "3. 4. 5."] {
            assert_eq!(notice_of(title, text), None, "{title}");
        }
    }

    #[test]
    fn the_command_below_a_step_is_quoted_with_it() {
        use BlockKind::{Code, ListItem};
        let blocks =
            [(ListItem, "- on the first node"), (Code, "start quay"), (ListItem, "- wait")];
        assert_eq!(quotable(&blocks), ["- on the first node\nstart quay", "- wait"]);
    }

    #[test]
    fn rows_and_short_code_are_quoted_whole() {
        use BlockKind::{Code, TableHeader, TableRow};
        let code = "stop pump. Now\nstart pump";
        let blocks = [
            (TableHeader, "Bolt | Torque"),
            (TableRow, "B. A | 6"),
            (TableRow, "C | 7"),
            (Code, code),
        ];
        assert_eq!(quotable(&blocks), ["Bolt | Torque", "B. A | 6", "C | 7", code]);
        let long = "start the pump of hall seven\n".repeat(20);
        assert_eq!(quotable(&[(Code, &long)]).len(), 20, "the lines of a long one");
        let document = document(&blocks);
        let row = Piece { span: document.blocks[2].span, kind: TableRow, block: 2 };
        assert_eq!(
            above(&document, row, &mut RowHeaders::default()),
            Some(document.blocks[0].span)
        );
    }
}
