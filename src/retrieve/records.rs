//! Records in lines: "Name: …", "Phone: …", a blank line, the next one; a name with its address. A
//! line alone does not say whose phone it is, so a record is quoted whole.

use std::collections::BTreeSet;
use std::ops::Range;

use super::units::{MAX_QUOTE_CHARS, Piece};
use crate::document::{BlockKind, Document, Span};
use crate::lines::{are_alike, has_end_mark, is_short_title, without_mark};
use crate::text::fold;

/// The most characters of a line of a record.
const MAX_LINE_CHARS: usize = 100;
/// The most characters of the name before a colon.
const MAX_KEY_CHARS: usize = 30;
/// The fewest keys that two records in a list share.
const MIN_SHARED_KEYS: usize = 2;
/// The lines of a name with its address.
const ADDRESS_LINES: Range<usize> = 3..9;
/// The most characters of a line of an address.
const MAX_ADDRESS_CHARS: usize = 60;
/// What begins and ends a record of iCalendar (RFC 5545) and vCard (RFC 6350).
const BEGIN: &str = "BEGIN:";
const END: &str = "END:";

/// Joins the lines of each record. Lines that are no records stay as they are.
pub(super) fn join_records(pieces: Vec<Piece>, document: &Document) -> Vec<Piece> {
    let found = records(&pieces, document);
    let mut joined = Vec::with_capacity(pieces.len());
    let mut next = 0;
    for record in found {
        joined.extend_from_slice(&pieces[next..record.start]);
        let (first, last) = (pieces[record.start], pieces[record.end - 1]);
        joined.push(Piece { span: Span { end: last.span.end, ..first.span }, ..first });
        next = record.end;
    }
    joined.extend_from_slice(&pieces[next..]);
    joined
}

/// The ranges of the pieces that are records, in order.
fn records(pieces: &[Piece], document: &Document) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut previous: Option<Candidate> = None;
    for range in groups(pieces, document) {
        if is_address(&pieces[range.clone()], document) {
            found.push(range);
            previous = None;
            continue;
        }
        let Some(candidate) = Candidate::of(&pieces[range.clone()], document) else {
            previous = None;
            continue;
        };
        if candidate.is_marked {
            found.push(range.clone());
        } else if let Some(before) = &previous
            && before.is_like(&candidate)
        {
            if found.last() != Some(&before.range(range.start)) {
                found.push(before.range(range.start));
            }
            found.push(range.clone());
        }
        previous = Some(candidate);
    }
    let is_short = |range: &Range<usize>| {
        let (first, last) = (pieces[range.start].span, pieces[range.end - 1].span);
        document.slice(Span { end: last.end, ..first }).chars().count() <= MAX_QUOTE_CHARS
    };
    found.retain(is_short);
    found
}

/// Pieces that may be one record: the lines of a block, items up to the one that has the key of the
/// first again, what stands between BEGIN and END.
fn groups(pieces: &[Piece], document: &Document) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for at in 1..=pieces.len() {
        if at == pieces.len() || begins_anew(&pieces[start..=at], document) {
            found.push(start..at);
            start = at;
        }
    }
    found
}

/// Whether the last of these pieces begins another record than the first.
fn begins_anew(pieces: &[Piece], document: &Document) -> bool {
    let [first, .., next] = pieces else { return false };
    let before = &pieces[pieces.len() - 2];
    let text = |piece: &Piece| document.slice(piece.span);
    match next.kind {
        kind if kind != first.kind => true,
        BlockKind::ListItem => {
            let keys = [first, next].map(|piece| key(text(piece)));
            keys.contains(&None) || keys[0] == keys[1]
        }
        _ => {
            next.block != before.block
                || text(next).starts_with(BEGIN)
                || text(before).starts_with(END)
        }
    }
}

/// Whether pieces are a name with lines that belong to it, most with a number: street, town, phone.
/// Neighbouring lines that are alike are entries of a list.
fn is_address(pieces: &[Piece], document: &Document) -> bool {
    let [name, rest @ ..] = pieces else { return false };
    let lines: Vec<&str> = rest.iter().map(|piece| document.slice(piece.span)).collect();
    let is_part = |line: &&str| line.chars().count() <= MAX_ADDRESS_CHARS && !has_end_mark(line);
    let with_number = lines.iter().filter(|line| line.contains(char::is_numeric)).count();
    name.kind == BlockKind::Paragraph
        && ADDRESS_LINES.contains(&pieces.len())
        && is_short_title(document.slice(name.span))
        && !document.slice(name.span).contains(char::is_numeric)
        && lines.iter().all(is_part)
        && 2 * with_number > lines.len()
        && !lines.windows(2).any(|pair| are_alike(pair[0], pair[1]))
}

/// What may be a record, where its neighbour is like it.
struct Candidate {
    pieces: usize,
    is_list: bool,
    /// Whether its lines say that it is one.
    is_marked: bool,
    keys: BTreeSet<String>,
}

impl Candidate {
    /// None where a line is long, is no "key: value" and no title above such lines, or where there is
    /// only one line.
    fn of(pieces: &[Piece], document: &Document) -> Option<Self> {
        let (first, last) = (pieces.first()?, pieces.last()?);
        let is_text = matches!(first.kind, BlockKind::Paragraph | BlockKind::ListItem);
        if pieces.len() < 2 || !is_text {
            return None;
        }
        let lines = || pieces.iter().map(|piece| document.slice(piece.span));
        if lines().any(|line| line.chars().count() > MAX_LINE_CHARS || line.contains('\n')) {
            return None;
        }
        let is_list = first.kind == BlockKind::ListItem;
        let titles = usize::from(!is_list && key(document.slice(first.span)).is_none());
        let keys: Option<BTreeSet<String>> = lines().skip(titles).map(key).collect();
        let is_marked = document.slice(first.span).starts_with(BEGIN)
            && document.slice(last.span).starts_with(END);
        Some(Self { pieces: pieces.len(), is_list, is_marked, keys: keys? })
    }

    /// Whether another one has the same keys, but for some that only one of them has.
    fn is_like(&self, other: &Self) -> bool {
        let shared = self.keys.intersection(&other.keys).count();
        let fewest = if self.is_list { MIN_SHARED_KEYS } else { 1 };
        self.is_list == other.is_list
            && shared >= fewest
            && 2 * shared >= self.keys.len().min(other.keys.len())
    }

    /// Its pieces, where the next ones begin at `end`.
    fn range(&self, end: usize) -> Range<usize> {
        end - self.pieces..end
    }
}

/// The key of a line "key: value", without the mark of a list.
fn key(line: &str) -> Option<String> {
    let line = without_mark(line);
    let end = line.find([':', '：'])?;
    let (key, value) = (&line[..end], line[end..].trim_start_matches([':', '：']));
    let is_key = !value.trim().is_empty()
        && key.chars().any(char::is_alphabetic)
        && key.chars().count() <= MAX_KEY_CHARS
        && !key.contains(['!', '?', ',', ';'])
        && !key.contains(". ")
        // The address of a page.
        && !value.starts_with("//");
    is_key.then(|| fold(key))
}

#[cfg(test)]
mod tests {
    use super::super::units::tests::quotable;
    use super::*;
    use crate::test;

    #[test]
    fn the_lines_of_a_record_are_quoted_together() {
        use BlockKind::Paragraph;
        let hotels = [
            "Hotel Miramar\nCheck-out: 11:00\nPets: none",
            "Pension Marie\nCheck-out: 09:30\nWi-Fi: free",
        ];
        assert_eq!(quotable(&hotels.map(|hotel| (Paragraph, hotel))), hotels);
        // Lines of a text that has no second record are quoted one by one.
        assert_eq!(quotable(&[(Paragraph, "Host: a\nPort: 80")]), ["Host: a", "Port: 80"]);
        let menu = [(Paragraph, "Monday: soup\nTuesday: fish"), (Paragraph, "Milk: no\nNuts: yes")];
        assert_eq!(quotable(&menu).len(), 4);
    }

    #[test]
    fn a_name_is_quoted_with_its_address_and_entries_of_a_list_one_by_one() {
        use BlockKind::Paragraph;
        let address = "Molen De Vos\nMolenweg 3\n8000 Brugge\nTel 050 61 72";
        assert_eq!(quotable(&[(Paragraph, address)]), [address]);
        let codes = "Door codes\nAnnex door 4471\nBoat house 9020\nShed 3315";
        assert_eq!(quotable(&[(Paragraph, codes)]).len(), 4);
        assert_eq!(
            quotable(&[(Paragraph, "Anna - 3 May\nBo - 12 June\nCleo - 30 March")]).len(),
            3
        );
    }

    #[test]
    fn items_that_repeat_their_keys_are_records() {
        use BlockKind::ListItem;
        let items = ["name: A", "depth: 4", "year: 1", "name: B", "depth: 5", "- not a key"];
        let records = ["name: A\ndepth: 4\nyear: 1", "name: B\ndepth: 5", "- not a key"];
        assert_eq!(quotable(&items.map(|item| (ListItem, item))), records);
    }

    #[test]
    fn an_event_of_a_calendar_is_a_record() {
        let event = "BEGIN:VEVENT\nSUMMARY:Choir\nLOCATION:Hall\nEND:VEVENT";
        let calendar = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{event}\nEND:VCALENDAR");
        assert!(quotable(&[(BlockKind::Paragraph, &calendar)]).contains(&event.to_owned()));
    }
}
