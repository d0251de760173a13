//! Words of questions that mean words of headers.

/// Letters of the shortest word of a header that longer words of questions begin with.
const MIN_PREFIX: usize = 3;

/// Words of questions, and the words of headers that they mean: stems.
const MEANINGS: &[(&[&str], &[&str])] = &[
    (&["win", "won", "victori", "winner"], &["w", "win", "won", "winner", "victori"]),
    (&["lose", "lost", "loss"], &["l", "loss", "lost"]),
    (&["draw", "tie", "drew"], &["d", "t", "draw", "tie"]),
    (
        &["tall", "tallest", "taller", "high", "highest", "height"],
        &["height", "elev", "ft", "altitud"],
    ),
    (&["heavi", "heaviest", "weigh", "weight", "lightest"], &["weight", "mass"]),
    (
        &["old", "oldest", "young", "youngest", "age", "born", "birth"],
        &["age", "birth", "born", "dob"],
    ),
    (&["die", "death", "dead"], &["death", "die", "dead"]),
    (&["peopl", "popul", "inhabit", "resid", "live", "popular"], &["popul", "pop", "inhabit"]),
    (&["fast", "fastest", "slow", "slowest", "finish", "long", "quick", "quickest"], &["time"]),
    (&["long", "longest", "length", "shortest"], &["length", "distanc", "durat", "span"]),
    (
        &["far", "farthest", "furthest", "distanc", "mile", "kilomet"],
        &["distanc", "km", "kilomet", "mile", "mi"],
    ),
    (
        &["larg", "largest", "big", "biggest", "size", "small", "smallest", "area"],
        &["area", "size", "km2"],
    ),
    (&["play", "against", "oppon", "face", "team"], &["oppon", "team", "oppos"]),
    (
        &["countri", "nation", "nationali", "represent", "american"],
        &["countri", "nation", "national", "noc"],
    ),
    (
        &["where", "locat", "place", "held", "venu", "citi", "town"],
        &["locat", "venu", "place", "site", "citi", "town"],
    ),
    (&["when", "date", "day", "month"], &["date", "day"]),
    (&["year"], &["year", "season", "date"]),
    (&["point", "score"], &["pts", "point", "score"]),
    (&["medal"], &["total"]),
    (&["vote"], &["vote", "result"]),
    (
        &["place", "rank", "posit", "finish", "first", "second", "third", "top"],
        &["rank", "pos", "posit", "place", "finish"],
    ),
    (&["who", "person", "player"], &["name", "player"]),
    (&["attend", "crowd", "fan"], &["attend", "crowd"]),
    (&["car", "vehicl", "drive", "drove"], &["car", "constructor", "make", "team", "vehicl"]),
    (&["song", "singl", "track"], &["titl", "song", "singl", "track"]),
    (&["album", "film", "movi", "book", "show"], &["titl", "album", "film", "movi"]),
    (&["cost", "price", "expens", "worth", "much"], &["price", "cost", "valu"]),
    (&["serv", "term", "reign", "tenur"], &["term", "tenur", "reign", "offic", "year"]),
    (&["language", "speak", "spoken"], &["languag"]),
    (&["built", "build", "construct"], &["built", "year", "construct", "complet"]),
];

/// Whether a word of a question means a word of a header. Both are stems.
pub(super) fn means(word: &str, header: &str) -> bool {
    let is_longer = header.len() >= MIN_PREFIX && word.len() > header.len() + 1;
    word == header
        || is_longer && word.starts_with(header)
        || MEANINGS
            .iter()
            .any(|(words, headers)| words.contains(&word) && headers.contains(&header))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_word_means_itself_and_its_beginning() {
        assert!(means("goal", "goal") && means("nationali", "nation"));
        assert!(!means("goals", "goal"), "one letter more is another word");
        assert!(!means("goal", "nation"));
    }

    #[test]
    fn a_word_means_headers_of_its_group() {
        assert!(means("tallest", "height") && means("victori", "w"));
        assert!(!means("height", "tallest"), "the other direction has its own group");
    }
}
