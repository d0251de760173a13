//! Messages that are damaged, or made to do harm.

use std::time::Instant;

use multimodal_rag::{Error, FileToRead, ReadFile, ReadLimits, Unwatched, read_file};

use crate::read::read;
use crate::rng::{Rng, seed};

fn code(name: &str, bytes: &[u8]) -> &'static str {
    read(name, None, bytes).unwrap_err().code()
}

const HEAD: &str = "From: a@example.org\nSubject: x\n";

#[test]
fn too_many_parts_are_refused_and_so_are_parts_nested_too_deep() {
    let flat = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\nContent-Type: text/csv\n\nx\n".repeat(100_000)
    );
    assert_eq!(code("a.eml", flat.as_bytes()), "too_large");
    let mut deep = HEAD.to_owned();
    for level in 0..1000 {
        deep.push_str(&format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"));
    }
    assert_eq!(code("a.eml", deep.as_bytes()), "too_large");
}

#[test]
fn parts_and_lines_that_are_too_many_take_no_memory() {
    let parts =
        format!("{HEAD}Content-Type: multipart/mixed; boundary=a\n\n{}", "--a\n".repeat(8 << 20));
    let lines = format!("From a\n{HEAD}\n>From b\n{}", ">\n".repeat(4 << 20));
    for (name, text) in [("a.eml", &parts), ("a.mbox", &lines)] {
        let work = || drop(read(name, None, text.as_bytes()));
        let peak = allocation_counter::measure(work).bytes_max;
        assert!(peak < 4 * text.len() as u64, "{name}: {peak} of {}", text.len());
    }
}

#[test]
fn messages_in_messages_are_members_and_not_read_here() {
    let deep = format!("{HEAD}{}text", "Content-Type: message/rfc822\n\n".repeat(500_000));
    let file = read("a.eml", None, deep.as_bytes()).unwrap().1;
    assert_eq!(file.members.len(), 1);
    assert_eq!(file.members[0].path, "message 1.eml");
}

#[test]
fn a_message_takes_time_linear_in_its_bytes() {
    let unfinished = "--b\nContent-Type: multipart/mixed; boundary=missing\n\n".repeat(9000);
    let lines = "a line of text\n".repeat(600_000);
    let encoded = "=?utf-8?Q?".repeat(800_000);
    let headers = "a:\n".repeat(3_000_000);
    let cases = [
        format!("{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{unfinished}{lines}"),
        format!("Subject: {encoded}\n{HEAD}\ntext"),
        format!("{HEAD}{headers}\ntext"),
        format!("{HEAD}To: {}\n\ntext", "(".repeat(5_000_000)),
        format!("{HEAD}To: {}\n\ntext", "a@b.example, ".repeat(500_000)),
        format!("{HEAD}\n{}", "> ".repeat(4_000_000)),
        format!("{HEAD}\n{}", "On x wrote:\n> y\n\n".repeat(400_000)),
        format!("From a\n{HEAD}\n{}", format!("text\n\nFrom a\n{HEAD}\n").repeat(20_000)),
    ];
    for (number, case) in cases.iter().enumerate() {
        let start = Instant::now();
        let name = if case.starts_with("From a\n") { "a.mbox" } else { "a.eml" };
        let limits = ReadLimits { members: 20_000, ..ReadLimits::default() };
        let file = FileToRead { name, bytes: case.as_bytes(), ..FileToRead::default() };
        let _ = read_file(&file, &limits, &Unwatched);
        println!("case {number}: {:?}", start.elapsed());
        assert!(start.elapsed().as_secs_f32() < 10.0, "case {number}");
    }
}

#[test]
fn names_of_attachments_never_leave_the_message() {
    let text = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n\
        --b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=\"../../etc/x.csv\"\n\n1\n\
        --b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=\"a.csv\"\n\n2\n\
        --b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=\"a.csv\"\n\n3\n--b--\n"
    );
    let file = read("a.eml", None, text.as_bytes()).unwrap().1;
    let paths: Vec<&str> = file.members.iter().map(|member| member.path.as_str()).collect();
    assert_eq!(paths, ["..-..-etc-x.csv", "a.csv", "a (2).csv"]);
}

#[test]
fn a_message_that_is_cut_off_gives_what_comes_before() {
    let text = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
        The bridge was closed.\n--b\nContent-Type: application/pdf; name=a.pdf\n\
        Content-Transfer-Encoding: base64\n\nJVBERi0x"
    );
    let file = read("a.eml", None, text.as_bytes()).unwrap().1;
    assert!(file.document.text.ends_with("The bridge was closed."));
    assert_eq!(file.members[0].bytes, b"%PDF-1");
}

#[test]
fn what_is_no_message_is_refused() {
    assert_eq!(code("a.eml", b"\x00\x01\x02"), "damaged_file");
    assert_eq!(code("a.eml", b"Just text."), "damaged_file");
    assert_eq!(code("a.mbox", b"Just text."), "damaged_file");
    assert_eq!(code("a.mhtml", HEAD.as_bytes()), "damaged_file");
}

#[test]
fn mutated_messages_are_read_or_refused_without_a_panic() {
    let mut rng = Rng::new(seed());
    let message = format!(
        "From a\n{HEAD}Date: Sat, 3 May 2025 14:02:00 +0200\nReferences: <1@b> <2@b>\n\
        Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\
        Content-Transfer-Encoding: quoted-printable\n\n=C3=A9 text\n> quoted\n--b\n\
        Content-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+YTwvcD4=\n--b--\n\n\
        From b\n{HEAD}References: <1@b>\n\n> text\n"
    );
    for round in 0..4000 {
        let mut bytes = message.clone().into_bytes();
        for _ in 0..=rng.below(8) {
            let at = rng.below(bytes.len());
            match rng.below(4) {
                0 => bytes[at] = rng.bits() as u8,
                1 => bytes.truncate(at + 1),
                2 => {
                    let end = (at + rng.below(60)).min(bytes.len());
                    let part = bytes[at..end].to_vec();
                    drop(bytes.splice(at..at, part));
                }
                _ => drop(bytes.splice(at..at, [b'\n'])),
            }
        }
        let name = ["a.mbox", "a.eml", "a.mhtml"][round % 3];
        let read: Result<ReadFile, Error> = read(name, None, &bytes).map(|(_, file)| file);
        if let Ok(file) = read {
            let text = &file.document.text;
            file.document
                .blocks
                .iter()
                .for_each(|it| assert!(!text[it.span.range()].trim().is_empty()));
        }
    }
}
