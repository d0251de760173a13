//! Small files that would take much memory or time.

use std::time::{Duration, Instant};

use multimodal_rag::ReadLimits;

use super::{error_within, read};

/// Half of what a reader may take in a page. None of these files is as large as the limit of a text.
const MAX_BYTES: u64 = 512 << 20;

#[test]
fn a_small_file_that_repeats_itself_is_refused_before_it_takes_memory() {
    let large = "k".repeat(1 << 20);
    let deep = |leaf: &str| {
        let open: String = (0..6).map(|level| format!("{{\"a{level}\": ")).collect();
        format!("{open}{leaf}{}", "}".repeat(6))
    };
    let children = vec!["[{\"b\": 1}]"; 50_000].join(", ");
    let border = "= ".repeat(50_000);
    let functions = "    def b():\n        pass\n\n".repeat(50_000);
    let people = format!(
        "[{{\"type\": \"message\", \"ts\": \"1\", \"user\": \"U1\", \"text\": \"{}\", \
        \"user_profile\": {{\"real_name\": \"{large}\"}}}}]",
        "<@U1> ".repeat(300_000)
    );
    let cue = |at: usize| format!("00:02.000 --> 00:03.000\n{at}{}\n\n", "b".repeat(1600));
    let cues: String = (0..1000).map(cue).collect();
    let speaker = format!("WEBVTT\n\n00:01.000 --> 00:02.000\n<v {large}>a\n\n{cues}");
    let event = "BEGIN:VCALENDAR\nBEGIN:VEVENT\n";
    let card = format!("BEGIN:VCARD\nFN:a\ni.X-ABLABEL:{large}\n");
    let cases = [
        ("a.csv", format!("a{}\n{}", ",".repeat(66_000), "b\n".repeat(100_000)), true),
        ("a.json", deep(&format!("{{\"{large}\": [{children}]}}")), false),
        ("a.json", format!("{{\"{large}\": [{children}]}}"), false),
        ("a.adoc", format!("= T\n:a: {large}\n\n{}\n", "{a}".repeat(100_000)), true),
        ("a.adoc", format!("= T\n:a: {large}\n\n{}\n", "{a}\n".repeat(100_000)), true),
        ("a.rst", format!("{border}\n{}{border}\n", "x\ny\n".repeat(30_000)), true),
        ("a.rst", format!(".. list-table::\n\n{}", "   * - a\n".repeat(3_000_000)), true),
        ("a.org", "|a|b|c|d|e|f\n".repeat(400_000), true),
        ("a.py", format!("class {large}:\n{functions}"), false),
        ("a.json", people, true),
        ("a.vtt", speaker, true),
        ("a.txt", "a\n\n".repeat(3_000_000), true),
        ("a.ics", format!("{event}{}", "URL:a\n".repeat(1_000_000)), true),
        ("a.ics", format!("{event}RDATE;TZID={large}:{}", "20260101,".repeat(100_000)), false),
        ("a.vcf", format!("{card}{}", "i.TEL:1\n".repeat(9_000)), false),
    ];
    for (name, text, is_refused) in cases {
        println!("{name}, {} bytes: {:.30}", text.len(), text);
        let since = Instant::now();
        let mut code = None;
        let work = || code = read(name, None, text.as_bytes()).err().map(|error| error.code());
        let peak = allocation_counter::measure(work).bytes_max;
        println!("{} ms, {} MiB, {code:?}", since.elapsed().as_millis(), peak >> 20);
        assert!(peak < MAX_BYTES, "{peak}");
        assert_eq!(code, is_refused.then_some("too_large"));
        assert!(since.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn a_text_over_the_limit_is_refused_in_every_format() {
    let limits = ReadLimits { text_bytes: 1000, ..ReadLimits::default() };
    let line = "[12/03/2025, 10:14:05] Ada: The ferry leaves\n";
    for (name, text) in [
        ("a.txt", "words in a line\n\n".repeat(100)),
        ("a.txt", line.repeat(100)),
        ("a.md", "* words in a line\n".repeat(100)),
        ("a.html", "<p>words in a line".repeat(100)),
        ("a.csv", "words,in,a,line\n".repeat(100)),
        ("a.json", format!("[{}1]", "{\"words\": {\"in\": {\"a\": 1}}},".repeat(100))),
        ("a.yaml", "- words in a line\n".repeat(100)),
        ("a.yaml", "{{ words }}\n\n".repeat(100)),
        ("a.xml", format!("<a>{}</a>", "<b>words in a line</b>".repeat(100))),
        (
            "a.rss",
            format!(
                "<rss><channel>{}</channel></rss>",
                "<item><title>words</title></item>".repeat(300)
            ),
        ),
        (
            "a.srt",
            (10..99)
                .map(|at| {
                    format!("00:00:{at},000 --> 00:00:{at},900\nThese are words in line {at}.\n\n")
                })
                .collect(),
        ),
        ("a.tex", "words in a line\n\n".repeat(100)),
        ("a.adoc", "words in a line\n\n".repeat(100)),
        ("a.rst", "words in a line\n\n".repeat(100)),
        ("a.org", "words in a line\n\n".repeat(100)),
        ("a.py", "words in a line\n\n".repeat(100)),
        (
            "a.eml",
            format!("From: a@b.example\nSubject: x\n\n{}", "words in a line\n\n".repeat(100)),
        ),
        ("a.mbox", "From a\nFrom: a@b.example\nSubject: x\n\nwords\n\n".repeat(100)),
    ] {
        let error = error_within(limits, name, &text);
        assert_eq!(error.code(), "too_large", "{name}: {error}");
    }
}

#[test]
fn marks_that_nothing_ends_take_linear_time() {
    let cue = "1\n00:00:01,000 --> 00:00:02,000\n";
    let slack =
        |text: &str| format!("[{{\"type\": \"message\", \"ts\": \"1\", \"text\": \"{text}\"}}]");
    for (name, text) in [
        ("a.srt", format!("{cue}{}\n", "<".repeat(1 << 20))),
        ("a.srt", format!("{cue}>{}\n", "<".repeat(1 << 20))),
        ("a.srt", format!("{cue}{}\n", "{a".repeat(1 << 20))),
        ("a.srt", format!("{cue}}}{}\n", "{\\".repeat(1 << 20))),
        ("2025-05-03.json", slack(&"<".repeat(1 << 20))),
    ] {
        let since = Instant::now();
        read(name, None, text.as_bytes()).unwrap();
        println!("{name}: {} ms", since.elapsed().as_millis());
        assert!(since.elapsed() < Duration::from_secs(4), "{name}");
    }
}
