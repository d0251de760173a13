//! What can go wrong, and what to do about it.

/// Result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every failure of the engine. The message is a sentence that says what to do
/// next; [`Error::code`] is stable and is what JavaScript sees as `RagError.code`.
///
/// A call that fails leaves the knowledge base as it was before.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file without any text.
    #[error("\"{name}\" holds no text. Choose a file with something to read in it.")]
    EmptyDocument {
        /// The file's name.
        name: String,
    },
    /// Bytes that are no text in any encoding read here.
    #[error(
        "\"{name}\" is not text: the byte at offset {offset} fits neither UTF-8 nor UTF-16. Save it as UTF-8 and add it again."
    )]
    InvalidText {
        /// The file's name.
        name: String,
        /// Offset of the first byte that does not fit.
        offset: usize,
    },
    /// A kind of file that no parser here reads.
    #[error(
        "\"{name}\" is of a kind that cannot be read here ({found}). Supported are {supported}; convert it to one of them."
    )]
    UnsupportedFormat {
        /// The file's name.
        name: String,
        /// The kind that was found.
        found: String,
        /// The formats that can be read.
        supported: String,
    },
    /// An input over a stated limit.
    #[error(
        "{what} is too large: {got} {unit}, and the limit is {limit} {unit}. Use a smaller one, or split it."
    )]
    TooLarge {
        /// What is too large.
        what: String,
        /// Its size.
        got: u64,
        /// The largest size accepted.
        limit: u64,
        /// The unit of both.
        unit: &'static str,
    },
    /// A model file that is damaged or not of the format it claims.
    #[error("The model file cannot be used: {detail}. Download it again, or choose another file.")]
    CorruptModel {
        /// What was expected, and what was found.
        detail: String,
    },
    /// A model that the memory that is left cannot hold.
    #[error(
        "There is no memory for {bytes} bytes of the model's weights. Close what else is open, or choose a smaller model."
    )]
    OutOfMemory {
        /// What was asked for at once.
        bytes: u64,
    },
    /// A model file whose bytes are not those that were promised.
    #[error(
        "{name} has SHA-256 {got} where {expected} was promised. Download it again, or correct the promise."
    )]
    HashMismatch {
        /// The file's name or address.
        name: String,
        /// The hash promised.
        expected: String,
        /// The hash of the bytes that came.
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
        "The model's tokenizer cannot be used: {detail}. Choose a file that carries a supported tokenizer."
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
        /// Where it was asked for.
        url: String,
        /// What the network said.
        detail: String,
    },
    /// A local file that could not be read.
    #[error(
        "\"{name}\" could not be read: {detail}. It may have been moved or changed. Choose it again."
    )]
    UnreadableFile {
        /// The file's name.
        name: String,
        /// What the browser or the operating system reports.
        detail: String,
    },
    /// A question without words.
    #[error("The question is empty. Ask something in words.")]
    EmptyQuestion,
    /// A question longer than the model can read.
    #[error(
        "The question has {got} tokens, and the model reads at most {limit}. Ask in fewer words."
    )]
    QuestionTooLong {
        /// Tokens in the question.
        got: usize,
        /// Tokens that fit.
        limit: usize,
    },
    /// A question to a knowledge base that holds nothing.
    #[error("Nothing has been added yet. Add a document, then ask.")]
    EmptyKnowledgeBase,
    /// An id that names no document.
    #[error("There is no document with the id {id}. List the documents for those that exist.")]
    DocumentNotFound {
        /// The id asked for.
        id: String,
    },
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
        /// What was given.
        got: String,
        /// What can be given.
        expected: &'static str,
    },
    /// A knowledge base made with another embedder.
    #[error(
        "This knowledge base was made with the embedder {expected}, and {got} was loaded: their vectors cannot be compared. Open it with the first, or make a new knowledge base."
    )]
    EmbedderMismatch {
        /// Fingerprint that the knowledge base was made with.
        expected: String,
        /// Fingerprint of the embedder given.
        got: String,
    },
    /// A stored record that is damaged or of a version that cannot be read.
    #[error(
        "The stored record {record} cannot be read: {detail}. Remove the document it belongs to and add it again."
    )]
    CorruptStorage {
        /// The record's key.
        record: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A stored record or an export that a newer version of this crate wrote.
    #[error(
        "The {kind} record \"{record}\" was written by a newer version (format {version}; this version reads up to {supported}). Reload the page, or update multimodal-rag, and open it again. Nothing was changed."
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
    /// A stored record or an export that is older than what can be read.
    #[error(
        "The {kind} record \"{record}\" was written by an old version (format {version}; this version reads from {supported} on). Open it once with an older multimodal-rag, export it, and import the export. Nothing was changed."
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
    /// A file that is no exported knowledge base, or a damaged one.
    #[error(
        "The file cannot be imported: {detail}. Export the knowledge base again, and import that."
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
    /// Storage that is full.
    #[error(
        "The browser's storage is full: {detail}. Remove documents or free disk space, and try again."
    )]
    QuotaExceeded {
        /// What the store said.
        detail: String,
    },
    /// Storage that cannot be used at all.
    #[error(
        "Storage cannot be used: {detail}. Leave private mode, allow storage, or open with storage \"memory\"."
    )]
    StorageRefused {
        /// What the store said.
        detail: String,
    },
    /// A read or write that failed for another reason.
    #[error("Storage failed while trying to {action}: {detail}. Nothing was changed; try again.")]
    StorageFailed {
        /// What was being done.
        action: &'static str,
        /// What the store said.
        detail: String,
    },
    /// Storage that was there and is no longer: another tab deleted it, or the browser.
    #[error("The knowledge base is no longer open: {why}. Open it again.")]
    StorageClosed {
        /// Who closed it.
        why: &'static str,
    },
    /// Storage that another tab holds up.
    #[error(
        "The knowledge base cannot be {action} while another tab keeps it. Close the tabs that have it open, and try again."
    )]
    StorageBlocked {
        /// What was to be done with it.
        action: &'static str,
    },
    /// The right to write went to another, because this one showed no sign of life.
    #[error("Another tab writes to this knowledge base now. Nothing was changed; try again.")]
    LeaseLost,
    /// Stopped by the caller.
    #[error("Stopped at the caller's wish. Nothing was changed.")]
    Aborted,
    /// Used after `close`.
    #[error("The engine is closed. Open it again.")]
    Closed,
    /// A defect of this crate, met without a panic.
    #[error("Internal error: {detail}. Please report it.")]
    Internal {
        /// What did not hold.
        detail: String,
    },
}

impl Error {
    /// The stable name of this failure, in `snake_case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyDocument { .. } => "empty_document",
            Self::InvalidText { .. } => "invalid_text",
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::TooLarge { .. } => "too_large",
            Self::CorruptModel { .. } => "corrupt_model",
            Self::OutOfMemory { .. } => "out_of_memory",
            Self::HashMismatch { .. } => "hash_mismatch",
            Self::UnsupportedArchitecture { .. } => "unsupported_architecture",
            Self::UnsupportedTokenizer { .. } => "unsupported_tokenizer",
            Self::DownloadFailed { .. } => "download_failed",
            Self::UnreadableFile { .. } => "unreadable_file",
            Self::EmptyQuestion => "empty_question",
            Self::QuestionTooLong { .. } => "question_too_long",
            Self::EmptyKnowledgeBase => "empty_knowledge_base",
            Self::DocumentNotFound { .. } => "document_not_found",
            Self::UnknownOption { .. } | Self::InvalidOption { .. } => "invalid_option",
            Self::EmbedderMismatch { .. } => "embedder_mismatch",
            Self::CorruptStorage { .. } => "corrupt_storage",
            Self::RecordTooNew { .. } => "record_too_new",
            Self::RecordTooOld { .. } => "record_too_old",
            Self::CorruptExport { .. } => "corrupt_export",
            Self::AlreadyExists => "already_exists",
            Self::ImportInProgress => "import_in_progress",
            Self::QuotaExceeded { .. } => "quota_exceeded",
            Self::StorageRefused { .. } => "storage_refused",
            Self::StorageFailed { .. } => "storage_failed",
            Self::StorageClosed { .. } => "storage_closed",
            Self::StorageBlocked { .. } => "storage_blocked",
            Self::LeaseLost => "lease_lost",
            Self::Aborted => "aborted",
            Self::Closed => "closed",
            Self::Internal { .. } => "internal",
        }
    }
}
