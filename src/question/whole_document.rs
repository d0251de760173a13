//! Questions about a document as a whole: its title, its author, what it is about.
//!
//! No passage is near such a question, so it is recognized by its words.

use std::collections::BTreeSet;

use crate::text::{function_words, words};

/// What is asked of a whole document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// What it is called.
    Title,
    /// Who wrote it.
    Author,
    /// When it was written.
    Date,
    /// Its parts.
    Outline,
    /// What it says.
    Summary,
}

/// A question about documents as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WholeQuestion {
    pub(crate) aspect: Aspect,
    /// The words that say which document is meant; none for whatever is there.
    pub(crate) about: Vec<String>,
}

/// The words that ask for each aspect, normalized like terms.
const ASPECTS: &[(Aspect, &[&str])] = &[
    (
        Aspect::Title,
        &["title", "titel", "titre", "titulo", "titolo", "название", "заголовок", "标题", "標題"],
    ),
    (
        Aspect::Author,
        &[
            "author",
            "authors",
            "wrote",
            "written",
            "writer",
            "autor",
            "autorin",
            "verfasser",
            "verfasst",
            "geschrieben",
            "schrieb",
            "auteur",
            "auteurs",
            "ecrit",
            "autore",
            "scritto",
            "escribio",
            "escrito",
            "escreveu",
            "автор",
            "написал",
            "作者",
        ],
    ),
    (Aspect::Date, &["date", "dated", "datum", "datiert", "fecha", "data", "дата", "日期"]),
    (
        Aspect::Outline,
        &[
            "outline",
            "sections",
            "chapters",
            "headings",
            "structure",
            "toc",
            "contents",
            "gliederung",
            "abschnitte",
            "kapitel",
            "inhaltsverzeichnis",
            "sommaire",
            "chapitres",
            "capitulos",
            "indice",
            "capitoli",
            "inhoudsopgave",
            "главы",
            "оглавление",
            "目录",
            "章节",
        ],
    ),
    (
        Aspect::Summary,
        &[
            "summarize",
            "summarise",
            "summary",
            "overview",
            "gist",
            "tldr",
            "abstract",
            "synopsis",
            "recap",
            "zusammenfassung",
            "zusammenfassen",
            "fasse",
            "uberblick",
            "worum",
            "handelt",
            "inhalt",
            "resume",
            "resumer",
            "resumez",
            "resumen",
            "resumir",
            "resuma",
            "resumo",
            "riassunto",
            "riassumi",
            "samenvatting",
            "samenvatten",
            "обзор",
            "резюме",
            "кратко",
            "总结",
            "概要",
            "摘要",
            "要約",
            "요약",
        ],
    ),
];

/// Words for a document.
const DOCUMENTS: &[&str] = &[
    "document",
    "documents",
    "doc",
    "file",
    "files",
    "text",
    "article",
    "paper",
    "page",
    "pdf",
    "mail",
    "email",
    "message",
    "letter",
    "slides",
    "spreadsheet",
    "book",
    "report",
    "note",
    "notes",
    "story",
    "main",
    "points",
    "short",
    "brief",
    "briefly",
    "give",
    "list",
    "tell",
    "please",
    "show",
    "many",
    "called",
    "name",
    "dokument",
    "dokuments",
    "dokumente",
    "datei",
    "artikel",
    "buch",
    "bericht",
    "notiz",
    "kurz",
    "bitte",
    "zusammen",
    "heisst",
    "geht",
    "texte",
    "fichier",
    "livre",
    "rapport",
    "documento",
    "archivo",
    "articulo",
    "texto",
    "libro",
    "informe",
    "nota",
    "ficheiro",
    "artigo",
    "livro",
    "testo",
    "articolo",
    "bestand",
    "boek",
    "документ",
    "документа",
    "текст",
    "файл",
    "文件",
    "文档",
    "这个",
    "文章",
];

/// "What is this about?"
const LAST_WORDS: &[&str] = &["about", "over"];

/// Whether a word stands for a document in a question.
pub(super) fn names_a_document(word: &str) -> bool {
    DOCUMENTS.contains(&word)
}

impl WholeQuestion {
    /// The question, if its words ask for one aspect of a document.
    pub(crate) fn of(question: &str) -> Option<Self> {
        let all = words(question);
        let function_words = function_words(&all);
        let ends_in_about = all.last().is_some_and(|last| LAST_WORDS.contains(&&**last));
        let asked: Vec<Aspect> = ASPECTS
            .iter()
            .filter(|(_, words)| all.iter().any(|word| words.contains(&&**word)))
            .map(|&(aspect, _)| aspect)
            .collect();
        let aspect = match asked[..] {
            [aspect] => aspect,
            [] if ends_in_about => Aspect::Summary,
            _ => return None,
        };
        let asks = |word: &str| {
            function_words.contains(word)
                || DOCUMENTS.contains(&word)
                || ASPECTS.iter().any(|(_, words)| words.contains(&word))
        };
        let about: BTreeSet<String> = all.into_iter().filter(|word| !asks(word)).collect();
        Some(Self { aspect, about: about.into_iter().collect() })
    }

    /// Whether a document with these terms in its title and its name is meant.
    pub(crate) fn is_about(&self, outside_terms: &[String]) -> bool {
        self.about.iter().all(|word| outside_terms.contains(word))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn questions_about_a_whole_document_are_recognized() {
        for (question, aspect) in [
            ("Summarize this document.", Aspect::Summary),
            ("What is this about?", Aspect::Summary),
            ("Give me a short overview of the article", Aspect::Summary),
            ("Worum geht es in diesem Text?", Aspect::Summary),
            ("Fasse das Dokument zusammen", Aspect::Summary),
            ("What is the title of the document?", Aspect::Title),
            ("Who wrote this paper?", Aspect::Author),
            ("How many sections are there?", Aspect::Outline),
            ("When is the report dated?", Aspect::Date),
        ] {
            let expected = WholeQuestion { aspect, about: Vec::new() };
            assert_eq!(WholeQuestion::of(question), Some(expected), "{question}");
        }
    }

    #[test]
    fn other_words_say_which_document_is_meant() {
        let question = WholeQuestion::of("Who wrote the glaze tests?").unwrap();
        assert_eq!(question.about, ["glaze", "tests"]);
        assert!(question.is_about(&["glaze", "tests", "other"].map(String::from)));
        assert!(!question.is_about(&["glaze".to_owned()]));
    }

    #[test]
    fn questions_about_a_fact_are_not_about_the_whole() {
        for question in ["When does the boat come?", "What is known about the garden?", "?", ""] {
            assert_eq!(WholeQuestion::of(question), None, "{question}");
        }
    }
}
