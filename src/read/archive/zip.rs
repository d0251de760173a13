//! ZIP.

use std::io::Cursor;

use zip::ZipArchive;
use zip::read::ZipReadOptions;
use zip::result::ZipError;

use super::budget::Budget;
use super::member_list::{MemberList, Omission};
use super::zip_salvage;
use crate::error::{Error, Result};
use crate::read::members::too_many_members;
use crate::read::{Input, ReadFile};

/// A ZIP archive in memory.
pub(super) type MemoryArchive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// How many times more entries than members an archive may list: folders, files of the system,
/// and the entries of archives within it, which look the same.
const ENTRIES_PER_MEMBER: usize = 20;

/// Reads the members of a ZIP archive. Where its directory is lost, what can be found without it
/// is read.
pub(crate) fn zip(input: &Input<'_>) -> Result<ReadFile> {
    let mut list = MemberList::new(input);
    match open(input)? {
        Some(archive) => read_members(input, archive, &mut list)?,
        None => {
            list.cut_off();
            zip_salvage::read_members(input, &mut list)?;
        }
    }
    list.finish()
}

/// Opens the archive; none where its directory cannot be read.
///
/// # Errors
/// [`Error::TooLarge`] for too many entries, which the directory would hold in memory, and
/// [`Error::DamagedFile`] where they share bytes, by which a small file unpacks to a large one.
pub(super) fn open<'a>(input: &Input<'a>) -> Result<Option<MemoryArchive<'a>>> {
    let entries = input.bytes.windows(4).filter(|window| window == b"PK\x01\x02").count();
    if entries / ENTRIES_PER_MEMBER > input.limits.members as usize {
        return Err(too_many_members(input, entries as u64));
    }
    let Ok(mut archive) = ZipArchive::new(Cursor::new(input.bytes)) else { return Ok(None) };
    match archive.has_overlapping_entries() {
        Ok(true) => Err(input.damaged("its members overlap, as in an archive made to do harm")),
        // A header that cannot be read costs its own member.
        Ok(false) | Err(_) => Ok(Some(archive)),
    }
}

/// The path of a member: in UTF-8 even where the archive does not say so, otherwise in the code
/// page of DOS.
pub(super) fn path_of(archive: &MemoryArchive<'_>, index: usize) -> Option<String> {
    let entry = archive.by_index_data(index).ok()?;
    match std::str::from_utf8(entry.name_raw()) {
        Ok(path) => Some(path.to_owned()),
        Err(_) => Some(match entry.name() {
            Ok(path) => path.into_owned(),
            Err(_) => String::from_utf8_lossy(entry.name_raw()).into_owned(),
        }),
    }
}

/// What opening members with a password came to.
#[derive(Default)]
struct Locks {
    opened: usize,
    closed: usize,
}

fn read_members(
    input: &Input<'_>,
    mut archive: MemoryArchive<'_>,
    list: &mut MemberList<'_>,
) -> Result<()> {
    if archive.has_duplicate_names() {
        list.omit("one or more files", Omission::SameName);
    }
    list.expect(archive.len());
    let mut locks = Locks::default();
    for index in 0..archive.len() {
        let Some(path) = path_of(&archive, index) else { continue };
        let entry = archive.by_index_data(index).ok();
        let is_encrypted = entry.as_ref().is_some_and(|entry| entry.encrypted());
        let is_link = entry.as_ref().is_some_and(|entry| entry.is_symlink());
        if !list.wants(&path) {
            continue;
        }
        if is_link {
            list.omit(&path, Omission::Link);
            continue;
        }
        match read_member(&mut archive, index, input.password, list)? {
            Ok(bytes) => {
                locks.opened += usize::from(is_encrypted);
                list.add(&path, bytes)?;
            }
            Err(Omission::Damaged) if is_encrypted => {
                // A wrong password may pass the check of the old encryption, and gives garbage.
                locks.closed += 1;
                list.omit(&path, Omission::Encrypted);
            }
            Err(why) => {
                locks.closed += usize::from(why == Omission::Encrypted);
                list.omit(&path, why);
            }
        }
    }
    check_password(input, &locks, list)
}

fn read_member(
    archive: &mut MemoryArchive<'_>,
    index: usize,
    password: Option<&str>,
    list: &mut MemberList<'_>,
) -> Result<std::result::Result<Vec<u8>, Omission>> {
    let options = ZipReadOptions::new().password(password.map(str::as_bytes));
    let file = match archive.by_index_with_options(index, options) {
        Ok(file) => file,
        Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
            return Ok(Err(Omission::Encrypted));
        }
        Err(ZipError::InvalidPassword) => return Ok(Err(Omission::Encrypted)),
        Err(ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_)) => {
            return Ok(Err(Omission::Method));
        }
        Err(_) => return Ok(Err(Omission::Damaged)),
    };
    let unpacked = list.unpack(file)?;
    Ok(if unpacked.is_cut_off { Err(Omission::Damaged) } else { Ok(unpacked.bytes) })
}

fn check_password(input: &Input<'_>, locks: &Locks, list: &MemberList<'_>) -> Result<()> {
    let name = || input.name.to_owned();
    if locks.closed == 0 || locks.opened > 0 {
        return Ok(());
    }
    match input.password {
        Some(_) => Err(Error::WrongPassword { name: name() }),
        None if list.is_empty() => Err(Error::PasswordRequired { name: name() }),
        None => Ok(()),
    }
}

/// The bytes of a member, for formats that are ZIP archives themselves; none where it is damaged
/// or encrypted.
pub(super) fn unpack(
    archive: &mut MemoryArchive<'_>,
    index: usize,
    budget: &mut Budget<'_>,
) -> Result<Option<Vec<u8>>> {
    let Ok(file) = archive.by_index(index) else { return Ok(None) };
    let unpacked = budget.unpack(file)?;
    Ok((!unpacked.is_cut_off).then_some(unpacked.bytes))
}
