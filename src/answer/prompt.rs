//! A question and passages to a prompt within the model's context.

use crate::chunk::sentences;
use crate::error::{Error, Result};
use crate::generate::{GenerateInput, Generator};
use crate::model::{Message, Role};
use crate::retrieve::Passage;

/// Tokens of passages in a prompt. A page reads some forty tokens a second, and
/// small models lose the thread in longer ones.
const PASSAGE_TOKENS: usize = 448;
/// Left free, for where texts joined have more tokens than each by itself.
const SPARE_TOKENS: usize = 8;
/// The least that must be left for passages.
const MIN_PASSAGE_TOKENS: usize = 32;

const INSTRUCTION: &str = "You answer questions about the user's documents. Use only the passages \
                           given. Answer in one or two short sentences.";

/// What a generator is given to answer a question from passages, best first, with an
/// answer of at most `max_tokens`: the prompt's token ids. Passages that do not fit are
/// cut at sentences or left out, the worst first; a question that leaves no room for any
/// is an error.
pub fn prompt(
    generator: &Generator,
    question: &str,
    passages: &[Passage],
    max_tokens: usize,
) -> Result<Vec<u32>> {
    let context = generator.context_length();
    // A long answer must not leave the question without room; it ends where the
    // context does.
    let room = context.saturating_sub(max_tokens.min(context / 2) + SPARE_TOKENS);
    let framed = encode(generator, question, &[])?.len();
    if framed + MIN_PASSAGE_TOKENS > room {
        let got = generator.count_tokens(question)?;
        let limit = (room + got).saturating_sub(framed + MIN_PASSAGE_TOKENS);
        return Err(Error::QuestionTooLong { got, limit });
    }
    let mut left = (room - framed).min(PASSAGE_TOKENS);
    let mut parts = Vec::new();
    for (number, passage) in (1..).zip(passages) {
        let marker = format!("\n[{number}] ");
        let most = left.saturating_sub(generator.count_tokens(&marker)?);
        let (text, tokens) = fitting(generator, passage, most)?;
        if text.is_empty() {
            break;
        }
        left = most.saturating_sub(tokens);
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

/// As many of the passage's first sentences as have at most `most` tokens, and
/// how many they have; the beginning of the first one where not even that fits.
fn fitting(generator: &Generator, passage: &Passage, most: usize) -> Result<(String, usize)> {
    let whole = one_line(passage.text());
    let tokens = generator.count_tokens(&whole)?;
    if tokens <= most {
        return Ok((whole, tokens));
    }
    let mut kept = String::new();
    let mut used = 0;
    for range in sentences(passage.text()) {
        let sentence = one_line(&passage.text()[range]);
        let tokens = generator.count_tokens(&sentence)? + 1;
        if used + tokens > most {
            break;
        }
        kept.push_str(if kept.is_empty() { "" } else { " " });
        kept.push_str(&sentence);
        used += tokens;
    }
    if kept.is_empty() && most >= MIN_PASSAGE_TOKENS / 2 {
        let ids = generator.tokenize(&whole)?;
        let text = generator.detokenize(&ids[..most])?;
        return Ok((text.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned(), most));
    }
    Ok((kept, used))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
