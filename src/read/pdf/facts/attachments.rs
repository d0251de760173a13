//! Attached files: of the whole file, and of places on its pages.

use std::collections::HashSet;

use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument, stream};

use super::{get, pdf_text, text_of};
use crate::error::Result;
use crate::read::members::{MemberPaths, normalized};
use crate::read::{Input, Member};

/// Attachments that a warning names.
const MAX_NAMED: usize = 10;

/// Collects attached files within the limits of the file.
pub(super) struct Attachments<'i> {
    input: &'i Input<'i>,
    members: Vec<Member>,
    paths: MemberPaths,
    /// What is attached already: a file may be attached to all and to a page.
    contents: HashSet<(u32, u16)>,
    /// Bytes that may be unpacked yet.
    left: u64,
    too_large: LeftOut,
    damaged: LeftOut,
}

/// Attachments that are left out: how many, and the first names.
#[derive(Default)]
struct LeftOut {
    count: usize,
    named: Vec<String>,
}

impl<'i> Attachments<'i> {
    pub(super) fn new(input: &'i Input<'i>) -> Self {
        Self {
            input,
            members: Vec::new(),
            paths: MemberPaths::default(),
            contents: HashSet::new(),
            left: input.limits.expanded_bytes_of(input.bytes.len() as u64),
            too_large: LeftOut::default(),
            damaged: LeftOut::default(),
        }
    }

    /// Adds the file that a specification holds. `key` names it where that does not.
    pub(super) fn add(
        &mut self,
        document: &RawDocument,
        key: Option<&PdfObject>,
        file: &PdfDict,
    ) -> Result<()> {
        let Some(embedded) = get(document, file, b"EF").and_then(PdfObject::as_dict) else {
            return Ok(());
        };
        let content = [b"F".as_slice(), b"UF"].into_iter().find_map(|name| embedded.get(name));
        let Some(content) = content else { return Ok(()) };
        if content.as_reference().is_some_and(|id| !self.contents.insert(id)) {
            return Ok(());
        }
        self.input.step(self.members.len() as u64, self.contents.len() as u64, "members")?;
        let name = text_of(document, file, b"UF").or_else(|| text_of(document, file, b"F"));
        let name = name.or_else(|| key.and_then(PdfObject::as_str_bytes).map(pdf_text));
        // An attachment has a name, not a path.
        let name = name.unwrap_or_default();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        if self.left == 0 || self.members.len() >= self.input.limits.members as usize {
            self.too_large.add(name);
            return Ok(());
        }
        let content = document.resolve(content).as_stream();
        let Some(bytes) = content.and_then(|content| stream::decompress(content).ok()) else {
            self.damaged.add(name);
            return Ok(());
        };
        match self.left.checked_sub(bytes.len() as u64) {
            Some(left) => {
                self.left = left;
                let path = self.paths.unique(name);
                self.members.push(Member { path, media_type: None, bytes });
            }
            None => {
                // What was unpacked in vain counts too: another one is not tried.
                self.left = 0;
                self.too_large.add(name);
            }
        }
        Ok(())
    }

    /// The files, and warnings about what is missing.
    pub(super) fn finish(self) -> (Vec<Member>, Vec<String>) {
        let warnings = [
            self.too_large.warning("are more or larger than the limits allow"),
            self.damaged.warning("could not be unpacked"),
        ];
        (self.members, warnings.into_iter().flatten().collect())
    }
}

impl LeftOut {
    fn add(&mut self, name: &str) {
        self.count += 1;
        if self.named.len() < MAX_NAMED {
            self.named.push(normalized(name));
        }
    }

    fn warning(&self, why: &str) -> Option<String> {
        let more = self.count - self.named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = self.named.join(", ");
        (self.count > 0).then(|| format!("Left out were attachments that {why}: {named}{more}."))
    }
}
