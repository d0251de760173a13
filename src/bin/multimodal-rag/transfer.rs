//! A whole knowledge base as one file.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{DirectoryStore, Engine, Error};

use crate::knowledge::Base;
use crate::progress::shown;
use crate::runtime::{NativeRuntime, run};
use crate::{Failure, read};

/// Writes a whole knowledge base to one file.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    base: Base,
    /// The file to write.
    file: PathBuf,
}

impl Export {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let engine = self.base.open()?;
        let failed = |error: io::Error| Error::StorageFailed {
            action: "write the file",
            detail: error.to_string(),
        };
        let mut file = File::create(&self.file)?;
        let mut write = |piece: &[u8]| {
            // It begins again.
            if piece.is_empty() {
                file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
            }
            file.write_all(piece).map_err(failed)
        };
        let exported = run(engine.export(&mut write, &shown()));
        let synced = exported.map_err(Failure::from).and_then(|()| Ok(file.sync_all()?));
        if synced.is_err() {
            // Half a file is none.
            let _ = std::fs::remove_file(&self.file);
        }
        synced
    }
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
        let file = read(&self.file)?;
        let store = DirectoryStore::open(self.store)?;
        let runtime = NativeRuntime::new();
        Ok(run(Engine::import(&file, &store, None, &runtime, &shown()))?)
    }
}
