//! A whole knowledge base as one file.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use multimodal_rag::{DirectoryStore, Engine};

use crate::Failure;
use crate::files::{FileSource, unwritable};
use crate::knowledge::KnowledgeBaseArguments;
use crate::progress::task_with_progress;
use crate::runtime::{NativeRuntime, block_on};

/// Writes a whole knowledge base to one file.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    knowledge_base: KnowledgeBaseArguments,
    /// The file to write.
    file: PathBuf,
}

impl Export {
    pub(crate) fn run(self) -> Result<(), Failure> {
        export_to(&self.knowledge_base.open()?, &self.file)
    }
}

/// Writes a whole knowledge base to the file at `path`.
pub(crate) fn export_to(engine: &Engine, path: &Path) -> Result<(), Failure> {
    let file = File::create(path).map_err(|error| unwritable(path, &error))?;
    let exported = export(engine, path, file);
    if exported.is_err() {
        // Half an export cannot be imported.
        let _ = fs::remove_file(path);
    }
    exported
}

/// Writes the knowledge base to `file`, whose path is `path`.
fn export(engine: &Engine, path: &Path, mut file: File) -> Result<(), Failure> {
    let mut write = |piece: &[u8]| {
        let written = match piece {
            // The export begins again.
            [] => file.set_len(0).and_then(|()| file.rewind()),
            _ => file.write_all(piece),
        };
        written.map_err(|error| unwritable(path, &error))
    };
    block_on(engine.export(&mut write, &task_with_progress()))?;
    Ok(file.sync_all().map_err(|error| unwritable(path, &error))?)
}

/// Makes a knowledge base of an exported one.
#[derive(Args)]
pub(crate) struct Import {
    /// Folder to keep the knowledge base in: a new or an empty one.
    #[arg(long)]
    store: PathBuf,
    /// The file that was exported.
    file: PathBuf,
}

impl Import {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let file = FileSource::open(&self.file)?;
        let store = DirectoryStore::open(self.store)?;
        let runtime = NativeRuntime::new();
        Ok(block_on(Engine::import(&file, &store, None, &runtime, &task_with_progress()))?)
    }
}
