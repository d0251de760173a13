//! Mailboxes.

use multimodal_rag::{BlockKind, ReadFile};

use crate::mail::blocks;
use crate::read::read;

fn read_mailbox(content: &str) -> ReadFile {
    read("a.mbox", None, content.as_bytes()).unwrap().1
}

const ANSWERED: &str = "From priya@example.org Sat May  3 14:02:00 2025
From: Priya Nair <priya@example.org>
Subject: Bridge
Message-ID: <1@example.org>
Date: Sat, 3 May 2025 14:02:00 +0200

When does the bridge over the canal open again? The buses still take the long way round.

>From Monday on I am away.

From joerg@example.org Sun May  4 08:00:00 2025
From: Joerg <joerg@example.org>
Subject: Lunch
Message-ID: <2@example.org>
Date: Sun, 4 May 2025 08:00:00 +0200

Soup on Monday.

From okafor@example.org Mon May  5 09:00:00 2025
From: R. Okafor <okafor@example.org>
Subject: Re: Bridge
Message-ID: <3@example.org>
In-Reply-To: <1@example.org>
Date: Mon, 5 May 2025 09:00:00 +0200
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

On 12 May, at six in the morning.

On 3 May 2025, Priya Nair wrote:
> When does the bridge over the canal
> open again? The buses still take
> the long way round.

--b
Content-Type: text/plain; name=plan.txt
Content-Disposition: attachment

The plan.
--b--
";

#[test]
fn the_messages_of_a_thread_stand_together() {
    let file = read_mailbox(ANSWERED);
    let headings: Vec<_> = blocks(&file.document)
        .into_iter()
        .filter(|(kind, _)| matches!(kind, BlockKind::Heading(_)))
        .collect();
    let expected = [
        (BlockKind::Heading(1), "Bridge"),
        (BlockKind::Heading(2), "Re: Bridge"),
        (BlockKind::Heading(1), "Lunch"),
    ];
    assert_eq!(headings, expected);
}

#[test]
fn a_quote_of_a_message_in_the_mailbox_answers_nothing() {
    let file = read_mailbox(ANSWERED);
    let found = blocks(&file.document);
    let kind = |text: &str| found.iter().find(|(_, it)| it.contains(text)).unwrap().0;
    let quote = "open again? The buses still take\nthe long";
    assert_eq!(kind(quote), BlockKind::Boilerplate);
    assert_eq!(kind("Priya Nair wrote:"), BlockKind::Boilerplate);
    assert_eq!(kind("On 12 May, at six"), BlockKind::Paragraph);
    assert_eq!(kind("When does the bridge over the canal open"), BlockKind::Paragraph);
}

#[test]
fn a_quote_of_a_message_that_is_not_there_stays_text() {
    let answer = ANSWERED.split_inclusive("Soup on Monday.\n\n").nth(1).unwrap();
    let file = read_mailbox(answer);
    assert!(blocks(&file.document).iter().all(|(kind, _)| *kind != BlockKind::Boilerplate));
    assert!(file.document.text.contains("open again?"));
}

#[test]
fn each_message_is_a_place_of_its_own() {
    let file = read_mailbox(ANSWERED);
    let place = |text: &str| {
        let block =
            file.document.blocks.iter().find(|it| file.document.slice(it.span).contains(text));
        file.document.place(block.unwrap().span).unwrap().to_string()
    };
    assert_eq!(place("at six"), "5 May 2025, R. Okafor");
    assert_eq!(place("Soup"), "4 May 2025, Joerg");
    assert_eq!(place("The buses"), "3 May 2025, Priya Nair");
}

#[test]
fn attachments_are_members_in_the_folder_of_their_message() {
    let file = read_mailbox(ANSWERED);
    assert_eq!(file.members.len(), 1);
    assert_eq!(file.members[0].path, "3 Re: Bridge/plan.txt");
    assert_eq!(file.members[0].bytes, b"The plan.");
}

#[test]
fn lines_that_begin_with_from_are_text_and_not_messages() {
    let file = read_mailbox(ANSWERED);
    assert!(file.document.text.contains("\n\nFrom Monday on I am away."));
    let unescaped = "From a@example.org Sat May  3 14:02:00 2025\nFrom: a@example.org\nSubject: x\n\n\
        A line.\n\nFrom here on it is\nquiet.\n";
    assert!(
        read_mailbox(unescaped).document.text.ends_with("A line.\n\nFrom here on it is\nquiet.")
    );
}

#[test]
fn an_answer_without_references_joins_the_thread_of_its_subject() {
    let mail = |subject: &str, day: u8, text: &str| {
        format!(
            "From a Sat May  3 14:02:00 2025\nFrom: a@example.org\nSubject: {subject}\n\
            Date: {day} May 2025 14:02:00 +0200\n\n{text}\n\n"
        )
    };
    let mailbox = [
        mail("Bridge", 3, "One."),
        mail("Lunch", 3, "Soup."),
        mail("AW: Bridge", 5, "Three."),
        mail("Fwd: Re: Bridge", 4, "Two."),
        mail("Lunch", 6, "Salad."),
    ];
    let file = read_mailbox(&mailbox.concat());
    let order: Vec<usize> = ["One.", "Two.", "Three.", "Soup.", "Salad."]
        .map(|text| file.document.text.find(text).unwrap())
        .to_vec();
    assert!(order.is_sorted(), "{order:?}");
    let heading = |text: &str| blocks(&file.document).iter().filter(|(_, it)| *it == text).count();
    assert_eq!(heading("Lunch"), 2);
}

#[test]
fn a_mailbox_is_recognized_by_its_first_lines() {
    for name in ["Inbox", "a.mbox", "mail.mbox"] {
        assert_eq!(read(name, None, ANSWERED.as_bytes()).unwrap().1.details.reader, "mailbox");
    }
    let crlf = ANSWERED.replace('\n', "\r\n");
    assert_eq!(read_mailbox(&crlf).document.text, read_mailbox(ANSWERED).document.text);
}
