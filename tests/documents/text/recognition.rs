//! Formats that are recognized by their content, and files that only look like them.

use super::format_of;

#[test]
fn a_format_is_recognized_whatever_the_file_is_called() {
    let chat = "12/03/2025, 10:14 - Ada: a\n12/03/2025, 10:15 - Bo: b\n";
    assert_eq!(format_of("notes", chat), "WhatsApp chat");
    assert_eq!(format_of("a.txt", "WEBVTT\n\n00:01.000 --> 00:02.000\na\n"), "WebVTT subtitles");
    assert_eq!(format_of("a", "1\n00:00:01,000 --> 00:00:02,000\na\n"), "SubRip subtitles");
    assert_eq!(format_of("a", "{\"port\": 8443}"), "JSON");
    assert_eq!(format_of("a", "<?xml version='1.0'?><a>b</a>"), "XML");
    assert_eq!(
        format_of("a.xml", "<rss version='2.0'><channel><title>a</title></channel></rss>"),
        "RSS and Atom"
    );
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>a</title></feed>";
    assert_eq!(format_of("a.xml", atom), "RSS and Atom");
    let notebook = "{\"cells\": [{\"cell_type\": \"markdown\", \"source\": \"a\"}]}";
    assert_eq!(format_of("a.json", notebook), "Jupyter notebook");
}

#[test]
fn an_ordinary_file_is_not_taken_for_an_export() {
    let log = "[2024-03-05, 14:00:00] ERROR: disk full\n[2024-03-05, 14:00:01] INFO: fine\n";
    assert_eq!(format_of("a.txt", log), "plain text");
    assert_eq!(format_of("a.txt", "WEBVTT is a format of subtitles."), "plain text");
    assert_eq!(format_of("a.txt", "1. one\n2. two"), "plain text");
    assert_eq!(
        format_of("a.txt", "On 12/03/2025, 10:14 - as agreed: we met.\nThen we left."),
        "plain text"
    );
    assert_eq!(format_of("a.json", "[{\"type\": \"message\", \"text\": \"a\"}]"), "JSON");
    assert_eq!(
        format_of("a.json", "{\"name\": \"a\", \"messages\": [{\"role\": \"user\"}]}"),
        "JSON"
    );
    assert_eq!(
        format_of("a.xml", "<?xml version='1.0'?><feeding><rsssource>a</rsssource></feeding>"),
        "XML"
    );
    assert_eq!(format_of("a.html", "<!doctype html><p>rss"), "HTML");
    assert_eq!(format_of("a.md", "[12] a: b\n{\"cells\": 1}"), "Markdown");
    assert_eq!(format_of("notes", "{curly} words, and no data"), "plain text");
}
