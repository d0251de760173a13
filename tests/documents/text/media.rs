//! Subtitles, notebooks, logs.

use multimodal_rag::BlockKind::{Code, Heading, Paragraph};

use super::{blocks, file, places};

#[test]
fn cues_are_joined_to_sentences_with_their_times() {
    let text = "1\n00:00:30,000 --> 00:00:34,500\nThe pans were dug by monks\n\n\
                2\n00:01:00,000 --> 00:01:04,500\n<i>in the year 1284.</i>\n\n\
                3\n00:01:30,000 --> 00:01:34,500\nToday eleven families own them.\n";
    let document = file("tour.srt", text).document;
    let expected = [
        (Paragraph, "The pans were dug by monks in the year 1284."),
        (Paragraph, "Today eleven families own them."),
    ];
    assert_eq!(blocks(&document), expected);
    let place = document.place(document.blocks[0].span).unwrap();
    assert_eq!(place.time, Some((30_000, 64_500)));
}

#[test]
fn webvtt_keeps_the_names_of_speakers() {
    let text = "WEBVTT\n\nNOTE no\n\n00:01.000 --> 00:02.000 align:start\n<v Ada>It pumped &amp;\n\n\
                00:02.000 --> 00:03.000\nstopped.\n\n00:03.500 --> 00:04.000\n<v Bo>Really?\n";
    let document = file("a.vtt", text).document;
    assert_eq!(document.text, "Ada: It pumped & stopped.\n\nBo: Really?");
    assert_eq!(places(&document), ["00:00:01", "00:00:03"]);
}

#[test]
fn a_line_that_rolls_up_is_read_once() {
    let text = "WEBVTT\n\n00:01.000 --> 00:02.000\none\n\n00:02.000 --> 00:03.000\none\ntwo\n";
    assert_eq!(file("a.vtt", text).document.text, "one two");
}

#[test]
fn a_notebook_has_text_code_and_what_the_code_printed() {
    let text = r##"{"cells": [
        {"cell_type": "markdown", "source": ["# Title\n", "Some *text*."]},
        {"cell_type": "code", "source": "print(x)", "outputs": [
            {"output_type": "stream", "text": ["1\n"]},
            {"output_type": "error", "ename": "KeyError", "evalue": "'a'"}]}],
        "metadata": {}, "nbformat": 4}"##;
    let document = file("a.ipynb", text).document;
    let expected = [
        (Heading(1), "Title"),
        (Paragraph, "Some text."),
        (Code, "print(x)"),
        (Code, "1"),
        (Code, "KeyError: 'a'"),
    ];
    assert_eq!(blocks(&document), expected);
    assert_eq!(places(&document)[2], "cell 2");
}

#[test]
fn an_entry_of_a_log_is_a_block_with_its_lines() {
    let text = "2024-03-05T14:00:00.348Z DEBUG reusing socket\n\
                2024-03-05T14:00:01.288Z ERROR E4417 certificate expired\n\tat Ledger.connect\n\
                2024-03-05T14:00:02.337Z INFO picked job\n";
    let document = file("gateway.log", text).document;
    assert_eq!(
        blocks(&document)[1],
        (Code, "2024-03-05T14:00:01.288Z ERROR E4417 certificate expired\n\tat Ledger.connect")
    );
    assert_eq!(places(&document), ["line 1", "lines 2–3", "line 4"]);
}

#[test]
fn what_only_looks_like_a_tag_is_text() {
    let text =
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}If a < b and {c}, <i>then</i> d > {\\x e.\n";
    assert_eq!(file("a.srt", text).document.text, "If a then d > {\\x e.");
    let text = "1\n00:00:01,000 --> 00:00:02,000\n<i>{\\an8}a</i> {b} < c {\\d &lt; e\n";
    assert_eq!(file("a.srt", text).document.text, "a {b} < c {\\d < e");
}
