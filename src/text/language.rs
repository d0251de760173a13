//! The language of a text, and the stems of its words.

use std::collections::HashMap;

use frostem::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};

use super::function_words::{Closest, closest_list};
use super::prefixes::{self, hebrew_stems};
use super::scripts::{Script, script_of};
use super::terms::words;

/// The bytes at the beginning of a text by which its language is detected.
pub(crate) const LANGUAGE_SAMPLE_BYTES: usize = 4096;

/// The fewest different function words of a language in a text of that language.
const MIN_FUNCTION_WORDS: usize = 2;

/// The smallest share of a language's function words in a text of that language. In running
/// text they are about half of the words.
const MIN_FUNCTION_WORD_SHARE: f32 = 0.1;

/// The same for a language that is told to people. A text in a language without a list has some words
/// of another one.
const MIN_TAGGED_SHARE: f32 = 0.25;

/// A language with a stemmer, whose words are found in all their forms.
///
/// Stored by its position here: new languages are added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Language {
    Arabic,
    Danish,
    Dutch,
    English,
    Finnish,
    French,
    German,
    Hungarian,
    Italian,
    Norwegian,
    Portuguese,
    Romanian,
    Russian,
    Spanish,
    Swedish,
    Turkish,
    Hebrew,
    Hindi,
}

/// Each language with its ISO 639-1 code and its stemmer of Snowball.
const LANGUAGES: [(Language, &str, Option<Algorithm>); 18] = [
    (Language::Arabic, "ar", Some(Algorithm::Arabic)),
    (Language::Danish, "da", Some(Algorithm::Danish)),
    // The newer one also removes prefixes, and is twice as large.
    (Language::Dutch, "nl", Some(Algorithm::DutchPorter)),
    (Language::English, "en", Some(Algorithm::English)),
    (Language::Finnish, "fi", Some(Algorithm::Finnish)),
    (Language::French, "fr", Some(Algorithm::French)),
    (Language::German, "de", Some(Algorithm::German)),
    (Language::Hungarian, "hu", Some(Algorithm::Hungarian)),
    (Language::Italian, "it", Some(Algorithm::Italian)),
    (Language::Norwegian, "no", Some(Algorithm::Norwegian)),
    (Language::Portuguese, "pt", Some(Algorithm::Portuguese)),
    (Language::Romanian, "ro", Some(Algorithm::Romanian)),
    (Language::Russian, "ru", Some(Algorithm::Russian)),
    (Language::Spanish, "es", Some(Algorithm::Spanish)),
    (Language::Swedish, "sv", Some(Algorithm::Swedish)),
    (Language::Turkish, "tr", Some(Algorithm::Turkish)),
    (Language::Hebrew, "he", None),
    (Language::Hindi, "hi", Some(Algorithm::Hindi)),
];

impl Language {
    /// The language of a text: the one with the most function words ("the", "of") in its
    /// beginning. None if there are too few of these, or the language has no stemmer here.
    /// Takes a tenth of a millisecond, and some milliseconds the first time.
    pub fn of(text: &str) -> Option<Self> {
        let code = by_function_words(sample(text), MIN_FUNCTION_WORD_SHARE)?;
        let (language, ..) = LANGUAGES.iter().find(|(_, known, _)| *known == code)?;
        Some(*language)
    }

    /// The possible stems of `word` (one of [`terms()`](super::terms())): forms of one word have one in
    /// common. They are found by the stemmers of [Snowball](https://snowballstem.org/), which work
    /// almost as well without accents.
    pub(crate) fn stems(self, word: &str) -> Vec<String> {
        let (_, _, algorithm) = LANGUAGES[self as usize];
        let Some(algorithm) = algorithm else { return hebrew_stems(word) };
        vec![Stemmer::new(algorithm).stem(self.without_conjunction(word)).into_owned()]
    }

    /// The possible prefixes of a stem.
    pub(crate) fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Arabic => &prefixes::ARABIC,
            Self::Hebrew => &prefixes::HEBREW,
            _ => &[""],
        }
    }

    /// An Arabic word without an "and" before its article, which the stemmer would keep.
    fn without_conjunction(self, word: &str) -> &str {
        let rest = word.strip_prefix(['و', 'ف']).filter(|rest| rest.starts_with("ال"));
        rest.filter(|_| self == Self::Arabic).unwrap_or(word)
    }
}

/// The language of a text as a tag of BCP 47: by its script, where that tells, otherwise by its
/// function words. "und-Cyrl" is an unknown language in Cyrillic letters. None for a text with too
/// few words.
pub(crate) fn language_tag(text: &str) -> Option<String> {
    let sample = sample(text);
    match script_of(sample) {
        Some(Script::OfLanguage(code)) => Some(code.to_owned()),
        Some(Script::Shared(script)) => {
            let code = by_function_words(sample, MIN_TAGGED_SHARE);
            Some(code.map_or_else(|| format!("und-{script}"), str::to_owned))
        }
        None => by_function_words(sample, MIN_TAGGED_SHARE).map(str::to_owned),
    }
}

fn sample(text: &str) -> &str {
    &text[..text.floor_char_boundary(LANGUAGE_SAMPLE_BYTES)]
}

/// The code of the language with the most function words in a text, if these are at least this share
/// of its words.
fn by_function_words(text: &str, min_share: f32) -> Option<&'static str> {
    let best = closest(text)?;
    let is_sure = best.distinct >= MIN_FUNCTION_WORDS
        && best.total as f32 >= min_share * words(text).len() as f32;
    is_sure.then_some(best.code)
}

fn closest(text: &str) -> Option<Closest> {
    let words = words(text);
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in &words {
        *counts.entry(word).or_default() += 1;
    }
    closest_list(&counts)
}

/// A set of languages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Languages(u32);

impl Languages {
    pub(crate) fn iter(self) -> impl Iterator<Item = Language> {
        let all = LANGUAGES.iter().map(|&(language, ..)| language);
        all.filter(move |&language| self.0 >> language as u32 & 1 == 1)
    }
}

impl FromIterator<Language> for Languages {
    fn from_iter<T: IntoIterator<Item = Language>>(languages: T) -> Self {
        Self(languages.into_iter().fold(0, |bits, language| bits | 1 << language as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::super::function_words::has_list;
    use super::*;
    use crate::test;

    use crate::rng::{Rng, seed};

    #[test]
    fn a_script_tells_the_language_where_function_words_do_not() {
        for (tag, text) in [
            (Some("zh"), "这座灯塔建于一九一二年。"),
            (Some("ja"), "この灯台は1912年に建てられました。"),
            (Some("ko"), "이 등대는 1912년에 지어졌습니다."),
            (Some("he"), "המגדלור נבנה בשנת 1912"),
            (Some("und-Cyrl"), "Маяк 1912"),
            (Some("de"), "Der Leuchtturm wurde im Jahr 1912 von der Insel aus gebaut. (東京)"),
            (None, "Latarnia jest na wyspie, ale nie wiadomo, kto ją zbudował."),
            (None, "1912"),
            // "el" and "él" are one function word of two.
            (None, "El Prado"),
            (None, ""),
        ] {
            assert_eq!(language_tag(text).as_deref(), tag, "{text}");
        }
    }

    #[test]
    fn the_language_of_one_or_two_sentences_is_detected() {
        for (code, text) in [
            ("ar", "وصلت السفينة إلى الميناء في الصباح، ثم عاد البحارة إلى بيوتهم من بعد ذلك."),
            (
                "da",
                "Skibet blev bygget af tømrere på øen, og efter nogle år blev det solgt til en anden.",
            ),
            ("de", "Das Schiff kam am Morgen in den Hafen, und die Matrosen gingen nach Hause."),
            ("en", "The ship came into the harbour in the morning, and the sailors went home."),
            ("es", "El barco llegó al puerto por la mañana y los marineros se fueron a su casa."),
            ("fi", "Laiva tuli satamaan aamulla, ja se oli niin kaunis että he jäivät sinne."),
            ("fr", "Le bateau est arrivé au port le matin et les marins sont rentrés chez eux."),
            ("he", "הספינה הגיעה אל הנמל בבוקר, והמלחים הלכו לביתם כי הם היו עייפים מאוד."),
            ("hi", "जहाज सुबह बंदरगाह पर पहुँचा और नाविक अपने घर चले गए क्योंकि वे थक गए थे।"),
            (
                "hu",
                "A hajó reggel ért be a kikötőbe, és a matrózok már nem voltak ott, hanem haza.",
            ),
            ("it", "La nave è arrivata nel porto di mattina e i marinai sono tornati a casa loro."),
            ("nl", "Het schip kwam in de ochtend in de haven aan en de matrozen gingen naar huis."),
            (
                "no",
                "Skipet ble bygget av tømrere på øya, og etter noen år ble det solgt til en annen.",
            ),
            ("pt", "O navio chegou ao porto de manhã e os marinheiros foram para as suas casas."),
            (
                "ro",
                "Vaporul a ajuns în port de dimineață și marinarii s-au dus la casele lor pentru că.",
            ),
            ("ru", "Корабль пришёл в порт утром, и матросы пошли домой, потому что они устали."),
            (
                "sv",
                "Fartyget kom till hamnen på morgonen och sjömännen gick hem till sig efter det.",
            ),
            (
                "tr",
                "Gemi sabah limana geldi ve denizciler evlerine gittiler ama bu çok da iyi değil.",
            ),
        ] {
            let language = LANGUAGES.iter().find(|(_, known, _)| *known == code);
            assert_eq!(Language::of(text), language.map(|(language, ..)| *language), "{text}");
        }
    }

    #[test]
    fn a_text_of_another_language_or_of_none_has_no_language() {
        for text in [
            "",
            "Box 7: 12 beads",
            "fn main() { println!(\"{}\", 1 + 2); }",
            "人工智能是计算机科学的一个分支，它企图了解智能的实质。",
            "吾輩は猫である。名前はまだ無い。",
            "ภาษาไทยเป็นภาษาที่ใช้ในประเทศไทย",
            "Το πλοίο έφτασε στο λιμάνι το πρωί και οι ναύτες πήγαν στο σπίτι τους.",
            "El vaixell va arribar al port al matí i els mariners se'n van anar a casa seva amb",
        ] {
            assert_eq!(Language::of(text), None, "{text}");
        }
    }

    #[test]
    fn every_language_has_its_own_position_and_a_list_of_function_words() {
        for (place, (language, code, _)) in LANGUAGES.into_iter().enumerate() {
            assert_eq!(language as usize, place);
            assert!(has_list(code), "{code}");
            let alone: Languages = [language].into_iter().collect();
            assert_eq!(alone.iter().collect::<Vec<_>>(), [language]);
        }
        assert_eq!(Languages::default().iter().count(), 0);
    }

    #[test]
    fn forms_of_a_word_share_one_stem_without_their_accents() {
        use Language::*;
        for (language, forms) in [
            (Arabic, "كتاب الكتاب والكتاب بالكتاب"),
            (Danish, "bog bogen bøger bøgerne"),
            (Dutch, "boek boeken"),
            (English, "study studies studied studying"),
            (Finnish, "talo talon talot talossa"),
            (French, "école écoles"),
            (German, "Haus Häuser Hauses Häusern"),
            (Hebrew, "ספר הספר ובספר ספרים"),
            (Hindi, "लड़का लड़के लड़कों"),
            (Hungarian, "könyv könyvek könyvet"),
            (Italian, "elezione elezioni"),
            (Norwegian, "bok boken bøker"),
            (Portuguese, "falar falava falou"),
            (Romanian, "carte cărți cărții"),
            (Russian, "новый новая новой новых"),
            (Spanish, "canción canciones"),
            (Swedish, "öppna öppnar öppnade"),
            (Turkish, "çocuk çocuklar çocukların"),
        ] {
            let words = words(forms);
            let stems: Vec<_> = words.iter().map(|word| language.stems(word)).collect();
            let is_common = |stem: &&String| stems.iter().all(|stems| stems.contains(stem));
            assert!(stems[0].iter().find(is_common).is_some(), "{stems:?}");
        }
    }

    #[test]
    fn any_word_can_be_stemmed() {
        let mut rng = Rng::new(seed());
        let letters: Vec<char> =
            "aeiouybcdghijklmnrstuvwxzäöåøćç'’.0-еоийвыхшюяьюъاأةىيوفبكلتنمسء\u{93C}की人ทבהוםןספר\u{1F44B}"
                .chars()
                .collect();
        for _ in 0..20_000 {
            let length = rng.bits() % 12;
            let letter = |_| letters[(rng.bits() % letters.len() as u64) as usize];
            let word: String = (0..length).map(letter).collect();
            for word in words(&word).iter().chain([&word]) {
                LANGUAGES.iter().for_each(|(language, ..)| drop(language.stems(word)));
            }
        }
    }
}
