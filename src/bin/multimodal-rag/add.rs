//! Adding files and folders.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use multimodal_rag::{AddedDocument, Engine, Error, SourceFile, Task};

use crate::Failure;
use crate::files::{read_file, unreadable};
use crate::knowledge::KnowledgeBaseArguments;
use crate::progress::{clear_line, task_with_progress};
use crate::runtime::block_on;

/// What is stored of a file besides its bytes.
#[derive(Args, Clone, Default)]
pub(crate) struct DocumentArguments {
    /// A JSON object to keep beside each file; `--where` chooses by it.
    #[arg(long)]
    pub(crate) metadata: Option<String>,
    /// The id of a document that the file replaces.
    #[arg(long)]
    pub(crate) replaces: Option<String>,
    /// Replace the document of the same name, if its file has changed.
    #[arg(long, conflicts_with = "replaces")]
    pub(crate) replace_same_name: bool,
    /// The password of encrypted files.
    #[arg(long)]
    pub(crate) password: Option<String>,
    /// Keep the text alone, and not the file itself.
    #[arg(long)]
    pub(crate) drop_original: bool,
}

impl DocumentArguments {
    fn check(&self) -> Result<(), Failure> {
        let Some(metadata) = &self.metadata else { return Ok(()) };
        serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(metadata)
            .map_err(|error| format!("The metadata is not a JSON object: {error}."))?;
        Ok(())
    }
}

/// A file to add.
pub(crate) struct NamedFile {
    pub(crate) path: PathBuf,
    /// Its file name; in a folder, its path from there.
    pub(crate) name: String,
    is_in_folder: bool,
}

/// Adds one file and prints its number of chunks and its id.
pub(crate) fn add(
    engine: &Engine,
    file: &NamedFile,
    arguments: &DocumentArguments,
    task: &Task,
) -> Result<AddedDocument, Failure> {
    let bytes = read_file(&file.path)?;
    let source = SourceFile {
        name: &file.name,
        mime: None,
        bytes: &bytes,
        metadata: arguments.metadata.as_deref(),
        replaces: arguments.replaces.as_deref(),
        replaces_same_name: arguments.replace_same_name,
        password: arguments.password.as_deref(),
        drops_original: arguments.drop_original,
        vector: None,
    };
    let added = block_on(engine.add(source, task))?;
    print_added(&added);
    Ok(added)
}

/// Prints what was made of a file.
pub(crate) fn print_added(added: &AddedDocument) {
    let AddedDocument { info, chunks, members, already_added, .. } = added;
    let members = match members.len() {
        0 => String::new(),
        count => format!(", {count} files in it"),
    };
    let note = if *already_added { ", already there" } else { "" };
    clear_line();
    eprintln!("{}: {chunks} chunks{members}{note} ({})", info.name, info.id);
    if !already_added {
        info.details.warnings.iter().for_each(|warning| eprintln!("    {warning}"));
    }
}

/// Adds the files that a question is asked about. Their names tell the folders that they do not
/// share: "Ghent/contact.md", "Bruges/contact.md".
pub(crate) fn add_asked(engine: &Engine, paths: &[PathBuf]) -> Result<(), Failure> {
    let folder = shared_folder(paths);
    for path in paths {
        let file = NamedFile::in_folder(&folder, path.clone());
        add(engine, &file, &DocumentArguments::default(), &task_with_progress())?;
    }
    Ok(())
}

/// The innermost folder that all files are in.
fn shared_folder(paths: &[PathBuf]) -> PathBuf {
    let mut folders = paths.iter().map(|path| path.parent().unwrap_or(Path::new("")));
    let first = folders.next().unwrap_or(Path::new("")).to_owned();
    folders.fold(first, |shared, folder| {
        let same = shared.iter().zip(folder.iter()).take_while(|(one, other)| one == other);
        same.map(|(part, _)| part).collect()
    })
}

impl NamedFile {
    fn new(path: PathBuf) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Self { path, name: name.unwrap_or_default(), is_in_folder: false }
    }

    /// The files at a path: itself, or those of a folder and of its folders, in order, without
    /// hidden ones.
    pub(crate) fn at(path: &Path) -> Result<Vec<Self>, Error> {
        if !path.is_dir() {
            return Ok(vec![Self::new(path.to_owned())]);
        }
        let (mut files, mut folders) = (Vec::new(), vec![path.to_owned()]);
        while let Some(folder) = folders.pop() {
            let unreadable = |error: io::Error| unreadable(&folder, &error);
            let entries = fs::read_dir(&folder).map_err(unreadable)?;
            for entry in entries.collect::<io::Result<Vec<_>>>().map_err(unreadable)? {
                if entry.file_name().as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                // A link to a folder may lead back here.
                if entry.file_type().map_err(unreadable)?.is_dir() {
                    folders.push(entry.path());
                } else if entry.path().is_file() {
                    files.push(Self::in_folder(path, entry.path()));
                }
            }
        }
        files.sort_by(|one, next| one.path.cmp(&next.path));
        Ok(files)
    }

    fn in_folder(folder: &Path, path: PathBuf) -> Self {
        let inner = path.strip_prefix(folder).unwrap_or(&path);
        let parts: Vec<_> = inner.iter().map(|part| part.to_string_lossy()).collect();
        Self { name: parts.join("/"), path, is_in_folder: true }
    }
}

/// Adds files.
#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    knowledge_base: KnowledgeBaseArguments,
    #[command(flatten)]
    document: DocumentArguments,
    /// Files to add, and folders with all files in them.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// What became of the files.
#[derive(Default)]
struct Outcome {
    added: usize,
    unchanged: usize,
    /// Files of folders that no reader knows.
    skipped: Vec<String>,
    failed: usize,
}

impl Add {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.document.check()?;
        let engine = self.knowledge_base.open_or_create()?;
        add_all(&engine, &self.files, |_| self.document.clone())
    }
}

/// Adds every file that can be added, with what `arguments` gives for its name. A file that fails does not stop the
/// others.
pub(crate) fn add_all(
    engine: &Engine,
    paths: &[PathBuf],
    arguments: impl Fn(&str) -> DocumentArguments,
) -> Result<(), Failure> {
    let mut outcome = Outcome::default();
    let (mut total, mut has_folder) = (0, false);
    for path in paths {
        match NamedFile::at(path) {
            Ok(files) => {
                total += files.len();
                has_folder |= path.is_dir();
                files.iter().for_each(|file| outcome.add(engine, file, &arguments(&file.name)));
            }
            Err(error) => {
                total += 1;
                outcome.fail(path, &error);
            }
        }
    }
    block_on(engine.maintain(&task_with_progress()))?;
    if has_folder {
        outcome.print();
    }
    match outcome.failed {
        0 => Ok(()),
        failed => Err(format!("Files that could not be added: {failed} of {total}.").into()),
    }
}

impl Outcome {
    fn add(&mut self, engine: &Engine, file: &NamedFile, arguments: &DocumentArguments) {
        match add(engine, file, arguments, &task_with_progress()) {
            Ok(AddedDocument { already_added: true, .. }) => self.unchanged += 1,
            Ok(_) => self.added += 1,
            Err(failure) => match failure.downcast_ref::<Error>() {
                Some(Error::UnsupportedFormat { found, .. }) if file.is_in_folder => {
                    self.skipped.push(format!("{} ({found})", file.name));
                }
                Some(Error::EmptyDocument { .. }) if file.is_in_folder => {
                    self.skipped.push(format!("{} (no text)", file.name));
                }
                _ => self.fail(&file.path, &*failure),
            },
        }
    }

    fn fail(&mut self, path: &Path, error: &dyn std::error::Error) {
        clear_line();
        eprintln!("{}: {error}", path.display());
        self.failed += 1;
    }

    fn print(&self) {
        clear_line();
        let Self { added, unchanged, skipped, failed } = self;
        let count = skipped.len();
        eprintln!("Added {added}, unchanged {unchanged}, skipped {count}, failed {failed}.");
        skipped.iter().for_each(|file| eprintln!("    skipped: {file}"));
    }
}
