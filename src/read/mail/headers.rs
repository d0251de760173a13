//! The headers of a message and of its parts.

use mail_parser::{Address, DateTime, HeaderValue, Message, MessageParser, MimeHeaders};

use crate::read::dates;

/// The most bytes of the headers of one part. What follows is left out: it would take memory
/// many times its size.
const MAX_HEADER_BYTES: usize = 64 << 10;
/// Addresses of a header that are listed.
const MAX_ADDRESSES: usize = 20;

/// Parses headers.
pub(super) struct HeaderParser(MessageParser);

/// The headers of a message or of a part. What a message lacks is none or empty.
pub(super) struct Headers<'a>(Option<Message<'a>>);

impl Default for HeaderParser {
    fn default() -> Self {
        let parser = MessageParser::new().with_minimal_headers().with_message_ids();
        Self(parser.default_header_ignore())
    }
}

impl HeaderParser {
    /// The headers before the first empty line, and the bytes after it.
    pub(super) fn split<'a>(&self, bytes: &'a [u8]) -> (Headers<'a>, &'a [u8]) {
        let (headers, body) = bytes.split_at(end_of_headers(bytes));
        (Headers(self.0.parse_headers(&headers[..headers.len().min(MAX_HEADER_BYTES)])), body)
    }
}

/// The bytes up to the first empty line, with it.
fn end_of_headers(bytes: &[u8]) -> usize {
    let mut end = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        end += line.len();
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
    }
    end
}

impl Headers<'_> {
    pub(super) fn subject(&self) -> Option<String> {
        let subject = self.0.as_ref()?.subject()?;
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        (!subject.is_empty()).then_some(subject)
    }

    /// The subject without "Re:" and the like, in lower case; and whether it had one.
    pub(super) fn thread_name(&self) -> Option<(String, bool)> {
        let message = self.0.as_ref()?;
        let (name, subject) = (message.thread_name()?.trim(), message.subject()?.trim());
        (!name.is_empty()).then(|| (name.to_lowercase(), name.len() < subject.len()))
    }

    /// Who wrote it: names, or addresses where there is no name.
    pub(super) fn authors(&self) -> Vec<String> {
        let from = self.0.as_ref().and_then(Message::from);
        let addresses = from.into_iter().flat_map(Address::iter);
        let name = |address: &mail_parser::Addr<'_>| {
            let name = address.name().map(str::trim).filter(|name| !name.is_empty());
            name.or(address.address()).map(str::to_owned)
        };
        addresses.filter_map(name).take(MAX_ADDRESSES).collect()
    }

    /// The lines of the headers that a person reads: who, to whom, when.
    pub(super) fn lines(&self) -> Vec<String> {
        let Some(message) = &self.0 else { return Vec::new() };
        let fields = [("From", message.from()), ("To", message.to()), ("Cc", message.cc())];
        let mut lines: Vec<String> = fields
            .into_iter()
            .filter_map(|(name, addresses)| Some(format!("{name}: {}", list(addresses?)?)))
            .collect();
        if let Some((date, day)) = self.date().and_then(|date| Some((date, day(date)?))) {
            let sign = if date.tz_before_gmt { '-' } else { '+' };
            let (hour, minute) = (date.hour, date.minute);
            let zone = format!("{sign}{:02}:{:02}", date.tz_hour, date.tz_minute);
            lines.push(format!("Date: {day}, {hour:02}:{minute:02} {zone}"));
        }
        lines
    }

    /// "3 May 2025, R. Okafor".
    pub(super) fn date_and_author(&self) -> Option<String> {
        let parts = [self.date().and_then(day), self.authors().into_iter().next()];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// When it was sent, as ISO 8601 writes it.
    pub(super) fn iso_date(&self) -> Option<String> {
        self.date().map(DateTime::to_rfc3339)
    }

    /// When it was sent, in seconds since 1970.
    pub(super) fn timestamp(&self) -> Option<i64> {
        self.date().map(DateTime::to_timestamp)
    }

    fn date(&self) -> Option<&DateTime> {
        self.0.as_ref()?.date().filter(|date| date.is_valid())
    }

    /// The id of the message, then those of the messages that it answers.
    pub(super) fn ids(&self) -> Vec<&str> {
        let Some(message) = &self.0 else { return Vec::new() };
        let answered = [message.references(), message.in_reply_to()];
        let answered = answered.into_iter().flat_map(|value| match value {
            HeaderValue::Text(id) => vec![id.as_ref()],
            HeaderValue::TextList(ids) => ids.iter().map(AsRef::as_ref).collect(),
            _ => Vec::new(),
        });
        message.message_id().into_iter().chain(answered).collect()
    }

    /// The media type in lower case, without parameters; none where it is not stated.
    pub(super) fn media_type(&self) -> Option<String> {
        let content = self.0.as_ref()?.content_type()?;
        let subtype = content.subtype()?;
        Some(format!("{}/{subtype}", content.ctype()).to_ascii_lowercase())
    }

    /// A parameter of the media type.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.0.as_ref()?.content_type()?.attribute(name)
    }

    /// The media type with the encoding that it states, if it does: "text/plain; charset=utf-8".
    pub(super) fn media_type_with_charset(&self) -> Option<String> {
        let media_type = self.media_type()?;
        let is_label =
            |label: &&str| label.bytes().all(|it| it.is_ascii_graphic() && !b";\"'".contains(&it));
        Some(match self.parameter("charset").map(str::trim).filter(is_label) {
            Some(charset) => format!("{media_type}; charset={charset}"),
            None => media_type,
        })
    }

    /// The encoding of the body, in lower case.
    pub(super) fn transfer_encoding(&self) -> Option<String> {
        let encoding = self.0.as_ref()?.content_transfer_encoding()?;
        Some(encoding.trim().to_ascii_lowercase())
    }

    pub(super) fn content_id(&self) -> Option<&str> {
        self.0.as_ref()?.content_id()
    }

    pub(super) fn is_attachment(&self) -> bool {
        let message = self.0.as_ref();
        message.and_then(Message::content_disposition).is_some_and(|it| it.is_attachment())
    }

    pub(super) fn file_name(&self) -> Option<&str> {
        self.0.as_ref()?.attachment_name().filter(|name| !name.trim().is_empty())
    }
}

/// "3 May 2025".
fn day(date: &DateTime) -> Option<String> {
    dates::day(date.year.into(), date.month.into(), date.day.into())
}

/// Addresses as they are written in a header.
fn list(addresses: &Address<'_>) -> Option<String> {
    let one = |address: &mail_parser::Addr<'_>| match (address.name(), address.address()) {
        (Some(name), Some(address)) => Some(format!("{name} <{address}>")),
        (name, address) => name.or(address).map(str::to_owned),
    };
    let mut listed: Vec<String> = addresses.iter().filter_map(one).take(MAX_ADDRESSES).collect();
    let more = addresses.iter().count().saturating_sub(MAX_ADDRESSES);
    if more > 0 {
        listed.push(format!("and {more} more"));
    }
    (!listed.is_empty()).then(|| listed.join(", "))
}
