//! Follow-up questions: "And when was it built?"
//!
//! A question that says "it", or that is only a part of one, is completed by the words of the
//! question before it. No model is asked: the question that is searched is the new one, then
//! the words of the last one that it needs.

use std::collections::BTreeSet;

use super::polite::without_frame;
use crate::text::{function_words, words};

/// A question that was asked before, and what it got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastQuestion {
    /// The question.
    pub question: String,
    /// Its quotes, best first; may be empty.
    pub quotes: Vec<String>,
    /// The text that was written for it; may be empty.
    pub answer: String,
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

/// The question to search for: `question` itself, or with words of the last one.
pub(crate) fn completed(question: &str, last: &PastQuestion) -> String {
    let has_pronoun = has_pronoun(question);
    if !has_pronoun && !goes_on(question) {
        return question.to_owned();
    }
    let own: BTreeSet<String> = content(question).into_iter().collect();
    // "What about Oslo?" after a question about Madrid is not about Madrid.
    let replaces_name = !has_pronoun && !names(question).is_empty();
    let last_names = names(&last.question);
    let needed: Vec<String> = content(&last.question)
        .into_iter()
        .filter(|word| !own.contains(word))
        .filter(|word| !(replaces_name && last_names.contains(word)))
        .collect();
    if needed.is_empty() {
        return question.to_owned();
    }
    let subject = if has_pronoun { quoted_name(last) } else { None };
    let further = needed.into_iter().chain(subject);
    format!("{question} {}", further.collect::<Vec<_>>().join(" "))
}

/// Whether a question goes on from another, or is only a part of one.
fn goes_on(question: &str) -> bool {
    let question = without_frame(question);
    let lower = question.trim_start().to_lowercase();
    let is_part = (1..=MAX_PART_WORDS).contains(&words(question).len());
    is_part || BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning))
}

/// Whether a question has a word that stands for something said before.
fn has_pronoun(question: &str) -> bool {
    // "Können Sie mir sagen" points to nothing.
    let question = without_frame(question);
    let points = content(question).len() <= MAX_POINTER_WORDS;
    let is_pronoun = |word: &str| PRONOUNS.contains(&word) || points && POINTERS.contains(&word);
    words(question).iter().any(|word| is_pronoun(word))
}

/// The words that carry meaning.
fn content(text: &str) -> Vec<String> {
    let all = words(text);
    let function_words = function_words(&all);
    let says_something = |word: &str| {
        !function_words.contains(word) && !PRONOUNS.contains(&word) && !POINTERS.contains(&word)
    };
    let mut seen = BTreeSet::new();
    let new = all.iter().filter(|word| says_something(word) && seen.insert(word.as_str()));
    new.cloned().collect()
}

/// Capitalized words and numbers, but for the first word.
fn names(text: &str) -> BTreeSet<String> {
    let is_name = |word: &&str| word.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    text.split_whitespace().skip(1).filter(is_name).flat_map(words).collect()
}

/// The name in the first quote, where the last question has none: "Who built it?" was answered
/// by a person, whom "When was he born?" is about.
fn quoted_name(last: &PastQuestion) -> Option<String> {
    let quote = last.quotes.first()?;
    let in_question: BTreeSet<String> = content(&last.question).into_iter().collect();
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
        let past = PastQuestion { question: last.to_owned(), ..PastQuestion::default() };
        completed(question, &past)
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
    fn pointers_count_in_a_question_that_says_little_else() {
        assert_eq!(after("Where is the mill?", "How old is that?"), "How old is that? mill");
        let long = format!("alpha beta {}", "that ".repeat(13_000));
        assert_eq!(after("Where is the mill?", &long), long, "it says more than a pointer");
    }

    #[test]
    fn a_person_who_was_quoted_is_who_is_meant() {
        let question = "Who built the mill?".to_owned();
        let quotes = vec!["The mill was built by Teodor Hale in 1820.".to_owned()];
        let asked = completed(
            "When was he born?",
            &PastQuestion { question, quotes, ..PastQuestion::default() },
        );
        assert_eq!(asked, "When was he born? built mill teodor hale");
    }

    #[test]
    fn a_whole_question_stays_as_it_is() {
        for question in ["Where is the key of the cellar?", "Who keeps the observatory?"] {
            assert_eq!(after("When does the boat come?", question), question);
        }
    }
}
