//! Follow-up questions: "And when was it built?"
//!
//! A question that says "it", or that is only a part of one, is completed by the words of the
//! question before it. No model is asked: the question that is searched is the new one, then
//! the words of the last one that it needs.

use super::polite::without_frame;
use crate::text::{function_words, words};

/// A question that was asked before, and what was quoted for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastQuestion {
    /// The question.
    pub question: String,
    /// Its quotes, best first; may be empty.
    pub quotes: Vec<String>,
}

/// Words that stand for something said before, normalized like terms.
const PRONOUNS: &[&str] = &[
    "it", "its", "he", "him", "his", "she", "her", "hers", "they", "them", "their", "theirs", "er",
    "ihm", "ihn", "sie", "ihr", "ihre", "ihren", "ihrem", "seine", "seinen", "elle", "ils",
    "elles", "lui", "leur", "leurs", "ella", "ellos", "ellas", "ello", "ele", "ela", "eles",
    "elas", "dele", "dela", "esso", "essa", "loro", "hij", "zij", "haar", "hun", "он", "она",
    "оно", "они", "его", "ее", "их",
];
/// Words that do so where a question says little else.
const POINTERS: &[&str] = &[
    "this", "that", "these", "those", "there", "one", "ones", "same", "es", "dort", "dieser",
    "diese", "dieses", "il", "celui", "celle", "ese", "esa", "eso", "esto", "isso", "isto", "het",
    "daar", "там", "это",
];
/// The most words that carry meaning in a question whose pointers count.
const MAX_POINTER_WORDS: usize = 1;
/// Beginnings of a question that goes on from another.
const BEGINNINGS: &[&str] = &[
    "and ",
    "what about ",
    "how about ",
    "also ",
    "then ",
    "but ",
    "or ",
    "und ",
    "was ist mit ",
    "wie ist es mit ",
    "aber ",
    "et ",
    "mais ",
    "qu'en est-il ",
    "y ",
    "pero ",
    "e ",
    "mas ",
    "ma ",
    "en ",
    "maar ",
    "hoe zit het met ",
    "и ",
    "а ",
];
/// A question of so few words is a part of one, if it does not say what it asks.
const MAX_PART_WORDS: usize = 2;

/// The question to search for: `question` itself, or with words of the last of `history`.
pub(crate) fn completed(question: &str, history: &[PastQuestion]) -> String {
    let Some(last) = history.last().filter(|_| is_follow_up(question)) else {
        return question.to_owned();
    };
    let own = content(question);
    // "What about Oslo?" after a question about Madrid is not about Madrid.
    let names = names(question);
    let replaces_name = !names.is_empty() && !has_pronoun(question);
    let last_names = self::names(&last.question);
    let needed: Vec<String> = content(&last.question)
        .into_iter()
        .filter(|word| !own.contains(word))
        .filter(|word| !(replaces_name && last_names.contains(word)))
        .collect();
    if needed.is_empty() {
        return question.to_owned();
    }
    let subject = if has_pronoun(question) { quoted_name(last) } else { None };
    let further = needed.into_iter().chain(subject);
    format!("{question} {}", further.collect::<Vec<_>>().join(" "))
}

/// Whether a question needs the one before it.
fn is_follow_up(question: &str) -> bool {
    // "Können Sie mir sagen" points to nothing.
    let question = without_frame(question);
    let lower = question.trim_start().to_lowercase();
    let goes_on = BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning));
    let is_part = (1..=MAX_PART_WORDS).contains(&words(question).len());
    goes_on || is_part || has_pronoun(question)
}

fn has_pronoun(question: &str) -> bool {
    let points =
        |word: &&str| POINTERS.contains(word) && content(question).len() <= MAX_POINTER_WORDS;
    let words = words(question);
    let mut words = words.iter().map(String::as_str);
    words.any(|word| PRONOUNS.contains(&word) || points(&word))
}

/// The words that carry meaning.
fn content(text: &str) -> Vec<String> {
    let all = words(text);
    let function_words = function_words(&all);
    let mut content: Vec<String> = Vec::new();
    for word in all {
        let says_something = !function_words.contains(word.as_str())
            && !PRONOUNS.contains(&&*word)
            && !POINTERS.contains(&&*word);
        if says_something && !content.contains(&word) {
            content.push(word);
        }
    }
    content
}

/// Capitalized words and numbers, but for the first word.
fn names(text: &str) -> Vec<String> {
    let is_name = |word: &&str| word.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    text.split_whitespace().skip(1).filter(is_name).flat_map(words).collect()
}

/// The name in the first quote, where the last question has none: "Who built it?" was answered
/// by a person, whom "When was he born?" is about.
fn quoted_name(last: &PastQuestion) -> Option<String> {
    let quote = last.quotes.first()?;
    let in_question = content(&last.question);
    let mut run: Vec<String> = Vec::new();
    for word in quote.split_whitespace().skip(1) {
        let is_name = word.starts_with(char::is_uppercase);
        let is_new = !words(word).iter().any(|word| in_question.contains(word));
        if is_name && is_new {
            run.extend(words(word));
        } else if !run.is_empty() {
            break;
        }
    }
    (!run.is_empty()).then(|| run.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn after(last: &str, question: &str) -> String {
        let past = PastQuestion { question: last.to_owned(), quotes: Vec::new() };
        completed(question, &[past])
    }

    #[test]
    fn a_pronoun_is_completed_by_the_last_question() {
        let asked = after("Where is the lighthouse of Skarn?", "When was it built?");
        assert_eq!(asked, "When was it built? lighthouse skarn");
    }

    #[test]
    fn a_part_of_a_question_replaces_a_name() {
        let asked = after("Is there parking at the Madrid office?", "And what about Oslo?");
        assert_eq!(asked, "And what about Oslo? parking office");
        assert_eq!(after("How long is the bridge?", "how wide?"), "how wide? long bridge");
    }

    #[test]
    fn a_person_who_was_quoted_is_who_is_meant() {
        let question = "Who built the mill?".to_owned();
        let quotes = vec!["The mill was built by Teodor Hale in 1820.".to_owned()];
        let asked = completed("When was he born?", &[PastQuestion { question, quotes }]);
        assert_eq!(asked, "When was he born? built mill teodor hale");
    }

    #[test]
    fn a_whole_question_stays_as_it_is() {
        for question in ["Where is the key of the cellar?", "Who keeps the observatory?"] {
            assert_eq!(after("When does the boat come?", question), question);
            assert_eq!(completed(question, &[]), question);
        }
    }
}
