//! The files within a file: members of archives and attachments of mails, however deep, become
//! documents of their own.

use std::collections::{HashSet, VecDeque};

use super::Engine;
use crate::document::{Container, Document, DocumentId, DocumentInfo, FileDetails, FileKind};
use crate::error::{Error, Result};
use crate::format::FileToRead;
use crate::knowledge_base::StoredDocument;
use crate::read::{Member, ReadFile, ReadLimits};
use crate::runtime::{Stage, Task};
use crate::text::language_tag;

/// Warnings about members that are listed one by one.
const MAX_WARNINGS: usize = 100;
/// What each member may hold and expand to, although less is left for all of them: the parts of
/// an office file are no members of its archive.
const MIN_MEMBERS: u32 = 1000;
const MIN_EXPANDED_BYTES: u64 = 64 << 20;

/// A member that is to be read.
struct Pending {
    /// Its path within the outermost container.
    path: String,
    media_type: Option<String>,
    bytes: Vec<u8>,
    /// How many containers it is in.
    depth: u32,
}

/// What is left of the limits for all members together.
struct Budget<'a> {
    limits: &'a ReadLimits,
    members: u32,
    bytes: u64,
}

/// Members that were left out.
#[derive(Default)]
struct LeftOut {
    warnings: Vec<String>,
    count: usize,
    first: Option<Error>,
}

/// Fills in the language where the file does not state it.
fn recognize_language(details: &mut FileDetails, document: &Document) {
    details.language = details.language.take().or_else(|| language_tag(&document.text));
}

impl Engine {
    /// Reads a file and its members. `info` is what is known of the file; the reader's details
    /// are filled in. The file's document comes first; it may be empty where there are members.
    ///
    /// # Errors
    /// Those of the file; and the first one of a member where no text is left at all.
    pub(super) async fn read_documents(
        &self,
        mut info: DocumentInfo,
        file: &FileToRead<'_>,
        task: &Task,
    ) -> Result<Vec<StoredDocument>> {
        let (kind, mut read) = self.read_file(file, &self.read_limits, task).await?;
        self.read_pictures(file.name, &mut read, task).await?;
        read.document.name_picture(file.name);
        let ReadFile { document, details, members, .. } = read;
        (info.kind, info.details) = (kind, details);
        info.details.media_type = file.media_type.map(str::to_owned);
        recognize_language(&mut info.details, &document);
        let mut documents = vec![StoredDocument::new(info, document)];
        if members.is_empty() {
            return Ok(documents);
        }
        let left_out = self.read_members(&mut documents, members, file, task).await?;
        if documents.iter().all(|document| document.document.blocks.is_empty()) {
            let empty = || Error::EmptyDocument { name: file.name.to_owned() };
            return Err(left_out.first.unwrap_or_else(empty));
        }
        documents[0].info.details.warnings.extend(left_out.into_warnings());
        Ok(documents)
    }

    async fn read_members(
        &self,
        documents: &mut Vec<StoredDocument>,
        members: Vec<Member>,
        file: &FileToRead<'_>,
        task: &Task,
    ) -> Result<LeftOut> {
        let since = self.runtime.now_ms();
        let limits = &self.read_limits;
        let mut budget = Budget { limits, members: limits.members, bytes: limits.expanded_bytes };
        budget.take(file.name, &members)?;
        let mut pending = VecDeque::new();
        push_members(&mut pending, "", members, 1);
        let (mut left_out, mut done) = (LeftOut::default(), 0);
        let mut ids = HashSet::new();
        while let Some(member) = pending.pop_front() {
            let total = done + 1 + pending.len() as u64;
            task.report(&*self.runtime, Stage::Parse, done, total, "members", since);
            self.end_ingest_step(task).await?;
            done += 1;
            let (kind, mut read) = match self.read_member(&member, &mut budget, file, task).await {
                Err(error) if is_of_file(&error) => {
                    left_out.push(&member.path, error);
                    continue;
                }
                read => read?,
            };
            recognize_language(&mut read.details, &read.document);
            let top = &documents[0].info;
            let info = DocumentInfo {
                id: DocumentId::of_member(top.id, &member.path, kind, &member.bytes),
                name: member.path.clone(),
                kind,
                bytes: member.bytes.len() as u64,
                details: read.details,
                container: Some(Container { id: top.id, path: member.path.clone() }),
                ..top.clone()
            };
            if read.document.blocks.is_empty() {
                left_out.warn_of(info);
            } else if ids.insert(info.id) {
                // An archive may hold the same file twice under one path.
                documents.push(StoredDocument::new(info, read.document));
            }
            push_members(&mut pending, &member.path, read.members, member.depth + 1);
        }
        Ok(left_out)
    }

    async fn read_member(
        &self,
        member: &Pending,
        budget: &mut Budget<'_>,
        container: &FileToRead<'_>,
        task: &Task,
    ) -> Result<(FileKind, ReadFile)> {
        let file = FileToRead {
            name: &member.path,
            media_type: member.media_type.as_deref(),
            bytes: &member.bytes,
            password: container.password,
            ..FileToRead::default()
        };
        let limits = budget.limits();
        let (kind, mut read) = self.read_file(&file, &limits, task).await?;
        self.read_pictures(&member.path, &mut read, task).await?;
        read.document.name_picture(&member.path);
        if !read.members.is_empty() && member.depth >= budget.limits.depth {
            let (got, limit) = (u64::from(member.depth) + 1, budget.limits.depth.into());
            return Err(too_large(&member.path, got, limit, "containers within each other"));
        }
        budget.take(&member.path, &read.members)?;
        Ok((kind, read))
    }

    /// The bytes of a member of a container with these bytes.
    ///
    /// # Errors
    /// [`Error::OriginalNotKept`] where the container has no such member; errors of the
    /// containers.
    pub(super) async fn find_member(
        &self,
        container: &FileToRead<'_>,
        member: &DocumentInfo,
        task: &Task,
    ) -> Result<Vec<u8>> {
        let not_kept = || Error::OriginalNotKept { name: member.name.clone() };
        let Container { id, path: wanted } = member.container.as_ref().ok_or_else(not_kept)?;
        let (limits, runtime) = (&self.read_limits, &*self.runtime);
        let (_, read) = self.file_reader.read(container, limits, runtime, task).await?;
        let mut pending = VecDeque::new();
        push_members(&mut pending, "", read.members, 1);
        while let Some(Pending { path, media_type, bytes, depth }) = pending.pop_front() {
            if path == *wanted
                && DocumentId::of_member(*id, &path, member.kind, &bytes) == member.id
            {
                return Ok(bytes);
            }
            let is_around = wanted.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/'));
            if !is_around || depth > limits.depth {
                continue;
            }
            let (name, media_type) = (path.as_str(), media_type.as_deref());
            let file = FileToRead { name, media_type, bytes: &bytes, ..*container };
            let (_, read) = self.file_reader.read(&file, limits, runtime, task).await?;
            push_members(&mut pending, &path, read.members, depth + 1);
        }
        Err(not_kept())
    }
}

/// Puts the members of a container, whose path is `path`, before the others.
fn push_members(pending: &mut VecDeque<Pending>, path: &str, members: Vec<Member>, depth: u32) {
    for Member { path: inner, media_type, bytes } in members.into_iter().rev() {
        let path = if path.is_empty() { inner } else { format!("{path}/{inner}") };
        pending.push_front(Pending { path, media_type, bytes, depth });
    }
}

impl Budget<'_> {
    /// The limits of the next file.
    fn limits(&self) -> ReadLimits {
        let members = self.members.max(MIN_MEMBERS).min(self.limits.members);
        let expanded_bytes = self.bytes.max(MIN_EXPANDED_BYTES).min(self.limits.expanded_bytes);
        ReadLimits { members, expanded_bytes, ..*self.limits }
    }

    /// An error where the members of a container are too many or too large.
    fn take(&mut self, name: &str, members: &[Member]) -> Result<()> {
        let count = members.len() as u64;
        let bytes: u64 = members.iter().map(|member| member.bytes.len() as u64).sum();
        if count > self.members.into() {
            return Err(too_large(name, count, self.members.into(), "files"));
        }
        if bytes > self.bytes {
            return Err(too_large(name, bytes, self.bytes, "bytes"));
        }
        self.members -= count as u32;
        self.bytes -= bytes;
        Ok(())
    }
}

fn too_large(name: &str, got: u64, limit: u64, unit: &'static str) -> Error {
    let what = format!("The content of \"{name}\"");
    Error::TooLarge { what, got, limit, unit, advice: "Unpack it, and add the files you need." }
}

impl LeftOut {
    fn push(&mut self, path: &str, error: Error) {
        self.count += 1;
        if self.warnings.len() < MAX_WARNINGS {
            let reason = match &error {
                // The list of all formats would be repeated with each image.
                Error::UnsupportedFormat { found, .. } => {
                    format!("its format cannot be read here ({found}).")
                }
                error => error.to_string(),
            };
            self.warnings.push(format!("{path} was not read: {reason}"));
        }
        self.first.get_or_insert(error);
    }

    /// Keeps the warnings of a container within, which is no document of its own.
    fn warn_of(&mut self, container: DocumentInfo) {
        let DocumentInfo { name, details, .. } = container;
        self.warnings.extend(details.warnings.iter().map(|warning| format!("{name}: {warning}")));
        self.count += details.warnings.len();
    }

    fn into_warnings(mut self) -> Vec<String> {
        self.warnings.truncate(MAX_WARNINGS);
        let more = self.count - self.warnings.len();
        if more > 0 {
            self.warnings.push(format!("{more} more files were not read."));
        }
        self.warnings
    }
}

/// Whether an error is that of a file, whatever else is read.
fn is_of_file(error: &Error) -> bool {
    Error::code_of_file(error.code()).is_some()
}
