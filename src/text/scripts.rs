//! Scripts by their letters, and the languages that share them.

/// A script other than the Latin one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// One that tells the language: its code.
    OfLanguage(&'static str),
    /// One of several languages: its name in ISO 15924.
    Shared(&'static str),
}

/// The script of Japanese.
pub(super) const JAPANESE: Script = Script::OfLanguage("ja");

/// Languages that share a script, by the name of the script.
const SHARED_BY: [(&str, &[&str]); 3] = [
    ("Deva", &["hi", "mr", "ne", "sa"]),
    ("Cyrl", &["be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "uk"]),
    ("Arab", &["ar", "ckb", "fa", "ps", "sd", "ug", "ur"]),
];

impl Script {
    /// The script of texts with this tag of BCP 47. None for Latin letters, and where it is not known.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        let mut parts = tag.split(['-', '_']);
        let language = parts.next()?;
        let named = parts.find(|part| part.len() == 4);
        if named == Some("Latn") {
            return None;
        }
        SCRIPTS.iter().map(|&(script, _)| script).find(|script| match script {
            Self::OfLanguage(code) => *code == language,
            Self::Shared(name) => {
                let shares =
                    |(of, languages): &(&str, &[&str])| of == name && languages.contains(&language);
                named == Some(name) || SHARED_BY.iter().any(shares)
            }
        })
    }

    /// Whether it is the one of Chinese.
    pub(super) fn is_han(self) -> bool {
        self == Self::OfLanguage("zh")
    }
}

/// Scripts by their letters. A text with one letter in [`KANA_SHARE`] in kana is Japanese.
const SCRIPTS: [(Script, &[std::ops::RangeInclusive<char>]); 13] = [
    (Script::OfLanguage("ja"), &['\u{3040}'..='\u{30FF}']),
    (Script::OfLanguage("zh"), &['\u{3400}'..='\u{4DBF}', '\u{4E00}'..='\u{9FFF}']),
    (Script::OfLanguage("ko"), &['\u{AC00}'..='\u{D7A3}']),
    (Script::OfLanguage("th"), &['\u{E00}'..='\u{E7F}']),
    (Script::OfLanguage("he"), &['\u{590}'..='\u{5FF}']),
    (Script::OfLanguage("el"), &['\u{370}'..='\u{3FF}']),
    (Script::OfLanguage("hy"), &['\u{530}'..='\u{58F}']),
    (Script::OfLanguage("ka"), &['\u{10A0}'..='\u{10FF}']),
    (Script::OfLanguage("ta"), &['\u{B80}'..='\u{BFF}']),
    (Script::OfLanguage("bn"), &['\u{980}'..='\u{9FF}']),
    (Script::Shared("Deva"), &['\u{900}'..='\u{97F}']),
    (Script::Shared("Cyrl"), &['\u{400}'..='\u{52F}']),
    (Script::Shared("Arab"), &['\u{600}'..='\u{6FF}', '\u{750}'..='\u{77F}']),
];
const KANA_SHARE: usize = 10;

/// The script of most letters of a text. None for Latin letters, and for scripts that are not
/// listed.
pub(super) fn script_of(text: &str) -> Option<Script> {
    let mut counts = [0; SCRIPTS.len()];
    let mut letters = 0;
    for char in text.chars().filter(|char| char.is_alphabetic()) {
        letters += 1;
        let of_char = |(_, ranges): &(Script, &[std::ops::RangeInclusive<char>])| {
            ranges.iter().any(|range| range.contains(&char))
        };
        if !char.is_ascii()
            && let Some(script) = SCRIPTS.iter().position(of_char)
        {
            counts[script] += 1;
        }
    }
    let [kana, han, ..] = counts;
    if letters > 0 && 2 * (kana + han) > letters && KANA_SHARE * kana > letters {
        return Some(SCRIPTS[0].0);
    }
    let most = counts.iter().position(|&count| 2 * count > letters)?;
    Some(SCRIPTS[most].0)
}
