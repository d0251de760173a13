//! Archives: their members, and what is said of those that are left out.

use std::io::Write;

use multimodal_rag::{BlockKind, Error, FileToRead, ReadFile, ReadLimits, Unwatched, read_file};
use zip::unstable::write::FileOptionsExt;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

use crate::read::read;

/// Members of archives that tests write: paths and contents.
pub(crate) type Files<'a> = &'a [(&'a str, &'a [u8])];

const REPORT: &[u8] = b"The bridge was closed for repairs in March.";

pub(crate) fn zip_of(files: Files<'_>, options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, content) in files {
        writer.start_file(*path, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

pub(crate) fn tar_of(files: Files<'_>) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn gzipped(content: &[u8], name: Option<&str>) -> Vec<u8> {
    let mut builder = flate2::GzBuilder::new();
    if let Some(name) = name {
        builder = builder.filename(name);
    }
    let mut writer = builder.write(Vec::new(), flate2::Compression::default());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn read_members(name: &str, bytes: &[u8]) -> ReadFile {
    read(name, None, bytes).unwrap().1
}

pub(crate) fn paths(file: &ReadFile) -> Vec<&str> {
    file.members.iter().map(|member| member.path.as_str()).collect()
}

fn read_with_password(bytes: &[u8], password: Option<&str>) -> Result<ReadFile, Error> {
    let file = FileToRead { name: "a.zip", bytes, password, ..FileToRead::default() };
    read_file(&file, &ReadLimits::default(), &Unwatched).map(|(_, file)| file)
}

#[test]
fn every_archive_gives_its_members_with_their_paths_and_bytes() {
    let files: Files<'_> = &[("reports/march.txt", REPORT), ("notes/übersicht.md", b"# Notes")];
    let tar = tar_of(files);
    for (name, bytes) in [
        ("a.zip", zip_of(files, deflated())),
        ("b.zip", zip_of(files, SimpleFileOptions::default())),
        ("a.tar", tar.clone()),
        ("a.tar.gz", gzipped(&tar, None)),
        ("a.tgz", gzipped(&tar, Some("anything.tar"))),
    ] {
        let file = read_members(name, &bytes);
        assert_eq!(paths(&file), ["reports/march.txt", "notes/übersicht.md"], "{name}");
        assert_eq!(file.members[0].bytes, REPORT, "{name}");
        assert_eq!(file.members[1].bytes, b"# Notes", "{name}");
        assert_eq!(file.details.warnings, [] as [&str; 0], "{name}");
    }
}

#[test]
fn an_archive_is_recognized_whatever_it_is_called() {
    let files: Files<'_> = &[("march.txt", REPORT)];
    let tar = tar_of(files);
    for bytes in [zip_of(files, deflated()), tar.clone(), gzipped(&tar, None)] {
        assert_eq!(paths(&read_members("download", &bytes)), ["march.txt"]);
        assert_eq!(paths(&read_members("download.txt", &bytes)), ["march.txt"]);
    }
}

#[test]
fn the_text_of_an_archive_is_a_list_of_its_members_that_nothing_is_answered_from() {
    let zip = zip_of(&[("a/march.txt", REPORT), ("b.txt", b"b")], deflated());
    let document = read_members("a.zip", &zip).document;
    assert_eq!(document.text, "a/march.txt, 43 bytes\n\nb.txt, 1 bytes");
    assert!(document.blocks.iter().all(|block| block.kind == BlockKind::Boilerplate));
}

#[test]
fn a_gzip_file_has_one_member_with_the_name_in_its_header_or_its_own() {
    let named = read_members("x.gz", &gzipped(REPORT, Some("march.txt")));
    assert_eq!((paths(&named), &*named.members[0].bytes), (vec!["march.txt"], REPORT));
    assert_eq!(paths(&read_members("logs/march.log.GZ", &gzipped(REPORT, None))), ["march.log"]);
    let two = [gzipped(b"one, ", None), gzipped(b"two", None)].concat();
    assert_eq!(read_members("a.txt.gz", &two).members[0].bytes, b"one, two");
}

#[test]
fn folders_and_files_of_the_system_are_no_members() {
    let files: Files<'_> = &[
        ("folder/", b""),
        ("__MACOSX/folder/._march.txt", b"x"),
        ("folder/.DS_Store", b"x"),
        ("folder/._march.txt", b"x"),
        ("Thumbs.db", b"x"),
        ("folder/march.txt", REPORT),
    ];
    let file = read_members("a.zip", &zip_of(files, deflated()));
    assert_eq!(paths(&file), ["folder/march.txt"]);
    assert_eq!(file.details.warnings, [] as [&str; 0]);
}

#[test]
fn a_password_opens_encrypted_members() {
    let old = deflated().with_deprecated_encryption(b"secret").unwrap();
    let mut aes = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    aes.start_file("march.txt", deflated().with_aes_encryption(AesMode::Aes256, "secret")).unwrap();
    aes.write_all(REPORT).unwrap();
    let aes = aes.finish().unwrap().into_inner();
    for bytes in [zip_of(&[("march.txt", REPORT)], old), aes] {
        let file = read_with_password(&bytes, Some("secret")).unwrap();
        assert_eq!(file.members[0].bytes, REPORT);
        let code = |password| read_with_password(&bytes, password).unwrap_err().code();
        assert_eq!(code(None), "password_required");
        assert_eq!(code(Some("wrong")), "wrong_password");
    }
}

#[test]
fn encrypted_members_among_others_are_named_in_a_warning() {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("open.txt", deflated()).unwrap();
    writer.write_all(REPORT).unwrap();
    let encrypted = deflated().with_deprecated_encryption(b"secret").unwrap();
    writer.start_file("closed.txt", encrypted).unwrap();
    writer.write_all(REPORT).unwrap();
    let file = read_members("a.zip", &writer.finish().unwrap().into_inner());
    assert_eq!(paths(&file), ["open.txt"]);
    assert_eq!(file.details.warnings, ["Left out were encrypted members: closed.txt."]);
}

#[test]
fn links_of_tar_are_left_out_with_a_warning() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "passwords", "/etc/passwd").unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_size(REPORT.len() as u64);
    let long = format!("{}/march.txt", "folder/".repeat(30).trim_end_matches('/'));
    builder.append_data(&mut header, &long, REPORT).unwrap();
    let file = read_members("a.tar", &builder.into_inner().unwrap());
    assert_eq!(paths(&file), [long.as_str()]);
    assert_eq!(file.details.warnings, ["Left out were links: passwords."]);
}

#[test]
fn a_name_in_the_code_page_of_dos_is_decoded() {
    let mut bytes = zip_of(&[("f\u{1}r.txt", REPORT)], deflated());
    // "für.txt" as DOS writes it.
    let at = |(at, window): (usize, &[u8])| (window == b"f\x01r").then_some(at + 1);
    let places: Vec<usize> = bytes.windows(3).enumerate().filter_map(at).collect();
    places.into_iter().for_each(|at| bytes[at] = 0x81);
    assert_eq!(paths(&read_members("a.zip", &bytes)), ["für.txt"]);
}
