//! Full stops that belong to a word.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::function_words::{distinct_function_words, is_function_word};
use crate::lines::{is_hangul, is_unspaced};

/// Abbreviations, in lower case and without their last full stop: those of Unicode's CLDR for
/// sentence breaks in seven languages, and some of our own (`scripts/abbreviations.mjs`).
static ABBREVIATIONS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("abbreviations.txt").lines().collect());

/// Abbreviations after which no sentence ends, whatever follows.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "dr",
    "prof",
    "st",
    "rev",
    "hon",
    "gen",
    "col",
    "lt",
    "capt",
    "sgt",
    "gov",
    "sen",
    "rep",
    "pres",
    "mt",
    "messrs",
    "mme",
    "mlle",
    "vs",
    "viz",
    "cf",
    "ca",
    "al",
    "approx",
    "e.g",
    "i.e",
    "z.b",
    "d.h",
    "u.a",
    "p.ej",
    "p. ex",
    "bijv",
    "sr",
    "sra",
    "sig",
    "dott",
    "frl",
    "hr",
    "dhr",
    "mevr",
    "drs",
    "hrn",
    "doç",
    "yrd",
    "inż",
    "mgr",
    "judr",
    "mudr",
    "phdr",
    "özv",
    "ifj",
    "ul",
    "ул",
    "вул",
    "проф",
    "акад",
    "доц",
    "δρ",
    "डॉ",
    "प्रो",
    "पं",
];
/// Titles and dedications that are words in other languages: no sentence ends after them if an
/// initial follows.
const BEFORE_INITIALS: &[&str] = &["ir", "ds", "im", "им", "ks", "arch", "avv", "av", "ing"];
/// Units of measurement: after a number, a sentence ends as after a word.
const UNITS: &[&str] = &[
    "m", "km", "cm", "mm", "kg", "g", "mg", "l", "ml", "h", "mw", "м", "км", "см", "мм", "кг", "л",
];
/// Names with an exclamation mark, by their last word.
const NAMES_WITH_MARK: &[&str] = &["yahoo", "joomla", "jeopardy", "yum"];
/// Abbreviations after which no sentence ends if a number follows.
const BEFORE_NUMBERS: &[&str] = &[
    "no",
    "nos",
    "dn",
    "kl",
    "klo",
    "č",
    "čp",
    "nr",
    "p",
    "pp",
    "vol",
    "vols",
    "ch",
    "chap",
    "sec",
    "art",
    "fig",
    "figs",
    "eq",
    "eqs",
    "ver",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "abb",
    "bd",
    "kap",
    "ziff",
    "ст",
    "рис",
    "стр",
    "тел",
    "tel",
    "núm",
    "pág",
    "pag",
    "env",
    "aprox",
    "прибл",
    "circa",
];
/// Words before an ordinal number, which German, Danish, Norwegian and Finnish write with a
/// full stop: "am 3. Mai".
const BEFORE_ORDINALS: &[&str] = &[
    "am", "der", "dem", "den", "des", "die", "das", "vom", "zum", "zur", "im", "bis", "seit", "ab",
    "ins", "und", "det", "de", "til", "fra", "ein", "eine", "einem", "einen", "einer", "sein",
    "seine", "seinem", "seinen", "seiner", "ihr", "ihre", "ihrem", "ihren", "ihrer", "beim",
];
/// The largest ordinal number that is recognized has this many digits.
const MAX_ORDINAL_DIGITS: usize = 2;
/// The digits of a year before its month, as in Hungarian.
const YEAR_DIGITS: usize = 4;
/// The names of months that are written with a capital after an ordinal number: German, Danish, Norwegian, Czech, Hungarian.
const MONTHS: &[&str] = &[
    "jan",
    "januar",
    "jänner",
    "január",
    "feb",
    "februar",
    "február",
    "mär",
    "märz",
    "mar",
    "mars",
    "marts",
    "márc",
    "március",
    "apr",
    "april",
    "ápr",
    "április",
    "mai",
    "maj",
    "május",
    "jun",
    "juni",
    "jún",
    "június",
    "jul",
    "juli",
    "júl",
    "július",
    "aug",
    "august",
    "augusztus",
    "sep",
    "sept",
    "september",
    "szept",
    "szeptember",
    "okt",
    "oktober",
    "október",
    "nov",
    "november",
    "dez",
    "dezember",
    "des",
    "desember",
    "dec",
    "december",
    "ledna",
    "února",
    "března",
    "dubna",
    "května",
    "června",
    "července",
    "srpna",
    "září",
    "října",
    "listopadu",
    "prosince",
];
/// The letters of Turkish that hardly another language has. There a number does not end a
/// sentence: a verb does.
const TURKISH_LETTERS: &[char] = &['ı', 'ğ', 'ş', 'İ', 'Ğ', 'Ş'];
/// The letters of Turkish, Hungarian, Czech and Polish, which write a full stop after an ordinal.
const LETTERS_OF_ORDINALS: &[char] = &[
    'ı', 'ğ', 'ş', 'İ', 'Ğ', 'Ş', 'ő', 'ű', 'Ő', 'Ű', 'ě', 'ř', 'ů', 'Ř', 'ł', 'ą', 'ę', 'ś', 'Ł',
];
/// The languages with a list of function words which write a full stop after an ordinal.
const LANGUAGES_OF_ORDINALS: &[&str] = &["da", "de", "fi", "hu", "no", "sl", "tr"];
/// The bytes before and after a number by which the language is told.
const LANGUAGE_BYTES: usize = 128;
/// Words of this many letters or fewer, with a full stop, belong to the title before them.
const MAX_FACULTY_LETTERS: usize = 4;
/// The languages whose function words begin sentences.
const STARTER_LANGUAGES: [&str; 8] = ["de", "en", "es", "fr", "it", "nl", "pt", "ru"];
/// Words of this many bytes or more are no abbreviations.
const MAX_ABBREVIATION_BYTES: usize = 24;

/// Whether the full stop after `before` belongs to its last word. `next` is what follows the
/// white space after it.
pub(super) fn is_abbreviation(before: &str, next: &str) -> bool {
    let Some(word) = last_word(before) else { return false };
    let lower = word.to_lowercase();
    let is_before_number = next.starts_with(char::is_numeric);
    if is_title(&lower) || (is_before_number && BEFORE_NUMBERS.contains(&&*lower)) {
        return true;
    }
    let earlier = before[..before.len() - word.len()].trim_end();
    if BEFORE_INITIALS.contains(&&*lower) && begins_with_initial(next) {
        return true;
    }
    if is_number_of_item(word, before) || is_day(word, next) {
        return true;
    }
    if UNITS.contains(&&*lower) && earlier.ends_with(char::is_numeric) {
        return is_before_number;
    }
    let is_short = is_ordinal(word, earlier)
        || is_roman_ordinal(word, earlier, next)
        || is_initials(word)
        || is_letter(word)
        || is_plural_initials(word, earlier, next)
        || is_listed(&lower)
        || is_faculty(word, earlier);
    is_short && !begins_sentence(next)
}

/// Whether the `!` after `before` belongs to a name: "the firm Yahoo! Japan".
pub(super) fn is_name_with_mark(before: &str, next: &str) -> bool {
    let name = last_word(before).filter(|word| word.starts_with(char::is_uppercase));
    name.is_some_and(|word| NAMES_WITH_MARK.contains(&&*word.to_lowercase()))
        && !begins_sentence(next)
}

fn is_title(lower: &str) -> bool {
    TITLES.contains(&lower)
}

/// Whether a word such as "The" follows, which begins a sentence. An initial is none, even if
/// its letter alone is such a word: "А. С. Пушкин".
fn begins_sentence(next: &str) -> bool {
    let first = first_word(next);
    !begins_with_initial(next) && is_function_word(first, &STARTER_LANGUAGES)
}

fn first_word(next: &str) -> &str {
    next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("")
}

fn begins_with_initial(next: &str) -> bool {
    let mut letters = next.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next() == Some('.')
}

/// The last word, without what opens before it; none if it is too long.
fn last_word(before: &str) -> Option<&str> {
    let start = before.ceil_char_boundary(before.len().saturating_sub(MAX_ABBREVIATION_BYTES));
    let opens = |c: char| c.is_whitespace() || "([{\"'“‘«—–§".contains(c);
    let word = before[start..].rsplit(opens).next();
    word.filter(|word| !word.is_empty() && word.len() < MAX_ABBREVIATION_BYTES)
}

/// Only digits before the full stop: the number of a list item.
fn is_number_of_item(word: &str, before: &str) -> bool {
    word.len() <= 3 && word.len() == before.len() && word.bytes().all(|b| b.is_ascii_digit())
}

/// The number of a day before its month: "12. Okt.", "2024. Május".
fn is_day(word: &str, next: &str) -> bool {
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = is_number && matches!(word.len(), 1..=MAX_ORDINAL_DIGITS | YEAR_DIGITS);
    is_number && MONTHS.contains(&&*first_word(next).to_lowercase())
}

fn is_ordinal(word: &str, earlier: &str) -> bool {
    let is_short = word.len() <= MAX_ORDINAL_DIGITS && word.bytes().all(|b| b.is_ascii_digit());
    is_short
        && (end_of(earlier).contains(TURKISH_LETTERS)
            || last_word(earlier)
                .is_some_and(|word| BEFORE_ORDINALS.contains(&&*word.to_lowercase())))
}

/// Whether a Roman numeral counts what it stands before, or after: "II. Dünya Savaşı",
/// "Johannes XXIII.". In English and its like it ends a sentence: "World War II."
fn is_roman_ordinal(word: &str, earlier: &str, next: &str) -> bool {
    word.bytes().all(|byte| b"IVXL".contains(&byte))
        && (next.chars().next().is_some_and(char::is_uppercase))
        && writes_ordinals(end_of(earlier), begin_of(next))
}

/// Whether the text around a number is in a language which writes a full stop after ordinals.
fn writes_ordinals(before: &str, after: &str) -> bool {
    if before.contains(LETTERS_OF_ORDINALS) || after.contains(LETTERS_OF_ORDINALS) {
        return true;
    }
    let counts = distinct_function_words(&format!("{before} {after}"));
    let most = |is_meant: &dyn Fn(&str) -> bool| {
        counts.iter().filter(|(code, _)| is_meant(code)).map(|(_, count)| *count).max().unwrap_or(0)
    };
    let ordinals = most(&|code| LANGUAGES_OF_ORDINALS.contains(&code));
    ordinals > most(&|code| code == "en") && ordinals >= most(&|_| true)
}

fn end_of(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(LANGUAGE_BYTES))..]
}

fn begin_of(text: &str) -> &str {
    &text[..text.floor_char_boundary(LANGUAGE_BYTES)]
}

/// A part of a plural of initials, whose letters are doubled: "EE. UU."
fn is_plural_initials(word: &str, earlier: &str, next: &str) -> bool {
    let is_doubled = |word: &str| {
        let letters: Vec<char> = word.chars().take(3).collect();
        matches!(letters[..], [one, other] if one == other && one.is_uppercase())
    };
    let was_doubled = earlier.strip_suffix('.').and_then(last_word).is_some_and(is_doubled);
    is_doubled(word) && (is_doubled(first_word(next)) || was_doubled)
}

/// A short word of a title: "Dr. med. vet. Ohm".
fn is_faculty(word: &str, earlier: &str) -> bool {
    let is_short = |word: &str| {
        word.chars().all(char::is_lowercase) && word.chars().count() <= MAX_FACULTY_LETTERS
    };
    let Some(first) = earlier.strip_suffix('.').and_then(last_word) else { return false };
    let rest = earlier[..earlier.len() - 1 - first.len()].trim_end();
    let is_dr = |word: &str| word.to_lowercase() == "dr";
    let second = rest.strip_suffix('.').and_then(last_word);
    is_short(word) && (is_dr(first) || (is_short(first) && second.is_some_and(is_dr)))
}

/// "J", "U.S", "J.-P" or "π.χ". "I" is a word far more often than an initial.
fn is_initials(word: &str) -> bool {
    let has_parts = word.contains('.');
    let is_initial = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(|c| c.is_uppercase() || (has_parts && c.is_alphabetic()))
            && letters.next().is_none()
    };
    word != "I" && word.split(['.', '-']).all(|part| part.is_empty() || is_initial(part))
}

/// A lower-case letter alone, or one of a script without capitals whose letters are no words:
/// "z. B.", "د. سامي".
fn is_letter(word: &str) -> bool {
    let mut letters = word.chars();
    let Some(letter) = letters.next().filter(|_| letters.next().is_none()) else { return false };
    let is_plain = !letter.is_uppercase() && !is_unspaced(letter) && !is_hangul(letter);
    letter.is_alphabetic() && is_plain
}

fn is_listed(lower: &str) -> bool {
    // The English data has abbreviations such as "in." and "to.".
    ABBREVIATIONS.contains(lower) && !is_function_word(lower, &["en"])
}

#[cfg(test)]
mod tests {
    use crate::test;
    use crate::text::sentences;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_title_and_initials_belong_to_the_name() {
        for whole in [
            "Доклад прочёл проф. А. С. Пушкарёв из Томска.",
            "Книгу подарил И. О. Крылов.",
            "De vergadering o.l.v. dhr. De Vries begint nu.",
            "Mevr. Van Dam maakt koffie.",
            "De heer ir. J.W. van den Berg woont hier.",
            "Ordförande är prof. A. Lind.",
            "डॉ. शर्मा सोमवार को आते हैं।",
            "وصل د. سامي إلى القاعة.",
            "Seminer Prof. Dr. Ayşe Demir ile başlar.",
            "Die Praxis von Dr. med. vet. Ohm ist offen.",
            "Dr. rer. nat. Klein misst den Regen.",
            "Ο κ. Παπαδόπουλος μένει εδώ.",
            "La réunion av. J.-C. Durand a lieu.",
        ] {
            assert_eq!(split(whole), [whole]);
        }
    }

    #[test]
    fn an_ordinal_belongs_to_what_it_counts() {
        for whole in [
            "Toplantı 5. Kat salonunda açıldı.",
            "Köprü II. Dünya Savaşı sırasında yıkıldı.",
            "Geschlossen ist Montag, 12. Okt. ab neun.",
            "Papst Johannes XXIII. Konzil war in dem Jahr.",
            "Es war ihr 2. Kind nach dem Krieg.",
            "Schůze se konala 5. Května ve škole.",
            "A gyűlés 2024. Május 3-án volt.",
            "Kongen kom den 5. Maj til byen.",
        ] {
            assert_eq!(split(whole), [whole]);
        }
    }

    #[test]
    fn usual_abbreviations_of_further_languages_end_no_sentence() {
        for whole in [
            "Los EE. UU. compraron aceite a los EE. UU. Mexicanos.",
            "Spotkanie odbyło się przy ul. Długiej 5.",
            "Budynek ma m.in. Windę i taras.",
            "Dům v ul. Na Hradbách má např. Výtah.",
            "Museet har bl.a. Malerier.",
            "Kokous on klo. Kymmenen.",
            "Bina vb. Yapılar yıkıldı.",
            "Elle habite au 5, bd. Voltaire.",
            "Het huis t.o. Station Zuid is leeg.",
            "The firm Yahoo! Japan moved out.",
            "Le lavoir est à env. 30 mètres.",
            "Hay aprox. 20 sillas.",
        ] {
            assert_eq!(split(whole), [whole]);
        }
    }

    #[test]
    fn what_looks_like_an_abbreviation_may_end_a_sentence() {
        for sentences in [
            ["Длина моста 300 м.", "Доклад читает Иванов."],
            ["The gap is 5 mm.", "Use a gauge."],
            ["He fought in World War II.", "Churchill was his hero."],
            ["She moved to Room 12.", "Peter stayed."],
            ["It happened in 1990.", "Nobody knew."],
            ["Er wurde 80.", "Peter auch."],
            ["Er kam am 3.", "Das war gut."],
            ["Quiero ir.", "Mañana vuelvo."],
            ["Дай это им.", "Анна ушла."],
            ["네.", "알겠습니다."],
            ["It was rated BB.", "Batteries are extra."],
            ["What a firm!", "Japan is next."],
            ["I use Yahoo!", "It is old."],
            ["We left the E.U.", "The rest stayed."],
            ["Jag vet.", "Ingen kom."],
            ["Die Mühle brannte 1811 ab.", "Geld gab es nicht."],
            ["Kom til os.", "Vi venter."],
            ["He is sick.", "Dr. Ohm came."],
            ["Odadayız, bekliyoruz.", "Kapı açık."],
            ["Activate the eSIM.", "Restart it."],
            ["It is 50 CAD.", "Shipping is free."],
            ["Это было в Томске.", "А. С. Пушкарёв уехал."],
            ["მოვიდა.", "წავიდა."],
        ] {
            assert_eq!(split(&sentences.join(" ")), sentences);
        }
    }
}
