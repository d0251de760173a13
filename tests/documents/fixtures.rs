//! The sample files, as a user would add them.

use multimodal_rag::{BlockKind, ReadFile};

use crate::read::read;

fn fixture(name: &str) -> ReadFile {
    let path = format!("tests/fixtures/documents/{name}");
    read(name, None, &std::fs::read(path).unwrap()).unwrap().1
}

/// The block that begins so: its kind, and its place for people.
fn found(file: &ReadFile, text: &str) -> (BlockKind, String) {
    let document = &file.document;
    let block = document.blocks.iter().find(|it| document.slice(it.span).starts_with(text));
    let block = block.unwrap_or_else(|| panic!("{text:?} in {}", document.text));
    (block.kind, document.place(block.span).map(|it| it.to_string()).unwrap_or_default())
}

#[test]
fn a_passage_of_a_book_names_its_page_and_its_chapter() {
    let book = fixture("bees.epub");
    assert_eq!(found(&book, "A worker"), (BlockKind::Paragraph, "page 5, In the hive".to_owned()));
    assert_eq!(found(&book, "The combs").1, "page 6, In the hive");
    assert_eq!(found(&book, "In winter").0, BlockKind::Footnote);
    assert_eq!(found(&book, "The swarm"), (BlockKind::Heading(1), "page 7, The swarm".to_owned()));
    assert_eq!(found(&book, "Hold a box").1, "page 7, Catching it");
    assert_eq!(book.details.title.as_deref(), Some("A small book of bees"));
}

#[test]
fn a_passage_of_a_mailbox_names_its_message() {
    let mailbox = fixture("house.mbox");
    assert_eq!(found(&mailbox, "He comes").1, "2 May 2025, R. Okafor");
    assert_eq!(found(&mailbox, "The lift stops").0, BlockKind::Paragraph);
    assert_eq!(
        found(&mailbox, "The lift stops between the second and\n").0,
        BlockKind::Boilerplate
    );
    assert_eq!(mailbox.details.warnings, [] as [&str; 0]);
}

#[test]
fn a_message_and_its_attachment_are_read() {
    let message = fixture("offer.eml");
    assert_eq!(found(&message, "the terrace costs 1,480 €").1, "3 May 2025, R. Okafor");
    assert_eq!(message.members[0].path, "prices.csv");
    assert_eq!(message.members[0].bytes, b"part,price\ndecking,900\nawning,580\n");
}

#[test]
fn a_saved_page_is_read() {
    let page = fixture("ferry.mhtml");
    assert_eq!(found(&page, "The ferry crosses").0, BlockKind::Paragraph);
    assert!(page.document.text.ends_with("23:40 — on Sundays at 22:20."));
}

#[test]
fn the_members_of_archives_are_read_from_them() {
    for (name, count) in [("notes.zip", 3), ("notes.tar.gz", 2)] {
        let archive = fixture(name);
        assert_eq!(archive.members.len(), count);
        let lamp = archive.members.iter().find(|it| it.path == "notes/lamp.txt").unwrap();
        assert_eq!(lamp.bytes, b"The lamp in the hall takes a bulb of 9 watts.\n");
    }
}
