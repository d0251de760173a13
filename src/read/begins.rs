//! How the formats begin that are recognized by their content. Each function takes the beginning
//! of a text in lower case, without leading white space; that for TAR takes bytes.

use super::chat_line::ChatLine;

/// What stands where logs have their level: such lines are no chat.
const LOG_LEVELS: &[&str] = &[
    "alert", "crit", "critical", "debug", "err", "error", "fatal", "info", "notice", "severe",
    "trace", "verbose", "warn", "warning",
];

/// Whether bytes are TAR of POSIX or GNU.
pub(crate) fn begins_as_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262).is_some_and(|magic| magic == b"ustar")
}

/// Whether a text is a record of JSON on each line.
pub(crate) fn as_json_lines(head: &str) -> bool {
    let mut lines = head.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().is_some_and(|line| as_json(line) && line.ends_with('}'));
    first && lines.next().is_some_and(|line| line.starts_with("{\""))
}

/// Whether a text is JSON of records or lists.
pub(crate) fn as_json(head: &str) -> bool {
    let text: String = head.split_whitespace().collect();
    ["{\"", "[{\"", "[[", "[\""].iter().any(|start| text.starts_with(start))
        && (text.contains("\":") || text.ends_with(']'))
}

/// Whether a text is SubRip: a number, and below it the times of a cue.
pub(crate) fn as_srt(head: &str) -> bool {
    let mut lines = head.lines();
    let number = lines.next().is_some_and(|line| line.trim().parse::<u32>().is_ok());
    number && lines.next().is_some_and(|line| line.contains(" --> ") && line.contains(','))
}

/// Whether a text is WebVTT, which begins with its name alone or followed by a space.
pub(crate) fn as_vtt(head: &str) -> bool {
    let rest = head.strip_prefix("webvtt");
    rest.is_some_and(|rest| rest.starts_with(['\n', '\r', ' ', '\t']) && head.contains("-->"))
}

/// Whether a text in lower case begins as a feed.
pub(crate) fn as_feed(head: &str) -> bool {
    let is_xml = ["<?xml", "<rss", "<feed", "<rdf:rdf"].iter().any(|s| head.starts_with(s));
    is_xml
        && (head.contains("<rss ")
            || head.contains("<rss>")
            || (head.contains("<feed") && head.contains("http://www.w3.org/2005/atom"))
            || (head.contains("<rdf:rdf") && head.contains("http://purl.org/rss/")))
}

/// Whether a text in lower case begins as a notebook.
pub(crate) fn as_notebook(head: &str) -> bool {
    head.starts_with('{') && head.contains("\"cell_type\"") && head.contains("\"cells\"")
}

/// Whether a text in lower case begins as a list of messages of Slack.
pub(crate) fn as_slack(head: &str) -> bool {
    let text = head.split_whitespace().collect::<String>();
    text.starts_with("[{") && text.contains("\"type\":\"message\"") && text.contains("\"ts\":\"")
}

/// Whether a text in lower case begins as an export of Telegram.
pub(crate) fn as_telegram(head: &str) -> bool {
    let text = head.split_whitespace().collect::<String>();
    let kinds = [
        "personal_chat",
        "bot_chat",
        "saved_messages",
        "private_group",
        "private_supergroup",
        "public_supergroup",
        "private_channel",
        "public_channel",
    ];
    let is_chat = || kinds.iter().any(|kind| text.contains(&format!("\"type\":\"{kind}\"")));
    text.starts_with('{')
        && ((text.contains("\"messages\":[") && is_chat())
            || text.starts_with("{\"about\":\"hereisthedatayourequested"))
}

/// Whether a text in lower case begins as exported bookmarks.
pub(crate) fn as_bookmarks(head: &str) -> bool {
    head.starts_with("<!doctype netscape-bookmark-file-1")
}

/// Whether a text in lower case begins as such a chat: its first line and one more are messages.
pub(crate) fn as_whatsapp(head: &str) -> bool {
    let head = head.replace(['\u{200e}', '\u{200f}', '\u{feff}'], "");
    let mut lines = head.lines().map(ChatLine::of);
    let Some(Some(first)) = lines.next() else { return false };
    let rest: Vec<ChatLine<'_>> = lines.flatten().collect();
    let has_authors = !first.author.is_empty() || rest.iter().any(|line| !line.author.is_empty());
    let is_log = || rest.iter().any(|line| LOG_LEVELS.contains(&line.author));
    !rest.is_empty() && has_authors && !LOG_LEVELS.contains(&first.author) && !is_log()
}
