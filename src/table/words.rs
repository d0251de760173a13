//! The words of cells and questions: in small letters, without accents, numbers as one word.

use frostem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What follows a number and belongs to it: ordinals and decades.
const NUMBER_ENDS: &[&str] = &["st", "nd", "rd", "th", "s"];

/// What follows an apostrophe and is no word.
const CLITICS: &[&str] = &["s", "t", "d", "ll", "re", "ve"];

/// Names of peoples, and of their countries. A question has one where a cell has the other.
const PEOPLES: &[(&str, &str)] = &[
    ("french", "france"),
    ("spanish", "spain"),
    ("dutch", "netherlands"),
    ("swiss", "switzerland"),
    ("british", "uk"),
    ("danish", "denmark"),
    ("irish", "ireland"),
    ("polish", "poland"),
    ("turkish", "turkey"),
    ("greek", "greece"),
    ("welsh", "wales"),
    ("american", "usa"),
    ("english", "england"),
    ("scottish", "scotland"),
    ("swedish", "sweden"),
    ("finnish", "finland"),
    ("norwegian", "norway"),
    ("chinese", "china"),
    ("japanese", "japan"),
    ("portuguese", "portugal"),
    ("italian", "italy"),
    ("german", "germany"),
    ("brazilian", "brazil"),
    ("canadian", "canada"),
    ("mexican", "mexico"),
    ("russian", "russia"),
    ("australian", "australia"),
    ("indian", "india"),
    ("african", "africa"),
    ("european", "europe"),
    ("kenyan", "kenya"),
    ("belgian", "belgium"),
    ("austrian", "austria"),
    ("hungarian", "hungary"),
    ("romanian", "romania"),
    ("bulgarian", "bulgaria"),
    ("ukrainian", "ukraine"),
    ("cuban", "cuba"),
    ("argentine", "argentina"),
    ("korean", "korea"),
    ("czech", "czechoslovakia"),
    ("america", "usa"),
    ("jamaican", "jamaica"),
    ("ethiopian", "ethiopia"),
    ("croatian", "croatia"),
    ("serbian", "serbia"),
    ("colombian", "colombia"),
];

/// The stem of a word. Numbers have none.
pub(crate) fn stem(word: &str) -> String {
    thread_local! {
        static STEMMER: Stemmer = Stemmer::new(Algorithm::English);
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return word.to_owned();
    }
    STEMMER.with(|stemmer| stemmer.stem(word).into_owned())
}

/// The stems of a text's words.
pub(crate) fn stems(text: &str) -> Vec<String> {
    words(text).iter().map(|word| stem(word)).collect()
}

/// The words of a text.
pub(crate) fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = if text.is_ascii() {
        text.chars().map(|char| char.to_ascii_lowercase()).collect()
    } else {
        let plain = text.nfd().filter(|char| !is_combining_mark(*char));
        plain.flat_map(char::to_lowercase).collect()
    };
    let mut reader = WordReader { chars, at: 0 };
    let mut words = Vec::new();
    while let Some(char) = reader.peek(0) {
        if char.is_ascii_digit() {
            words.push(reader.number());
        } else if char.is_alphabetic() {
            words.extend(reader.word());
        } else {
            if char == '#' {
                words.push("#".to_owned());
            }
            reader.at += 1;
        }
    }
    with_short_names(&words)
}

/// The country of a people, or the people of a country.
pub(crate) fn people_or_country(word: &str) -> Option<&'static str> {
    PEOPLES.iter().find_map(|&(people, country)| match word {
        _ if word == people => Some(country),
        _ if word == country => Some(people),
        _ => None,
    })
}

struct WordReader {
    chars: Vec<char>,
    at: usize,
}

impl WordReader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn before(&self, back: usize) -> Option<char> {
        self.at.checked_sub(back).and_then(|at| self.chars.get(at)).copied()
    }

    /// The characters from here on that are all of one sort.
    fn run(&self, is_part: impl Fn(char) -> bool) -> String {
        self.chars[self.at..].iter().copied().take_while(|char| is_part(*char)).collect()
    }

    fn number(&mut self) -> String {
        // .5 is 0.5, but the 5 of a.5 is 5.
        let is_fraction =
            self.before(1) == Some('.') && !self.before(2).is_some_and(char::is_alphanumeric);
        let mut word = String::from(if is_fraction { "0." } else { "" });
        while let Some(char) = self.peek(0) {
            let is_before_digit = self.peek(1).is_some_and(|next| next.is_ascii_digit());
            let is_joint = matches!(char, '.' | ',' | ':') && is_before_digit;
            if !char.is_ascii_digit() && !is_joint {
                break;
            }
            word.push(char);
            self.at += 1;
        }
        if has_thousands(&word) {
            word.retain(|char| char != ',');
        }
        self.skip_apostrophe();
        let end = self.run(char::is_alphabetic);
        if NUMBER_ENDS.contains(&end.as_str()) {
            self.at += end.len();
            word.push_str(&end);
        }
        word
    }

    /// 1990's is 1990s.
    fn skip_apostrophe(&mut self) {
        let is_letter_after = self.peek(2).is_some_and(char::is_alphabetic);
        if matches!(self.peek(0), Some('\'' | '’')) && self.peek(1) == Some('s') && !is_letter_after
        {
            self.at += 1;
        }
    }

    fn word(&mut self) -> Option<String> {
        let is_after_apostrophe = matches!(self.before(1), Some('\'' | '’'));
        let word = self.run(char::is_alphabetic);
        self.at += word.chars().count();
        (!is_after_apostrophe || !CLITICS.contains(&word.as_str())).then_some(word)
    }
}

/// The words with the names of some states in one form.
fn with_short_names(words: &[String]) -> Vec<String> {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let mut short: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let before = short.last().map_or("", String::as_str);
        let (name, length) = match (word(at), word(at + 1), word(at + 2)) {
            ("u", "s", "a") | ("united", "states", "a") => ("usa", 3),
            ("united", "states", _) | ("u", "s", _) => ("usa", 2),
            ("us", _, _) if matches!(before, "the" | "in" | "from" | "") => ("usa", 1),
            ("united", "kingdom", _) | ("u", "k", _) | ("great", "britain", _) => ("uk", 2),
            (other, _, _) => (other, 1),
        };
        short.push(name.to_owned());
        at += length;
    }
    short
}

/// Whether all commas of a number are between thousands.
fn has_thousands(word: &str) -> bool {
    let mut groups = word.split(['.', ':']).next().unwrap_or_default().split(',');
    word.contains(',')
        && groups.next().is_some_and(|first| (1..=3).contains(&first.len()))
        && groups.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_number_is_one_word() {
        assert_eq!(words("1,200 of 3.5, .5 at 1:02"), ["1200", "of", "3.5", "0.5", "at", "1:02"]);
        assert_eq!(words("the 1990's and the 3rd"), ["the", "1990s", "and", "the", "3rd"]);
    }

    #[test]
    fn words_have_no_accents_and_no_clitics() {
        assert_eq!(words("Who's André's #1?"), ["who", "andre", "#", "1"]);
    }

    #[test]
    fn states_have_one_name() {
        assert_eq!(words("the U.S. and the United States"), ["the", "usa", "and", "the", "usa"]);
        assert_eq!(words("United States A and U.S.A."), ["usa", "and", "usa"]);
        assert_eq!(words("tell us of Great Britain"), ["tell", "us", "of", "uk"]);
        assert_eq!(people_or_country("french"), Some("france"));
        assert_eq!(people_or_country("france"), Some("french"));
    }

    #[test]
    fn stems_are_those_of_english_words() {
        assert_eq!(stems("Nations played 1990s"), ["nation", "play", "1990s"]);
    }
}
