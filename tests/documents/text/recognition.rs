//! Formats that are recognized by their content, and files that only look like them.

use multimodal_rag::{FileToRead, recognize};

use super::format_of;

fn format_of_bytes(name: &str, bytes: &[u8]) -> &'static str {
    recognize(&FileToRead { name, bytes, ..FileToRead::default() }).unwrap().name
}

fn stored_zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in members {
        writer.start_file(*name, stored).unwrap();
        std::io::Write::write_all(&mut writer, bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn stored_tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    builder.append_data(&mut header, name, bytes).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn an_archive_is_not_taken_for_a_file_that_lies_in_it() {
    let docx = stored_zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<a/>")]);
    let epub = stored_zip(&[
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", b"<container/>"),
    ]);
    assert_eq!(format_of_bytes("a.zip", &docx), "Word");
    assert_eq!(format_of_bytes("a", &epub), "EPUB");
    let zip = stored_zip(&[("a.docx", &docx), ("b.epub", &epub)]);
    assert_eq!(format_of_bytes("a.zip", &zip), "ZIP");
    assert_eq!(format_of_bytes("a.zip", &stored_zip(&[("b.epub", &epub)])), "ZIP");
    let package = stored_zip(&[("[Content_Types].xml", b"<Types/>"), ("keyword/a.txt", b"a")]);
    assert_eq!(format_of_bytes("a.zip", &package), "ZIP");
    let pdf = b"%PDF-1.4\n1 0 obj\n%%EOF\n";
    assert_eq!(format_of_bytes("a.zip", &stored_zip(&[("a.pdf", pdf)])), "ZIP");
    assert_eq!(format_of_bytes("a.tar", &stored_tar("a.pdf", pdf)), "TAR");
}

#[test]
fn a_file_that_is_cut_keeps_its_format() {
    let docx = stored_zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<a/>")]);
    assert_eq!(format_of_bytes("a", &docx[..docx.len() - 30]), "Word");
    assert_eq!(format_of_bytes("a", b"%PDF-1.7\n1 0 obj"), "PDF");
}

#[test]
fn a_pdf_may_have_something_before_it() {
    assert_eq!(format_of_bytes("a", b"\xef\xbb\xbf\r\n %PDF-1.7\n"), "PDF");
    assert_eq!(format_of_bytes("a", b"HTTP/1.1 200 OK\n%PDF-1.7\n\xe2\xe3\n%%EOF\n"), "PDF");
}

#[test]
fn a_text_about_a_format_is_not_of_that_format() {
    let code = "def is_pdf(data):\n    return data.startswith(b\"%PDF-\")\n";
    assert_eq!(format_of("a.py", code), "source code");
    assert_eq!(format_of("a.md", "A PDF begins with %PDF-1.4 and ends with %%EOF."), "Markdown");
    let about = "A feed begins so: <rss version=\"2.0\"><channel><title>A</title>.";
    assert_eq!(format_of("a.md", about), "Markdown");
    assert_eq!(format_of("a.txt", about), "plain text");
}

#[test]
fn a_format_is_recognized_whatever_the_file_is_called() {
    let chat = "12/03/2025, 10:14 - Ada: a\n12/03/2025, 10:15 - Bo: b\n";
    assert_eq!(format_of("notes", chat), "WhatsApp chat");
    assert_eq!(format_of("a.txt", "WEBVTT\n\n00:01.000 --> 00:02.000\na\n"), "WebVTT subtitles");
    assert_eq!(format_of("a", "1\n00:00:01,000 --> 00:00:02,000\na\n"), "SubRip subtitles");
    assert_eq!(format_of("a", "{\"port\": 8443}"), "JSON");
    assert_eq!(format_of("a", "<?xml version='1.0'?><a>b</a>"), "XML");
    assert_eq!(format_of("a.txt", "<?xml version='1.0'?><a>b</a>"), "XML");
    assert_eq!(format_of("a.txt", "{\"port\": 8443}"), "JSON");
    let lines =
        "{\"level\": \"info\", \"text\": \"up\"}\n{\"level\": \"error\", \"text\": \"down\"}\n";
    assert_eq!(format_of("a.log", lines), "JSON Lines");
    let mail = "From: a@b.example\nTo: c@d.example\nSubject: Rent\nDate: 3 May 2025\n\nDue.\n";
    assert_eq!(format_of("a.txt", mail), "e-mail");
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
    assert_eq!(format_of("a.txt", "{\"unfinished\": \"data\""), "plain text");
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
