//! Bytes -> document.

use multimodal_rag::{BlockKind, Document, FileToRead, MAX_TEXT_FILE_BYTES, recognize};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::read::read;
use crate::rng::Rng;
use crate::{BEES, KILN, TALE, assert_document_holds, document};

fn blocks(document: &Document) -> Vec<(BlockKind, &str)> {
    document.blocks.iter().map(|block| (block.kind, document.slice(block.span))).collect()
}

fn assert_html_reads_as(cases: &[(&str, &[&str])]) {
    for (html, expected) in cases {
        let document = document("a.html", html.as_bytes());
        let texts: Vec<&str> = blocks(&document).into_iter().map(|(_, text)| text).collect();
        assert_eq!(&texts, expected, "{html}");
    }
}

fn code(name: &str, mime: Option<&str>, bytes: &[u8]) -> &'static str {
    read(name, mime, bytes).unwrap_err().code()
}

fn message(name: &str, bytes: &[u8]) -> String {
    read(name, None, bytes).unwrap_err().to_string()
}

#[test]
fn plain_text_keeps_its_lines_and_its_chapter_headings() {
    let document = document("tale.txt", TALE);
    let found = blocks(&document);
    assert_eq!(found[0], (BlockKind::Heading(1), "Alice's Adventures in Wonderland"));
    assert_eq!(found[1], (BlockKind::Heading(2), "CHAPTER I.\nDown the Rabbit-Hole"));
    assert_eq!(found[2].0, BlockKind::Paragraph);
    assert!(found[2].1.contains("sister on the\nbank"));
    assert_eq!(found.len(), 6);
}

#[test]
fn a_sentence_that_begins_like_a_heading_is_a_paragraph() {
    for text in ["Part 2 of this was never written.", "Chapter one", "IT IS, SAID HE,", "No. 5"] {
        assert_eq!(
            document("a.txt", text.as_bytes()).blocks[0].kind,
            BlockKind::Paragraph,
            "{text}"
        );
    }
}

#[test]
fn a_line_in_capitals_is_a_heading_only_where_it_is_the_title_of_what_follows() {
    let first = |text: &str| document("a.txt", text.as_bytes()).blocks[0].kind;
    for title in ["THE MOCK TURTLE", "IV. THE QUEEN", "2. SETTING UP"] {
        assert_eq!(first(&format!("{title}\n\nSome text.")), BlockKind::Heading(3), "{title}");
        assert_eq!(first(title), BlockKind::Paragraph, "{title}");
    }
    for label in [
        "DO NOT EXCEED 12 BAR.",
        "TOTAL WEIGHT: 38 KG",
        "USE ONLY ISO 46 OIL!",
        "TOTAL DUE 41.30 EUR",
        "STATUS: OPEN",
    ] {
        assert_eq!(first(&format!("{label}\n\nSome text.")), BlockKind::Paragraph, "{label}");
    }
}

#[test]
fn a_short_line_above_sentences_is_a_heading() {
    let found = |text: &str| {
        let document = document("a.txt", text.as_bytes());
        blocks(&document).iter().map(|&(kind, text)| (kind, text.to_owned())).collect::<Vec<_>>()
    };
    let text = "The light is on for a minute. Old chairs are taken away.";
    for (title, between, level) in [("2. Loft", "\n", 5), ("House rules", "\n\n", 4)] {
        let expected =
            [(BlockKind::Heading(level), title.into()), (BlockKind::Paragraph, text.into())];
        assert_eq!(found(&format!("{title}{between}{text}")), expected);
    }
    for text in [
        "Bus 12\nIt leaves at noon. It is small.",
        "Knitting club\nMeets in the loft.",
        "and then\nIt rained. It was cold.",
        "Dear Anna,\nIt rained. It was cold.",
        "Hotel Miramar\nCheck-out: 11:00\nPets: none",
    ] {
        assert!(found(text).iter().all(|(kind, _)| *kind == BlockKind::Paragraph), "{text}");
    }
}

#[test]
fn a_bold_line_above_text_is_a_heading() {
    let kinds = |text: &str| {
        let document = document("a.md", text.as_bytes());
        document.blocks.iter().map(|block| block.kind).collect::<Vec<_>>()
    };
    use BlockKind::{Heading, ListItem, Paragraph};
    assert_eq!(kinds("**Glaze**\n\n- sugar\n- juice"), [Heading(6), ListItem, ListItem]);
    assert_eq!(kinds("**Baking**\n\nFor an hour."), [Heading(6), Paragraph]);
    assert_eq!(kinds("**Do not open.**\n\nIt is hot."), [Paragraph, Paragraph]);
    assert_eq!(kinds("**Baking** takes long\n\nAn hour."), [Paragraph, Paragraph]);
    assert_eq!(kinds("An hour.\n\n**Enjoy it**"), [Paragraph, Paragraph]);
}

#[test]
fn rows_of_a_table_in_plain_text_are_blocks_of_their_own() {
    use BlockKind::{Paragraph, TableHeader, TableRow};
    let kinds = |text: &str| -> Vec<BlockKind> {
        document("a.txt", text.as_bytes()).blocks.iter().map(|block| block.kind).collect()
    };
    let rows = "item,shelf,count\nM8 washers,C4,1200\ntoggle clamps,D1,36\n";
    assert_eq!(blocks(&document("a.txt", rows.as_bytes()))[2], (TableRow, "toggle clamps,D1,36"));
    for delimiter in [";", "|", "\t"] {
        assert_eq!(kinds(&rows.replace(',', delimiter)), [TableHeader, TableRow, TableRow]);
    }
    assert_eq!(kinds("a,b,c\nd,e,f\ng,h,i"), [TableRow; 3]);
    assert_eq!(kinds("Name\tAge\nAda\t36\nBo\t7"), [TableHeader, TableRow, TableRow]);
    for prose in [
        "Red, green, blue\nare the colours,\nand grey, black, white\nare none.",
        "Yes,no\nthis,that\nred,blue",
        "Hinges,four pieces,18.40\n\nThank you,dear,all\nCome,again,soon",
    ] {
        assert!(kinds(prose).iter().all(|kind| *kind == Paragraph), "{prose}");
    }
}

#[test]
fn tasks_are_rows_below_the_names_of_their_parts() {
    use BlockKind::{TableHeader, TableRow};
    let tasks = "(A) 2026-05-01 Call the plumber +house due:2026-05-04\nx 2026-05-03 Pay the rent\n\
                 Buy cat food @shop\n(C) Renew passport\n";
    let document = document("todo.txt", tasks.as_bytes());
    let kinds: Vec<BlockKind> = document.blocks.iter().map(|block| block.kind).collect();
    assert_eq!(kinds, [TableHeader, TableRow, TableRow, TableRow, TableRow]);
    assert_eq!(blocks(&document)[3].1, "Buy cat food @shop");
    let chat = "Ask @anna about it.\nAsk @bo too.\nAsk @cleo as well.";
    assert_eq!(self::document("a.txt", chat.as_bytes()).blocks.len(), 1);
}

#[test]
fn entries_of_markdown_keep_their_lines_and_running_text_does_not() {
    let text = |source: &str| document("a.md", source.as_bytes()).text;
    for entries in [
        "E01 paper jam in tray one\nE02 toner is empty",
        "adult 4.20\nchild 2.10\ndog 1.50",
        "Monday chess in the library\nTuesday judo in the gym",
        "Molenweg 3\n8000 Brugge",
        "host quay.example\nport 8443\nuser ferry",
    ] {
        assert_eq!(text(entries), entries);
    }
    for wrapped in [
        "The pump is oiled every second month with the light\noil from the green can.",
        "The mill was built by the brothers Van Acker near the old lock of\nGhent and burned.",
        "It is kept in\nthe shed.",
        "- an item of a list\n  Over two lines",
    ] {
        let lines: Vec<&str> = wrapped.lines().map(str::trim).collect();
        assert_eq!(text(wrapped), lines.join(" "));
    }
    assert_eq!(text("> Ring twice.\n> Wait for Theo."), "Ring twice. Wait for Theo.");
}

#[test]
fn what_front_matter_says_to_programs_is_no_text() {
    let document = document("a.md", b"---\nlayout: post\ntags: [loom]\n---\n\nTie the treadles.\n");
    assert_eq!(document.text, "tags: loom\n\nTie the treadles.");
}

#[test]
fn texts_of_unusual_shape_are_read() {
    for text in [
        "word ".repeat(2_000_000),
        "x".repeat(10_000_000),
        "a\n".repeat(1_000_000),
        "a\n\n".repeat(500_000),
        "a -\n".repeat(1_000_000),
        "ab-\n".repeat(1_000_000),
        "\u{202e}a".repeat(1_000_000),
        "a,b,c\n".repeat(500_000),
        "A\n\n".repeat(500_000),
        "\u{e0041}".repeat(1_000_000) + "a",
    ] {
        for name in ["a.txt", "a.md", "a.html"] {
            document(name, text.as_bytes());
        }
    }
    let unpaired: Vec<u8> = b"\xff\xfe".iter().copied().chain(b"a\0\x00\xd8".repeat(100)).collect();
    assert_eq!(code("a.txt", None, &unpaired), "invalid_text");
}

#[test]
fn a_word_that_a_line_end_parts_is_whole_and_its_paragraph_keeps_its_lines() {
    let source =
        "One.\n\nIt was an unconsti-\ntutional bur-\nden. A well-\nknown treatise.\n\nThe end.";
    let document = document("a.txt", source.as_bytes());
    let text = "One.\n\nIt was an unconstitutional burden. A well-known treatise.\n\nThe end.";
    assert_eq!(document.text, text);
}

#[test]
fn markdown_reads_as_it_is_rendered() {
    use BlockKind::{Caption, Code, Footnote, Heading, ListItem, Paragraph, TableHeader, TableRow};
    let document = document("kiln.md", KILN);
    let expected = [
        (Heading(1), "Firing a kiln"),
        (
            Paragraph,
            "A bisque firing takes eight hours and reaches about 1000 °C. The glaze firing comes second & is hotter.",
        ),
        (Caption, "A kiln, half open"),
        (Heading(2), "Before you start"),
        (ListItem, "1. Dry the pots for a week."),
        (ListItem, "2. Check the shelves:"),
        (ListItem, "  - no cracks"),
        (ListItem, "  - two coats of kiln wash"),
        (ListItem, "- [x] Fire extinguisher"),
        (ListItem, "- [ ] Gloves"),
        (Heading(2), "Cones"),
        (TableHeader, "Cone | Temperature | Use"),
        (TableRow, "06 | 999 °C | bisque"),
        (TableRow, "6 | 1222 °C | ~~raku~~ stoneware"),
        (Code, "for cone in cones:\n\n    fire(cone)   # slowly"),
        (Paragraph, "Heat spreads as $Q = m c \\Delta T$."),
        (Paragraph, "Why slowly?"),
        (Paragraph, "Water turns to steam and cracks the pot."),
        (Paragraph, "Patience is a glaze."),
        (Footnote, "[1] Any textbook of physics."),
    ];
    assert_eq!(blocks(&document), expected);
}

#[test]
fn html_reads_as_a_browser_shows_its_main_content() {
    use BlockKind::{
        Boilerplate, Caption, Code, Heading, ListItem, Paragraph, TableHeader, TableRow,
    };
    let document = document("bees.html", BEES);
    let expected = [
        (Paragraph, "The garden site"),
        (Boilerplate, "- Home"),
        (Boilerplate, "- Bees"),
        (Heading(1), "Keeping bees"),
        (
            Paragraph,
            "A hive holds up to 60\u{a0}000 bees.\nIn winter it is fewer than 10\u{202f}000.",
        ),
        (Paragraph, "Honey keeps."),
        (Paragraph, "Nectar does not."),
        (ListItem, "- Langstroth hive"),
        (ListItem, "- Top-bar hive"),
        (ListItem, "  3. build it"),
        (TableHeader, "Month | Work"),
        (TableRow, "April | Look for the queen"),
        (TableRow, "July | Take honey"),
        (Code, "smoke   calm\n  wait    open"),
        (Caption, "A bee on lavender"),
        (Boilerplate, "All rights reserved"),
    ];
    assert_eq!(blocks(&document), expected);
}

#[test]
fn the_title_of_a_page_replaces_a_missing_heading() {
    let page = b"<title> Fish\n &amp; chips </title><script>var a = '<p>no'</script><p>Fry them.";
    let document = document("a.html", page);
    assert_eq!(
        blocks(&document),
        [(BlockKind::Heading(1), "Fish & chips"), (BlockKind::Paragraph, "Fry them.")]
    );
}

#[test]
fn what_a_page_states_about_itself_is_text() {
    let page = "<title>Rails</title><meta name=author content='Ada Eide'>\
                <meta property='article:author' content='https://social.example/ada'>\
                <meta property='article:published_time' content='2021-06-17'>\
                <meta name=description content='A move on rails.'><p>It took weeks.";
    let lines = ["Rails", "author: Ada Eide", "date: 2021-06-17", "It took weeks."];
    assert_html_reads_as(&[(page, &lines)]);
}

#[test]
fn odd_html_keeps_its_text() {
    let cases: &[(&str, &[&str])] = &[
        ("a < b && c > d", &["a < b && c > d"]),
        ("<p>1<p>2</p></p>3", &["1", "2", "3"]),
        ("<!-- <p>no --> yes <!--> still <!-- a --!> here", &["yes still here"]),
        (
            "<P TITLE='>'>quoted &gt; &#x41;&#0;&bogus; &copy 2020",
            &["quoted > A\u{fffd}&bogus; © 2020"],
        ),
        ("one<br>two<br><br>three", &["one\ntwo", "three"]),
        ("<b>bo<i>th</b> ways</i>", &["both ways"]),
        ("<span hidden>no<span>no</span>no</span>yes", &["yes"]),
        ("<td>cell<td>less", &["cell", "less"]),
        (
            "<table><tr><td><h2>Layout</h2><p>Left</p></td><td>Right</td></tr></table>",
            &["Layout", "Left", "Right"],
        ),
        ("<svg><style>x</style><path/></svg><math><mi>x</mi></math>", &["x"]),
        ("text <a href=\"never closed", &["text"]),
        ("<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>", &["漢字"]),
        ("<textarea><p>no</textarea><noscript>no</noscript>yes", &["yes"]),
        ("soft\u{ad}hyphen", &["softhyphen"]),
    ];
    assert_html_reads_as(cases);
}

#[test]
fn the_longest_matching_character_name_is_replaced() {
    assert_html_reads_as(&[
        ("&copy2024 &copy; &copyright", &["©2024 © ©right"]),
        ("&notit; &notin; &AMPlt; &amp;lt;", &["¬it; ∉ &lt; &lt;"]),
        ("&NotEqualTilde; &fjlig;", &["\u{2242}\u{338} fj"]),
        ("&hellip &bogus; &x &; & &#; &#x;", &["&hellip &bogus; &x &; & &#; &#x;"]),
        ("&#128; &#x9F; &#65B", &["€ Ÿ AB"]),
        ("&#xD800;&#x110000;&#99999999999;", &["\u{fffd}\u{fffd}\u{fffd}"]),
    ]);
}

#[test]
fn a_beginning_of_a_character_name_in_an_attribute_is_kept() {
    assert_html_reads_as(&[
        ("<img alt='?a=1&copy=2&notit=3'>", &["?a=1&copy=2&notit=3"]),
        ("<img alt='&copy; &copy &lt;i>'>", &["© © <i>"]),
        ("<img alt=&amp;lt>", &["&lt"]),
    ]);
}

#[test]
fn of_a_repeated_attribute_the_first_counts() {
    assert_html_reads_as(&[
        ("<img alt=first ALT=second>", &["first"]),
        ("<ol start=3 start=5><li>three</ol>", &["3. three"]),
        ("<p style='color: red' style='display: none'>seen", &["seen"]),
        ("<img alt='' alt=no>seen</p hidden>", &["seen"]),
    ]);
}

#[test]
fn elements_without_inner_tags_end_only_at_their_own_end_tag() {
    let title = document("a.html", b"<title>a </b> &lt;c> <!-- d --> </titles></TITLE ><p>e");
    let expected =
        [(BlockKind::Heading(1), "a </b> <c> <!-- d --> </titles>"), (BlockKind::Paragraph, "e")];
    assert_eq!(blocks(&title), expected);
    assert_html_reads_as(&[
        ("<title></title>seen", &["seen"]),
        ("<script>'</scripts>' <p>no</script>seen", &["seen"]),
        ("<script><!--<script></script>no--></script>seen", &["seen"]),
        ("<script><!-- no </script>seen<!-- no -->", &["seen"]),
        ("<style>a > b {} <!-- </style>seen", &["seen"]),
        ("<noframes><p></noframe>no</noframes>seen", &["seen"]),
        ("<iframe><p></iframe><xmp><p></xmp><noembed></p></noembed>seen", &["seen"]),
        ("<plaintext>1 <b> &amp; </plaintext>", &["1 <b> &amp; </plaintext>"]),
    ]);
}

#[test]
fn a_slash_ends_an_element_only_where_the_rules_of_xml_apply() {
    assert_html_reads_as(&[
        ("<script/>no</script>seen", &["seen"]),
        ("<svg><title/><style/><path/></svg>seen<textarea/>no", &["seen"]),
        ("<svg/><title/>no</title>seen", &["no", "seen"]),
        ("<?xml version='1.0'?><title/><script src='a.js'/><p>seen", &["seen"]),
        ("<![CDATA[no]]>seen", &["seen"]),
        ("<svg><![CDATA[</svg>no]]></svg>seen", &["seen"]),
        ("<math><mtext><![CDATA[a<b]]></mtext></math>", &["a<b"]),
    ]);
}

#[test]
fn an_unclosed_drawing_does_not_affect_the_text_after_it() {
    assert_html_reads_as(&[
        ("<div>a<svg></div><p>b<script>'<table>'</script>c", &["a", "bc"]),
        ("<p>a<math><mi>x<p>b<textarea/>no", &["ax", "b"]),
    ]);
}

#[test]
fn a_list_beyond_the_tracked_depth_does_not_affect_other_numbers() {
    let (open, close) = ("<div>".repeat(300), "</div>".repeat(300));
    let html = format!("<ol><li>one{open}<ol start=9></ol>{close}<li>two</ol>");
    assert_html_reads_as(&[(&html, &["1. one", "2. two"])]);
}

#[test]
fn the_format_follows_from_certain_bytes_then_the_name_then_the_media_type_then_the_bytes() {
    let kind = |name, media_type, text: &'static str| {
        let bytes = text.as_bytes();
        recognize(&FileToRead { name, media_type, bytes, ..FileToRead::default() }).unwrap().name
    };
    assert_eq!(kind("a.txt", Some("text/html"), "%PDF-1.7"), "PDF");
    assert_eq!(kind("a.txt", Some("text/html; charset=utf-8"), "x"), "plain text");
    assert_eq!(kind("a", Some("text/html; charset=utf-8"), "x"), "HTML");
    assert_eq!(kind("A.MD", Some("application/octet-stream"), "x"), "Markdown");
    assert_eq!(kind("a.htm", None, "x"), "HTML");
    assert_eq!(kind("notes", None, " <!DOCTYPE HTML><p>x"), "HTML");
    assert_eq!(kind("notes", None, "# x"), "plain text");
    assert_eq!(kind("main.rs", None, "fn main() {}"), "source code");
}

#[test]
fn an_error_names_the_unsupported_format() {
    assert!(message("renamed.txt", b"\0\0\x01\0\x01\0\x10\x10\0\0").contains("an icon"));
    assert!(message("a.txt", b"7z\xbc\xaf\x27\x1c").contains("a 7z archive"));
    assert!(message("a.rar", b"text all the same").contains("a .rar file"));
    assert_eq!(code("blob", Some("image/png"), b"?"), "unsupported_format");
    assert_eq!(code("blob", None, b"\x01\x02\x00\xff"), "unsupported_format");
    // These begin like a bitmap and a program, and are words.
    document("a.txt", b"BMW and MZ made motorcycles.");
}

#[test]
fn an_empty_file_is_an_error_and_so_is_a_too_large_one() {
    for bytes in [&b""[..], b" \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe"] {
        assert_eq!(code("a.txt", None, bytes), "empty_document");
    }
    assert_eq!(code("a.html", None, b"<p> <script>x</script>&#32;"), "empty_document");
    assert_eq!(code("a.md", None, b"---\ntitle:\n---\n\n***\n"), "empty_document");
    let big = vec![b'a'; MAX_TEXT_FILE_BYTES + 1];
    assert_eq!(code("a.txt", None, &big), "too_large");
    assert!(message("a.txt", &big).contains("16777216 bytes"));
}

#[test]
fn hostile_nesting_neither_overflows_nor_takes_long() {
    let nested = |open: &str, close: &str| open.repeat(100_000) + "deep" + &close.repeat(100_000);
    let attributes: String = (0..200_000).map(|n| format!(" a{n}")).collect();
    for html in [
        nested("<div>", "</div>"),
        nested("<b>", "</b>"),
        nested("<ul><li>", "</li></ul>"),
        nested("<table><tr><td>", ""),
        nested("<blockquote hidden></blockquote>", "<"),
        format!("<p{attributes}>deep"),
        "<!--".repeat(100_000) + "-->deep",
        "<p>deep".to_owned() + &"</i></div></td>".repeat(100_000),
    ] {
        assert!(document("a.html", html.as_bytes()).text.contains("deep"));
    }
    let quoted = ">".repeat(100_000) + "deep";
    assert!(document("a.md", quoted.as_bytes()).text.contains("deep"));
}

#[test]
fn any_repetition_is_read_in_linear_time() {
    let repeated = [
        ("<a ", "a=1 "),
        ("<img ", "alt=x "),
        ("<img alt='", "&not"),
        ("</a ", "hidden "),
        ("<", "a"),
        ("", "<"),
        ("", "</"),
        ("", "<!"),
        ("<!--", "--!"),
        ("", "<![CDATA["),
        ("<svg><![CDATA[", "]]"),
        ("", "&"),
        ("", "&amp"),
        ("&", "a"),
        ("", "&CounterClockwiseContourIntegra"),
        ("&#x", "0"),
        ("<script>", "</scrip"),
        ("<script>", "<!--<script"),
        ("<title>", "</titl"),
        ("<textarea>", "&"),
        ("", "<title></title>"),
        ("", "<svg>"),
        ("", "<template>"),
        ("<!doctype ", "a"),
    ];
    for (start, unit) in repeated {
        let html = format!("<p>seen</p>{start}{}", unit.repeat(100_000));
        let document = document("a.html", html.as_bytes());
        assert!(document.text.contains("seen"), "{start}{unit}");
    }
}

#[test]
fn scripts_are_left_out_at_any_depth() {
    let html = "<div>".repeat(1000) + "seen<script>unseen</script><svg>unseen</svg> too";
    assert_eq!(document("a.html", html.as_bytes()).text, "seen too");
}

#[test]
fn any_bytes_are_read_or_refused() {
    for seed in 1..=2000_u64 {
        println!("seed {seed}");
        let mut rng = Rng::new(seed);
        let length = rng.below(300);
        let mut bytes: Vec<u8> = (0..length).map(|_| rng.below(256) as u8).collect();
        if seed % 2 == 0 {
            let ascii = b"<>!-/=\"'&#x; \nap";
            bytes.iter_mut().for_each(|byte| *byte = ascii[usize::from(*byte) % ascii.len()]);
        }
        for name in ["a.txt", "a.md", "a.html", "a"] {
            if let Ok((_, file)) = read(name, None, &bytes) {
                let document = file.document;
                assert_document_holds(&document);
            }
        }
    }
}
