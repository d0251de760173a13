//! Text -> sentences.

use multimodal_rag::sentences;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::pieces::random_text;
use crate::rng::Rng;

fn split(text: &str) -> Vec<&str> {
    sentences(text).into_iter().map(|range| &text[range]).collect()
}

#[test]
fn sentences_end_where_a_person_sees_them_end() {
    let cases: &[&[&str]] = &[
        &["It rains.", "It pours!", "Does it?", "Yes."],
        &["Dr. Smith met Mrs. Jones.", "They talked."],
        &["J. R. R. Tolkien wrote it.", "He was English."],
        &["The U.S. Army left.", "It came from the U.S.", "The war was over."],
        &["See No. 5 and fig. 3 (vol. 2, p. 7).", "No.", "Never."],
        &["Use tools, e.g. Rust, i.e. this.", "It costs 3.50 dollars.", "Visit example.com today."],
        &["He said “Stop!”", "She did not.", "(It was late.)", "“Why?” he asked."],
        &["It is known.[3]", "It is proved.[12][a]", "So there."],
        &["我来了。", "你好吗？", "很好！", "「走吧。」", "他说。"],
        &["यह सच है।", "वह गया।"],
        &["هل أنت هنا؟", "نعم."],
        &["Wait… what?", "Really?!", "Ok."],
        &["2. Wash it.", "Then dry it."],
        &["In 1990. It was so.", "So do I.", "He left."],
    ];
    for expected in cases {
        let joined = expected.join(" ").replace("1990. It", "1990 it");
        let expected: Vec<String> =
            expected.iter().map(|s| s.replace("1990. It", "1990 it")).collect();
        assert_eq!(split(&joined), expected);
    }
    assert_eq!(split("我来了。你好吗？很好"), ["我来了。", "你好吗？", "很好"]);
}

#[test]
fn a_line_end_is_a_space_and_a_blank_line_ends_a_sentence() {
    assert_eq!(split("one\ntwo three.\nFour"), ["one\ntwo three.", "Four"]);
    assert_eq!(split("Title\n \nText here"), ["Title", "Text here"]);
    assert_eq!(
        split("Buy:\n- milk\n- eggs\n10. bread\nand 3\napples"),
        ["Buy:", "- milk", "- eggs", "10. bread\nand 3\napples"]
    );
    assert!(split(" \n\t ").is_empty());
}

#[test]
fn abbreviations_end_no_sentence_in_several_languages() {
    for whole in [
        "Die Kosten betrugen 5,4 Mio. Euro und lagen höher.",
        "Nach § 12 Abs. 3 Satz 2 der Satzung sind es 4 Wochen.",
        "Es gibt neue Angebote, z. B. Werkzeuge.",
        "Er kam am 3. Mai und blieb.",
        "It was signed by Northwind Ltd. Director Maya Olsen.",
        "They met at 9 p.m. Tuesday in the mill.",
        "Voir la fig. 3 de M. Dupont.",
        "El Sr. García vive en la Avda. América.",
        "Il dott. Rossi abita qui, v. pag. 7.",
        "O Dr. Silva mora na Av. Brasil.",
        "Dhr. Jansen woont bijv. in Utrecht.",
        "Это стоит 5 тыс. Рублей.",
    ] {
        assert_eq!(split(whole), [whole]);
    }
}

#[test]
fn a_word_that_begins_sentences_ends_the_one_before() {
    for sentences in [
        ["They met at 9 p.m.", "The mill was cold."],
        ["Es kostet 5 Mio.", "Das ist viel."],
        ["It is in.", "We left."],
        ["Acme Corp.", "It was new."],
    ] {
        assert_eq!(split(&sentences.join(" ")), sentences);
    }
}

#[test]
fn lines_that_no_program_wrapped_are_apart() {
    for lines in [
        &["DO NOT EXCEED 12 BAR.", "TOTAL WEIGHT: 38 KG"][..],
        &[
            "Harbour office",
            "Quay 7",
            "The office is open from eight to noon on all days but Sunday.",
        ],
        &["Name: Mira", "Phone: 555-0134", "Allergic to nuts"],
        &[
            "2024-03-05T14:05:08.121Z DEBUG [pool] reusing socket 2303",
            "2024-03-05T14:05:10.640Z ERROR [storage] E2290 checksum mismatch in block",
            "2024-03-05T14:05:11.002Z INFO [storage] done",
        ],
        &["M8 washers,C4,1200", "toggle clamps,D1,36", "wood glue,A2,14"],
        &[
            "Stop                  dep     dep",
            "Harbour Gate          06:10   07:40",
            "St Olave Hospital     06:27   07:57",
            "Tickets are sold on the bus.",
        ],
        &["soup of the day\t3.20", "bread\t1.10"],
        &["# settings of the booking service", "DB_HOST=db1.example", "WORKERS=2", "colour = red"],
        &[
            "บ้านพักริมแม่น้ำเปิดให้เข้าพักตั้งแต่บ่ายสองโมง",
            "ค่ามัดจำกุญแจห้องละ 200 บาท",
            "อาหารเช้าเสิร์ฟที่ระเบียงถึงสิบโมง",
        ],
    ] {
        assert_eq!(split(&lines.join("\n")), lines);
    }
}

#[test]
fn wrapped_lines_are_one_sentence() {
    let wrapped = "The harbour was built by a company from the North, which had\n\
                   Built three others before. Its mole is of granite, and its\n\
                   Lighthouse of iron.";
    assert_eq!(split(wrapped).len(), 2);
    assert_eq!(
        split("a line that ends with a comma,\nThen goes on"),
        ["a line that ends with a comma,\nThen goes on"]
    );
}

#[test]
fn full_lines_without_spaces_are_one_sentence() {
    let line = "この港は北から来た会社によって建てられその前にも三つの港を建てていた";
    let wrapped = [line, line, "灯台は鉄である。"].join("\n");
    assert_eq!(split(&wrapped), [&*wrapped]);
}

#[test]
fn french_sets_a_space_before_marks() {
    for sentences in [
        ["Viennent-ils ?", "Non !"],
        ["« Il pleut. »", "Puis il dort."],
        ["« Il pleut ! »", "Puis il dort."],
    ] {
        assert_eq!(split(&sentences.join(" ")), sentences);
    }
    assert_eq!(split("Er ging. »Komm!« sagte er.")[0], "Er ging.");
}

#[test]
fn a_million_lines_take_linear_time() {
    let lines = "a\n".repeat(1_000_000);
    assert!(!split(&lines).is_empty());
    assert!(!split(&"word ".repeat(2_000_000)).is_empty());
}

#[test]
fn any_text_is_split_into_sentences_without_loss() {
    for seed in 1..=600_u64 {
        println!("seed {seed}");
        assert_sentences_hold(&random_text(&mut Rng::new(seed)));
    }
}

fn assert_sentences_hold(text: &str) {
    let mut end = 0;
    for range in sentences(text) {
        assert!(text[end..range.start].trim().is_empty());
        let sentence = &text[range.clone()];
        assert!(!sentence.is_empty() && sentence.trim() == sentence);
        end = range.end;
    }
    assert!(text[end..].trim().is_empty());
}
