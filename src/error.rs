//! What can go wrong, and what to do about it.

/// Result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every failure of the engine. The message is for the end user: it says what happened and
/// what to do next. [`Error::code`] is stable and is what JavaScript sees as `RagError.code`.
///
/// A call that fails leaves the knowledge base as it was before.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // ------------------------------------------------------------ documents and files
    /// A file without any text.
    #[error("\"{name}\" contains no text. Choose a file with text in it.")]
    EmptyDocument {
        /// The file's name.
        name: String,
    },
    /// Bytes that are not text in any supported encoding.
    #[error(
        "\"{name}\" is not text: the byte at offset {offset} is neither valid UTF-8 nor valid UTF-16. Save it as UTF-8 and add it again."
    )]
    InvalidText {
        /// The file's name.
        name: String,
        /// Offset of the first invalid byte.
        offset: usize,
    },
    /// A file in a format that no reader supports.
    #[error(
        "\"{name}\" has a format that cannot be read here ({found}). Supported are {supported}. Convert it to one of them."
    )]
    UnsupportedFormat {
        /// The file's name.
        name: String,
        /// The format that was found.
        found: String,
        /// The formats that can be read.
        supported: String,
    },
    /// An input over a stated limit.
    #[error("{what} is too large: {got} {unit}, and the limit is {limit} {unit}. {advice}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// Its size.
        got: u64,
        /// The largest size accepted.
        limit: u64,
        /// The unit of both.
        unit: &'static str,
        /// What to do about it: a sentence.
        advice: &'static str,
    },
    /// A file that is encrypted.
    #[error("\"{name}\" is protected by a password. Add it again with its password.")]
    PasswordRequired {
        /// The file's name.
        name: String,
    },
    /// A password that does not open the file.
    #[error("The password does not open \"{name}\". Check it, and add the file again.")]
    WrongPassword {
        /// The file's name.
        name: String,
    },
    /// A file whose content is damaged.
    #[error(
        "\"{name}\" is damaged: {detail}. Open it in the program that made it, save it again, and add the new file."
    )]
    DamagedFile {
        /// The file's name.
        name: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A file that took too long to read.
    #[error(
        "\"{name}\" takes too long to read: it was stopped after {seconds} seconds. Save it again in the program that made it, or split it into smaller files."
    )]
    TooSlow {
        /// The file's name.
        name: String,
        /// Seconds after which it was stopped.
        seconds: u32,
    },
    /// The failure of a reader that runs elsewhere.
    #[error("{message}")]
    Reported {
        /// Its code.
        code: &'static str,
        /// Its message.
        message: String,
    },
    /// A local file that could not be read.
    #[error(
        "\"{name}\" could not be read: {detail}. Check that it is still there and that you can open it, then choose it again."
    )]
    UnreadableFile {
        /// The file's name.
        name: String,
        /// What the browser or the operating system reports.
        detail: String,
    },
    /// A local file that could not be written.
    #[error(
        "\"{name}\" could not be written: {detail}. Check that its folder exists, that you may write to it, and that the disk is not full."
    )]
    UnwritableFile {
        /// The file's name.
        name: String,
        /// What the browser or the operating system reports.
        detail: String,
    },
    /// An id that names no document.
    #[error("There is no document with the id {id}. List the documents to see their ids.")]
    DocumentNotFound {
        /// The id asked for.
        id: String,
    },

    /// An id that names no passage.
    #[error(
        "There is no passage with the id {id}. Take the ids of the passages of a search or an answer; those of removed documents are gone."
    )]
    PassageNotFound {
        /// The id asked for.
        id: String,
    },
    /// Feedback that names no passage.
    #[error("The feedback names no passage. Name at least one that was good or bad.")]
    EmptyFeedback,
    /// A file that is not kept beside its document.
    #[error(
        "The file \"{name}\" itself was not kept, only its text. Add it again to keep it (option original: \"keep\")."
    )]
    OriginalNotKept {
        /// The document's name.
        name: String,
    },
    /// A number that names no file of the queue.
    #[error(
        "No file with the number {number} waits to be added. It may be added already. List the queue to see what waits."
    )]
    QueuedNotFound {
        /// The number asked for.
        number: u64,
    },

    // ------------------------------------------------------------ models
    /// A model file that is damaged or not of the format it claims.
    #[error("The model file cannot be used: {detail}. Download it again, or choose another file.")]
    CorruptModel {
        /// What was expected, and what was found.
        detail: String,
    },
    /// A model that does not fit in the free memory.
    #[error(
        "There is not enough memory for the model: {bytes} bytes are needed at once. Close other tabs and programs, or choose a smaller model."
    )]
    OutOfMemory {
        /// Bytes that were requested at once.
        bytes: u64,
    },
    /// A model file whose hash is not the expected one.
    #[error(
        "The SHA-256 of {name} is {got}, but {expected} was expected. Download it again, or correct the expected hash."
    )]
    HashMismatch {
        /// The file's name or address.
        name: String,
        /// The expected hash.
        expected: String,
        /// The hash of the file's bytes.
        got: String,
    },
    /// A model of a family that is not implemented.
    #[error("Models of the architecture \"{got}\" cannot be run here. Choose one of: {supported}.")]
    UnsupportedArchitecture {
        /// The architecture that the file names.
        got: String,
        /// The architectures that can be run.
        supported: &'static str,
    },
    /// A model file without a tokenizer, or with one that is not implemented.
    #[error(
        "The model's tokenizer cannot be used: {detail}. Choose a file with a supported tokenizer."
    )]
    UnsupportedTokenizer {
        /// What is missing or unknown.
        detail: String,
    },
    /// A file that could not be fetched.
    #[error(
        "{url} could not be fetched: {detail}. Check the address and the connection, and try again."
    )]
    DownloadFailed {
        /// The address.
        url: String,
        /// What the network reports.
        detail: String,
    },
    /// A model of a hub that only some accounts may fetch, or that does not exist: hubs tell
    /// nobody else whether a private one does.
    #[error(
        "The hub does not give out {name} ({detail}): it is gated or private, or there is no such model. Check its name. Or accept its terms on the hub, download the file there, and host it yourself or choose it as a file."
    )]
    ModelGated {
        /// Its name on the hub.
        name: String,
        /// What the hub answered.
        detail: String,
    },
    /// A knowledge base made with another embedder.
    #[error(
        "This knowledge base was made with the embedder {expected}, but the embedder {got} is loaded. Their vectors cannot be compared. Open it with the first one, or embed its documents again with the second (option embedAgain, or --embed-again)."
    )]
    EmbedderMismatch {
        /// Fingerprint of the embedder that made the knowledge base.
        expected: String,
        /// Fingerprint of the loaded embedder.
        got: String,
    },

    /// An adapter that belongs to another generator.
    #[error(
        "The adapter is for another model: {detail}. Choose the adapter of this generator, or the generator that it was trained for."
    )]
    AdapterMismatch {
        /// What does not fit.
        detail: String,
    },
    /// An adapter of a kind that is not implemented.
    #[error(
        "Adapters with {detail} cannot be used. Choose a plain LoRA adapter, or merge this one into its model and load that."
    )]
    UnsupportedAdapter {
        /// What it has.
        detail: String,
    },

    /// An answer reader that belongs to another embedder.
    #[error(
        "The answer reader is for another embedder. Open the knowledge base with the answer reader of its embedder, or without one."
    )]
    ReaderMismatch,

    /// A picture was to be compared, but there is no image encoder.
    #[error(
        "There is no image encoder to compare pictures with. Open the knowledge base with one: `models.image`."
    )]
    NoImageEncoder,

    // ------------------------------------------------------------ questions and prompts
    /// A question or prompt without words.
    #[error("The question or prompt is empty. Write it in words.")]
    EmptyQuestion,
    /// A question or prompt longer than the model can read.
    #[error(
        "The question or prompt has {got} tokens, but the model reads at most {limit}. Write it in fewer words."
    )]
    QuestionTooLong {
        /// Tokens in the question or prompt.
        got: usize,
        /// Tokens that fit.
        limit: usize,
    },
    /// A question to a knowledge base without documents.
    #[error("The knowledge base is empty. Add a document first, then ask.")]
    EmptyKnowledgeBase,

    // ------------------------------------------------------------ storage
    /// Storage that is full.
    #[error("The storage is full: {detail}. Remove documents or free disk space, and try again.")]
    QuotaExceeded {
        /// What the store reports.
        detail: String,
    },
    /// Storage that cannot be used at all.
    #[error("Storage cannot be used: {detail}. {advice}")]
    StorageRefused {
        /// What the store reports.
        detail: String,
        /// What to do about it: a sentence.
        advice: &'static str,
    },
    /// A read or write that failed for another reason.
    #[error(
        "Storage failed while trying to {action}: {detail}. Nothing was changed. Try again. If it fails again, check the disk, or restart the browser."
    )]
    StorageFailed {
        /// What was being done.
        action: &'static str,
        /// What the store reports.
        detail: String,
    },
    /// Storage that another tab or the browser deleted while it was open.
    #[error("The knowledge base is no longer open: {why}. Open it again.")]
    StorageClosed {
        /// Who closed it.
        why: &'static str,
    },
    /// Storage that another tab or process has open.
    #[error(
        "The knowledge base cannot be {action} because {holder} has it open. Close it there, and try again."
    )]
    StorageBlocked {
        /// What was to be done with it.
        action: &'static str,
        /// Who has it open: "another tab" or "another process".
        holder: &'static str,
    },
    /// The right to write went to another tab, because this one did not respond in time.
    #[error("Another tab is writing to this knowledge base. Nothing was changed. Try again.")]
    LeaseLost,
    /// A stored record that is damaged.
    #[error("The stored record \"{record}\" cannot be read: {detail}. {}", repair_advice(record))]
    CorruptStorage {
        /// The record's key.
        record: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A stored record or an export that a newer version of this crate wrote.
    #[error(
        "{record} ({kind}) was written by a newer version: its format is {version}, and this version reads up to {supported}. Nothing was changed. Reload the page or update multimodal-rag, and try again."
    )]
    RecordTooNew {
        /// The kind of the record.
        kind: &'static str,
        /// The record's key.
        record: String,
        /// The version of its format.
        version: u16,
        /// The newest version that can be read.
        supported: u16,
    },
    /// A stored record or an export that is older than the oldest readable version.
    #[error(
        "{record} ({kind}) was written by an old version: its format is {version}, and this version reads {supported} and later. Nothing was changed. Open the knowledge base with an older multimodal-rag, export it, and import the export."
    )]
    RecordTooOld {
        /// The kind of the record.
        kind: &'static str,
        /// The record's key.
        record: String,
        /// The version of its format.
        version: u16,
        /// The oldest version that can be read.
        supported: u16,
    },

    // ------------------------------------------------------------ export and import
    /// A file that is not an exported knowledge base, or a damaged one.
    #[error(
        "The file cannot be imported: {detail}. Nothing was imported. Export the knowledge base again, and import the new file."
    )]
    CorruptExport {
        /// What is wrong with it.
        detail: String,
    },
    /// An import into a knowledge base that exists already.
    #[error(
        "There is a knowledge base of this name already. Import under another name, or delete this one first."
    )]
    AlreadyExists,
    /// A knowledge base that another tab or process is importing.
    #[error(
        "This knowledge base is being imported in another tab or process. Wait until the import has finished, and try again."
    )]
    ImportInProgress,

    // ------------------------------------------------------------ calls
    /// An option that the call does not have.
    #[error("There is no option {option} here. Use only {known}.")]
    UnknownOption {
        /// The option's name.
        option: String,
        /// The options that the call has, separated by commas.
        known: String,
    },
    /// An option outside its range.
    #[error("The option {option} cannot be {got}. Use {expected}.")]
    InvalidOption {
        /// The option's name.
        option: &'static str,
        /// The value that was given.
        got: String,
        /// The values that are allowed.
        expected: &'static str,
    },
    /// A table that does not exist.
    #[error("There is no table \"{name}\". The list of tables has the names of those there are.")]
    TableNotFound {
        /// Its name.
        name: String,
    },
    /// A query that is not run.
    #[error("The query cannot be run: {detail}.")]
    InvalidQuery {
        /// What is wrong with it.
        detail: String,
    },
    /// A query that took too long.
    #[error(
        "The query was stopped after {seconds} seconds. Choose fewer rows with WHERE, or allow it more time."
    )]
    QueryTooSlow {
        /// The time that it had.
        seconds: u32,
    },
    /// A query that needs too much memory.
    #[error(
        "The query needs more memory than there is: {what} may have {limit} MiB. Choose fewer rows with WHERE or LIMIT."
    )]
    QueryTooLarge {
        /// What needs it.
        what: &'static str,
        /// The limit, in MiB.
        limit: usize,
    },
    /// A table that no query can read.
    #[error("The table \"{table}\" cannot be queried: one of its rows has more than {limit} MiB.")]
    TableTooLarge {
        /// Its name in SQL.
        table: String,
        /// The most MiB of a row.
        limit: usize,
    },
    /// The worker that held tables for queries has ended.
    #[error("The tables were lost while the query waited. Run it again.")]
    TablesLost,
    /// Cancelled by the caller.
    #[error("The call was cancelled. Nothing was changed.")]
    Aborted,
    /// A generator of the caller that failed.
    #[error("The generator of this page failed: {detail}. Try again, or choose another generator.")]
    GeneratorFailed {
        /// What it reported.
        detail: String,
    },
    /// A change to a knowledge base that was opened from a file, or that a site ships.
    #[error(
        "This belongs to a knowledge base that is only read, and cannot be changed. Add documents to one of your own."
    )]
    ReadOnly,
    /// Used after `close`.
    #[error("The engine is closed. Open it again.")]
    Closed,
    /// A defect of this crate that was detected without a panic.
    #[error("Internal error: {detail}. Please report it.")]
    Internal {
        /// The condition that did not hold.
        detail: String,
    },
}

/// What to do about a damaged record. Only a document's record can be replaced alone.
fn repair_advice(record: &str) -> &'static str {
    if record.starts_with("document/") || record.starts_with("original/") {
        "Remove this document and add it again."
    } else {
        "Delete the knowledge base, then import an export of it or add its documents again."
    }
}

impl Error {
    /// The code of this name, where it is that of a file which cannot be read, whatever else is
    /// read.
    pub fn code_of_file(name: &str) -> Option<&'static str> {
        let codes = [
            "empty_document",
            "invalid_text",
            "unsupported_format",
            "too_large",
            "too_slow",
            "password_required",
            "wrong_password",
            "damaged_file",
        ];
        codes.into_iter().find(|&code| code == name)
    }

    /// The stable name of this failure, in `snake_case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyDocument { .. } => "empty_document",
            Self::InvalidText { .. } => "invalid_text",
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::TooLarge { .. } => "too_large",
            Self::PasswordRequired { .. } => "password_required",
            Self::WrongPassword { .. } => "wrong_password",
            Self::DamagedFile { .. } => "damaged_file",
            Self::TooSlow { .. } => "too_slow",
            Self::Reported { code, .. } => code,
            Self::UnreadableFile { .. } => "unreadable_file",
            Self::UnwritableFile { .. } => "unwritable_file",
            Self::DocumentNotFound { .. } => "document_not_found",
            Self::PassageNotFound { .. } => "passage_not_found",
            Self::EmptyFeedback => "empty_feedback",
            Self::OriginalNotKept { .. } => "original_not_kept",
            Self::QueuedNotFound { .. } => "queued_not_found",
            Self::CorruptModel { .. } => "corrupt_model",
            Self::OutOfMemory { .. } => "out_of_memory",
            Self::HashMismatch { .. } => "hash_mismatch",
            Self::UnsupportedArchitecture { .. } => "unsupported_architecture",
            Self::UnsupportedTokenizer { .. } => "unsupported_tokenizer",
            Self::DownloadFailed { .. } => "download_failed",
            Self::ModelGated { .. } => "model_gated",
            Self::EmbedderMismatch { .. } => "embedder_mismatch",
            Self::AdapterMismatch { .. } => "adapter_mismatch",
            Self::UnsupportedAdapter { .. } => "unsupported_adapter",
            Self::ReaderMismatch => "reader_mismatch",
            Self::NoImageEncoder => "no_image_encoder",
            Self::EmptyQuestion => "empty_question",
            Self::QuestionTooLong { .. } => "question_too_long",
            Self::EmptyKnowledgeBase => "empty_knowledge_base",
            Self::QuotaExceeded { .. } => "quota_exceeded",
            Self::StorageRefused { .. } => "storage_refused",
            Self::StorageFailed { .. } => "storage_failed",
            Self::StorageClosed { .. } => "storage_closed",
            Self::StorageBlocked { .. } => "storage_blocked",
            Self::LeaseLost => "lease_lost",
            Self::CorruptStorage { .. } => "corrupt_storage",
            Self::RecordTooNew { .. } => "record_too_new",
            Self::RecordTooOld { .. } => "record_too_old",
            Self::CorruptExport { .. } => "corrupt_export",
            Self::AlreadyExists => "already_exists",
            Self::ImportInProgress => "import_in_progress",
            Self::UnknownOption { .. } | Self::InvalidOption { .. } => "invalid_option",
            Self::TableNotFound { .. } => "table_not_found",
            Self::InvalidQuery { .. } => "invalid_query",
            Self::QueryTooSlow { .. } => "too_slow",
            Self::QueryTooLarge { .. } | Self::TableTooLarge { .. } => "too_large",
            Self::TablesLost => "tables_lost",
            Self::Aborted => "aborted",
            Self::GeneratorFailed { .. } => "generator_failed",
            Self::ReadOnly => "read_only",
            Self::Closed => "closed",
            Self::Internal { .. } => "internal",
        }
    }
}
