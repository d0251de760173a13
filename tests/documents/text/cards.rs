//! Calendars and contacts.

use multimodal_rag::BlockKind::{Heading, ListItem, Paragraph};
use multimodal_rag::Error;

use super::{blocks, file};

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Choir\r\n\
    BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n\
    END:STANDARD\r\nEND:VTIMEZONE\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nLOCATION:Hall 2\\, Kaai 4\r\nSUMMARY:Dress re\r\n hearsal\r\n\
    DTSTART;TZID=Europe/Berlin:20260503T140000\r\nDTEND;TZID=Europe/Berlin:20260503T160000\r\n\
    RRULE:FREQ=WEEKLY;BYDAY=TU\r\n\
    ATTENDEE;CN=Bo Li:mailto:bo@x.org\r\nATTENDEE:mailto:ada@x.org\r\n\
    BEGIN:VALARM\r\nDESCRIPTION:Reminder\r\nEND:VALARM\r\n\
    DESCRIPTION:Bring the score.\\nDoors close at two.\r\nEND:VEVENT\r\n\
    BEGIN:VTODO\r\nDUE;VALUE=DATE:20260601\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";

#[test]
fn each_event_is_a_section_with_its_times_in_words() {
    let document = file("choir.ics", CALENDAR).document;
    let expected = [
        (Heading(1), "Choir"),
        (Heading(2), "Dress rehearsal"),
        (ListItem, "Start: 3 May 2026, 14:00 (Europe/Berlin)"),
        (ListItem, "End: 3 May 2026, 16:00 (Europe/Berlin)"),
        (ListItem, "Repeats: every week on Tuesday"),
        (ListItem, "Location: Hall 2, Kaai 4"),
        (ListItem, "Attendees: Bo Li (bo@x.org), ada@x.org"),
        (Paragraph, "Description: Bring the score.\nDoors close at two."),
        (Heading(2), "Task"),
        (ListItem, "Due: 1 June 2026"),
    ];
    assert_eq!(blocks(&document), expected);
    assert_eq!(file("notes.txt", CALENDAR).document.blocks, document.blocks);
}

#[test]
fn each_contact_is_a_section_without_its_photo() {
    let text = "BEGIN:VCARD\nVERSION:3.0\nN:Silva;Ana;;;\nFN:Ana Silva\nORG:Ferry Co;Night crew\n\
                TEL;TYPE=WORK,VOICE:+351 210\nitem1.TEL:+351 911\nitem1.X-ABLabel:_$!<Home>!$_\n\
                ADR;TYPE=HOME:;;Kaai 4;Ghent;;9000;Belgium\nBDAY:1980-02-03\n\
                PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\n SkZJRg\nEND:VCARD\n\
                BEGIN:VCARD\nVERSION:2.1\nN:Li;Bo\nTEL;CELL:417\nNOTE;ENCODING=QUOTED-PRINTABLE:caf=C3=\n=A9\nEND:VCARD\n";
    let document = file("people.vcf", text).document;
    let expected = [
        (Heading(2), "Ana Silva"),
        (ListItem, "Organization: Ferry Co, Night crew"),
        (ListItem, "Phone (work): +351 210"),
        (ListItem, "Phone (Home): +351 911"),
        (ListItem, "Address (home): Kaai 4, Ghent, 9000, Belgium"),
        (ListItem, "Birthday: 3 February 1980"),
        (Heading(2), "Bo Li"),
        (ListItem, "Phone (mobile): 417"),
        (ListItem, "Note: café"),
    ];
    assert_eq!(blocks(&document), expected);
}

#[test]
fn a_calendar_without_its_end_is_read_and_another_text_is_refused() {
    let cut = &CALENDAR[..CALENDAR.find("DTEND").unwrap()];
    assert!(file("cut.ics", cut).document.text.contains("Start: 3 May 2026"));
    for name in ["a.ics", "a.vcf"] {
        let error = super::read(name, None, b"no such lines").unwrap_err();
        assert!(matches!(error, Error::DamagedFile { .. }), "{error}");
    }
}
