//! What a text with the headers of a message is.

/// Headers that most messages have, and few other texts begin with.
const HEADERS: &str = " arc-seal authentication-results cc content-transfer-encoding content-type \
    date delivered-to dkim-signature from list-id message-id mime-version received reply-to \
    return-path sender snapshot-content-location subject to user-agent x-mailer x-received ";
/// How many of them a message has at least.
const MIN_HEADERS: usize = 3;

/// Whether a text, in lower case, begins as a message does.
pub(super) fn is_mail(text: &str) -> bool {
    is_message(text) && !is_page(text)
}

/// Whether a text, in lower case, begins as a mailbox does: "From ", an address and a date, then
/// the headers of the first message.
pub(super) fn is_mailbox(text: &str) -> bool {
    let first = text.strip_prefix("from ").and_then(|rest| rest.split_once('\n'));
    first.is_some_and(|(_, headers)| is_message(headers))
}

/// Whether a text, in lower case, begins as a page that a browser saved in one file.
pub(super) fn is_web_archive(text: &str) -> bool {
    is_message(text) && is_page(text)
}

fn is_message(text: &str) -> bool {
    let mut found = 0;
    for line in text.lines().take_while(|line| !line.trim().is_empty()) {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else {
            // The text is cut, so its last line may be.
            return found >= MIN_HEADERS && text.ends_with(line);
        };
        if name.is_empty() || name.bytes().any(|byte| byte <= b' ' || byte > b'~') {
            return false;
        }
        found += usize::from(HEADERS.contains(&format!(" {name} ")));
    }
    found >= MIN_HEADERS
}

/// A page is related parts that were sent to nobody.
fn is_page(text: &str) -> bool {
    let has = |header: &str| text.lines().any(|line| line.starts_with(header));
    let is_sent = has("to:") || has("received:") || has("message-id:") || has("delivered-to:");
    text.contains("multipart/related") && !is_sent
}
