//! Lexical search in several languages.

#![allow(clippy::unwrap_used)]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::internals::{DENSE_WEIGHT, Index, Language, Segment};

#[path = "support/segments.rs"]
mod segments;
use segments::{document, segment_below};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// A document in each language, of three chunks.
const TEXTS: [(&str, [&str; 3]); 12] = [
    (
        "English",
        [
            "The cities on the coast were studied by several geologists over the years.",
            "Nobody had ever cleaned the chimneys of the old bakery before.",
            "They were looking for wolves in the forests of the north.",
        ],
    ),
    (
        "German",
        [
            "Die alten Häuser am Fluss wurden von einer Familie aus Bremen gekauft.",
            "Nach dem Sturm waren die Bäume auf den Wegen nicht mehr zu zählen.",
            "Der Vertrag über die Übergröße der Straßenbahn ist noch nicht unterschrieben.",
        ],
    ),
    (
        "French",
        [
            "Les écoles du village ont été fermées pendant les grandes chaleurs.",
            "Il n'y avait pas de bateaux dans le port ce matin-là.",
            "Des élections municipales auront lieu dans toutes les communes.",
        ],
    ),
    (
        "Spanish",
        [
            "Las canciones de la abuela no se han escrito nunca en un cuaderno.",
            "Los pescadores salieron con sus barcas antes de la tormenta.",
            "El ayuntamiento ha prohibido los fuegos en la playa.",
        ],
    ),
    (
        "Russian",
        [
            "В этом городе много старых мостов, и все они очень красивые.",
            "Мы читали новые книги о войне, которые нам дали в школе.",
            "Ёлки росли у самого берега, но их уже нет.",
        ],
    ),
    (
        "Arabic",
        [
            "وصلت السفينة إلى الميناء في الصباح ثم عاد البحارة إلى بيوتهم.",
            "قرأ الطالب الكتاب الجديد في المكتبة قبل أن يعود إلى المدرسة.",
            "كان المعلمون يتحدثون عن تاريخ المدينة في ذلك اليوم.",
        ],
    ),
    (
        "Chinese",
        [
            "人工智能是计算机科学的一个分支。",
            "我家养了一只猫，它叫小白。",
            "长江是中国最长的河流，流入东海。",
        ],
    ),
    (
        "Japanese",
        [
            "吾輩は猫である。名前はまだ無い。",
            "東京タワーは港区にある電波塔です。",
            "ハンバーグと味噌汁を食べました。",
        ],
    ),
    (
        "Thai",
        ["ภาษาไทยเป็นภาษาราชการของประเทศไทย", "แมวกินปลาในครัวเมื่อวานนี้", "รถไฟออกจากสถานีเวลาแปดโมงเช้า"],
    ),
    (
        "Finnish",
        [
            "Talot olivat vanhoja ja niissä ei ollut sähköä.",
            "Kirjat ovat hyllyssä, mutta me emme ole lukeneet niitä.",
            "Lapset juoksivat metsään, kun he näkivät sen.",
        ],
    ),
    (
        "Turkish",
        [
            "Çocuklar okula gittiler ve çok güzel bir gün geçirdiler.",
            "Kitaplar masanın üzerinde duruyor ama kimse onları okumuyor.",
            "Gemiler sabah limana geldi, ama rüzgar çok sertti.",
        ],
    ),
    (
        "Hungarian",
        [
            "A könyvek az asztalon vannak, de senki sem olvassa őket.",
            "A városban nincs elég ház, ezért sokan falun laknak.",
            "A hajók reggel értek be a kikötőbe, és este mentek el.",
        ],
    ),
];

/// Questions in a language, each with the chunk that must come first.
const QUESTIONS: [(&str, &str, u32); 41] = [
    // By exact words.
    ("English", "geologists", 0),
    ("German", "übergröße", 2),
    ("German", "UBERGROSSE", 2),
    ("French", "bateaux", 1),
    ("Spanish", "pescadores tormenta", 1),
    ("Russian", "мостов", 0),
    ("Russian", "ёлки", 2),
    ("Russian", "елки", 2),
    ("Arabic", "الميناء", 0),
    ("Arabic", "الكِتَابُ", 1),
    ("Chinese", "智能", 0),
    ("Chinese", "人工智能", 0),
    ("Chinese", "长江在哪里", 2),
    ("Chinese", "小白", 1),
    ("Japanese", "東京タワー", 1),
    ("Japanese", "味噌汁", 2),
    ("Japanese", "ﾊﾝﾊﾞｰｸﾞ", 2),
    ("Japanese", "名前", 0),
    ("Thai", "ภาษาไทย", 0),
    ("Thai", "สถานีรถไฟ", 2),
    ("Thai", "แมว", 1),
    ("Finnish", "sähköä", 0),
    // By other forms of words.
    ("English", "city", 0),
    ("English", "chimney cleaning", 1),
    ("English", "look forest", 2),
    ("German", "Haus", 0),
    ("German", "Baum", 1),
    ("German", "Verträge", 2),
    ("French", "école", 0),
    ("French", "élection", 2),
    ("Spanish", "canción", 0),
    ("Spanish", "pescador", 1),
    ("Russian", "город", 0),
    ("Russian", "книга", 1),
    ("Arabic", "سفينة", 0),
    ("Arabic", "معلم", 2),
    ("Finnish", "talo", 0),
    ("Finnish", "kirja", 1),
    ("Turkish", "çocuk", 0),
    ("Turkish", "kitap", 1),
    ("Hungarian", "könyv", 0),
];

/// The segment of a document with these chunks, whose vectors are all equal.
fn of(name: &str, texts: &[&str]) -> Segment {
    let chunks: Vec<_> = texts.iter().map(|text| (*text, vec![1.0])).collect();
    segment_below("", &[(name, &chunks)])
}

/// An index and one more segment.
fn and(index: &Index, segment: Segment) -> Index {
    index.with(index.documents().count() as u64, segment)
}

fn index() -> Index {
    TEXTS.iter().fold(Index::new(), |index, (name, texts)| and(&index, of(name, texts)))
}

/// The lexical scores of all chunks that hold something of the question, best first.
fn found(index: &Index, question: &str) -> Vec<(String, u32, f32)> {
    let hits = index.search(&[1.0], question, index.len(), None).unwrap();
    let hits = hits.into_iter().filter(|hit| hit.lexical > 0.0);
    let name = |id| {
        let named = TEXTS.iter().find(|(name, _)| document(name) == id);
        named.map_or("another", |(name, _)| name).to_owned()
    };
    hits.map(|hit| (name(hit.document), hit.chunk, hit.lexical)).collect()
}

#[test]
fn chunks_are_found_by_exact_words_and_by_other_forms() {
    let index = index();
    for (name, question, chunk) in QUESTIONS {
        let found = found(&index, question);
        let first = found.first().map(|(name, chunk, _)| (name.as_str(), *chunk));
        assert_eq!(first, Some((name, chunk)), "{question}: {found:?}");
    }
}

#[test]
fn a_segment_knows_its_language() {
    for (name, texts) in TEXTS {
        let language = of(name, &texts).language(0);
        let expected = match name {
            "Arabic" => Some(Language::Arabic),
            "English" => Some(Language::English),
            "Finnish" => Some(Language::Finnish),
            "French" => Some(Language::French),
            "German" => Some(Language::German),
            "Hungarian" => Some(Language::Hungarian),
            "Russian" => Some(Language::Russian),
            "Spanish" => Some(Language::Spanish),
            "Turkish" => Some(Language::Turkish),
            _ => None,
        };
        assert_eq!(language, expected, "{name}");
    }
    assert_eq!(of("none", &["x 1", "y 2"]).language(0), None);
}

#[test]
fn a_character_of_a_script_without_spaces_is_found_at_any_position() {
    let index = index();
    let mut places: Vec<_> =
        found(&index, "猫").into_iter().map(|(name, chunk, _)| (name, chunk)).collect();
    places.sort();
    assert_eq!(places, [("Chinese".to_owned(), 1), ("Japanese".to_owned(), 0)]);
    // At the end of a run, and alone.
    for text in ["我家有一只猫。", "猫", "猫が", "黒猫です"] {
        let index = Index::new().with(0, of("another", &[text, "犬"]));
        assert_eq!(found(&index, "猫").len(), 1, "{text}");
    }
}

#[test]
fn an_exact_word_scores_higher_than_its_other_forms() {
    let text = "They were there and it was so that the house";
    let texts = ["stood", "stands", "standing"].map(|word| format!("{text} {word}"));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let index = Index::new().with(0, of("another", &texts));
    for (question, chunks) in [("stands", &[1, 2][..]), ("standing", &[2, 1]), ("stood", &[0])] {
        let found: Vec<u32> = found(&index, question).iter().map(|(_, chunk, _)| *chunk).collect();
        assert_eq!(found, chunks, "{question}");
    }
}

#[test]
fn a_prefix_finds_all_words_with_it_and_scores_them_as_one() {
    let texts = ["photosynthesis", "a photosynthetic photo", "photos", "synthesis"];
    let index = Index::new().with(0, of("another", &texts));
    let chunks = |question: &str| -> Vec<u32> {
        let mut chunks: Vec<u32> = found(&index, question).iter().map(|hit| hit.1).collect();
        chunks.sort();
        chunks
    };
    assert_eq!(chunks("photosynth*"), [0, 1]);
    assert_eq!(chunks("PHOTO*"), [0, 1, 2]);
    assert!(chunks("photosynth").is_empty());
    assert!(chunks("photograph*").is_empty());
    assert_eq!(chunks("a*"), [1], "too short to be more than the word");
    // Scored like one word in the place of all of them.
    let same = Index::new().with(0, of("another", &["x", "a x x", "x", "synthesis"]));
    let scores =
        |index, question| -> Vec<f32> { found(index, question).iter().map(|hit| hit.2).collect() };
    assert_eq!(scores(&index, "photo*"), scores(&same, "x"));
}

#[test]
fn results_do_not_depend_on_the_order_of_adding() {
    let forward = index();
    let backward = TEXTS.iter().rev().fold(Index::new(), |index, (name, texts)| {
        let index = and(&index, of("removed", &["Die Häuser, the house"]));
        and(&index.without(document("removed")), of(name, texts))
    });
    for (_, question, _) in QUESTIONS {
        assert_eq!(found(&forward, question), found(&backward, question), "{question}");
    }
    assert!(found(&forward, "ship* Häuser house canción 猫").len() >= 4);
}

#[test]
fn word_forms_are_used_only_for_languages_of_indexed_documents() {
    let texts = ["Häuser, Bäume, Straßen", "Haus"];
    let alone = Index::new().with(0, of("another", &texts));
    assert_eq!(of("another", &texts).language(0), None);
    assert_eq!(found(&alone, "Haus").len(), 1);
    let (name, german) = TEXTS[1];
    let both = and(&alone, of(name, &german));
    assert_eq!(of(name, &german).language(0), Some(Language::German));
    assert_eq!(found(&both, "Haus").len(), 3);
    assert_eq!(found(&both.without(document(name)), "Haus").len(), 1);
}

#[test]
fn chunks_with_words_of_the_question_rank_before_others() {
    let hits = index().search(&[1.0], "Haus", 2, None).unwrap();
    assert!(hits[0].score > hits[1].score + 0.5 && hits[1].score <= DENSE_WEIGHT);
}
