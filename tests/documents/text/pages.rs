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
    // The bar within the second cell separates no cells.
    let rows = [(TableRow, "A | B".to_owned()), (TableRow, "1 | 2\u{a0}|\u{a0}3".to_owned())];
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
fn text_that_only_its_style_hides_is_left_out() {
    for style in [
        "display:none!important",
        "display : none !important ",
        "VISIBILITY: hidden",
        "opacity:0.0",
        "font-size:0em",
        "font-size:1px",
        "position:absolute;left:-9999px",
        "text-indent:-9999px",
        "position:absolute;clip:rect(1px, 1px, 1px, 1px)",
        "clip-path:inset(50%)",
        "width:1px;height:1px;overflow:hidden",
        "height:0;overflow:hidden",
        "max-height:0;overflow:hidden",
        "color:white;background:white",
        "/* x */ color : red ; display : none",
        "background:url(a;b); display:none",
    ] {
        let source = format!("<p style='{style}'>Spam.<p>Lunch, <b style='{style}'>spam</b>now.");
        assert_eq!(text(&source), "Lunch, now.", "{style}");
        let source = format!(
            "<p class='a x'>Spam.<p>Lunch, <b class=x>spam</b>now.<style>.x{{{style}}}</style>"
        );
        let expected = [(Boilerplate, "Spam.".to_owned()), (Paragraph, "Lunch, now.".to_owned())];
        assert_eq!(html(&source), expected, "{style}");
    }
    for style in
        ["opacity:0.5", "left:-9999px", "color:white", "height:0", "max-height:0", "top:-5px"]
    {
        assert_eq!(text(&format!("<p style='{style}'>Lunch.")), "Lunch.", "{style}");
    }
}

#[test]
fn the_rules_of_a_style_sheet_apply_as_in_a_browser() {
    for (rules, is_hidden) in [
        ("p.x{display:none}", true),
        ("b, p#y.x , i{display:none}", true),
        ("body .x{display:none}", true),
        ("@media screen{.x{display:none}}", true),
        ("@layer a{@media all{.x{display:none}}}", true),
        ("@import 'a.css'; <!-- .x{display:none} -->", true),
        (".x{display:none} .z{display:block}", true),
        (".x{display:block} p{display:none}", false),
        (".x{display:none} .x{display:block}", false),
        (".x{display:none} #y{display:block}", false),
        (".x{display:none", true),
        ("div .x{display:none}", false),
        (".x:hover{display:none}", false),
        ("b.x{display:none}", false),
        ("@media print{.x{display:none}}", false),
        ("@media (max-width: 500px){.x{display:none}}", false),
        ("@font-face{src:url(a)} .x{color:red}", false),
    ] {
        let source = format!("<style>{rules}</style><p class=x id=y>Lunch.<p>Now.");
        let kind = if is_hidden { Boilerplate } else { Paragraph };
        assert_eq!(html(&source)[0], (kind, "Lunch.".to_owned()), "{rules}");
    }
    let own = "<style>.x{display:none}</style><p class=x style='display:block'>Lunch.<p>Now.";
    assert_eq!(html(own)[0].0, Paragraph);
    let printed = "<style media=print>p{display:none}</style><p>Lunch.";
    assert_eq!(html(printed)[0].0, Paragraph);
}

#[test]
fn rules_for_what_is_within_other_elements_apply_as_in_a_browser() {
    for (selector, is_hidden) in [
        (".a .x", true),
        (".a > .x", false),
        (".b > .x", true),
        (".b>.x", true),
        (".a > .b > .x", true),
        ("body.home .x", false),
        ("html > body .x", true),
        (".a .b .a .x", false),
        (".b .a .x", false),
        ("section div p", true),
        (".before .x", false),
        (".ended .x", false),
        ("b .x", false),
        ("section[data-old] .x", true),
        ("[data-old]", true),
        ("[data-kind]", true),
        ("p[data-kind=menu]", true),
        ("[data-kind='card'] ", false),
        ("[data-kind^=me][data-kind$=nu]", true),
        ("[data-kind*='']", false),
        ("[class~=x]", true),
        ("[lang|=en]", true),
        (".a + .x", false),
        (".a ~ .x", false),
        (".b > .x:first-child", false),
        (".no-js .x", false),
        (".x[v-cloak]", false),
        (".b >", false),
        ("> .x", false),
        (".b > > .x", false),
        ("section * > .x", true),
        ("section * * .x", false),
    ] {
        let source = format!(
            "<style>{selector}{{display:none}}</style><section class='a no-js' data-old>\
             <b class=before>Menu</b><p class=ended>Today<div class=b>\
             <p class=x lang=en-GB data-kind=menu v-cloak>Lunch.</div></section><p>Now."
        );
        let kind = if is_hidden { Boilerplate } else { Paragraph };
        let found = html(&source);
        assert!(found.contains(&(kind, "Lunch.".to_owned())), "{selector} {found:?}");
        assert!(found.contains(&(Paragraph, "Now.".to_owned())) || selector == "section div p");
    }
    let stronger = "<style>.tabs .tab{display:none} .tabs .tab.now{display:block}</style>\
                    <div class=tabs><p class='tab now'>Lunch.<p class=tab>Tea.</div>";
    assert_eq!(html(stronger)[0].0, Paragraph);
    assert_eq!(html(stronger)[1].0, Boilerplate);
    let opened =
        "<style>p{max-height:0;overflow:hidden} p.on{max-height:9em}</style><p class=on>A.";
    assert_eq!(html(opened)[0].0, Paragraph);
    let line = "<style>i > b{display:none}</style><p>Jam: <i><b>two</b></i><i>no</i> <b>five</b>.";
    assert_eq!(text(line), "Jam: no five.");
}

#[test]
fn what_the_page_itself_marks_as_hidden_is_left_out_and_what_a_search_opens_is_not() {
    let source = "<p>Lunch<span aria-hidden=true> ★★</span><span hidden> no</span>.\
                  <div hidden=until-found>At noon.</div><div aria-hidden=true>No</div>\
                  <dialog>Cookies?</dialog><dialog open>Closed today.</dialog>\
                  <noscript>No</noscript><template>No</template>";
    let expected = [
        (Paragraph, "Lunch.".to_owned()),
        (Paragraph, "At noon.".to_owned()),
        (Boilerplate, "No".to_owned()),
        (Boilerplate, "Cookies?".to_owned()),
        (Paragraph, "Closed today.".to_owned()),
    ];
    assert_eq!(html(source), expected);
}

#[test]
fn many_rules_for_many_elements_take_linear_time() {
    let rules: String = (0..20_000).map(|at| format!(".x.y{at},#z{at}{{display:none}}")).collect();
    let elements = "<p class='x a b c' style='display:block;color:red'>a".repeat(20_000);
    let since = std::time::Instant::now();
    let within: String =
        (0..1000).map(|at| format!("div *{} p{{top:0;opacity:0}}", " *".repeat(at % 6))).collect();
    for rules in
        [rules, within, "{(".repeat(200_000), "@media all{".repeat(200_000), ".".repeat(1 << 20)]
    {
        text(&format!("<style>{rules}</style>{elements}"));
    }
    assert!(since.elapsed() < std::time::Duration::from_secs(8));
}

#[test]
fn marks_that_carry_facts_are_kept() {
    for (source, expected) in [
        ("She said <q>stay</q>.", "She said “stay”."),
        (
            "<abbr title='Maximum working load'>MWL</abbr> 5 t; the <abbr title='Maximum working load'>MWL</abbr>",
            "MWL (Maximum working load) 5 t; the MWL",
        ),
        ("<abbr title=2025-05-03T10:00>3 May</abbr>", "3 May"),
        ("<ol type=a start=26><li>one<li>two</ol>", "z. one\naa. two"),
        ("<ol type=I><li>one<li value=4>four</ol>", "I. one\nIV. four"),
        ("<ol reversed start=3><li>bronze<li>silver</ol>", "3. bronze\n2. silver"),
        ("<label>Name <input value='Ada B.'></label> <input type=hidden value=x>", "Name Ada B."),
        ("<input type=checkbox checked>Boat <input type=checkbox>Train", "[x] Boat [ ] Train"),
    ] {
        assert_eq!(text(source), expected, "{source}");
    }
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
        (Paragraph, "Cone 6."),
        (Footnote, "[1] At last."),
    ];
    assert_eq!(blocks(&document), expected);
    let details = details("a.md", source);
    assert_eq!(details.title.as_deref(), Some("Firing log"));
    assert_eq!(details.authors, ["Brigid Tallis"]);
}

/// The blocks of Markdown.
fn markdown(source: &str) -> Vec<(multimodal_rag::BlockKind, String)> {
    let document = file("a.md", source).document;
    blocks(&document).into_iter().map(|(kind, text)| (kind, text.to_owned())).collect()
}

fn markdown_text(source: &str) -> String {
    file("a.md", source).document.text
}

#[test]
fn each_property_of_front_matter_is_a_line() {
    let yaml = "---\n# a comment\ntitle: \"Log: the big kiln\"\nauthor:\n  name: Brigid Tallis # potter\n\
                links: [a, \"b, c\"]\nsummary: >\n  Nine hours,\n  then: open.\nsteps:\n- load\n- fire\n\
                url: http://a.example/?b=c\ndraft:\ndue: null\n---\n# Log\n\nText.\n";
    let expected = "author.name: Brigid Tallis\nlinks: a, b, c\n\
                    summary: Nine hours, then: open.\nsteps: load, fire\nurl: http://a.example/?b=c\n\n\
                    Log\n\nText.";
    assert_eq!(markdown_text(yaml), expected);
    let known = details("a.md", yaml);
    assert_eq!(known.title.as_deref(), Some("Log: the big kiln"));
    assert_eq!(known.authors, ["Brigid Tallis"]);
    let toml = "+++\ndate = 2024-11-03T10:00:00\ntags = [\n  'pottery',\n  'safety',\n]\n[params]\n\
                cone = 6\n+++\nText.\n";
    let expected = "date: 2024-11-03T10:00:00\ntags: pottery, safety\nparams.cone: 6\n\nText.";
    assert_eq!(markdown_text(toml), expected);
    assert_eq!(details("a.md", toml).date.as_deref(), Some("2024-11-03T10:00:00"));
}

#[test]
fn text_between_lines_is_no_front_matter() {
    let slides = "# One\n\n---\nNote: the second slide\n---\n\nThe third.\n";
    assert_eq!(markdown_text(slides), "One\n\nNote: the second slide\n\nThe third.");
    assert_eq!(markdown_text("---\n\nA line.\n\n---\n\nText: x\n"), "A line.\n\nText: x");
    assert_eq!(markdown_text("---\ntitle: never ended\n"), "title: never ended");
}

#[test]
fn marks_of_note_taking_programs_are_no_text() {
    for (source, expected) in [
        (
            "[[Soap water#Recipe|soap]] and [[Soap water#Recipe]], [[#Tools]]",
            "soap and Soap water > Recipe, Tools",
        ),
        (
            "![[cover photo.png]] ![[plan.png|300x200]] ![[a.png|The plan]]",
            "cover photo.png plan.png The plan",
        ),
        (
            "it turns ==milky== and ==**grey**== within a minute. ^warn-1",
            "it turns milky and grey within a minute.",
        ),
        ("if a == b, a==b or x ^2", "if a == b, a==b or x ^2"),
        ("an ==open mark, 10 ^6", "an ==open mark, 10 ^6"),
        ("one %%no%% two, 50%% and 60%%, `%%a%%`", "one  two, 50%% and 60%%, %%a%%"),
        ("one\n\n%%\nno\n\nno\n%%\n\ntwo %% three", "one\n\ntwo %% three"),
        ("%% no\nno %%\ntwo", "two"),
        ("```\n%%a%% ==b==\n```", "%%a%% ==b=="),
        ("- order cloths #shopping ^c1", "- order cloths #shopping"),
    ] {
        assert_eq!(markdown_text(source), expected, "{source}");
    }
}

#[test]
fn the_title_of_a_callout_is_a_line_of_its_own() {
    let titled = "> [!warning]- Mind the solvent\n> Never use [[acetone]].\n>\n> [!x] no";
    let expected = ["Mind the solvent", "Never use acetone.", "[!x] no"];
    assert_eq!(markdown(titled), expected.map(|text| (Paragraph, text.to_owned())));
    let plain = "> [!NOTE]\n> It is late.\n\n> [!tip] Alone\n\n> [a] b";
    let expected = ["Note", "It is late.", "Alone", "[a] b"];
    assert_eq!(markdown(plain), expected.map(|text| (Paragraph, text.to_owned())));
}

#[test]
fn markdown_in_a_container_of_html_is_read_as_markdown() {
    let source = "<details>\n<summary>How to reset</summary>\n- Hold it.\n- Release it **twice**.\n\
                  \n| Lamp | Meaning |\n|---|---|\n| red | no `water` |\n</details>\n";
    let expected = [
        (Paragraph, "How to reset"),
        (ListItem, "- Hold it."),
        (ListItem, "- Release it twice."),
        (TableHeader, "Lamp | Meaning"),
        (TableRow, "red | no water"),
    ];
    assert_eq!(markdown(source), expected.map(|(kind, text)| (kind, text.to_owned())));
    for (source, expected) in [
        ("<div\n align='left'>\nA **b** <br> c\n</div>", "A b \n c"),
        ("<div hidden>\nno **b**\n</div>\n\nyes", "yes"),
        ("<div>\n<!-- no\nno -->\nyes\n</div>", "yes"),
        ("<pre>\n- **a**\n</pre>", "- **a**"),
        ("<table>\n<tr><td>\n**a**\n</td></tr></table>", "**a**"),
    ] {
        assert_eq!(markdown_text(source), expected, "{source}");
    }
}

#[test]
fn marks_within_a_line_of_markdown_keep_their_meaning() {
    for (source, expected) in [
        ("fee <del>40</del><ins>30</ins>, press <kbd>Q</kbd>", "fee ~~40~~30, press Q"),
        (
            "10<sup class='x'>6</sup> <img src='a' alt='The plan'> <!-- no --> end",
            "10^6 The plan  end",
        ),
        ("## Setting up {#setup .x}", "Setting up"),
        (
            "a\\*b\\* &amp; &copy; [c][1] <https://d.example>\n\n[1]: e",
            "a*b* & © c https://d.example",
        ),
        (
            "| a | b |\n|---|---|\n| c \\| d | `e \\| f` |",
            "a | b\nc\u{a0}|\u{a0}d | e\u{a0}|\u{a0}f",
        ),
        ("one  \ntwo\\\nthree\nfour", "one\ntwo\nthree four"),
    ] {
        assert_eq!(markdown_text(source), expected, "{source}");
    }
}

#[test]
fn marks_of_markdown_that_nothing_ends_take_linear_time() {
    let since = std::time::Instant::now();
    for unit in [
        "==a ",
        "%%",
        "%% ",
        "%%a\n",
        "%%\n\n",
        "[[a",
        "![[",
        "> [!a] b\n",
        "^a ",
        "<details>\n",
        "<div>\na\n\n",
        "a:\n",
    ] {
        file("a.md", &format!("seen\n\n{}", unit.repeat(100_000)));
        file("a.md", &format!("---\n{}\n---\nseen", unit.repeat(100_000)));
    }
    assert!(since.elapsed() < std::time::Duration::from_secs(10));
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
