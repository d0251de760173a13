//! The members of an archive, as they are unpacked.

use std::collections::BTreeMap;
use std::io::Read;

use super::budget::{Budget, Unpacked};
use crate::document::{BlockKind, FileDetails};
use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::members::{MemberPaths, is_of_system, normalized, too_many_members};
use crate::read::{Input, Member, ReadFile};

/// Members that a warning names.
const MAX_NAMED: usize = 10;

/// Why a member is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Omission {
    Encrypted,
    Damaged,
    Link,
    Method,
    SameName,
}

impl Omission {
    fn describe(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted members",
            Self::Damaged => "damaged members",
            Self::Link => "links",
            Self::Method => "members that are compressed in a way that cannot be read",
            Self::SameName => "members with the name of a later one",
        }
    }
}

/// Collects members within the limits of the file.
pub(super) struct MemberList<'a> {
    pub(super) budget: Budget<'a>,
    input: &'a Input<'a>,
    paths: MemberPaths,
    members: Vec<Member>,
    /// For each reason, how many members were left out, and the first names.
    omitted: BTreeMap<Omission, (usize, Vec<String>)>,
    is_cut_off: bool,
    /// How many entries there are, where it is known before they are read.
    entries: u64,
}

impl<'a> MemberList<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Self {
        Self {
            budget: Budget::new(input),
            input,
            paths: MemberPaths::default(),
            members: Vec::new(),
            omitted: BTreeMap::new(),
            is_cut_off: false,
            entries: 0,
        }
    }

    /// Notes how many entries there are.
    pub(super) fn expect(&mut self, entries: usize) {
        self.entries = entries as u64;
    }

    /// Whether the path is that of a member with content.
    pub(super) fn wants(&self, path: &str) -> bool {
        !path.ends_with(['/', '\\']) && !is_of_system(&normalized(path))
    }

    /// Unpacks a member, up to a fault in it.
    pub(super) fn unpack(&mut self, reader: impl Read) -> Result<Unpacked> {
        let done = self.members.len() as u64;
        self.input.step(done, self.entries.max(done + 1), "members")?;
        self.budget.unpack(reader)
    }

    pub(super) fn add(&mut self, path: &str, bytes: Vec<u8>) -> Result<()> {
        if self.members.len() >= self.input.limits.members as usize {
            return Err(too_many_members(self.input, self.members.len() as u64 + 1));
        }
        let path = self.paths.unique(path);
        self.members.push(Member { path, media_type: None, bytes });
        Ok(())
    }

    /// Notes a member that is left out.
    pub(super) fn omit(&mut self, path: &str, why: Omission) {
        let (count, named) = self.omitted.entry(why).or_default();
        *count += 1;
        if named.len() < MAX_NAMED {
            named.push(normalized(path));
        }
    }

    /// Notes that the archive ends before its end.
    pub(super) fn cut_off(&mut self) {
        self.is_cut_off = true;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members, a list of them as the text, and warnings about what is missing.
    ///
    /// # Errors
    /// [`Error::DamagedFile`](crate::Error::DamagedFile) where there are members, and none could be unpacked.
    pub(super) fn finish(self) -> Result<ReadFile> {
        if self.members.is_empty() && (self.is_cut_off || !self.omitted.is_empty()) {
            let detail = match self.omitted.keys().next() {
                Some(why) => format!("it holds only {}", why.describe()),
                None => "it is cut off before its first member ends".to_owned(),
            };
            return Err(self.input.damaged(detail));
        }
        let mut builder = DocumentBuilder::new(self.input);
        for Member { path, bytes, .. } in &self.members {
            let line = format!("{path}, {} bytes", bytes.len());
            builder.push(BlockKind::Boilerplate, &line);
        }
        let mut warnings: Vec<String> = self.omitted.iter().map(omission_warning).collect();
        if self.is_cut_off {
            warnings.push("The archive is cut off. What comes before that was read.".to_owned());
        }
        let details = FileDetails { warnings, ..FileDetails::default() };
        let (document, members) = (builder.finish_within(self.input)?, self.members);
        Ok(ReadFile { document, details, members, ..ReadFile::default() })
    }
}

fn omission_warning((why, (count, named)): (&Omission, &(usize, Vec<String>))) -> String {
    let more = count - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Left out were {}: {}{more}.", why.describe(), named.join(", "))
}
