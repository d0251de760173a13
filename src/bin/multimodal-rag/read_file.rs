//! The process that reads one file: a file that crashes it or takes too much memory costs
//! nothing but itself.

use std::cell::Cell;
use std::io::{self, Stdout};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use multimodal_rag::{FileToRead, Ocr, OcrModels, ReadWatch, Result};

use crate::Failure;
use crate::files::read_file;
use crate::reader_protocol::{self, Answer, Request};

/// Bytes of address space that the process may have.
pub(crate) const MAX_MEMORY_BYTES: u64 = 1536 << 20;
/// Steps are reported this often at most.
const REPORT_INTERVAL: Duration = Duration::from_millis(50);

/// Reads the file that comes on standard input.
#[derive(Args)]
pub(crate) struct ReadFileCommand {
    /// The folder of the models that read the words in pictures.
    #[arg(long)]
    ocr: Option<PathBuf>,
}

impl ReadFileCommand {
    pub(crate) fn run(self) -> Result<(), Failure> {
        limit_memory()?;
        let request: Request = reader_protocol::read(&mut io::stdin().lock())?;
        let ocr = self.ocr.as_deref().map(load_ocr).transpose()?;
        let file = FileToRead {
            name: &request.name,
            media_type: request.media_type.as_deref(),
            bytes: &request.bytes,
            password: request.password.as_deref(),
            ocr: ocr.as_ref().map(|models| models as &dyn Ocr),
            image_input: request.image_input,
            ..FileToRead::default()
        };
        let steps = Steps { out: io::stdout(), last: Cell::new(None) };
        let answer = match multimodal_rag::read_file(&file, &request.limits, &steps) {
            Ok(read) => Answer::Read(Box::new(read)),
            Err(error) => {
                Answer::Failed { code: error.code().to_owned(), message: error.to_string() }
            }
        };
        Ok(reader_protocol::write(&mut io::stdout().lock(), &answer)?)
    }
}

/// The models in a folder.
pub(crate) fn load_ocr(folder: &Path) -> Result<OcrModels, Failure> {
    let read = |name: &str| read_file(&folder.join(name));
    let characters = read("characters.json").or_else(|_| read("characters.txt"))?;
    Ok(OcrModels::load(read("detection.onnx")?, read("recognition.onnx")?, &characters)?)
}

/// Bounds the memory of this process, where the system can.
fn limit_memory() -> io::Result<()> {
    #[cfg(unix)]
    {
        let (_, most) = rlimit::Resource::AS.get()?;
        let limit = MAX_MEMORY_BYTES.min(most);
        rlimit::Resource::AS.set(limit, limit)?;
    }
    Ok(())
}

/// Reports steps on standard output.
struct Steps {
    out: Stdout,
    last: Cell<Option<Instant>>,
}

impl ReadWatch for Steps {
    fn step(&self, done: u64, total: u64, unit: &'static str) -> Result<()> {
        let is_due = self.last.get().is_none_or(|last| last.elapsed() >= REPORT_INTERVAL);
        if is_due {
            self.last.set(Some(Instant::now()));
            // Where nobody listens any more, this process is about to be ended.
            let unit = unit.to_owned();
            let _ =
                reader_protocol::write(&mut self.out.lock(), &Answer::Step { done, total, unit });
        }
        Ok(())
    }
}
