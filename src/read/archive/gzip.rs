//! gzip: one file, or a TAR archive.

use std::io::{Cursor, Read};

use flate2::bufread::{GzDecoder, MultiGzDecoder};

use super::member_list::MemberList;
use super::tar;
use crate::error::Result;
use crate::read::begins::begins_as_tar;
use crate::read::{Input, ReadFile};

/// Reads what a gzip file holds: the members of a TAR archive, otherwise its one file.
pub(crate) fn gzip(input: &Input<'_>) -> Result<ReadFile> {
    let decoder = GzDecoder::new(input.bytes);
    let header = decoder.header().ok_or_else(|| input.damaged("its header is not that of gzip"))?;
    let name = header.filename().map(file_name).filter(|name| !name.trim().is_empty());
    let mut list = MemberList::new(input);
    let mut stream = list.budget.stream(MultiGzDecoder::new(input.bytes));
    let mut head = Vec::new();
    let outcome = Read::take(&mut stream, tar::HEADER_BYTES as u64).read_to_end(&mut head);
    if outcome.is_ok() && begins_as_tar(&head) {
        let outcome = tar::read_members(Cursor::new(head).chain(&mut stream), &mut list);
        list.budget.check(&stream)?;
        outcome?;
        return list.finish();
    }
    let unpacked = list.unpack(MultiGzDecoder::new(input.bytes))?;
    if unpacked.is_cut_off {
        list.cut_off();
    }
    if !unpacked.bytes.is_empty() {
        list.add(&name.unwrap_or_else(|| inner_name(input.name)), unpacked.bytes)?;
    }
    list.finish()
}

/// The name in a header: ISO 8859-1 by the standard, UTF-8 in practice.
fn file_name(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::mem::decode_latin1(bytes).into_owned(),
    }
}

/// The name of the file in a gzip file of this name.
fn inner_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let cut = name.len().saturating_sub(3);
    match name.is_char_boundary(cut) && name[cut..].eq_ignore_ascii_case(".gz") {
        true => name[..cut].to_owned(),
        false => name.to_owned(),
    }
}
