//! What all containers share: how many files may be in one, and their paths, as they are shown and
//! stored, whatever the container says.

use std::collections::{HashMap, HashSet};

use super::Input;
use crate::error::Error;

/// The most bytes of a path. Of a longer one, the end is kept: it names the file.
const MAX_PATH_BYTES: usize = 512;

/// A path with `/` between folders that stays within the container: no `..`, no drive, nothing
/// before the first folder, and no characters that cannot be seen or that turn the order of the
/// others. It is never empty.
pub(super) fn normalized(path: &str) -> String {
    let visible: String = path.chars().filter(|&c| !is_deceptive(c)).collect();
    let slashes = visible.replace('\\', "/");
    let bytes = slashes.as_bytes();
    let has_drive = bytes.len() > 1 && bytes[1] == b':' && bytes[0].is_ascii_alphabetic();
    let within = if has_drive { &slashes[2..] } else { &slashes };
    let mut folders: Vec<&str> = Vec::new();
    for folder in within.split('/').map(str::trim) {
        match folder {
            "" | "." => {}
            ".." => drop(folders.pop()),
            folder => folders.push(folder),
        }
    }
    let path = folders.join("/");
    let cut = path.ceil_char_boundary(path.len().saturating_sub(MAX_PATH_BYTES));
    let end = path[cut..].trim_start_matches('/');
    if end.is_empty() { "unnamed".to_owned() } else { end.to_owned() }
}

/// Whether a file belongs to the system that packed the archive, and has no content of its own.
pub(super) fn is_of_system(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|folder| folder == "__MACOSX")
        || name.starts_with("._")
        || matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

/// Control characters, and those that change the direction of the text around them.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Gives each member a path of its own.
#[derive(Default)]
pub(super) struct MemberPaths {
    taken: HashSet<String>,
    /// The last number that was appended to a path.
    numbers: HashMap<String, u32>,
}

impl MemberPaths {
    /// The normalized path, with a number before its ending if another member has it: of
    /// "a.txt", "a (2).txt".
    pub(super) fn unique(&mut self, path: &str) -> String {
        let path = normalized(path);
        if self.taken.insert(path.clone()) {
            return path;
        }
        let name = path.rfind('/').map_or(0, |slash| slash + 1);
        let ending = path[name..].rfind('.').filter(|&dot| dot > 0);
        let (stem, ending) = path.split_at(ending.map_or(path.len(), |dot| name + dot));
        let number = self.numbers.entry(path.clone()).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{stem} ({number}){ending}");
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

/// The error of a container with too many files in it.
pub(super) fn too_many_members(input: &Input<'_>, got: u64) -> Error {
    Error::TooLarge {
        what: format!("The number of files in \"{}\"", input.name),
        got,
        limit: input.limits.members.into(),
        unit: "files",
        advice: "Unpack it, and add the files that you need.",
    }
}
