//! Messages and saved pages.

use multimodal_rag::{BlockKind, Document, ReadFile};

use crate::read::read;

/// A message of this content, with lines as mail has them.
pub(crate) fn message(content: &str) -> Vec<u8> {
    content.trim_start().replace('\n', "\r\n").into_bytes()
}

pub(crate) fn read_mail(bytes: &[u8]) -> ReadFile {
    read("a.eml", None, bytes).unwrap().1
}

pub(crate) fn blocks(document: &Document) -> Vec<(BlockKind, &str)> {
    document.blocks.iter().map(|block| (block.kind, document.slice(block.span))).collect()
}

/// The text of a message after its subject and its headers.
fn body(content: &str) -> Vec<String> {
    let file = read_mail(&message(content));
    blocks(&file.document)[3..].iter().map(|(_, text)| (*text).to_owned()).collect()
}

const OFFER: &str = "
Received: from mail.example (192.0.2.1) by mx.example; Sat, 3 May 2025 14:02:11 +0200
From: \"Okafor, R.\" <r.okafor@example.org>
To: Priya Nair <priya@example.org>, accounts@example.org
Cc: =?iso-8859-1?Q?J=F6rg?= <joerg@example.org>
Subject: =?utf-8?Q?Offer_for_the_caf=C3=A9?=
 terrace
Date: Sat, 3 May 2025 14:02:00 +0200
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=\"outer\"

This is a message with parts.
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

The terrace costs 1=
,480 =E2=82=AC.

It is ready in June.
--inner
Content-Type: text/html; charset=utf-8

<p>The terrace costs <b>1,480 EUR</b>.</p>
--inner--

--outer
Content-Type: text/csv; name=\"prices.csv\"
Content-Disposition: attachment; filename*=utf-8''pr%C3%A9cis.csv
Content-Transfer-Encoding: base64

aXRlbSxwcmljZQp0ZXJyYWNlLDE0ODAK
--outer
Content-Type: message/rfc822

Subject: The question
From: Priya Nair <priya@example.org>

What does it cost?
--outer--
";

#[test]
fn a_message_gives_its_subject_its_headers_and_its_text() {
    use BlockKind::{Heading, ListItem, Paragraph};
    let file = read_mail(&message(OFFER));
    let expected = [
        (Heading(1), "Offer for the café terrace"),
        (ListItem, "Subject: Offer for the café terrace"),
        (ListItem, "From: Okafor, R. <r.okafor@example.org>"),
        (ListItem, "To: Priya Nair <priya@example.org>, accounts@example.org"),
        (ListItem, "Cc: Jörg <joerg@example.org>"),
        (ListItem, "Date: 3 May 2025, 14:02 +02:00"),
        (ListItem, "Attachments: précis.csv, message 2.eml"),
        (Paragraph, "The terrace costs 1,480 €."),
        (Paragraph, "It is ready in June."),
    ];
    assert_eq!(blocks(&file.document), expected);
    let place = file.document.place(file.document.blocks[2].span).unwrap();
    assert_eq!(place.to_string(), "3 May 2025, Okafor, R.");
    assert_eq!(file.details.title.as_deref(), Some("Offer for the café terrace"));
    assert_eq!(file.details.authors, ["Okafor, R."]);
    assert_eq!(file.details.date.as_deref(), Some("2025-05-03T14:02:00+02:00"));
}

#[test]
fn attachments_and_attached_messages_are_members() {
    let file = read_mail(&message(OFFER));
    let members: Vec<(&str, Option<&str>)> =
        file.members.iter().map(|it| (it.path.as_str(), it.media_type.as_deref())).collect();
    let expected = [("précis.csv", Some("text/csv")), ("message 2.eml", Some("message/rfc822"))];
    assert_eq!(members, expected);
    assert_eq!(file.members[0].bytes, b"item,price\nterrace,1480\n");
    let inner = read_mail(&file.members[1].bytes);
    assert!(inner.document.text.ends_with("What does it cost?"));
}

#[test]
fn an_attached_text_is_read_in_the_encoding_that_its_part_states() {
    let mut bytes = message(
        "
From: a@example.org
Subject: x
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See below.
--b
Content-Type: text/plain; charset=\"iso-8859-1\"; name=menu.txt
Content-Disposition: attachment; filename=menu.txt
Content-Transfer-Encoding: quoted-printable

caf=E9
--b--
",
    );
    let member = read_mail(&bytes).members.remove(0);
    assert_eq!(member.media_type.as_deref(), Some("text/plain; charset=iso-8859-1"));
    let (_, text) = read(&member.path, member.media_type.as_deref(), &member.bytes).unwrap();
    assert_eq!(text.document.text, "café");
    // What is no label of an encoding is left out.
    let at = bytes.windows(10).position(|it| it == b"iso-8859-1").unwrap();
    bytes.splice(at..at + 10, *b"a b");
    let member = read_mail(&bytes).members.remove(0);
    assert_eq!(member.media_type.as_deref(), Some("text/plain"));
}

#[test]
fn a_message_is_recognized_by_its_headers() {
    for name in ["download", "a.eml", "Inbox"] {
        let (kind, _) = read(name, None, &message(OFFER)).unwrap();
        assert_eq!(kind, read("b.eml", None, &message(OFFER)).unwrap().0);
    }
    let notes = "Note: this is a list.\nFrom: here\nsome text\n";
    assert_ne!(
        read("notes", None, notes.as_bytes()).unwrap().0,
        read("b.eml", None, &message(OFFER)).unwrap().0
    );
}

#[test]
fn text_is_preferred_to_the_page_beside_it_unless_it_says_less() {
    let both = |text: &str| {
        body(&format!(
            "From: a@example.org\nSubject: x\nContent-Type: multipart/alternative; boundary=b\n\n\
            --b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: text/html\n\n\
            <h2>Opening hours</h2><table><tr><td>Monday</td><td>9 to 17</td></tr></table>\
            <p>On public holidays the library is closed, except for the reading room.</p>\n--b--\n"
        ))
    };
    assert_eq!(
        both("The library is open on Monday, 9 to 17."),
        ["The library is open on Monday, 9 to 17."]
    );
    let page = [
        "Opening hours",
        "Monday | 9 to 17",
        "On public holidays the library is closed, except for the reading room.",
    ];
    assert_eq!(both("HTML only."), page);
    assert_eq!(both(""), page);
}

#[test]
fn files_attached_to_an_unread_alternative_are_kept() {
    let file = read_mail(&message(
        "
From: a@example.org
Subject: Plan
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

The plan is attached.
--b
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: text/html

<p>The plan is attached.</p>
--c
Content-Type: application/pdf; name=plan.pdf
Content-Transfer-Encoding: base64

JVBERi0=
--c
Content-Type: image/png; name=logo.png
Content-ID: <logo>

x
--c--
--b--
",
    ));
    let paths: Vec<&str> = file.members.iter().map(|member| member.path.as_str()).collect();
    assert_eq!(paths, ["plan.pdf"]);
    assert_eq!(file.members[0].bytes, b"%PDF-");
}

#[test]
fn text_is_decoded_even_if_its_encoding_is_declared_wrongly() {
    let text = |charset: &str, bytes: &[u8]| {
        let head =
            format!("From: a@example.org\nSubject: x\nContent-Type: text/plain{charset}\n\n");
        let file = read_mail(&[head.as_bytes(), bytes].concat());
        blocks(&file.document)[3].1.to_owned()
    };
    assert_eq!(text("; charset=iso-8859-1", b"Caf\xe9"), "Café");
    assert_eq!(text("; charset=us-ascii", "Café".as_bytes()), "Café");
    assert_eq!(text("; charset=iso-8859-1", "Café".as_bytes()), "Café");
    assert_eq!(text("; charset=utf-8", b"Caf\xe9"), "Café");
    assert_eq!(text("; charset=no-such", b"Caf\xe9"), "Café");
    assert_eq!(text("", b"Caf\xe9 \x93quoted\x94"), "Café “quoted”");
    assert_eq!(text("; charset=shift_jis", b"\x93\xfa\x96{"), "日本");
    assert_eq!(text("; charset=iso-2022-jp", b"\x1b$BF|K\\\x1b(B"), "日本");
    assert_eq!(text("; charset=utf-7", b"Caf+AOk-"), "Café");
    assert_eq!(text("; charset=gb2312", b"\xd6\xd0\xce\xc4"), "中文");
}

#[test]
fn quoted_printable_with_faults_is_read_as_far_as_it_goes() {
    let head = "From: a@example.org\nSubject: x\nContent-Transfer-Encoding: quoted-printable\n\n";
    let text = format!("{head}1 =3D 1, a=b, soft=  \nbreak, =E2=82=AC=\n");
    let file = read_mail(text.as_bytes());
    assert_eq!(blocks(&file.document)[3].1, "1 = 1, a=b, softbreak, €");
}

#[test]
fn flowed_lines_are_joined() {
    let text = "From: a@example.org\nSubject: x\nContent-Type: text/plain; format=flowed\n\n\
        The bridge was closed \nfor repairs.\nIt is open again.\n-- \nPriya\n";
    assert_eq!(body(text), ["The bridge was closed for repairs.\nIt is open again.\n--\nPriya"]);
}

#[test]
fn what_a_lone_message_quotes_is_part_of_its_text() {
    let text = "From: a@example.org\nSubject: Re: Bridge\n\nYes, in May.\n\n\
        On 2 May 2025, R. Okafor wrote:\n> Is the bridge\n> open again?\n>\n> > It was closed.\n";
    let file = read_mail(text.as_bytes());
    let expected = [
        "Yes, in May.",
        "On 2 May 2025, R. Okafor wrote:",
        "Is the bridge\nopen again?",
        "It was closed.",
    ];
    let found = blocks(&file.document);
    assert_eq!(found[3..].iter().map(|(_, text)| *text).collect::<Vec<_>>(), expected);
    assert!(found[3..].iter().all(|(kind, _)| *kind == BlockKind::Paragraph));
}

#[test]
fn an_encrypted_message_says_so() {
    let file = read_mail(&message(
        "
From: Priya Nair <priya@example.org>
Date: Sat, 3 May 2025 14:02:00 +0200
Subject: Secret
Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b

--b
Content-Type: application/pgp-encrypted

Version: 1
--b--
",
    ));
    assert_eq!(
        file.details.warnings,
        ["Encrypted messages were left out: 3 May 2025, Priya Nair."]
    );
    assert!(file.members.is_empty());
}

#[test]
fn a_saved_page_is_read_as_a_page() {
    let page = message(
        "
From: <Saved by Blink>
Snapshot-Content-Location: https://example.org/bees
Subject: =?utf-8?Q?Bees_=E2=80=94_a_guide?=
Date: Sat, 3 May 2025 14:02:00 -0000
MIME-Version: 1.0
Content-Type: multipart/related;
 type=\"text/html\"; boundary=\"----MultipartBoundary--x----\"

------MultipartBoundary--x----
Content-Type: text/html
Content-ID: <frame@mhtml.blink>
Content-Transfer-Encoding: quoted-printable

<!DOCTYPE html><html><head><meta charset=3D\"utf-8\"><title>Bees</title></head>
<body><nav>Menu</nav><main><p>A hive has one queen=E2=80=94always.</p></main></body></html>
------MultipartBoundary--x----
Content-Type: text/css

p { color: red }
------MultipartBoundary--x------
",
    );
    for name in ["bees.mhtml", "download"] {
        let file = read(name, None, &page).unwrap().1;
        let found = blocks(&file.document);
        let expected = [
            (BlockKind::Heading(1), "Bees"),
            (BlockKind::Boilerplate, "Menu"),
            (BlockKind::Paragraph, "A hive has one queen—always."),
        ];
        assert_eq!(found, expected, "{name}");
        assert_eq!(file.details.title.as_deref(), Some("Bees — a guide"));
        assert_eq!(file.details.reader, "web archive");
    }
}
