//! A reader of containers for tests: a file is a JSON object with a text and members, or a text
//! for the engine's own readers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use async_trait::async_trait;
use multimodal_rag::{
    BlockKind, Engine, Error, FileKind, FileReader, FileToRead, InlineFileReader, Member, ReadFile,
    ReadLimits, Result, Runtime, Task,
};
use serde_json::{Value, json};

use crate::harness::Harness;

/// The content of a file that only the password "open" opens.
pub(crate) const LOCKED: &str = "LOCKED";

/// Reads boxes. Everything else is read by the readers that are compiled in.
#[derive(Default)]
pub(crate) struct BoxReader {
    /// The names of the files that were read.
    pub(crate) read: RefCell<Vec<String>>,
    /// Read as a newer version of the reader would: with a sentence at the end.
    pub(crate) is_newer: Cell<bool>,
}

#[async_trait(?Send)]
impl FileReader for BoxReader {
    async fn read(
        &self,
        file: &FileToRead<'_>,
        limits: &ReadLimits,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<(FileKind, ReadFile)> {
        self.read.borrow_mut().push(file.name.to_owned());
        if file.bytes.starts_with(LOCKED.as_bytes()) && file.password != Some("open") {
            return Err(Error::PasswordRequired { name: file.name.to_owned() });
        }
        let parsed = serde_json::from_slice(file.bytes).ok().filter(Value::is_object);
        let Some(Value::Object(content)) = parsed else {
            return InlineFileReader.read(file, limits, runtime, task).await;
        };
        let mut text = content["text"].as_str().unwrap_or_default().to_owned();
        if self.is_newer.get() {
            text.push_str(" A newer reader reads this sentence too.");
        }
        let mut read = match text.is_empty() {
            true => ReadFile::default(),
            false => {
                let file = FileToRead { name: "a.txt", bytes: text.as_bytes(), ..*file };
                InlineFileReader.read(&file, limits, runtime, task).await?.1
            }
        };
        assert!(read.document.blocks.iter().all(|block| block.kind == BlockKind::Paragraph));
        if !self.is_newer.get() {
            read.details.reader_version = 0;
        }
        let members = content.get("members").and_then(Value::as_array).cloned();
        let member = |pair: Value| Member {
            path: pair[0].as_str().unwrap().to_owned(),
            media_type: None,
            bytes: match &pair[1] {
                Value::String(text) => text.clone().into_bytes(),
                object => object.to_string().into_bytes(),
            },
        };
        read.members = members.unwrap_or_default().into_iter().map(member).collect();
        Ok((FileKind::PLAIN_TEXT, read))
    }
}

/// A box with this text and these members.
pub(crate) fn boxed(text: &str, members: Value) -> String {
    json!({ "text": text, "members": members }).to_string()
}

/// An engine over the records of a harness that reads boxes.
pub(crate) fn open(harness: &Harness) -> (Engine, Rc<BoxReader>) {
    let reader: Rc<BoxReader> = Rc::default();
    let engine = harness.open_without_generator().with_file_reader(reader.clone());
    (engine, reader)
}
