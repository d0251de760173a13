//! Question and passages -> a prompt that fits the model's context.

use crate::chunk::table_header_of;
use crate::document::{Document, Span};
use crate::error::{Error, Result};
use crate::generate::{GenerateInput, Generator};
use crate::model::{Message, Role};
use crate::retrieve::Passage;
use crate::text::sentences;

/// The most tokens of passages in a prompt. Prefill time grows with the prompt
/// (`benches/browser/results.json` has measured speeds), and small models answer worse
/// from longer prompts.
const PASSAGE_TOKENS: usize = 448;
/// Tokens kept free, as joined texts may have more tokens than the sum of their parts.
const SPARE_TOKENS: usize = 8;
/// The fewest tokens that must be left for passages.
const MIN_PASSAGE_TOKENS: usize = 32;

const INSTRUCTION: &str = "You answer questions about the user's documents. Use only the passages \
                           given. Answer in one or two short sentences.";

/// The token ids of a prompt that asks a generator to answer the question from `passages`,
/// which are best first, in at most `max_tokens` tokens. Passages that do not fit are cut
/// at sentences or left out, the worst first.
///
/// # Errors
/// [`Error::QuestionTooLong`] for a question that leaves no room for any passage.
pub fn prompt(
    generator: &Generator,
    question: &str,
    passages: &[Passage],
    max_tokens: usize,
) -> Result<Vec<u32>> {
    let context = generator.context_length();
    // A long answer takes at most half of the context, and so leaves room for the question.
    // Generation stops at the end of the context.
    let room = context.saturating_sub(max_tokens.min(context / 2) + SPARE_TOKENS);
    let without_passages = encode(generator, question, &[])?.len();
    if without_passages + MIN_PASSAGE_TOKENS > room {
        let got = generator.count_tokens(question)?;
        let limit = (room + got).saturating_sub(without_passages + MIN_PASSAGE_TOKENS);
        return Err(Error::QuestionTooLong { got, limit });
    }
    let mut left = (room - without_passages).min(PASSAGE_TOKENS);
    let mut parts = Vec::new();
    for (number, passage) in (1..).zip(passages) {
        let marker = format!("\n[{number}] ");
        let budget = left.saturating_sub(generator.count_tokens(&marker)?);
        let (text, tokens) = truncated(generator, passage, budget)?;
        if text.is_empty() {
            break;
        }
        left = budget.saturating_sub(tokens);
        parts.push(marker + &text);
    }
    encode(generator, question, &parts)
}

fn encode(generator: &Generator, question: &str, parts: &[String]) -> Result<Vec<u32>> {
    let content = format!("Passages:{}\n\nQuestion: {}", parts.concat(), question.trim());
    let message = |role, content: &str| Message { role, content: content.to_owned() };
    let messages = vec![message(Role::System, INSTRUCTION), message(Role::User, &content)];
    generator.encode(&GenerateInput::Messages(messages))
}

/// As many of the passage's first sentences as fit into `max_tokens`, and the number of
/// their tokens. If none fits, the beginning of the first sentence.
fn truncated(
    generator: &Generator,
    passage: &Passage,
    max_tokens: usize,
) -> Result<(String, usize)> {
    let document = &passage.document.document;
    let texts = || parts(document, passage.span).into_iter().map(|part| document.slice(part));
    let whole = texts().map(one_line).collect::<Vec<_>>().join(" ");
    let tokens = generator.count_tokens(&whole)?;
    if tokens <= max_tokens {
        return Ok((whole, tokens));
    }
    let mut kept = String::new();
    let mut used = 0;
    for sentence in texts().flat_map(|text| sentences(text).into_iter().map(|at| &text[at])) {
        let sentence = one_line(sentence);
        let tokens = generator.count_tokens(&sentence)? + 1;
        if used + tokens > max_tokens {
            break;
        }
        kept.push_str(if kept.is_empty() { "" } else { " " });
        kept.push_str(&sentence);
        used += tokens;
    }
    if kept.is_empty() && max_tokens >= MIN_PASSAGE_TOKENS / 2 {
        let ids = generator.tokenize(&whole)?;
        let text = generator.detokenize(&ids[..max_tokens])?;
        return Ok((text.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned(), max_tokens));
    }
    Ok((kept, used))
}

/// What a prompt has of a passage: the header of the table that it continues, then its text
/// without boilerplate.
fn parts(document: &Document, passage: Span) -> Vec<Span> {
    let header = table_header_of(document, passage.start);
    header.into_iter().chain(document.content(passage)).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Block, BlockKind};
    use crate::test;

    const LINES: [(&str, BlockKind); 6] = [
        ("Opening times of the mill", BlockKind::Paragraph),
        ("Day | Opens", BlockKind::TableHeader),
        ("Monday | 9", BlockKind::TableRow),
        ("page 7", BlockKind::Boilerplate),
        ("Tuesday | 10", BlockKind::TableRow),
        ("The mill is closed in winter.", BlockKind::Paragraph),
    ];

    fn document() -> Document {
        let mut document = Document::default();
        for (line, kind) in LINES {
            let start = document.text.len();
            document.text.push_str(line);
            document.blocks.push(Block { span: Span::new(start..document.text.len()), kind });
            document.text.push('\n');
        }
        document
    }

    /// What a prompt has of the passage from one line to another.
    fn shown(first: usize, last: usize) -> Vec<String> {
        let document = document();
        let end = document.blocks[last].span.end;
        let passage = Span { start: document.blocks[first].span.start, end };
        let parts = parts(&document, passage).into_iter();
        parts.map(|part| one_line(document.slice(part))).collect()
    }

    #[test]
    fn a_passage_that_continues_a_table_has_its_header() {
        assert_eq!(shown(2, 2), ["Day | Opens", "Monday | 9"]);
        assert_eq!(shown(4, 5), ["Day | Opens", "Tuesday | 10 The mill is closed in winter."]);
    }

    #[test]
    fn a_passage_that_has_the_header_does_not_repeat_it() {
        assert_eq!(shown(1, 2), ["Day | Opens Monday | 9"]);
        assert_eq!(shown(5, 5), ["The mill is closed in winter."]);
    }

    #[test]
    fn the_header_of_a_page_is_left_out() {
        assert_eq!(shown(2, 4), ["Day | Opens", "Monday | 9", "Tuesday | 10"]);
    }
}
