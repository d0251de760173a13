//! HTML and Markdown: what a page says about itself, tables, marks.

use multimodal_rag::BlockKind::{
    Boilerplate, Caption, Footnote, Heading, ListItem, Paragraph, TableHeader, TableRow,
};

use super::{blocks, details, file, places};

fn html(source: &str) -> Vec<(multimodal_rag::BlockKind, String)> {
    let document = file("a.html", source).document;
    blocks(&document).into_iter().map(|(kind, text)| (kind, text.to_owned())).collect()
}

fn text(source: &str) -> String {
    file("a.html", source).document.text
}

#[test]
fn a_cell_that_spans_rows_or_columns_is_in_each_of_them() {
    let source = "<table><caption>Units</caption><tr><th>Region</th><th colspan=2>Sold</th></tr>\
                  <tr><td rowspan=2>Europe</td><td>Cable</td><td>12</td></tr>\
                  <tr><td>Hub</td><td>7</td></tr></table>";
    let expected = [
        (Caption, "Units".to_owned()),
        (TableHeader, "Region | Sold | Sold".to_owned()),
        (TableRow, "Europe | Cable | 12".to_owned()),
        (TableRow, "Europe | Hub | 7".to_owned()),
    ];
    assert_eq!(html(source), expected);
}

#[test]
fn huge_spans_do_not_multiply_a_page() {
    let source = "<table>".to_owned() + &"<tr><td rowspan=65534 colspan=1000>abcdefgh".repeat(2000);
    assert!(text(&source).len() < 8 * source.len());
}

#[test]
fn a_heading_or_a_table_within_a_cell_belongs_to_its_row() {
    let source = "<table><tr><td><h2>A</h2></td><td>B</td></tr><tr><td>1</td>\
                  <td><table><tr><td>2</td><td>3</td></tr></table></td></tr></table>";
    let rows = [(TableRow, "A | B".to_owned()), (TableRow, "1 | 2 | 3".to_owned())];
    assert_eq!(html(source), rows);
}

#[test]
fn raised_lowered_and_deleted_text_keeps_its_meaning() {
    for (source, expected) in [
        ("10<sup>6</sup> cells on 12 m<sup>2</sup>", "10^6 cells on 12 m^2"),
        ("3 × 10<sup>-4</sup> of H<sub>2</sub>O", "3 × 10^-4 of H2O"),
        ("the 1<sup>st</sup> note<sup>3</sup>", "the 1st note[3]"),
        ("fee <del>40</del><ins>30</ins>, <s>900</s> 650", "fee 30, ~~900~~ 650"),
        ("<ol><li value=5>five<li>six</ol>", "5. five\n6. six"),
    ] {
        assert_eq!(text(source), expected, "{source}");
    }
}

#[test]
fn what_is_around_the_content_is_boilerplate() {
    let source = "<div role=navigation>Menu</div><main><p>Bees.</main><footer>Imprint</footer>";
    let expected = [
        (Boilerplate, "Menu".to_owned()),
        (Paragraph, "Bees.".to_owned()),
        (Boilerplate, "Imprint".to_owned()),
    ];
    assert_eq!(html(source), expected);
}

#[test]
fn what_a_style_sheet_hides_and_a_notice_about_cookies_are_boilerplate() {
    let source = "<style>/* a */ .x, #ghost{display:none} .seen{color:red} \
                  @media print{.seen{display:none}}</style>\
                  <p class='a x'>Spam<p id=ghost>Ghost<p class=seen>Lunch at noon.\
                  <div role=dialog aria-modal=true>Cookies?</div><div style='font-size:0'>No</div>";
    let expected = [
        (Boilerplate, "Spam".to_owned()),
        (Boilerplate, "Ghost".to_owned()),
        (Paragraph, "Lunch at noon.".to_owned()),
        (Boilerplate, "Cookies?".to_owned()),
    ];
    assert_eq!(html(source), expected);
}

#[test]
fn a_page_that_is_hidden_until_it_is_loaded_is_read() {
    let source = "<style>.loading{visibility:hidden}</style><body class=loading><p>Lunch at noon.";
    assert_eq!(html(source), [(Paragraph, "Lunch at noon.".to_owned())]);
}

#[test]
fn a_page_states_its_title_language_author_and_date() {
    let details = details(
        "a.html",
        "<html lang=de><head><title>Bienen</title><meta name=author content='Ada B.'>\
         <meta property='article:published_time' content='2025-05-03'></head><p>Summ.",
    );
    assert_eq!(details.title.as_deref(), Some("Bienen"));
    assert_eq!(details.language.as_deref(), Some("de"));
    assert_eq!(details.authors, ["Ada B."]);
    assert_eq!(details.date.as_deref(), Some("2025-05-03"));
}

#[test]
fn front_matter_can_be_asked_for() {
    let source = "---\ntitle: Firing log\nauthor: Brigid Tallis\naliases: [Old Smoky, KLN-2]\n\
                  tags:\n  - pottery\n---\n\nCone 6.[^1]\n\n[^1]: At last.\n";
    let document = file("a.md", source).document;
    let expected = [
        (Heading(1), "Firing log"),
        (ListItem, "author: Brigid Tallis"),
        (ListItem, "aliases: Old Smoky, KLN-2"),
        (ListItem, "tags: pottery"),
        (Paragraph, "Cone 6.[1]"),
        (Footnote, "[1] At last."),
    ];
    assert_eq!(blocks(&document), expected);
    let details = details("a.md", source);
    assert_eq!(details.title.as_deref(), Some("Firing log"));
    assert_eq!(details.authors, ["Brigid Tallis"]);
}

#[test]
fn markdown_keeps_raised_and_struck_text_and_the_labels_of_links() {
    let document =
        file("a.md", "10<sup>6</sup> of ~~40~~ 30, see [[soap water|the soap]].").document;
    assert_eq!(document.text, "10^6 of ~~40~~ 30, see the soap.");
}

#[test]
fn a_passage_of_a_text_or_of_markdown_names_its_lines() {
    let long = "Words that go on for a while. ".repeat(10);
    let text = format!("Title\n=====\n\nOne\ntwo\n\n\x0c\n{long}\n\n\n{long}\nend\n");
    let document = file("a.txt", &text).document;
    assert_eq!(places(&document), ["lines 1–8", "lines 1–8", "lines 1–8", "lines 11–12"]);
    let text = format!(
        "---\nauthor: Ada\n---\n\n# Title\r\n\r\n{long}\n\n* {long}\n* {long}\n  more\n\n\
        ```\n{long}\n```\n\n| a | b |\n|---|---|\n| {long} | {long} |\n| c | d |\n"
    );
    let document = file("a.md", &text).document;
    let expected = [
        "lines 2–7",
        "lines 2–7",
        "lines 2–7",
        "line 9",
        "lines 10–11",
        "line 14",
        "lines 17–19",
        "lines 17–19",
        "line 20",
    ];
    assert_eq!(places(&document), expected);
}
