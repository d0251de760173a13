//! Polite frames: "Can you please tell me where …", "…, thank you."
//!
//! Their words are in texts too, and would outweigh those that say what is asked.

use std::sync::LazyLock;

use super::phrases::{PhraseTable, Phrases, Token, tokens};
use crate::text::{function_words, words};

/// The most tokens of a frame at the end.
const MAX_END_TOKENS: usize = 16;
/// Marks between which words are meant as they stand.
const QUOTATION_MARKS: &[char] = &['"', '“', '”', '„', '«', '»', '「', '」', '『', '』'];

/// A part of a frame (`polite.txt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Please,
    Tell,
    Ask,
    Verb,
    Whether,
    Tail,
    Thanks,
}

static TABLE: LazyLock<PhraseTable<Part>> = LazyLock::new(|| {
    PhraseTable::parse(include_str!("polite.txt"), |name| {
        Some(match name {
            "please" => Part::Please,
            "tell" | "wish" => Part::Tell,
            "ask" => Part::Ask,
            "verb" => Part::Verb,
            "whether" => Part::Whether,
            "tail" => Part::Tail,
            "thanks" => Part::Thanks,
            _ => return None,
        })
    })
});

/// The question without its polite frame, where something with content is left. What is in
/// quotation marks stays.
pub(crate) fn without_frame(question: &str) -> &str {
    let cut = without_end(without_beginning(question));
    let left = words(cut);
    let function_words = function_words(&left);
    let has_content = left.iter().any(|word| !function_words.contains(word.as_str()));
    if has_content { cut } else { question }
}

fn without_beginning(question: &str) -> &str {
    let tokens = tokens(question);
    let longest = TABLE.languages().map(|language| beginning(&tokens, language)).max().unwrap_or(0);
    let (Some(next), true) = (tokens.get(longest), longest > 0) else { return question };
    let (frame, rest) = question.split_at(next.range.start);
    if !frame.contains(QUOTATION_MARKS) {
        return rest;
    }
    // The mark before the first word is not of the frame.
    let end = tokens[longest - 1].range.end;
    if question[..end].contains(QUOTATION_MARKS) { question } else { &question[end..] }
}

/// How many tokens the frame at the beginning has.
fn beginning(tokens: &[Token], language: &Phrases<Part>) -> usize {
    let (mut at, mut end) = (0, 0);
    let mut is_asked = false;
    while let Some((part, len)) = TABLE.first(language, &tokens[at..]) {
        at += len;
        match part {
            Part::Ask => is_asked = true,
            Part::Verb if !is_asked => break,
            Part::Whether if is_asked || end == 0 || end + len != at => break,
            Part::Tail | Part::Thanks => break,
            // "Can you please swim there?"
            Part::Please if is_asked => {}
            Part::Please | Part::Tell | Part::Verb | Part::Whether => {
                is_asked = false;
                end = at;
            }
        }
    }
    end
}

fn without_end(question: &str) -> &str {
    let tokens = tokens(question);
    let first = tokens.len().saturating_sub(MAX_END_TOKENS).max(1);
    let is_frame =
        |&start: &usize| TABLE.languages().any(|it| is_end(question, &tokens, start, it));
    let Some(start) = (first..tokens.len()).find(is_frame) else { return question };
    let end = tokens[start - 1].range.end;
    if question[end..].contains(QUOTATION_MARKS) { question } else { &question[..end] }
}

/// Whether all tokens from `start` on are a frame.
fn is_end(question: &str, tokens: &[Token], start: usize, language: &Phrases<Part>) -> bool {
    let between = &question[tokens[start - 1].range.end..tokens[start].range.start];
    let mut is_set_off =
        between.contains([',', ';', '.', '!', '?', '–', '—', '，', '。', '、', '？']);
    let mut at = start;
    let mut last = None;
    while let Some((part, len)) = TABLE.first(language, &tokens[at..]) {
        // "What does he tell me?" asks for it.
        is_set_off |= matches!(part, Part::Please | Part::Tail);
        let may_follow = !matches!(part, Part::Verb | Part::Whether)
            || matches!(last, Some(Part::Ask | Part::Please));
        if !is_set_off || !may_follow {
            return false;
        }
        at += len;
        last = Some(part);
    }
    at == tokens.len() && !matches!(last, None | Some(Part::Ask))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_polite_frame_is_cut_off_in_many_languages() {
        for (question, expected) in [
            (
                "Can you please tell me where I can find information about the cloakroom?",
                "the cloakroom?",
            ),
            ("I want to know what tickets cost, can you tell me?", "what tickets cost"),
            ("I need to know how often keys rotate, please explain", "how often keys rotate"),
            ("Please show me the fees", "the fees"),
            ("Where is the key, please?", "Where is the key"),
            ("Können Sie mir bitte sagen, wo man Anträge abgibt?", "wo man Anträge abgibt?"),
            ("Ich möchte gerne wissen, was ein Pass kostet", "was ein Pass kostet"),
            ("Pourriez-vous me dire où est la clé ?", "où est la clé ?"),
            ("¿Me puede decir por favor cuánto levanta la grúa?", "cuánto levanta la grúa?"),
            ("Puoi dirmi quando parte il treno?", "quando parte il treno?"),
            ("Kunt u mij vertellen waar de sleutel ligt?", "waar de sleutel ligt?"),
            ("Подскажите, пожалуйста, где ключ?", "где ключ?"),
            ("请问钥匙在哪里？", "钥匙在哪里？"),
            ("鍵の場所を教えてください", "鍵の場所"),
            ("열쇠가 어디 있는지 알려 주세요", "열쇠가 어디 있는지"),
        ] {
            assert_eq!(without_frame(question), expected);
        }
    }

    #[test]
    fn what_is_asked_or_quoted_stays() {
        for question in [
            "Can you swim in the lake?",
            "Can you please me?",
            "What does he tell me?",
            "Who can explain the rule?",
            "\"Please tell me\" is said by whom?",
            "Who wrote \"the key, please\"",
            "Can you tell me?",
            "please",
            "thank you",
            "Thanks to whom was it built?",
            "请假流程是什么？",
            "",
        ] {
            assert_eq!(without_frame(question), question);
        }
        assert_eq!(without_frame("Tell me who said \"please\""), "who said \"please\"");
    }
}
