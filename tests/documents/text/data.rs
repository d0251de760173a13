//! CSV, JSON, YAML, TOML, XML.

use multimodal_rag::BlockKind::{Code, Heading, ListItem, Paragraph, TableHeader, TableRow};
use multimodal_rag::ReadLimits;

use super::{blocks, details, error_within, file, places};

#[test]
fn a_table_is_read_whatever_separates_its_values() {
    for delimiter in [",", ";", "\t", "|"] {
        let text = ["item,shelf,note", "M8 washers,C4,\"a \"\"b\"\"\nc\"", "glue,A2,"]
            .join("\n")
            .replace(',', delimiter);
        let document = file("a.csv", &text).document;
        let expected = [
            (TableHeader, "item | shelf | note"),
            (TableRow, "M8 washers | C4 | a \"b\" c"),
            (TableRow, "glue | A2 |"),
        ];
        assert_eq!(blocks(&document), expected, "{delimiter:?}");
        assert_eq!(places(&document), ["row 1", "row 2", "row 3"]);
    }
}

#[test]
fn a_comma_within_quotes_or_a_decimal_comma_separates_nothing() {
    let document = file("a.csv", "name;price\n\"Lozano, Dr\";1,5\nBerry;2,75\n").document;
    assert_eq!(document.text, "name | price\nLozano, Dr | 1,5\nBerry | 2,75");
}

#[test]
fn a_row_of_numbers_is_no_header_and_a_title_no_row() {
    let document = file("a.csv", "Stock in May\n1,2,3\n4,5,6\n").document;
    let expected = [(Paragraph, "Stock in May"), (TableRow, "1 | 2 | 3"), (TableRow, "4 | 5 | 6")];
    assert_eq!(blocks(&document), expected);
}

#[test]
fn excel_may_state_the_delimiter() {
    assert_eq!(file("a.csv", "sep=;\na,b;c\n1,2;3\n").document.text, "a,b | c\n1,2 | 3");
}

#[test]
fn json_reads_as_lines_headings_and_tables() {
    let text = r#"{
        "owner": "Bao Tran", // the boss
        "service": {"port": 8443, "tls": {"versions": ["1.2", "1.3"]}},
        "users": [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bo"}],
    }"#;
    let document = file("a.json", text).document;
    let expected = [
        (ListItem, "owner: Bao Tran"),
        (ListItem, "service.port: 8443"),
        (ListItem, "service.tls.versions: 1.2, 1.3"),
        (Heading(1), "users"),
        (TableHeader, "id | name"),
        (TableRow, "1 | Ada"),
        (TableRow, "2 | Bo"),
    ];
    assert_eq!(blocks(&document), expected);
    assert_eq!(places(&document)[5..], ["row 1", "row 2"]);
}

#[test]
fn damaged_json_is_an_error_and_a_damaged_line_of_json_lines_a_warning() {
    for text in ["{\"a\": ", "{\"a\": 1}}", "nothing", "[1, 2"] {
        let error = super::read("a.json", None, text.as_bytes()).unwrap_err();
        assert_eq!(error.code(), "damaged_file", "{text}");
    }
    let read = file("a.jsonl", "{\"id\": 1, \"a\": 2}\n{\"id\": 2, \"a\": 3}\nbroken\n");
    let expected =
        [(TableHeader, "id | a"), (TableRow, "1 | 2"), (TableRow, "2 | 3"), (ListItem, "broken")];
    assert_eq!(blocks(&read.document), expected);
    assert_eq!(read.details.warnings, ["Line 3 is not JSON, and read as text."]);
}

#[test]
fn yaml_keeps_values_as_they_are_written_and_merges_maps() {
    let text = "a: &a\n  image: nginx:1.10\n  mode: 0755\n  on: yes\nb:\n  <<: *a\n  image: db\n";
    let document = file("a.yaml", text).document;
    let expected = [
        (ListItem, "a.image: nginx:1.10"),
        (ListItem, "a.mode: 0755"),
        (ListItem, "a.on: yes"),
        (ListItem, "b.image: db"),
        (ListItem, "b.mode: 0755"),
        (ListItem, "b.on: yes"),
    ];
    assert_eq!(blocks(&document), expected);
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..10 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    assert_eq!(error_within(ReadLimits::default(), "a.yaml", &bomb).code(), "too_large");
}

#[test]
fn a_template_of_yaml_is_read_line_by_line_with_a_warning() {
    let read = file("a.yaml", "kind: {{ .Values.kind }}\n{{- if .x }}\nport: 80\n{{- end }}\n");
    assert_eq!(blocks(&read.document)[0].0, Code);
    assert!(read.document.text.contains("port: 80"));
    assert!(read.details.warnings[0].starts_with("It is not valid YAML"));
}

#[test]
fn toml_reads_in_the_order_of_the_file() {
    let text = "title = \"Kiln\"\n[package]\nversion = \"1.10\"\ndate = 2024-05-01\n\
                [[bin]]\nname = \"a\"\npath = \"b\"\n[[bin]]\nname = \"c\"\npath = \"d\"\n";
    let document = file("a.toml", text).document;
    let expected = "title: Kiln\npackage.version: 1.10\npackage.date: 2024-05-01\n\nbin\n\n\
                    name | path\na | b\nc | d";
    assert_eq!(document.text, expected);
}

#[test]
fn xml_reads_as_data_and_mixed_text_as_text() {
    let text = "<catalog xmlns='u'><book id='bk1'><author>Gamb &amp; Co</author><price>4.95</price>\
                </book><book id='bk2'><author>&#65;nn</author><price>5</price></book>\
                <note>Mixed <b>bold</b> text.</note></catalog>";
    let document = file("a.xml", text).document;
    let expected = [
        (ListItem, "note: Mixed bold text."),
        (Heading(1), "book"),
        (TableHeader, "id | author | price"),
        (TableRow, "bk1 | Gamb & Co | 4.95"),
        (TableRow, "bk2 | Ann | 5"),
    ];
    assert_eq!(blocks(&document), expected);
}

#[test]
fn entities_of_a_file_are_never_expanded() {
    let text = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'><!ENTITY a 'aaaa'>]>\
                <x><y>one &e; two &a;</y></x>";
    assert_eq!(file("a.xml", text).document.text, "y: one &e; two &a;");
}

#[test]
fn of_a_drawing_the_title_the_description_and_the_texts_are_read_and_no_script() {
    let drawing = "<?xml version='1.0'?><!DOCTYPE svg><svg:svg xmlns:svg='s' viewBox='0 0 9 9'>\
        <svg:title>The pump of the mill</svg:title><svg:desc>Water flows from left to right.</svg:desc>\
        <svg:style>text { fill: red }</svg:style><svg:script>alert('Ignore the rest')</svg:script>\
        <svg:metadata><a>made by a program</a></svg:metadata>\
        <svg:g><svg:title>Valve</svg:title><svg:path d='M0 0'/>\
        <svg:text x='1'>Inlet <svg:tspan>val</svg:tspan>ve</svg:text>\
        <svg:text x='1'>Inlet valve</svg:text></svg:g>\
        <svg:text><svg:tspan x='1'>built in</svg:tspan><svg:tspan x='1' dy='2'>1931</svg:tspan></svg:text>\
        <svg:foreignObject><div><p>Motor</p><p>400 V</p></div></svg:foreignObject></svg:svg>";
    let document = file("pump.svg", drawing).document;
    let expected = [
        (Heading(1), "The pump of the mill"),
        (Paragraph, "Water flows from left to right."),
        (Paragraph, "Valve"),
        (Paragraph, "Inlet valve"),
        (Paragraph, "built in 1931"),
        (Paragraph, "Motor 400 V"),
    ];
    assert_eq!(blocks(&document), expected);
    assert!(super::read("shapes.svg", None, b"<svg><path d='M0 0'/></svg>").is_err());
}

#[test]
fn xml_is_read_in_the_encoding_that_it_declares() {
    let bytes = b"<?xml version='1.0' encoding='iso-8859-1'?><x><y>caf\xe9</y></x>";
    let (_, read) = super::read("a.xml", None, bytes).unwrap();
    assert_eq!(read.document.text, "y: café");
}

#[test]
fn a_feed_has_a_heading_for_each_entry() {
    let text = "<?xml version='1.0'?><rss version='2.0'><channel><title>Harbour news</title>\
                <item><title>Ferry</title><pubDate>Mon, 3 May 2025</pubDate>\
                <description>&lt;p&gt;The ferry is &lt;b&gt;back&lt;/b&gt;.&lt;/p&gt;</description>\
                </item></channel></rss>";
    let document = file("feed.xml", text).document;
    let expected = [
        (Heading(1), "Harbour news"),
        (Heading(2), "Ferry"),
        (Paragraph, "Mon, 3 May 2025"),
        (Paragraph, "The ferry is back."),
    ];
    assert_eq!(blocks(&document), expected);
    assert_eq!(details("feed.xml", text).title.as_deref(), Some("Harbour news"));
}

#[test]
fn elements_of_an_extension_do_not_replace_those_of_a_feed() {
    let text = "<?xml version='1.0'?><rss version='2.0'><channel><title>Harbour news</title>\
                <itunes:title>Podcast</itunes:title><item><title>Ferry</title>\
                <dc:date>1999-01-01</dc:date><pubDate>Mon, 3 May 2025</pubDate>\
                <dc:creator>Ada</dc:creator><itunes:author>Ada</itunes:author>\
                <content:encoded>&lt;p&gt;The ferry is back.&lt;/p&gt;</content:encoded>\
                <excerpt:encoded>It is.</excerpt:encoded>\
                <media:content url='a.png'><media:title>avatar</media:title>\
                <media:description>A face</media:description></media:content>\
                <media:description>A face</media:description></item>\
                <item><title>Pier</title><itunes:summary>It is closed.</itunes:summary></item>\
                </channel></rss>";
    let expected = [
        (Heading(1), "Harbour news"),
        (Heading(2), "Ferry"),
        (Paragraph, "Mon, 3 May 2025, Ada"),
        (Paragraph, "The ferry is back."),
        (Heading(2), "Pier"),
        (Paragraph, "It is closed."),
    ];
    assert_eq!(blocks(&file("feed.xml", text).document), expected);
}

#[test]
fn numbers_of_json_stay_as_they_are_written() {
    let text = "{\"price\": 19.90, \"big\": 1e5, \"id\": 12345678901234567890123, \"t\": -0.50E+3,\n\
                \"said\": \"it is 1.0\", \"all\": [1.0, 2, true, null]}";
    let expected = "price: 19.90\nbig: 1e5\nid: 12345678901234567890123\nt: -0.50E+3\n\
                    said: it is 1.0\nall: 1.0, 2, true, null";
    assert_eq!(file("a.json", text).document.text, expected);
    assert_eq!(file("a.jsonl", "{\"a\": 1.50}\n").document.text, "1\n\na: 1.50");
    for wrong in ["[01]", "[1.]", "[.5]", "[+1]", "[1e]", "[-]", "[0x1F]", "[1_0]", "[1 2]"] {
        let error = super::read("a.json", None, wrong.as_bytes()).unwrap_err();
        assert_eq!(error.code(), "damaged_file", "{wrong}");
    }
    let error = super::read("a.json", None, b"[100, 200, oops]").unwrap_err().to_string();
    assert!(error.contains("column 12"), "{error}");
}

#[test]
fn data_over_a_limit_is_refused() {
    let deep = |open: &str, close: &str| open.repeat(100) + &close.repeat(100);
    let limits = ReadLimits { objects: 50, ..ReadLimits::default() };
    for (name, text) in
        [("a.json", deep("[", "]")), ("a.yaml", deep("[", "]")), ("a.xml", deep("<a>", "</a>"))]
    {
        let code = error_within(ReadLimits::default(), name, &text).code();
        assert_eq!(code, "too_large", "{name}");
    }
    for (name, text) in [
        ("a.json", format!("[{}1]", "1,".repeat(100))),
        ("a.jsonl", "1\n".repeat(100)),
        ("a.yaml", "- a\n".repeat(100)),
        ("a.toml", format!("a = [{}1]", "1,".repeat(100))),
        ("a.xml", format!("<a>{}</a>", "<b/>".repeat(100))),
        ("a.csv", "a,b\n".repeat(100)),
    ] {
        assert_eq!(error_within(limits, name, &text).code(), "too_large", "{name}");
    }
}
