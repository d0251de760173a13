//! Mail: single messages, mailboxes, and pages that a browser saved as a message.
//!
//! `mail-parser` reads the headers. The parts of a message are found here, in time linear in its
//! bytes whatever they are: its own search takes quadratic time for parts without an end, and
//! dropping its result overflows the stack for a message nested a million times.

mod content;
mod decode;
mod eml;
mod headers;
mod mailbox;
mod mhtml;
mod parts;
mod plain_body;
mod repeats;
mod threads;
mod writer;

pub(crate) use decode::quoted_printable;
pub(crate) use eml::eml;
pub(crate) use mailbox::mbox;
pub(crate) use mhtml::mhtml;
