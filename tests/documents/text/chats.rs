//! Exports of chats, and bookmarks.

use multimodal_rag::BlockKind::{Heading, ListItem, Paragraph};

use super::{blocks, file, places};

#[test]
fn a_whatsapp_chat_has_a_block_for_each_message() {
    let text = "[12/03/2025, 10:14:05] Ada: The ferry leaves at nine\nfrom pier 4\n\
                \u{200e}[13/03/2025, 09:00:00] Bo Li: Thanks!\n";
    let document = file("chat.txt", text).document;
    let expected = [
        (Heading(1), "12 March 2025"),
        (ListItem, "[10:14:05] Ada: The ferry leaves at nine\nfrom pier 4"),
        (Heading(1), "13 March 2025"),
        (ListItem, "[09:00:00] Bo Li: Thanks!"),
    ];
    assert_eq!(blocks(&document), expected);
    assert_eq!(places(&document)[3], "13 March 2025, Bo Li");
}

#[test]
fn the_dates_of_a_chat_are_read_in_the_order_of_its_country() {
    let day = |text: &str| places(&file("a.txt", text).document)[0].clone();
    assert_eq!(day("3/4/25, 10:14 AM - Ada: a\n3/14/25, 10:15 PM - Bo: b\n"), "4 March 2025, Ada");
    assert_eq!(day("03.04.25, 10:14 - Ada: a\n14.04.25, 10:15 - Bo: b\n"), "3 April 2025, Ada");
    assert_eq!(day("2025-04-03, 10:14 - Ada: a\n2025-04-14, 10:15 - Bo: b\n"), "3 April 2025, Ada");
    assert_eq!(
        day("03/04/2025 à 10:14 - Ada: a\n14/04/2025 à 10:15 - Bo: b\n"),
        "3 April 2025, Ada"
    );
}

#[test]
fn a_slack_export_names_authors_and_shows_links() {
    let text = r#"[{"type": "message", "user": "U1", "ts": "1746267245.000216",
        "text": "Hello <@U1>, see <https://x.org|the plan> &amp; more",
        "user_profile": {"real_name": "R. Okafor"}}]"#;
    let document = file("2025-05-03.json", text).document;
    let expected = [
        (Heading(1), "3 May 2025"),
        (ListItem, "[10:14] R. Okafor: Hello @R. Okafor, see the plan (https://x.org) & more"),
    ];
    assert_eq!(blocks(&document), expected);
    assert_eq!(places(&document)[1], "3 May 2025, R. Okafor");
}

#[test]
fn a_message_without_a_day_and_an_author_has_no_place() {
    let unknown = r#"[{"type": "message", "ts": "", "text": "no one knows when"}]"#;
    let document = file("general.json", unknown).document;
    assert!(document.places.is_empty(), "{:?}", document.places);
}

#[test]
fn a_telegram_export_joins_the_parts_of_a_message() {
    let text = r#"{"name": "Harbour", "type": "private_group", "id": 1, "messages": [
        {"id": 1, "type": "message", "date": "2025-05-03T10:14:05", "from": "R. Okafor",
         "text": ["The key is ", {"type": "bold", "text": "417"}]}]}"#;
    let document = file("result.json", text).document;
    let expected = [
        (Heading(1), "Harbour"),
        (Heading(2), "3 May 2025"),
        (ListItem, "[10:14] R. Okafor: The key is 417"),
    ];
    assert_eq!(blocks(&document), expected);
    assert_eq!(places(&document)[2], "3 May 2025, R. Okafor");
}

#[test]
fn bookmarks_keep_their_folders_and_addresses() {
    let text = "<!DOCTYPE NETSCAPE-Bookmark-file-1><TITLE>Bookmarks</TITLE><H1>Bookmarks</H1><DL><p>\
                <DT><H3>Recipes</H3><DL><p><DT><A HREF='https://x.org/bread'>Bread &amp; butter</A>\
                <DD>Very good</DL><p></DL>";
    let document = file("bookmarks.html", text).document;
    let expected = [
        (Heading(1), "Bookmarks"),
        (Heading(2), "Recipes"),
        (ListItem, "Bread & butter: https://x.org/bread"),
        (Paragraph, "Very good"),
    ];
    assert_eq!(blocks(&document), expected);
}
