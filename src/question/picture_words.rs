//! Words that ask for a picture.

/// Words for pictures in some languages, normalized like terms.
const WORDS: &[&str] = &[
    "picture",
    "pictures",
    "photo",
    "photos",
    "photograph",
    "photographs",
    "image",
    "images",
    "figure",
    "figures",
    "chart",
    "charts",
    "diagram",
    "diagrams",
    "graph",
    "graphs",
    "map",
    "maps",
    "screenshot",
    "screenshots",
    "scan",
    "scans",
    "drawing",
    "drawings",
    "illustration",
    "plot",
    "sketch",
    "bild",
    "bilder",
    "foto",
    "fotos",
    "fotografie",
    "abbildung",
    "abbildungen",
    "diagramm",
    "diagramme",
    "karte",
    "karten",
    "grafik",
    "grafiken",
    "zeichnung",
    "zeichnungen",
    "schaubild",
    "graphique",
    "carte",
    "dessin",
    "schema",
    "imagen",
    "imagenes",
    "fotografia",
    "figura",
    "grafico",
    "diagrama",
    "mapa",
    "dibujo",
    "immagine",
    "immagini",
    "diagramma",
    "mappa",
    "disegno",
    "imagem",
    "imagens",
    "desenho",
    "afbeelding",
    "figuur",
    "grafiek",
    "kaart",
    "tekening",
    "plaatje",
    "картинка",
    "фото",
    "изображение",
    "рисунок",
    "диаграмма",
    "карта",
    "график",
];

/// Whether a word, normalized like a term, names a picture.
pub(super) fn is_picture_word(word: &str) -> bool {
    WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;
    use crate::text::words;

    #[test]
    fn the_words_are_as_terms_are() {
        for word in WORDS {
            assert_eq!(words(word), [*word], "{word}");
        }
    }
}
