//! Reads files in processes of their own, one for each file.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use clap::Args;
use multimodal_rag::{
    Error, FileKind, FileReader, FileToRead, InlineFileReader, Progress, ReadFile, ReadLimits,
    ReaderModule, Result, Runtime, Stage, Task, recognize,
};

use crate::read_file::MAX_MEMORY_BYTES;
use crate::reader_protocol::{self, Answer, Request};

/// How often cancelling is noticed while a file is read.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Bytes of the process's error output that are looked at.
const MAX_ERROR_BYTES: u64 = 64 << 10;

/// The default folder of the models that read the words in pictures.
const OCR: &str = "models/pp-ocrv6-tiny";

/// Who reads files, and for how long. Tests choose.
#[derive(Args, Clone, Default)]
pub(crate) struct ReaderArguments {
    /// The folder of the models that read the words in pictures, or "none": detection.onnx,
    /// recognition.onnx and characters.json of PP-OCR [default: models/pp-ocrv6-tiny, where it is].
    #[arg(long, value_name = "FOLDER")]
    ocr: Option<PathBuf>,
    /// The program that reads a file: called with `read-file`. By default this one.
    #[arg(long, hide = true)]
    reader_program: Option<PathBuf>,
    /// Milliseconds in which it must make progress.
    #[arg(long, hide = true)]
    reader_step_milliseconds: Option<u32>,
    /// Milliseconds for a file.
    #[arg(long, hide = true)]
    reader_milliseconds: Option<u32>,
}

impl ReaderArguments {
    /// The limits of a file.
    pub(crate) fn limits(&self) -> ReadLimits {
        let usual = ReadLimits::default();
        ReadLimits {
            step_milliseconds: self.reader_step_milliseconds.unwrap_or(usual.step_milliseconds),
            milliseconds: self.reader_milliseconds.unwrap_or(usual.milliseconds),
            ..usual
        }
    }

    pub(crate) fn reader(&self) -> io::Result<ProcessReader> {
        let program = self.reader_program.clone();
        let program = program.map_or_else(std::env::current_exe, Ok)?;
        Ok(ProcessReader { program, ocr: self.ocr() })
    }

    /// The folder of the models that read the words in pictures.
    pub(crate) fn ocr(&self) -> Option<PathBuf> {
        match self.ocr.as_deref() {
            Some(folder) => (folder != Path::new("none")).then(|| folder.to_owned()),
            None => Some(PathBuf::from(OCR)).filter(|folder| folder.is_dir()),
        }
    }
}

/// Reads plain text, Markdown and HTML here, and all other files in a process of their own.
pub(crate) struct ProcessReader {
    program: PathBuf,
    /// The folder of the models that read the words in pictures.
    ocr: Option<PathBuf>,
}

#[async_trait(?Send)]
impl FileReader for ProcessReader {
    async fn read(
        &self,
        file: &FileToRead<'_>,
        limits: &ReadLimits,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<(FileKind, ReadFile)> {
        let format = recognize(file)?;
        if format.module == ReaderModule::Core {
            return InlineFileReader.read(file, limits, runtime, task).await;
        }
        let reads_words = format.module == ReaderModule::Image && !file.skips_words;
        let ocr = self.ocr.as_deref().filter(|_| reads_words);
        let mut process = ReaderProcess::start(&self.program, ocr, file, limits)?;
        let since_ms = runtime.now_ms();
        let report = |done, total, unit: &str| {
            task.report(runtime, Stage::Parse, done, total, Progress::unit_named(unit), since_ms);
        };
        process.wait(file.name, limits, runtime, task, report).await
    }
}

/// A process that reads a file. It is ended when this is dropped.
struct ReaderProcess {
    child: Child,
    answers: Receiver<Answer>,
    errors: Receiver<String>,
}

impl Drop for ReaderProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl ReaderProcess {
    fn start(
        program: &Path,
        ocr: Option<&Path>,
        file: &FileToRead<'_>,
        limits: &ReadLimits,
    ) -> Result<Self> {
        let ocr = ocr.into_iter().flat_map(|folder| [OsStr::new("--ocr"), folder.as_os_str()]);
        let started = Command::new(program)
            .arg("read-file")
            .args(ocr)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let failed = |detail: String| Error::Internal { detail };
        let mut child =
            started.map_err(|error| failed(format!("no process reads files: {error}")))?;
        let (Some(mut stdin), Some(mut stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(failed("a process has no pipes".into()));
        };
        let request = Request {
            name: file.name.to_owned(),
            media_type: file.media_type.map(str::to_owned),
            password: file.password.map(str::to_owned),
            limits: *limits,
            image_input: file.image_input,
            bytes: file.bytes.to_vec(),
        };
        // The ends of the pipes are threads' own: a process that reads or writes nothing blocks
        // none but them. Their failures show in what arrives.
        thread::spawn(move || drop(reader_protocol::write(&mut stdin, &request)));
        let (answer, answers) = mpsc::channel();
        thread::spawn(move || {
            while let Ok(read) = reader_protocol::read(&mut stdout) {
                if answer.send(read).is_err() {
                    return;
                }
            }
        });
        let (error, errors) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stderr.take(MAX_ERROR_BYTES).read_to_end(&mut bytes);
            let _ = error.send(String::from_utf8_lossy(&bytes).into_owned());
        });
        Ok(Self { child, answers, errors })
    }

    /// Waits until the file is read, or the process has ended or taken too long.
    async fn wait(
        &mut self,
        name: &str,
        limits: &ReadLimits,
        runtime: &dyn Runtime,
        task: &Task,
        report: impl Fn(u64, u64, &str),
    ) -> Result<(FileKind, ReadFile)> {
        let start = Instant::now();
        let mut last_step = start;
        loop {
            match self.answers.recv_timeout(POLL_INTERVAL) {
                Ok(Answer::Step { done, total, unit }) => {
                    last_step = Instant::now();
                    report(done, total, &unit);
                }
                Ok(Answer::Read(read)) => return Ok(*read),
                Ok(Answer::Failed { code, message }) => {
                    return Err(Error::Reported {
                        code: Error::code_of_file(&code).unwrap_or("damaged_file"),
                        message,
                    });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.crash(name)),
            }
            task.step(runtime).await?;
            for (since, milliseconds) in
                [(start, limits.milliseconds), (last_step, limits.step_milliseconds)]
            {
                if since.elapsed() > Duration::from_millis(milliseconds.into()) {
                    let seconds = milliseconds.div_ceil(1000);
                    return Err(Error::TooSlow { name: name.to_owned(), seconds });
                }
            }
        }
    }

    /// The error of a process that has ended without an answer.
    fn crash(&mut self, name: &str) -> Error {
        let _ = self.child.kill();
        let said = self.errors.recv_timeout(POLL_INTERVAL).unwrap_or_default();
        // What Rust's allocator says where there is no memory.
        if said.contains("memory allocation of") {
            let megabytes = MAX_MEMORY_BYTES >> 20;
            let message = format!(
                "\"{name}\" is too large: to read it takes more than {megabytes} MiB of memory. Split it into smaller parts."
            );
            return Error::Reported { code: "too_large", message };
        }
        Error::DamagedFile { name: name.to_owned(), detail: "its reader crashed".to_owned() }
    }
}
