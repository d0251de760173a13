//! Captions, and mentions of what they are of: "Figure 3: The pump", "as Figure 3 shows".

/// Words before the number of a figure, in lower case.
const FIGURE_WORDS: &[&str] = &[
    "figure",
    "fig.",
    "fig",
    "image",
    "picture",
    "photo",
    "chart",
    "diagram",
    "map",
    "plate",
    "abbildung",
    "abb.",
    "bild",
    "foto",
    "karte",
    "figura",
    "imagen",
    "immagine",
    "imagem",
    "afbeelding",
    "рисунок",
    "рис.",
    "图",
    "図",
];
/// Words before the number of a table.
const TABLE_WORDS: &[&str] = &["table", "tabelle", "tab.", "tableau", "tabla", "tabella", "tabela"];
/// The most bytes of a caption.
const MAX_BYTES: usize = 2000;

/// Whether a paragraph is the caption of a figure or a table: a word and a number before a mark.
pub(crate) fn is_caption(text: &str) -> bool {
    begins_as_caption(text, FIGURE_WORDS) || begins_as_caption(text, TABLE_WORDS)
}

/// Whether a paragraph is the caption of a figure.
#[cfg(feature = "read-pdf")]
pub(crate) fn is_figure_caption(text: &str) -> bool {
    begins_as_caption(text, FIGURE_WORDS)
}

/// The numbers of the figures that a text names: "3" and "4.1" of "see Figure 3 and Fig. 4.1".
#[cfg(feature = "engine")]
pub(crate) fn figure_numbers(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_figure = |word: &str| {
        let word = word.trim_start_matches(|c: char| !c.is_alphabetic()).to_lowercase();
        FIGURE_WORDS.contains(&&*word)
    };
    let names = words.windows(2).filter(|pair| is_figure(pair[0]) && is_number(pair[1]));
    names.map(|pair| pair[1].trim_matches(|c: char| !c.is_alphanumeric())).collect()
}

fn begins_as_caption(text: &str, kinds: &[&str]) -> bool {
    if text.len() > MAX_BYTES {
        return false;
    }
    let mut words = text.split_whitespace();
    let (Some(word), Some(number)) = (words.next(), words.next()) else { return false };
    // A mark after the number, or a dash: "Figure 3 – The pump".
    let is_marked = number.ends_with(['.', ':', ')'])
        || words.next().is_some_and(|next| matches!(next, "-" | "–" | "—" | ":" | "|"));
    is_number(number) && is_marked && kinds.contains(&&*word.to_lowercase())
}

/// "3", "2.1:" or "IV."
fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || "IVX".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn captions_are_told_by_their_word_number_and_mark() {
        for text in ["Figure 3: The pump", "Abb. 2.1: Ventil", "Table IV. Costs", "Fig. 7 – Gate"]
        {
            assert!(is_caption(text), "{text}");
            assert_eq!(begins_as_caption(text, FIGURE_WORDS), !text.starts_with("Table"), "{text}");
        }
        for text in ["Figure 3 shows the pump.", "Figures are rare.", "Table", "The figure 3: no"] {
            assert!(!is_caption(text), "{text}");
        }
    }

    #[cfg(feature = "engine")]
    #[test]
    fn figures_that_a_text_names_are_found() {
        let text = "As Figure 3 shows (see also Fig. 4.1), the figure of Table 2 is old.";
        assert_eq!(figure_numbers(text), ["3", "4.1"]);
        assert_eq!(figure_numbers("Abb. 7: Ventil"), ["7"]);
        assert_eq!(figure_numbers("A figure"), [""; 0]);
    }
}
