//! Question and passages -> a prompt that fits the model's context.

use super::options::AskOptions;
use super::prompt_model::{External, PromptModel};
use crate::chunk::table_header_of;
use crate::document::{Document, Span};
use crate::error::{Error, Result};
use crate::generate::{ExternalGenerator, GenerateInput, Generator};
use crate::model::{Message, Role};
use crate::question::PastQuestion;
use crate::retrieve::Passage;
use crate::text::{is_order_to_model, sentences};

/// Tokens kept free, as joined texts may have more tokens than the sum of their parts.
const SPARE_TOKENS: usize = 8;
/// Tokens around the two messages of a turn, in the chat templates of the families that are read.
const TURN_TOKENS: usize = 12;
/// The fewest tokens that must be left for passages.
const MIN_PASSAGE_TOKENS: usize = 32;

const INSTRUCTION: &str = "You answer questions about the user's documents. Use only the passages \
                           given. Answer in one or two short sentences.";

/// What a generator is told to answer from.
#[derive(Debug, Clone, Default)]
pub struct Told<'a> {
    /// The passages, best first.
    pub passages: &'a [Passage],
    /// The sentences of them that answer best, best first.
    pub quotes: Vec<&'a str>,
    /// The words that the answer reader found, where it is sure.
    pub answer: Option<&'a str>,
}

/// The token ids of a prompt that asks a generator to answer the question from what it is told.
/// Passages that do not fit are cut at sentences or left out, the worst first; so are quotes.
/// Sentences that tell a model what to do are left out. The last questions of the history and their answers stand before them, so that the beginning of
/// the prompt stays the same from question to question; they have what the passages leave, and a
/// limit of their own.
///
/// # Errors
/// [`Error::QuestionTooLong`] for a question that leaves no room for any passage.
pub fn prompt(
    generator: &Generator,
    question: &str,
    told: &Told<'_>,
    options: &AskOptions,
) -> Result<Vec<u32>> {
    let messages = messages(generator, question, told, options)?;
    generator.encode(&GenerateInput::Messages(messages))
}

/// The same as messages for a generator of the caller.
pub(crate) fn external_prompt(
    generator: &dyn ExternalGenerator,
    question: &str,
    told: &Told<'_>,
    options: &AskOptions,
) -> Result<Vec<Message>> {
    messages(&External(generator), question, told, options)
}

fn messages(
    model: &dyn PromptModel,
    question: &str,
    told: &Told<'_>,
    options: &AskOptions,
) -> Result<Vec<Message>> {
    let share = model.share();
    let context = model.context_length();
    // A long answer takes at most half of the context, and so leaves room for the question.
    // Generation stops at the end of the context.
    let room = context.saturating_sub(options.max_tokens.min(context / 2) + SPARE_TOKENS);
    let bare = Conversation { past: &[], passages: &[], notes: "", question };
    let without_passages = model.count_messages(&bare.messages())?;
    if without_passages + MIN_PASSAGE_TOKENS > room {
        let got = model.count_tokens(question)?;
        let limit = (room + got).saturating_sub(without_passages + MIN_PASSAGE_TOKENS);
        return Err(Error::QuestionTooLong { got, limit });
    }
    let left = room - without_passages;
    let notes = notes(model, told, share.quotes.min(left / 2))?;
    let left = left.saturating_sub(model.count_tokens(&notes)?);
    let mut left = left.min(share.passages);
    let mut parts = Vec::new();
    for (number, passage) in (1..).zip(told.passages) {
        let marker = format!("\n[{number}] ");
        let budget = left.saturating_sub(model.count_tokens(&marker)?);
        let (text, tokens) = truncated(model, passage, budget)?;
        if text.is_empty() {
            break;
        }
        left = budget.saturating_sub(tokens);
        parts.push(marker + &text);
    }
    let current = Conversation { passages: &parts, notes: &notes, ..bare };
    let rest = room.saturating_sub(model.count_messages(&current.messages())?);
    let past = last_turns(model, &options.history, rest.min(share.history))?;
    Ok(Conversation { past: &past, ..current }.messages())
}

/// What a prompt says.
#[derive(Clone, Copy)]
struct Conversation<'a> {
    /// Earlier messages, of the user and of the model in turn.
    past: &'a [Message],
    /// The texts of passages with their numbers.
    passages: &'a [String],
    /// What the search and the answer reader found in them.
    notes: &'a str,
    question: &'a str,
}

impl Conversation<'_> {
    fn messages(&self) -> Vec<Message> {
        let (passages, notes, question) =
            (self.passages.concat(), self.notes, self.question.trim());
        let content = format!("Passages:{passages}{notes}\n\nQuestion: {question}");
        let mut messages = vec![message(Role::System, INSTRUCTION)];
        messages.extend_from_slice(self.past);
        messages.push(message(Role::User, &content));
        messages
    }
}

fn message(role: Role, content: &str) -> Message {
    Message { role, content: content.to_owned() }
}

/// The quotes and the short answer, as many as fit into `max_tokens`; empty where there are none.
/// With them a model of half a billion weights says the answer for .80 of questions instead of .60.
fn notes(model: &dyn PromptModel, told: &Told<'_>, max_tokens: usize) -> Result<String> {
    let quotes = told.quotes.iter().flat_map(|quote| told_sentences(quote));
    let quotes = quotes.map(|quote| format!("\n- {quote}"));
    let quotes = fitting(model, quotes, max_tokens)?;
    let answer = told.answer.map(one_line).filter(|answer| !is_order_to_model(answer));
    let answer = answer.map(|answer| format!("\n\nLikely answer: {answer}")).unwrap_or_default();
    let title = if quotes.is_empty() { "" } else { "\n\nMost relevant sentences:" };
    Ok(format!("{title}{quotes}{answer}"))
}

/// The first of these texts that fit into `max_tokens` together.
fn fitting(
    model: &dyn PromptModel,
    texts: impl Iterator<Item = String>,
    max_tokens: usize,
) -> Result<String> {
    let mut left = max_tokens;
    let mut kept = String::new();
    for text in texts {
        let tokens = model.count_tokens(&text)?;
        if tokens > left {
            break;
        }
        left -= tokens;
        kept.push_str(&text);
    }
    Ok(kept)
}

/// The last questions that have an answer, with it, as many as fit into `max_tokens`. A quote is the
/// answer where none was written.
fn last_turns(
    model: &dyn PromptModel,
    history: &[PastQuestion],
    max_tokens: usize,
) -> Result<Vec<Message>> {
    let mut left = max_tokens;
    let mut turns = Vec::new();
    for past in history.iter().rev() {
        let written = Some(&past.answer).filter(|answer| !answer.trim().is_empty());
        let Some(answer) = written.or(past.quotes.first()) else { continue };
        let turn = [(Role::User, &past.question), (Role::Assistant, answer)];
        let [asked, answered] = turn.map(|(role, text)| message(role, &one_line(text)));
        let tokens = model.count_tokens(&asked.content)?
            + model.count_tokens(&answered.content)?
            + TURN_TOKENS;
        if tokens > left {
            break;
        }
        left -= tokens;
        turns.extend([answered, asked]);
    }
    turns.reverse();
    Ok(turns)
}

/// As many of the passage's first sentences as fit into `max_tokens`, and the number of
/// their tokens. If none fits, the beginning of the first sentence.
fn truncated(
    model: &dyn PromptModel,
    passage: &Passage,
    max_tokens: usize,
) -> Result<(String, usize)> {
    let document = &passage.document.document;
    let texts = parts(document, passage.span).into_iter().map(|part| document.slice(part));
    let told: Vec<String> = texts.flat_map(told_sentences).collect();
    let whole = told.join(" ");
    let tokens = model.count_tokens(&whole)?;
    if tokens <= max_tokens {
        return Ok((whole, tokens));
    }
    let mut kept = String::new();
    let mut used = 0;
    for sentence in told {
        let tokens = model.count_tokens(&sentence)? + 1;
        if used + tokens > max_tokens {
            break;
        }
        kept.push_str(if kept.is_empty() { "" } else { " " });
        kept.push_str(&sentence);
        used += tokens;
    }
    if kept.is_empty() && max_tokens >= MIN_PASSAGE_TOKENS / 2 {
        return Ok((model.beginning(&whole, max_tokens)?, max_tokens));
    }
    Ok((kept, used))
}

/// The sentences of a text, each on a line, without those that tell a model what to do.
fn told_sentences(text: &str) -> impl Iterator<Item = String> {
    let all = sentences(text).into_iter().map(|range| one_line(&text[range]));
    all.filter(|sentence| !is_order_to_model(sentence))
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
