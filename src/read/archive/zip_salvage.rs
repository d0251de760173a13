//! The members of a ZIP archive whose directory, at its end, is lost: a download that broke off.

use flate2::bufread::DeflateDecoder;

use super::member_list::{MemberList, Omission};
use crate::error::Result;
use crate::read::Input;

/// Bytes of a header before a member, without its name.
const HEADER_BYTES: usize = 30;
const SIGNATURE: &[u8] = b"PK\x03\x04";

/// The header before a member.
struct Header<'a> {
    path: String,
    is_encrypted: bool,
    method: u16,
    /// Compressed bytes; 0 where they are stated after the member.
    bytes: usize,
    /// The member, and all that follows it.
    rest: &'a [u8],
}

/// Adds the members that are whole. Each is found by the signature of its header, which begins
/// where the one before it ends.
pub(super) fn read_members(input: &Input<'_>, list: &mut MemberList<'_>) -> Result<()> {
    let mut rest = input.bytes;
    while let Some(at) = rest.windows(4).position(|window| window == SIGNATURE) {
        rest = &rest[at..];
        let Some(header) = header(rest) else { break };
        rest = header.rest;
        if !list.wants(&header.path) {
            continue;
        }
        if header.is_encrypted {
            list.omit(&header.path, Omission::Encrypted);
            continue;
        }
        match header.method {
            0 if header.bytes > 0 && header.bytes <= rest.len() => {
                let (stored, after) = rest.split_at(header.bytes);
                let unpacked = list.unpack(stored)?;
                list.add(&header.path, unpacked.bytes)?;
                rest = after;
            }
            8 => {
                let mut decoder = DeflateDecoder::new(rest);
                let unpacked = list.unpack(&mut decoder)?;
                if unpacked.is_cut_off {
                    list.omit(&header.path, Omission::Damaged);
                } else {
                    rest = &rest[(decoder.total_in() as usize).min(rest.len())..];
                    list.add(&header.path, unpacked.bytes)?;
                }
            }
            0 => list.omit(&header.path, Omission::Damaged),
            _ => list.omit(&header.path, Omission::Method),
        }
    }
    Ok(())
}

fn header(bytes: &[u8]) -> Option<Header<'_>> {
    let two = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let size = u32::from_le_bytes(bytes.get(18..22)?.try_into().ok()?);
    let path_bytes = usize::from(two(26)?);
    let path = bytes.get(HEADER_BYTES..HEADER_BYTES + path_bytes)?;
    let rest = bytes.get(HEADER_BYTES + path_bytes + usize::from(two(28)?)..)?;
    Some(Header {
        path: String::from_utf8_lossy(path).into_owned(),
        is_encrypted: two(6)? & 1 != 0,
        method: two(8)?,
        bytes: size as usize,
        rest,
    })
}
