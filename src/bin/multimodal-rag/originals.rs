//! The files that are kept beside their documents.

use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{Engine, is_outdated};

use crate::Failure;
use crate::add::print_added;
use crate::files::write_file;
use crate::knowledge::KnowledgeBaseArguments;
use crate::progress::{clear_line, task_with_progress};
use crate::runtime::block_on;

/// Writes the file that a document was read from.
#[derive(Args)]
pub(crate) struct Original {
    #[command(flatten)]
    knowledge_base: KnowledgeBaseArguments,
    /// The id of the document, as `list` prints it.
    id: String,
    /// The file to write.
    #[arg(short, long)]
    output: PathBuf,
    /// The password of the container that it is a member of.
    #[arg(long)]
    password: Option<String>,
}

impl Original {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let engine = self.knowledge_base.open()?;
        let mut bytes = Vec::new();
        let mut write = |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(())
        };
        let (password, task) = (self.password.as_deref(), task_with_progress());
        block_on(engine.original(&self.id, password, &mut write, &task))?;
        Ok(write_file(&self.output, &bytes)?)
    }
}

/// Reads files that were kept again.
#[derive(Args)]
pub(crate) struct Reread {
    #[command(flatten)]
    knowledge_base: KnowledgeBaseArguments,
    /// Ids, as `list` prints them.
    #[arg(required_unless_present = "outdated")]
    ids: Vec<String>,
    /// Those that an older version of their reader read.
    #[arg(long, conflicts_with = "ids")]
    outdated: bool,
    /// The password of encrypted files.
    #[arg(long)]
    password: Option<String>,
}

impl Reread {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let engine = self.knowledge_base.open()?;
        let ids = if self.outdated { outdated(&engine)? } else { self.ids };
        let mut failed = 0;
        for id in &ids {
            let task = task_with_progress();
            match block_on(engine.reread(id, self.password.as_deref(), &task)) {
                Ok(read) => print_added(&read),
                Err(error) => {
                    clear_line();
                    eprintln!("{id}: {error}");
                    failed += 1;
                }
            }
        }
        block_on(engine.maintain(&task_with_progress()))?;
        match failed {
            0 => Ok(()),
            _ => Err(format!("Files that could not be read: {failed} of {}.", ids.len()).into()),
        }
    }
}

/// The ids of outdated documents. Members are read with their container.
fn outdated(engine: &Engine) -> Result<Vec<String>, Failure> {
    let documents = block_on(engine.documents())?;
    let mut ids: Vec<_> = documents
        .iter()
        .map(|document| &document.info)
        .filter(|info| is_outdated(info))
        .map(|info| info.container.as_ref().map_or(info.id, |container| container.id).to_string())
        .collect();
    ids.dedup();
    Ok(ids)
}
