//! Formats of text.

use multimodal_rag::{BlockKind, Document, Error, FileDetails, FileToRead, Format, ReadLimits};
use multimodal_rag::{ReadFile, Unwatched, read_file};

use crate::read::read;

mod cards;
mod chats;
mod code;
mod data;
mod hostile;
mod markup;
mod media;
mod pages;
mod recognition;

/// The kind and the text of each block.
fn blocks(document: &Document) -> Vec<(BlockKind, &str)> {
    document.blocks.iter().map(|block| (block.kind, document.slice(block.span))).collect()
}

/// Where each block is, for people.
fn places(document: &Document) -> Vec<String> {
    let place = |span| document.place(span).map(|place| place.to_string()).unwrap_or_default();
    document.blocks.iter().map(|block| place(block.span)).collect()
}

fn file(name: &str, text: &str) -> ReadFile {
    read(name, None, text.as_bytes()).unwrap().1
}

fn format_of(name: &str, text: &str) -> &'static str {
    Format::of(read(name, None, text.as_bytes()).unwrap().0).unwrap().name
}

fn details(name: &str, text: &str) -> FileDetails {
    file(name, text).details
}

/// The error of a file within these limits.
fn error_within(limits: ReadLimits, name: &str, text: &str) -> Error {
    let file = FileToRead { name, bytes: text.as_bytes(), ..FileToRead::default() };
    read_file(&file, &limits, &Unwatched).unwrap_err()
}

#[test]
fn any_text_is_read_or_refused_in_every_format() {
    let alphabet = "{}[]<>()|:;,-=*_`'\"#\\/&%$~^!?.@+ \n\n\t0129aZé日";
    let letters: Vec<char> = alphabet.chars().collect();
    let names: Vec<String> = multimodal_rag::FORMATS
        .iter()
        .filter(|format| {
            matches!(format.module.name(), "core" | "text") && format.is_readable_here()
        })
        .flat_map(|format| format.extensions.iter().take(1))
        .map(|extension| format!("a.{extension}"))
        .collect();
    for seed in 1..=300_u64 {
        println!("seed {seed}");
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) as usize
        };
        let length = next() % 400;
        let text: String = (0..length).map(|_| letters[next() % letters.len()]).collect();
        for name in &names {
            let Ok((_, file)) = read(name, None, text.as_bytes()) else { continue };
            let document = file.document;
            let mut end = 0;
            for block in &document.blocks {
                let range = block.span.range();
                assert!(document.text[end..range.start].trim().is_empty(), "{name}: {text:?}");
                assert!(!document.text[range.clone()].trim().is_empty(), "{name}: {text:?}");
                end = range.end;
            }
        }
    }
}

#[test]
fn any_repetition_is_read_in_linear_time() {
    let repeated = [
        ("a.csv", "\"a,"),
        ("a.csv", "a;"),
        ("a.json", "["),
        ("a.json", "{\"a\":"),
        ("a.json", "//"),
        ("a.json", "\"a\","),
        ("a.jsonl", "{\n"),
        ("a.yaml", "- "),
        ("a.yaml", "a: "),
        ("a.yaml", "["),
        ("a.yaml", "&a "),
        ("a.toml", "["),
        ("a.toml", "a.b="),
        ("a.toml", "a=[["),
        ("a.xml", "<a>"),
        ("a.xml", "&a;"),
        ("a.xml", "<a b="),
        ("a.rss", "<item>"),
        ("a.srt", "<"),
        ("a.vtt", "{\\"),
        ("a.srt", "1\n00:00:01,0 --> 00:00:02,0\nx "),
        ("a.tex", "\\emph{"),
        ("a.tex", "\\footnote{"),
        ("a.tex", "$"),
        ("a.tex", "\\begin{tabular}"),
        ("a.tex", "&"),
        ("a.tex", "\\item["),
        ("a.adoc", "link:["),
        ("a.adoc", "{a"),
        ("a.adoc", "|===\n"),
        ("a.adoc", "<<"),
        ("a.adoc", "*a"),
        ("a.rst", "`a"),
        ("a.rst", "=\n"),
        ("a.rst", "===\n"),
        ("a.rst", ".. a::\n"),
        ("a.rst", "+-\n"),
        ("a.rst", "= =\n"),
        ("a.org", "[["),
        ("a.org", "|a"),
        ("a.org", "*a* "),
        ("a.org", "#+begin_a\n"),
        ("a.py", "def a\n"),
        ("a.py", " def a():\n"),
        ("a.py", "# a\n"),
        ("a.js", "{ \n"),
        ("a.c", "a("),
        ("a.txt", "[1/2/2024, 10:00] a: b\n"),
        ("a.txt", "10:00 a\n"),
        ("a.md", "~~a"),
        ("a.md", "<sup>1"),
        ("a.html", "<sup>1"),
        ("a.html", "<tr><td rowspan=99 colspan=99>a"),
        ("a.html", "<style>.a{display:none}</style>"),
        ("a.html", "<s>"),
        ("a.html", "<thead>"),
    ];
    for (name, unit) in repeated {
        println!("{name} {unit:?}");
        let text = unit.repeat(200_000 / unit.len());
        // Whatever comes of it: what would not be linear would take minutes.
        let since = std::time::Instant::now();
        let _ = read(name, None, text.as_bytes());
        println!("{} ms", since.elapsed().as_millis());
    }
}
