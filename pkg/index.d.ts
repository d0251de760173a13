/**
 * Search and question answering over the user's own files, in the page. Nothing leaves
 * the browser: documents, index and models stay on the device, and a Web Worker does all
 * the work.
 *
 * Every failure is a {@link RagError}. A call that fails does not change the knowledge
 * base. An option that a call does not have is refused with `invalid_option`.
 */

// ---------------------------------------------------------------- knowledge base

/**
 * One knowledge base. Calls may overlap, and several tabs may have it open: one tab
 * writes at a time, and no change is lost.
 */
export class Engine {
  private constructor();

  /**
   * Opens a knowledge base, or creates it. The embedder is fetched the first time
   * (about 24 MB for the default one) and taken from the browser's cache after that.
   * Stored documents are not embedded again.
   *
   * When the worker dies (out of memory, a defect), pending calls reject with
   * `"worker_failed"`. The next call starts a new worker and opens the knowledge base
   * again. Documents in `"memory"` storage are lost then.
   *
   * @throws {RagError} `storage_refused`, `storage_blocked`, `storage_failed`,
   * `corrupt_storage`, `record_too_new`, `record_too_old`, `import_in_progress`,
   * `embedder_mismatch`, `reader_mismatch`, `download_failed`, `model_gated`, `unreadable_file`,
   * `hash_mismatch`, `corrupt_model`, `adapter_mismatch`, `unsupported_adapter`,
   * `unsupported_architecture`, `unsupported_tokenizer`,
   * `too_large`, `out_of_memory`, `unsupported_browser`, `invalid_option`,
   * `aborted`, `worker_failed`, `worker_refused`, `version_mismatch`
   */
  static open(options?: OpenOptions): Promise<Engine>;

  /**
   * Creates a knowledge base from a file that {@link Engine.export} wrote, and opens it.
   * Every record is checked; of a damaged file nothing is stored. The file has the
   * vectors, so nothing is embedded.
   *
   * @param file At most 2 GiB.
   * @throws {RagError} `corrupt_export`; `unreadable_file`; `already_exists` where there
   * is a knowledge base of this name; `import_in_progress` where another tab imports into
   * it; `embedder_mismatch` where another embedder made the vectors (`embedAgain` embeds
   * the documents again); `quota_exceeded`, `lease_lost`, `storage_closed`; and the errors
   * of {@link Engine.open}
   */
  static import(file: Blob, options?: OpenOptions): Promise<Engine>;

  /**
   * Deletes a knowledge base and all its documents. Where it is open, in this tab or
   * another, calls reject with `storage_closed` from then on.
   *
   * @param name Default `"default"`; at least one character.
   * @throws {RagError} `storage_blocked`, `storage_refused`, `invalid_option`,
   * `worker_failed`, `worker_refused`, `version_mismatch`, `download_failed`
   */
  static delete(name?: string, options?: StartOptions): Promise<void>;

  /**
   * Adds a file in one of the formats of the README's table: at most 16 MiB of plain text,
   * Markdown or HTML, 128 MiB of the others. Resolves when the document is stored and can
   * be found. Adding the same bytes again changes nothing and resolves with `alreadyAdded`,
   * unless an older reader read them or the file was not kept: then they are read again.
   * Under another name they are a document of their own; what is found in one of them names
   * the others in `alsoIn`.
   *
   * The files within an archive or a mail are added with it, each as a document of its own,
   * or none of them. Those that cannot be read are left out, and named in `warnings`.
   *
   * The readers of most formats are wasm modules of their own: one is fetched when a file
   * first needs it. They run in workers, two at once. A file that takes longer than ten
   * minutes, shows no progress for twenty seconds or needs more than 1 GiB of memory is
   * given up with its worker; questions and other files go on.
   *
   * The first `add` in a page asks the browser to keep the stored data
   * (`navigator.storage.persist()`); some browsers then ask the user.
   *
   * @param source A `File` or `Blob` is read in the worker; bytes and strings
   * are copied once. A string is plain text unless `type` says otherwise.
   * @throws {RagError} `read_only`; `empty_document`, `invalid_text`, `unsupported_format`,
   * `password_required`, `wrong_password`, `damaged_file`, `too_large`, `too_slow`,
   * `download_failed`, `version_mismatch` and `worker_refused` (of a reader), `unreadable_file`, `document_not_found` (with `replaces`),
   * `quota_exceeded`, `storage_failed`, `storage_closed`, `corrupt_storage`,
   * `record_too_new`, `lease_lost`, `invalid_option`, `aborted`, `worker_failed`, `closed`
   */
  add(source: File | Blob | ArrayBuffer | Uint8Array | string, options?: AddOptions): Promise<DocumentInfo>;

  /**
   * Adds many files, or a folder. Three are added at once, so that the next ones are read
   * while one is embedded. A file that fails costs only itself. Resolves to one result for
   * each file, in their order.
   *
   * Each file is copied into the stored queue first, up to 100 files or 64 MiB ahead, and
   * leaves it when it is added or fails. What a reload or a crash interrupts stays there:
   * see {@link Engine.queued}. An abort rejects the call with `"aborted"`: files that were
   * added stay added, and those in the queue stay there.
   *
   * @throws {RagError} `read_only`; `invalid_option`, `storage_closed`, `aborted`, `closed`
   */
  addFiles(files: Iterable<File | FileAtPath>, options?: AddFilesOptions): Promise<FileResult[]>;

  /**
   * The files that wait in the queue, in order, without those that this engine adds now and
   * those that are left to another tab: the one that queued them, or was told of them first,
   * as long as it is open.
   */
  queued(): Promise<QueuedFile[]>;

  /**
   * Adds the files that wait in the queue, as {@link Engine.addFiles} would have done. A
   * password is not stored: a protected file fails with `"password_required"`.
   *
   * @throws {RagError} as {@link Engine.addFiles}
   */
  resumeFiles(options?: FilesOptions): Promise<FileResult[]>;

  /**
   * Discards the files that wait in the queue.
   *
   * @throws {RagError} `read_only`; `storage_failed`, `storage_closed`, `lease_lost`, `worker_failed`, `closed`
   */
  clearQueue(): Promise<void>;

  /** All documents, in the order they were added, members after their container. */
  documents(): Promise<DocumentInfo[]>;

  /**
   * A document's text, without markup. `start` and `end` of passages and citations are
   * offsets into it.
   *
   * @throws {RagError} `document_not_found`, `corrupt_storage`, `record_too_new`
   */
  text(id: string): Promise<string>;

  /**
   * The file that a document was read from, with its name and media type. That of a member
   * is taken out of its container's file, which the password opens where it is protected.
   *
   * @throws {RagError} `document_not_found`, `original_not_kept`, `password_required`,
   * `wrong_password`, `corrupt_storage`, `record_too_new`
   */
  original(id: string, options?: PasswordOptions): Promise<File>;

  /**
   * A picture within the file that a document was read from, such as a figure of a Word file:
   * the one with the number of {@link Place.picture}. The file is read for it again.
   *
   * @throws {RagError} `original_not_kept`, also where there is no such picture, and the other
   * errors of {@link Engine.original}
   */
  picture(id: string, number: number, options?: PasswordOptions): Promise<File>;

  /**
   * Reads a document again from its original, after a reader improved
   * ({@link DocumentInfo.outdated}). It keeps its id and its place in the list. Only chunks
   * whose text changed are embedded.
   *
   * @throws {RagError} `read_only`; `document_not_found`, `original_not_kept`, and the errors of
   * {@link Engine.add}
   */
  reread(id: string, options?: TaskOptions & PasswordOptions): Promise<DocumentInfo>;

  /**
   * Removes a document from storage and from search, with its original and its members. A
   * question that is being answered still uses it. The id of a damaged document is accepted
   * too.
   *
   * @throws {RagError} `read_only`; `document_not_found`, `storage_failed`, `storage_closed`,
   * `lease_lost`, `worker_failed`, `closed`
   */
  remove(id: string): Promise<void>;

  /**
   * Records which passages were good or bad for a question, and learns from it: questions like
   * it find such passages earlier. What is learned is used only where it ranks questions with
   * feedback better that it did not learn from, and from four questions on. Feedback on the same
   * question takes the place of what was said of it before. The last 1,000 questions are kept. A question in a
   * language that the embedder does not know is not recorded.
   *
   * The question is stored as its vector, without its text. Removing or replacing a document
   * removes the feedback that names a passage of it, and `embedAgain` removes all.
   *
   * @throws {RagError} `read_only`; `empty_feedback`, `passage_not_found`, `empty_question`,
   * `question_too_long`, `too_large`, `empty_knowledge_base`, `quota_exceeded`, `storage_failed`,
   * `storage_closed`, `lease_lost`, `invalid_option`, `aborted`, `worker_failed`, `closed`
   */
  feedback(question: string, judged: Judged): Promise<FeedbackStats>;

  /**
   * Removes all feedback, and what was learned from it.
   *
   * @throws {RagError} `read_only`; `storage_failed`, `storage_closed`, `lease_lost`, `worker_failed`, `closed`
   */
  clearFeedback(): Promise<void>;

  /**
   * The best passages for the question, best first, found by meaning (vectors) and by
   * words (BM25). It needs no generator. It returns the best passages even where none is
   * near: only `ask` decides whether they answer the question.
   *
   * Case and accents are ignored. Words also match in their inflected forms where a
   * document is in one of eighteen languages. `photosynth*` matches all words that begin
   * so.
   *
   * @throws {RagError} `empty_question`, `question_too_long`, `too_large`,
   * `empty_knowledge_base`, `storage_failed`, `storage_closed`, `invalid_option`,
   * `aborted`, `worker_failed`, `closed`
   */
  search(question: string, options?: SearchOptions): Promise<Passage[]>;

  /**
   * The pictures that are most like a picture, best first: each is the passage in which it stands,
   * with the cosine of both vectors as `picture.score`. Needs {@link Models.image}.
   *
   * @throws {RagError} `no_image_encoder`, `unsupported_format`, `empty_document` (an icon, a rule
   * or a picture of one colour), `damaged_file`, `too_large`, `unreadable_file`, `empty_knowledge_base`,
   * `storage_failed`, `storage_closed`, `invalid_option`, `aborted`, `worker_failed`, `closed`
   */
  search(picture: ImageQuery, options?: SearchOptions): Promise<Passage[]>;

  /**
   * The passages whose vectors are nearest to a vector, nearest first; `scores.dense` and `score` are the cosine. Words do
   * not count.
   *
   * @throws {RagError} `invalid_option` for a vector that is none of the embedder's, `empty_knowledge_base`,
   * `storage_failed`, `storage_closed`, `aborted`, `worker_failed`, `closed`
   */
  search(vector: VectorQuery, options?: SearchOptions): Promise<Passage[]>;

  /**
   * Answers from the documents alone. Events come in this order: `passages` once;
   * `corrections`, `table` and `answer` where there are any; `quote` for each of the best sentences,
   * 3 at most; `image` for each picture that is shown; `text` while the answer is written, with
   * `citation` or `unsupported` after each sentence; `end` once, last. The generator is loaded at the first answer that needs it.
   *
   * The work begins at the first `next()`. Leaving the loop cancels it. An abort ends the
   * answer with an `end` event of reason `"aborted"` and throws nothing.
   *
   * @throws {RagError} while iterating: `empty_question`, `question_too_long`,
   * `too_large`, `empty_knowledge_base`, `storage_failed`, `storage_closed`,
   * `invalid_option`, `already_read`, `worker_failed`, `closed`, the errors of
   * {@link Engine.loadGenerator}, and `generator_failed` of a generator of the page
   */
  ask(question: string, options?: AskOptions): AsyncIterableIterator<AskEvent>;

  /**
   * The tables of all documents: those of CSV, spreadsheets, databases, pages, texts and lists of records that have a
   * header and a row, or several rows of as many cells. The first call after documents were added reads each of them; later ones cost nothing.
   *
   * @throws {RagError} `storage_failed`, `storage_closed`, `worker_failed`, `closed`
   */
  tables(): Promise<TableInfo[]>;

  /**
   * Rows of a table, as they are written in its document, in the document's order or sorted by a column.
   *
   * @throws {RagError} `table_not_found`, `invalid_option`, `storage_failed`, `storage_closed`, `worker_failed`, `closed`
   */
  tableRows(name: string, options?: TableRowsOptions): Promise<TableRows>;

  /**
   * Runs one SELECT over the tables, in the SQL of SQLite. Each table is there by its `name`, each column by its
   * header, with values of the column's type: numbers as numbers, 12.5 % as 12.5, dates as `"2026-03-31"`, yes and no as
   * 1 and 0. Empty cells are NULL; in columns that are not text, so are `-`, `–`, `—`, `?`, `NA`, `N/A` and `null`. A cell
   * that is not of its column's type stays a text. A last row of totals ("Total", "Summe") is no row here, so that no sum
   * counts twice.
   *
   * Nothing else can be read, and nothing written: the tables are copies in memory, in a worker of their own that is
   * ended when the query takes too long.
   *
   * @throws {RagError} `invalid_query` for what is no SELECT over the tables; the message says what to change;
   * `too_slow`; `too_large` for a query that needs more memory than there is; `invalid_option`; `aborted`;
   * `download_failed`, `version_mismatch` and `worker_refused` of the module that runs it; `tables_lost`; `storage_failed`,
   * `storage_closed`, `worker_failed`, `closed`
   */
  query(sql: string, options?: QueryOptions): Promise<QueryResult>;

  /**
   * Another generator writes from the next question on; none with `null`: then `ask` gives
   * quotes only. It is fetched and loaded when it is first needed. A running answer ends with
   * the generator that it began with, and the memory of that one is freed then. Of a generator of the page nothing is
   * loaded, and {@link Stats} says that it is.
   *
   * @throws {RagError} `invalid_option`, `worker_failed`, `closed`
   */
  useGenerator(source: GeneratorSource | MessageGenerator | null): Promise<void>;

  /**
   * Fetches and loads the generator now instead of at the first answer (about 100 MB for
   * the default one). Does nothing in an engine without a generator.
   *
   * @throws {RagError} the errors of {@link Engine.open} about models
   */
  loadGenerator(options?: TaskOptions): Promise<void>;

  /**
   * The whole knowledge base as one file: documents with their metadata, vectors and
   * terms, but no models. Its size is that of the texts and about 600 bytes for each
   * chunk.
   *
   * @throws {RagError} `corrupt_storage` where a document cannot be read,
   * `unwritable_file`, `aborted`
   */
  export(options?: TaskOptions): Promise<Blob>;

  /** What the engine uses: instructions, memory, storage, models. */
  stats(): Promise<Stats>;

  /**
   * Ends the worker and frees all memory. Running calls, and all later ones, reject with
   * `"closed"`.
   */
  close(): Promise<void>;
}

/** Options of every call that can take long. */
export interface TaskOptions {
  /** Called after each step of the work. Default: none. */
  onProgress?: (progress: Progress) => void;
  /**
   * Cancels the work at its next step. The call then rejects with `"aborted"`, and
   * nothing has changed. After the last step it has no effect: the call resolves.
   * Default: none.
   */
  signal?: AbortSignal;
}

/**
 * Where the package's files are, and how its workers start. A page that serves the package from its own origin, or that a
 * bundler builds, needs none of these.
 */
export interface StartOptions {
  /**
   * The address of the package's `worker.js`, or of a script that a bundler made of it, relative to the page. The workers
   * that it starts are beside it. Default: beside the package's other scripts, or where the bundler put it.
   */
  workerUrl?: string | URL;
  /**
   * The address of the folder with the package's wasm modules, relative to the page: they are there as in the package's
   * `wasm/`, those that read files below `readers/`. Another origin has to allow this one (CORS). Default: beside the
   * scripts, or where the bundler put them.
   */
  wasmUrl?: string | URL;
  /**
   * Makes the worker itself, of the script at `url`; for a page that requires Trusted Types, or that has a worker of its
   * own which imports `multimodal-rag/worker.js`. It is called again when a worker died. The workers that this worker
   * starts are made by it, of the scripts beside its own: they cannot call a function of the page. Where those are of
   * another origin, `crossOrigin` is needed too. Default: `new Worker(url, options)`.
   */
  spawn?: (url: URL, options: WorkerOptions) => Worker;
  /**
   * What to do where a worker's script is of another origin, as from a CDN: browsers start no such worker. `"blob"`: each
   * worker starts from a small Blob of this origin, which imports the script. The other origin has to allow this one
   * (CORS). A Content-Security-Policy has to allow `blob:` in `worker-src`, and the other origin in `script-src` and
   * `connect-src`. `"refuse"`: reject with `"worker_refused"`. Default `"refuse"`.
   */
  crossOrigin?: "refuse" | "blob";
}

/** Options of reading a file that is stored. */
export interface PasswordOptions {
  /** The password of a protected file. It is not stored. Default: none. */
  password?: string;
}

/** Options of loading a model. */
export interface LoadOptions extends TaskOptions, StartOptions {
  /**
   * How many cores may be used: a whole number from 1 to 16, or `"auto"`: as many as the
   * browser reports, 4 at most, and one where it reports none. Default `"auto"`. Results
   * are the same to the bit with any number.
   *
   * On a cross-origin isolated page these are threads, which share every computation. On
   * any other page they are embed workers, which embed while a file is added and in
   * `Embedder.embed`; answers are written on one core. Another embed worker starts for
   * each 16 texts to embed, loads the same embedder without fetching it again, and ends
   * after half a minute without work. Each takes the memory of a module with the
   * embedder: about 75 MB with the default one.
   */
  threads?: "auto" | number;
  /**
   * The hub of models that are given by a {@link HubName}: an address, relative to the page.
   * It has the API of Hugging Face's hub and answers other origins (CORS). Default
   * `"https://huggingface.co"`.
   */
  hubUrl?: string;
}

export interface OpenOptions extends LoadOptions {
  /**
   * Name of the knowledge base, which is one IndexedDB database. At least one character.
   * Default `"default"`.
   */
  name?: string;
  /** The models to use. Default: `embedder`, `generator`, `answerReader`, `image` and `ocr` of the file at `modelsUrl`. */
  models?: Models;
  /**
   * The address of the file that names the models where `models` does not, relative to the page. Addresses in it are
   * relative to it. Default `"models.json"`.
   */
  modelsUrl?: string | URL;
  /**
   * The file of a knowledge base that `multimodal-rag build` or {@link Engine.export} made, to read. It is fetched once,
   * checked by its SHA-256 and kept in the browser's cache; a page that names another hash gets the new file. It must be
   * made with the same embedder. What would change it rejects with `"read_only"`. It lies in memory, whatever `storage` says.
   * Default: none.
   */
  source?: ModelSource;
  /**
   * Knowledge bases that the site ships, searched beside this one: each a name, which results have as `shipped`, and a
   * file as for `source`. They are not written to its storage. A file is fetched once, checked by its SHA-256 and kept in the
   * browser's cache; one of another hash takes its place. They must be made with the same embedder. What would change
   * one of their documents rejects with `"read_only"`; a document that was added here as well is that one. Default: none.
   */
  shipped?: ShippedKnowledgeBase[];
  /**
   * Where documents are stored. `"persistent"`: in IndexedDB; the call rejects with
   * `"storage_refused"` where the browser refuses that. `"memory"`: they are lost when
   * the page or the worker ends. `"auto"`: in IndexedDB, or in memory where the browser
   * refuses that; {@link Stats.storage} tells which, and why. Default `"auto"`.
   */
  storage?: "auto" | "persistent" | "memory";
  /**
   * How vectors are searched. `"auto"`: in the fastest way, by the benchmark; it builds
   * no graphs. `"exact"`: all vectors are compared. `"graph"`: by HNSW graphs
   * (instant-distance). A separate worker builds a graph for each segment of at least
   * 512 chunks, in about a second for 5,000 chunks. Graphs are stored, and read again
   * when the knowledge base is opened. All vectors are compared until a graph exists;
   * {@link Stats.vectorIndex} tells what is used. Default `"auto"`.
   */
  vectorIndex?: "auto" | "exact" | "graph";
  /**
   * What to do where another embedder made the vectors. `true`: embed all documents
   * again, which takes as long as adding them; when it is cancelled, nothing has changed.
   * `false`: reject with `"embedder_mismatch"`. Default `false`.
   */
  embedAgain?: boolean;
}

/** A knowledge base that a site ships. */
export interface ShippedKnowledgeBase {
  /** What results call it. Each has another name. */
  name: string;
  /** The file that `multimodal-rag build` or {@link Engine.export} made. It lies in memory while the engine is open. */
  source: ModelSource;
}

export interface Models {
  /**
   * Turns texts into vectors. A knowledge base opens only with the embedder that it was
   * made with.
   */
  embedder: EmbedderSource;
  /** Writes answers. Default: none; `ask` then returns passages and quotes only. */
  generator?: GeneratorSource | MessageGenerator;
  /**
   * Finds the answer in a few words, and judges which sentences of a written answer are
   * supported: an adapter of the embedder, about 4 MB. It belongs to one embedder; another one
   * rejects with `"reader_mismatch"`. Default: none; `ask` then emits no `answer`, and ranks
   * passages and judges sentences by words and vectors only. So it does where the file cannot
   * be fetched.
   */
  answerReader?: ModelSource;
  /**
   * Finds pictures by what they show: an image encoder (CLIP, SigLIP or MobileCLIP), packed by
   * `multimodal-rag quantize`; 150 MB for CLIP ViT-B/32, which is loaded when the knowledge base is
   * opened. Pictures that were added without it get their vectors by {@link Engine.reread}.
   * Default: none; pictures are then found by their words only. So they are where the file cannot
   * be fetched.
   */
  image?: ModelSource;
  /**
   * Reads the words in pictures. The files are fetched when the first picture is added. Default:
   * none; pictures are then found by their names, titles and descriptions only. So they are where
   * a file cannot be fetched, with a warning.
   */
  ocr?: OcrSource;
}

/**
 * PP-OCR's models as ONNX files, and the characters that they know. The tiny ones of PP-OCRv6, 6
 * MB, read Latin letters with accents, Chinese and Japanese; the small ones, 31 MB, read more.
 */
export interface OcrSource {
  /** Finds lines of text. */
  detection: ModelSource;
  /** Reads a line. */
  recognition: ModelSource;
  /** A JSON list of characters, or a text with one a line. */
  characters: ModelSource;
}

/** One file that holds a whole model: weights, configuration and tokenizer. */
export type ModelSource = ModelAddress | HubName | ModelFile | ModelBytes;

/**
 * A model by its name on a model hub: `"hub:owner/repository/file"`, where the file may be in
 * folders, or `"hub:owner/repository/file@revision"` with a branch, a tag or a commit. The
 * default revision is `main`. The hub is that of {@link LoadOptions.hubUrl}.
 *
 * At the first use the hub is asked which commit the revision is, and which size and SHA-256
 * the file has there. These are pinned in the browser's cache, beside the file. From then on
 * the same file is used, without asking the hub, whatever becomes of the branch. Another
 * revision in the name is another model. Files that are not in Git LFS have no SHA-256 there,
 * and are refused with `"invalid_option"`. Gated and private ones are refused with
 * `"model_gated"`.
 */
export type HubName = `hub:${string}`;

/**
 * A model that is fetched once, checked, and kept in the browser's cache, if there is space.
 * Where the connection breaks, the download goes on with the bytes that are missing, six
 * tries in all. The generator's {@link GeneratorStats.local} tells whether it is there.
 */
export interface ModelAddress {
  /** Its address, relative to the page (in `models.json`: to that file). */
  url: string;
  /** Tried in turn when `url` fails. Default: none. */
  mirrors?: string[];
  /** SHA-256 of the file, 64 hexadecimal digits. A file with another hash is refused. */
  sha256: string;
  /** Size of the file in bytes, at most 2 GiB. */
  size: number;
}

/**
 * A model that the user chose, or that the page has as a Blob, at most 2 GiB. The worker
 * reads it piece by piece.
 */
export interface ModelFile {
  file: Blob;
}

/** A model in memory. It is copied once on the page's thread: prefer `file` for large ones. */
export interface ModelBytes {
  data: Uint8Array;
}

/** A generator: a GGUF file, or one with adapters. */
export type GeneratorSource = ModelSource | AdaptedGenerator;

/** A generator with LoRA adapters beside it. Its own weights stay as they are. */
export interface AdaptedGenerator {
  /** The generator, a GGUF file. */
  model: ModelSource;
  /** At most 16. Each text can choose their scales ({@link GenerateOptions.adapters}). Default: none. */
  adapters?: GeneratorAdapter[];
}

/**
 * A LoRA adapter: pairs of matrices with a rank of 512 at most, which are added to those of the
 * generator that it was trained for. Another generator rejects with `"adapter_mismatch"`; an
 * adapter that is more (DoRA, biases, whole modules, token embeddings) with
 * `"unsupported_adapter"`. It takes 4 bytes of memory for each of its numbers.
 */
export interface GeneratorAdapter {
  /** A GGUF file, as `convert_lora_to_gguf.py` of llama.cpp writes it, or the two files of PEFT. */
  source: ModelSource | AdapterFiles;
  /**
   * The strength in texts that choose none, from -100 to 100: 1 is that of the training, 0 off.
   * Default 1.
   */
  scale?: number;
}

/** An adapter as PEFT writes it. */
export interface AdapterFiles {
  /** `adapter_model.safetensors` */
  weights: ModelSource;
  /** `adapter_config.json` */
  config: ModelSource;
}

/** An embedder: one packed file, or its original files. */
export type EmbedderSource = ModelSource | OriginalFiles;

/**
 * An encoder of the BERT family as it was published. It is quantized to 8 bits while it
 * is loaded. The embedder, its fingerprint included, is the same as from the file that
 * `multimodal-rag quantize` makes with the same options. That file has a quarter of the
 * bytes, and loading it saves the second or two that quantizing takes each time.
 */
export interface OriginalFiles {
  /** `model.safetensors` */
  weights: ModelSource;
  /** `config.json` */
  config: ModelSource;
  /** `tokenizer.json` */
  tokenizer: ModelSource;
  /** How to use the model, which these files do not tell. */
  options?: EmbedderOptions;
}

export interface EmbedderOptions {
  /**
   * How the states of a text's tokens become one vector: `"mean"` is their mean (MiniLM,
   * e5, gte), `"cls"` the state of the first token (bge). Default `"mean"`.
   */
  pooling?: "mean" | "cls";
  /** Text before each question, such as `"query: "` for e5. Default: none. */
  queryPrefix?: string;
  /** Text before each passage, such as `"passage: "` for e5. Default: none. */
  passagePrefix?: string;
  /** Tokens of a text that are read, from 16 to the model's number of positions. Default 256. */
  maxTokens?: number;
}

export interface AddOptions extends TaskOptions {
  /**
   * Name in lists and citations. Its ending decides the format where `type` does not.
   * Default: the file's own name, else `"untitled.txt"`, or `"untitled"` where a type is
   * known.
   */
  name?: string;
  /** Media type, such as `"text/markdown"`. Default: the Blob's own, else it follows from the name. */
  type?: string;
  /** Stored with the document, returned by `documents()`, and compared by `where`. Default: none. */
  metadata?: Metadata;
  /**
   * The id of a document that this one replaces, in one step. Only chunks whose text is
   * not in the old document are embedded. Default: none.
   */
  replaces?: string;
  /** The password of a protected file. It is not stored. Default: none. */
  password?: string;
  /**
   * Whether the file itself is stored beside its text. `"keep"`: {@link Engine.original} and
   * {@link Engine.reread} need it; where the storage has no space for it, the document is
   * added without it, and `warnings` says so. `"drop"`: only the text is stored.
   * Default `"keep"`.
   */
  original?: "keep" | "drop";
  /**
   * What to do where a document has the same name. `"add"`: both stay. `"replace"`: the new
   * one replaces it, as with `replaces`. Default `"add"`.
   */
  sameName?: "add" | "replace";
  /**
   * The vector of all its chunks, which you made: nothing is embedded. As many numbers as {@link Embedder.dimensions}.
   * It stays with chunks of the same text, also where the document is read again or replaced; `embedAgain` computes the
   * engine's own. A file that is there already keeps what it has. Default: each chunk is embedded.
   */
  vector?: Float32Array;
}

/** A file with its path, such as one of a dropped folder. */
export interface FileAtPath {
  /** Its name in lists and citations: `"notes/2024/plan.md"`. */
  path: string;
  file: File | Blob;
  /** The password of this file. It is not stored. Default: that of the option `passwords`. */
  password?: string;
}

/** Options of calls that add many files. */
export interface FilesOptions {
  /** Called as the work goes on. Default: none. */
  onProgress?: (progress: FilesProgress) => void;
  /** Called with the result of each file, as soon as there is one. Default: none. */
  onFile?: (result: FileResult) => void;
  /** Ends the call. Default: none. */
  signal?: AbortSignal;
}

export interface AddFilesOptions extends FilesOptions {
  /**
   * Passwords of protected files, by the file's name. They are not stored. Of files with
   * the same name, each can have its own: see {@link FileAtPath.password}. Default: none.
   */
  passwords?: Record<string, string>;
  /** As in {@link AddOptions}, for all files. Default `"keep"`. */
  original?: "keep" | "drop";
  /**
   * As in {@link AddOptions}, for all files. Default: `"replace"` for files whose name is a
   * path, those of a folder, and `"add"` for the others.
   */
  sameName?: "add" | "replace";
  /** As in {@link AddOptions}, for all files. Default: none. */
  metadata?: Metadata;
}

/** The progress of many files as one. */
export interface FilesProgress {
  /** Files that are added or failed. */
  files: number;
  totalFiles: number;
  /** Bytes of these files, and an estimate for those that are being added. */
  bytes: number;
  totalBytes: number;
  /** Estimated milliseconds until all are added; absent before the first step. */
  etaMs?: number;
  /** The name of the file that the last step was made with. */
  name: string;
}

/** What became of one file of many. */
export interface FileResult {
  /** The path of a file of a folder (`webkitRelativePath`, or the given one), else its name. */
  name: string;
  /** The file that was given: names may repeat. Absent in {@link Engine.resumeFiles}. */
  file?: File | Blob;
  /**
   * `added`: it is new. `replaced`: it took the place of a document with the same name.
   * `unchanged`: the same bytes were there. `failed`: see `error`.
   */
  status: "added" | "replaced" | "unchanged" | "failed";
  /** Absent where it failed. */
  document?: DocumentInfo;
  /** Why it failed, and what to do; otherwise absent. */
  error?: RagError;
}

/** A file that waits in the queue. */
export interface QueuedFile {
  /** Its number in the queue. */
  number: number;
  name: string;
  /** Size of the file. */
  bytes: number;
}

/** What the page stores about a document: values that JSON can hold. */
export type Metadata = Record<string, MetadataValue>;
export type MetadataValue =
  | string
  | number
  | boolean
  | null
  | MetadataValue[]
  | { [name: string]: MetadataValue };

/**
 * Which documents are searched, by their metadata. All entries must hold:
 * `{ project: "x", year: { gte: 2000 } }`.
 *
 * A name with dots (`"author.name"`) that is not an entry itself is an entry of an entry.
 * A condition holds for a list if it holds for one element. `null` matches null and
 * missing entries. At most 1,000 conditions.
 */
export type Where = { and: Where[] } | { or: Where[] } | { not: Where } | { [name: string]: Condition };

/** An equal value, one of several values, or a range of numbers or of strings. */
export type Condition =
  | string
  | number
  | boolean
  | null
  | {
      in?: (string | number | boolean | null)[];
      gt?: number | string;
      gte?: number | string;
      lt?: number | string;
      lte?: number | string;
    };

/** The passages that feedback names, by their {@link Passage.chunkId}; at least one in all. */
export interface Judged {
  /** Passages that answer the question, 100 at most. Default: none. */
  good?: string[];
  /** Passages that do not, 100 at most. Default: none. */
  bad?: string[];
  /** Cancels the call, which then rejects with `"aborted"`. Default: none. */
  signal?: AbortSignal;
}

/**
 * A generator of the page: the browser's own, one of another library, a service that the page asks. It runs where it
 * runs; retrieval, quotes, checks and citations stay those of the engine. `multimodal-rag/generators` has ready ones.
 * {@link AskOptions.contextBound} and {@link AskOptions.adapters} cannot be used with it.
 */
export interface MessageGenerator {
  /**
   * The text that answers the messages, in pieces, as it is written. An abort, and a loop that is left, end the work. What
   * it throws ends the answer with `generator_failed`.
   */
  generate(messages: Message[], options?: MessageOptions): AsyncIterable<string>;
  /** Tokens that it reads and writes at most: how much of the passages it is told depends on it. Default 4096. */
  readonly contextLength?: number;
}

export interface MessageOptions {
  /** Ends the work. Default: none. */
  signal?: AbortSignal;
  /** Tokens to write at most. Default: as many as the model writes. */
  maxTokens?: number;
  /** 0 takes the likeliest token each time. Default: the model's own. */
  temperature?: number;
}

/** A vector to search with. */
export interface VectorQuery {
  /** As many numbers as {@link Embedder.dimensions} of the embedder, of any length but 0. */
  vector: Float32Array;
}

/** A picture to search with. */
export interface ImageQuery {
  /** A picture of any format that can be added. */
  image: File | Blob | ArrayBuffer | Uint8Array;
}

export interface SearchOptions {
  /** Passages to return at most, from 1 to 100. Default 5. */
  limit?: number;
  /** Which documents to search. Default: all. */
  where?: Where;
  /** Cancels the search, which then rejects with `"aborted"`. Default: none. */
  signal?: AbortSignal;
}

export interface AskOptions extends Sampling {
  /** Tokens to write at most; 0 for passages and quotes only. Default 200. */
  maxTokens?: number;
  /**
   * Passages to answer from at most, from 1 to 20. Default 3. The answer about a document as a
   * whole ("Which sections does it have?") is of as many places as it takes.
   */
  limit?: number;
  /** Which documents to answer from. Default: all. */
  where?: Where;
  /**
   * What is done with a written sentence that no passage supports. `"hide"`: "…" takes its
   * place, and the text comes sentence by sentence, once each is judged. `"mark"`: the text
   * comes as it is written, and is marked afterwards. Default `"hide"`.
   */
  unsupported?: "hide" | "mark";
  /**
   * Holds the written text to words of the passages and of the question: all other tokens
   * become four hundred times less likely. Default false.
   */
  contextBound?: boolean;
  /**
   * The questions asked before, oldest first, with the texts of their quotes and the written
   * answers. A follow-up question, which says "it" or is only a part ("And in Oslo?"), is
   * completed by the words of the last one. The generator is told of the last ones, as far as
   * they fit into 96 to 192 tokens. Default: none.
   */
  history?: { question: string; quotes?: string[]; answer?: string }[];
  /** The scales of the generator's adapters, as in {@link GenerateOptions.adapters}. */
  adapters?: number[];
  /** Called while the generator is fetched and loaded, and while it reads the passages. Default: none. */
  onProgress?: (progress: Progress) => void;
  /** Ends the answer at its next step, with an `end` event. Default: none. */
  signal?: AbortSignal;
}

/** How tokens are chosen. */
export interface Sampling {
  /**
   * From 0 to 10. 0 takes the likeliest token each time; a higher value makes the odds
   * more even. Default 0.
   */
  temperature?: number;
  /** Chooses among this many likeliest tokens, at least 1. No effect at temperature 0. Default: all. */
  topK?: number;
  /**
   * Chooses among the likeliest tokens that together have this probability, above 0 and
   * at most 1. No effect at temperature 0. Default: all.
   */
  topP?: number;
  /**
   * Seed of the random numbers, a whole number from 0 to 2^53 - 1: the same seed and input
   * give the same text. No effect at temperature 0. Default 0.
   */
  seed?: number;
}

// ---------------------------------------------------------------- results

export interface Progress {
  /**
   * `download`: bytes of a model from the network. `load`: bytes of a model file that were
   * checked, then the model's layers; also bytes of a file to import, and segments that are
   * read from storage. `parse`, `embed` and `index`: a document that is added; `parse` in the
   * parts of its file, `embed` also documents that are embedded again, `index` also documents
   * that are exported. `read`: the generator reads passages and question before it writes.
   */
  stage: "download" | "load" | "parse" | "embed" | "index" | "read";
  /** Work done in this stage, in `unit`. */
  done: number;
  /** All work of this stage, in `unit`. */
  total: number;
  unit:
    | "bytes"
    | "layers"
    | "documents"
    | "segments"
    | "chunks"
    | "tokens"
    | "pages"
    | "pictures"
    | "slides"
    | "sheets"
    | "members"
    | "files"
    | "cells"
    | "entries"
    | "messages"
    | "lines";
  /** Estimated milliseconds until this stage ends; absent before its first step. */
  etaMs?: number;
}

export interface DocumentInfo {
  /** Computed from format and bytes: the same file has the same id everywhere. */
  id: string;
  name: string;
  /** Media type as which it was read. */
  type: string;
  /** Size of the file. */
  bytes: number;
  /** The number of chunks, the parts that are searched. */
  chunks: number;
  /** Milliseconds since 1970. */
  addedAt: number;
  metadata: Metadata;
  /** Whether the same bytes were stored before this `add`. */
  alreadyAdded: boolean;
  /** The title that the file gives itself; absent where it gives none. */
  title?: string;
  /** Who wrote it, as far as the file says. */
  authors: string[];
  /** When it was written or changed last: a date of ISO 8601, or as the file has it; absent where it says nothing. */
  date?: string;
  /**
   * Its language as a tag of BCP 47, such as `"pt-BR"`: as the file states it, otherwise as
   * recognized from its text; absent where neither tells.
   */
  language?: string;
  /** How many pages, slides or sheets it has; absent for other kinds of files. */
  pages?: number;
  /** The encoding of its text, such as `"windows-1252"`; absent where it is UTF-8, and for files that are no text. */
  encoding?: string;
  /** The format as which it was read, such as `"PDF"`; empty in documents of older versions. */
  reader: string;
  /** The version of the reader that read it. */
  readerVersion: number;
  /** Whether there is a newer version of its reader: {@link Engine.reread}. */
  outdated: boolean;
  /** What could not be read of it, or was left out: sentences for people. */
  warnings: string[];
  /** The id of the archive or mail that it is a member of; absent for other documents. */
  container?: string;
  /** Its path in the container, with `/` between folders; absent for other documents. */
  path?: string;
  /** Whether {@link Engine.original} has its file. */
  hasOriginal: boolean;
  /** The ids of its members, where it is a container; otherwise absent. */
  members?: string[];
  /** The name of the shipped knowledge base that it is in; absent for documents of one's own. */
  shipped?: string;
}

/**
 * Where a part of a document is, as a person says it. What a format does not have is
 * absent. Numbers count from 1.
 */
export interface Place {
  /** The page. */
  page?: number;
  /** The last page, where the part ends on another one. */
  lastPage?: number;
  /** The label that is printed on the page, where it is not its number: `"xii"`. */
  pageLabel?: string;
  slide?: number;
  /** The name of the sheet. */
  sheet?: string;
  /** Cells of the sheet: `"B4:D9"`, or `"B4"`. */
  cells?: string;
  /** The first and the last row of a table, or entry of a list of records. */
  rows?: [number, number];
  /** The first and the last line of the file. */
  lines?: [number, number];
  /** The message of a mailbox or a chat: `"3 May 2025, R. Okafor"`. */
  message?: string;
  /** When it is said or shown: start and end in milliseconds. */
  time?: [number, number];
  /** The chapter of a book, or the function or class of source code. */
  section?: string;
  /** Where it is on the page or the picture. */
  area?: Area;
  /** Where its words were read in a picture: how surely, from 0 to 1. */
  sureness?: number;
  /**
   * The number of the picture within the file that the words were read in, or that they
   * describe: {@link Engine.picture} returns it. `area` is on the page where there is one, and
   * otherwise in this picture.
   */
  picture?: number;
  /** The path of the document in its archive or mail. */
  path?: string;
}

/** A rectangle of a page or a picture: shares of its width and height, from 0 to 1, from the top left corner. */
export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * A found part of a document: one chunk, or up to three consecutive ones. Passages with the
 * same words are one; versions of a text, which differ in some words, follow each other, the
 * newest first unless the question has a number. `start` and `end` are UTF-16 offsets into
 * `Engine.text(documentId)`.
 */
export interface Passage {
  documentId: string;
  documentName: string;
  /** Its best chunk. */
  chunkId: string;
  /** The headings above it, joined by " > "; empty where there are none. */
  headings: string;
  text: string;
  start: number;
  end: number;
  /** Where it is in the file; absent where nothing is known. */
  place?: Place;
  /** The same for people: `"page 12"`, `"sheet Q3, B4:D9"`. */
  placeText?: string;
  /** The fused score, which orders the passages of one question. Scores of two questions cannot be compared. */
  score: number;
  /**
   * The scores that are fused: the cosine of passage and question, and BM25. Rows of a table of more
   * than 1,000, which are not embedded, have the cosine of the table's description.
   */
  scores: { dense: number; lexical: number };
  /** The names of other documents that have the same text. */
  alsoIn: string[];
  /** The name of the shipped knowledge base that it is in; absent for documents of one's own. */
  shipped?: string;
  /** The likeliest picture in it that the question, or the picture that was searched with, belongs to. */
  picture?: PassagePicture;
}

/** A picture that was found by what it shows. */
export interface PassagePicture {
  /** The probability that the question belongs to it, 0.5 to 1; of a search with a picture, the cosine. */
  score: number;
  /** Its number, for {@link Engine.picture}; absent where it is the whole file or a page. */
  number?: number;
  /** What the file says of it. */
  caption: string;
  /** A small JPEG. */
  thumbnail: Uint8Array;
  width: number;
  height: number;
}

/** The source of a statement. `start` and `end` are UTF-16 offsets into `Engine.text(documentId)`. */
export interface Citation {
  /** The number of its passage in the `passages` of this answer, from 1. */
  number: number;
  documentId: string;
  documentName: string;
  chunkId: string;
  start: number;
  end: number;
  /** Where it is in the file; absent where nothing is known. */
  place?: Place;
  /** The same for people: `"page 12"`, `"sheet Q3, B4:D9"`. */
  placeText?: string;
  /** The headings above it, joined by " > "; empty where there are none. */
  headings: string;
  /** `(await engine.text(documentId)).slice(start, end)` */
  text: string;
  /** The name of the shipped knowledge base that it is in; absent for documents of one's own. */
  shipped?: string;
}

/** A table of a document. */
export interface TableInfo {
  /** Its name in SQL: of one table only, whatever is added later. */
  name: string;
  documentId: string;
  documentName: string;
  /** Its caption, or the heading above it, such as the name of its sheet; empty without one. */
  title: string;
  /** At most 2,000: those after them are in no row, and not in SQL. */
  columns: TableColumn[];
  /** How many rows it has, without its header; a last row of totals is among them. */
  rows: number;
  /** Where it begins in the file; absent where nothing is known. */
  place?: Place;
  /** The same for people. */
  placeText?: string;
}

export interface TableColumn {
  /** Its name in SQL: its header, or `column_3` where there is none. */
  name: string;
  /** What most of its cells are. Cells of a column of numbers or dates that are something else stay texts. */
  type: "integer" | "decimal" | "money" | "percent" | "date" | "boolean" | "text";
  /** The unit that all its numbers have, such as `"km"` or `"€"`; absent without one. */
  unit?: string;
}

export interface TableRowsOptions {
  /** The first row, from 0. Default: 0. */
  start?: number;
  /** The most rows. Default: 100; at most 1,000. */
  limit?: number;
  /** The name of the column by which rows are sorted; empty cells come last. Default: the order of the document. */
  orderBy?: string;
  /** Whether the largest comes first. Default: false. */
  descending?: boolean;
}

export interface TableRows {
  rows: {
    /** Its number in the table, from 0. */
    row: number;
    /** The cells as they are written, one a column. White space in them is one space. */
    cells: string[];
  }[];
  /** Rows of the whole table. */
  total: number;
}

/** A value of a result. An integer that a number cannot hold exactly is a bigint. */
export type SqlValue = string | number | bigint | null;

export interface QueryOptions {
  /** The values of `?1`, `?2`, … in the query, one for each. Whole numbers are integers, others reals. Default: none. */
  params?: SqlValue[];
  /** The most rows of the result. Default: 1,000; at most 100,000. */
  limit?: number;
  /**
   * Milliseconds after which the query is ended, from when it runs: not while it waits for another, or for its tables to
   * be loaded. Default: 10,000; from 1 to 600,000.
   */
  timeout?: number;
  /** Ends the query, which rejects with `"aborted"`. Default: none. */
  signal?: AbortSignal;
}

export interface QueryResult {
  columns: string[];
  rows: SqlValue[][];
  /** Whether there are more rows than `limit`. */
  truncated: boolean;
  /**
   * For each row of the result, the rows of tables that it was computed from. Empty where that is not known: for
   * UNION, nested queries and the like.
   */
  sources: RowSource[][];
  /** The cells that the first rows of the result were computed from, at most 1,000. */
  citations: CellCitation[];
}

/**
 * A result as CSV (RFC 4180), for spreadsheets: lines end with CR LF, null is an empty field, a record of one empty
 * field is `""`. Texts with commas, semicolons, tabs, quotes or line ends are in quotes.
 *
 * No spreadsheet takes a text for a formula: `=`, `+`, `-`, `@`, or one of them in double width, gets an apostrophe
 * before it at the start of the text and after each `;`, tab or line end in it, where spreadsheets of some locales begin
 * another cell. Spaces, quotes and control characters may stand between. A tab or a line end at the start gets one too.
 * Numbers, and texts that are a plain number (`-5`, `+3.2`), stay as they are.
 */
export function toCsv(columns: string[], rows: SqlValue[][]): string;

/** Rows of one table. */
export interface RowSource {
  /** The name of the table. */
  table: string;
  /** Their numbers, from 0, ascending: the first 1,000. */
  rows: number[];
  /** How many there are. */
  rowCount: number;
  /**
   * The columns of the table that the row of the result names, all for `*`. Where it names none, as for `COUNT(*)`, those
   * of the condition.
   */
  columns: string[];
}

/** A cell of a table of a document. */
export interface CellCitation {
  /** The name of the table. */
  table: string;
  /** The number of its row in the table, from 0. */
  row: number;
  /** The name of its column. */
  column: string;
  documentId: string;
  documentName: string;
  start: number;
  end: number;
  /** Where its row is in the file; absent where nothing is known. */
  place?: Place;
  /** The same for people: `"sheet Q3, row 5"`. */
  placeText?: string;
  /** `(await engine.text(documentId)).slice(start, end)` */
  text: string;
  /** The name of the shipped knowledge base that it is in; absent for documents of one's own. */
  shipped?: string;
}

export type AskEvent =
  | PassagesEvent
  | CorrectionsEvent
  | TableEvent
  | AnswerEvent
  | QuoteEvent
  | ImageEvent
  | TextEvent
  | CitationEvent
  | UnsupportedEvent
  | EndEvent;

/** The passages that were found. The first event. */
export interface PassagesEvent {
  type: "passages";
  passages: Passage[];
}

/**
 * Nothing answered the question, so it was asked again with these words: each `from` is in no
 * document, and `to` is a word of the documents within one or two letters of it.
 */
export interface CorrectionsEvent {
  type: "corrections";
  corrections: { from: string; to: string }[];
}

/**
 * An answer that was computed from a table: a count, a sum, the largest, the cells of chosen rows. At most one,
 * before the answer in a few words and the quotes, and only where the plan is sure enough. No model writes it.
 */
export interface TableEvent {
  type: "table";
  /** The answer in a sentence. */
  text: string;
  /** What was computed, in words. */
  explanation: string;
  /** What was computed, as a query that `engine.query` runs. */
  sql: string;
  /** The probability that it is right, as measured on questions to tables of Wikipedia: 0 to 1. */
  confidence: number;
  /** The table. */
  table: TableInfo;
  /** The answer: the name of its column, and a row for each value. */
  columns: string[];
  rows: (string | number)[][];
  /** The rows of the table that it was computed from, from 0, ascending: the first 1,000. */
  sourceRows: number[];
  /** How many rows it was computed from. */
  sourceRowCount: number;
  /** Their cells in the column of the answer, or all their cells where it is of none; at most 200. */
  citations: CellCitation[];
}

/**
 * The answer in a few words of a document, before the quotes; one of them holds it. Only where there is an
 * answer reader, and its answer is sure enough.
 */
export interface AnswerEvent {
  type: "answer";
  /** The words: `citation.text`. */
  text: string;
  /** Where they are. */
  citation: Citation;
  /** The probability that they answer the question, as measured on questions to articles of Wikipedia: 0 to 1. */
  confidence: number;
}

/**
 * What answers the question well: a sentence, a row of a table, an item of a list, a line or a
 * block of code; at most 350 characters, unless it is one sentence.
 */
export interface QuoteEvent {
  type: "quote";
  text: string;
  citation: Citation;
}

/**
 * A picture that a quote is of: its words were read in the picture, describe it, or name its
 * number ("as Figure 3 shows"). A question for a picture also shows those beside a quote. With an
 * image encoder, also a picture that the question belongs to by what it shows. Of a text that links
 * to a picture file, the document of that file, where it was added too. At most
 * one event for each picture, after the quotes. `citation.place.area` is where the quoted words
 * are in it. Unless the file was added with `original: "drop"`, {@link Engine.picture} has the
 * picture itself where `citation.place.picture` is its number, and {@link Engine.original} where
 * it is the whole file.
 */
export interface ImageEvent {
  type: "image";
  /** The quote; the caption of a picture that a quote names; a linked picture itself. */
  citation: Citation;
  /** What its file says of it, or the text that links to it: caption, alternative text, title. Empty where it says nothing. */
  caption: string;
  /** A small JPEG of it, at most 320 pixels a side and 40 kB. */
  thumbnail: Uint8Array<ArrayBuffer>;
  /** Pixels of the picture itself. */
  width: number;
  height: number;
}

/** The next piece of the written answer, as it is shown. The answer is all pieces joined. */
export interface TextEvent {
  type: "text";
  text: string;
}

/** This span supports the answer from `textStart` to `textEnd` (UTF-16 offsets). */
export interface CitationEvent {
  type: "citation";
  citation: Citation;
  textStart: number;
  textEnd: number;
}

/**
 * No passage supports a written sentence. From `textStart` to `textEnd` (UTF-16 offsets) the
 * answer has "…" in its place, or the sentence itself with `unsupported: "mark"`.
 */
export interface UnsupportedEvent {
  type: "unsupported";
  /** The sentence. */
  text: string;
  textStart: number;
  textEnd: number;
}

/** The last event. */
export interface EndEvent {
  type: "end";
  /**
   * `stop`: the answer is complete. `length`: `maxTokens` was reached, or the model's
   * context is full. `aborted`: the caller cancelled it. `no_answer`: the texts of the
   * documents do not answer the question, so nothing was quoted or written. `no_generator`: quotes only,
   * because there is no generator or `maxTokens` is 0.
   */
  reason: "stop" | "length" | "aborted" | "no_answer" | "no_generator";
  /** Stages that were not reached are absent. */
  timings: AskTimings;
}

/** The time of each stage; a stage that was not reached is absent. */
export interface AskTimings {
  /** Milliseconds to embed the question. */
  embedMs?: number;
  /** Milliseconds to search. */
  searchMs?: number;
  /** Milliseconds to read the best passages with the answer reader. */
  readMs?: number;
  /** Milliseconds to choose the quotes. */
  quoteMs?: number;
  /** Milliseconds to load the generator; about 0 once it is loaded. */
  loadMs?: number;
  /** Tokens of the prompt: instructions, earlier questions, passages, quotes and question. */
  promptTokens?: number;
  /** Milliseconds to read the prompt. Its common beginning with the previous prompt is not read again. */
  promptMs?: number;
  /** Tokens written. */
  tokens?: number;
  /** Milliseconds to write them. */
  decodeMs?: number;
  /** Milliseconds to find what each written sentence rests on. */
  checkMs?: number;
}

export interface Stats {
  backend: Backend;
  /** Memory of the WebAssembly module. It grows, and is freed only by `close`. Embed workers have their own. */
  heapBytes: number;
  /** Memory of the index, a part of it. */
  indexBytes: number;
  storage: StorageStats;
  /** `answerReader`: whether one is in use. */
  models: { embedder: EmbedderStats; answerReader: boolean; image?: ImageStats; generator?: GeneratorStats };
  documents: number;
  chunks: number;
  vectorIndex: VectorIndexStats;
  /** The feedback, and whether it is used. */
  feedback: FeedbackStats;
  /** Stored documents whose records cannot be read: remove them, and add their files again. */
  damaged: DamagedDocument[];
}

/** What {@link Engine.feedback} recorded. */
export interface FeedbackStats {
  /** Questions with feedback. */
  questions: number;
  /** Whether `search` and `ask` use what was learned. */
  inUse: boolean;
  /**
   * How well questions are ranked that were not learned from: the mean reciprocal rank of the first good
   * passage, without what was learned and with it. Absent where there are too few questions.
   */
  heldOut?: { before: number; after: number };
}

/** What computes. */
export interface Backend {
  /** Whether the module uses SIMD instructions. */
  simd: boolean;
  /** Whether it uses relaxed SIMD as well. */
  relaxed: boolean;
  /** Threads that share the module's memory; more than one only on a cross-origin isolated page. */
  threads: number;
  /** Workers that embed at most, the first one included, without those that failed. 1 where there are threads. */
  workers: number;
}

/** How vectors are searched. A knowledge base is searched in segments, which are merged as it grows. */
export interface VectorIndexStats {
  /** The option `vectorIndex` that the knowledge base was opened with. */
  mode: "auto" | "exact" | "graph";
  /** What a search uses now: all vectors, their signs first, or graphs. */
  used: "exact" | "signs" | "graph";
  /** Segments in the knowledge base. */
  segments: number;
  /** Segments that are searched by a graph. */
  graphs: number;
  /** Segments that need a graph and have none yet. It stays above 0 where no worker can be started. */
  pending: number;
  /** Whether a worker builds a graph now. */
  building: boolean;
}

export interface DamagedDocument {
  /** The argument of `Engine.remove`. */
  id: string;
  /** What is wrong, and what to do. */
  message: string;
}

export interface StorageStats {
  kind: "persistent" | "memory";
  /** Why a knowledge base that was opened with `"auto"` is in memory. */
  reason?: string;
  /** Whether the browser promised not to clear this origin's storage by itself; absent if the browser does not report it. */
  persisted?: boolean;
  /** Bytes that this origin uses; absent if the browser does not report it. */
  usedBytes?: number;
  /** Bytes that this origin may use; absent if the browser does not report it. */
  quotaBytes?: number;
}

/** The image encoder in use. */
export interface ImageStats {
  /** SHA-256 of the packed file. */
  fingerprint: string;
  /** Length of each vector. */
  dimensions: number;
  /** Size of the model file. */
  bytes: number;
}

export interface EmbedderStats {
  /** SHA-256 of the packed file, also for original files. */
  fingerprint: string;
  /** Length of each vector. */
  dimensions: number;
  /** Tokens of a text that are read; the rest is ignored. */
  tokenLimit: number;
  /** Size of the model file. */
  bytes: number;
  /**
   * The languages that it knows, as primary subtags of BCP 47: `["en", "pt"]`. Empty where
   * its file does not state them: take that for all languages. Text in another language is
   * found by its words only.
   */
  languages: string[];
}

export interface GeneratorStats {
  /** Its name on a hub; absent where it was given in another way. */
  hub?: HubName;
  /**
   * SHA-256 of the model file; absent for a `file` or `data` that is not loaded yet, and for a
   * {@link HubName} that was never used.
   */
  fingerprint?: string;
  /** Size of the model file; absent for a {@link HubName} that was never used. */
  bytes?: number;
  /** Whether it loads without a network, adapters included: it is in the browser's cache, or was given as `file` or `data`. */
  local: boolean;
  /** Tokens of prompt and answer together, 4096 at most; absent until it is loaded. */
  contextLength?: number;
  loaded: boolean;
}

// ---------------------------------------------------------------- models alone

/** Turns texts into vectors, in its own worker. */
export class Embedder {
  private constructor();

  /** @throws {RagError} the errors of {@link Engine.open} about models and workers */
  static load(source: EmbedderSource, options?: LoadOptions): Promise<Embedder>;

  /** Length of each vector. */
  readonly dimensions: number;
  /** Tokens of a text that are read; the rest is ignored. */
  readonly tokenLimit: number;
  /** SHA-256 of the packed file. Vectors can be compared only if their embedders have the same fingerprint. */
  readonly fingerprint: string;
  readonly backend: Backend;

  /**
   * One vector of unit length for each text, in order. Texts are embedded as passages, or as questions: with the
   * prefix of that, if the model has one. The dot product of two vectors is their similarity. `as`: default
   * `"passage"`.
   *
   * @throws {RagError} `invalid_option`, `aborted`, `worker_failed`, `closed`
   */
  embed(texts: string[], options?: { as?: "passage" | "question"; signal?: AbortSignal }): Promise<Float32Array[]>;

  /** Ends the worker and frees all memory. */
  close(): Promise<void>;
}

/** Turns pictures and texts into vectors of one space, in its own worker. */
export class ImageEmbedder {
  private constructor();

  /** @throws {RagError} the errors of {@link Engine.open} about models and workers */
  static load(source: ModelSource, options?: LoadOptions): Promise<ImageEmbedder>;

  /** Length of each vector. */
  readonly dimensions: number;
  /** Pixels of a side of the pictures that it takes. */
  readonly side: number;
  /** SHA-256 of the packed file. */
  readonly fingerprint: string;
  readonly backend: Backend;

  /**
   * The vector of unit length of a picture of {@link side} x {@link side} pixels. An
   * {@link Engine} takes pictures of any size and format.
   *
   * @throws {RagError} `invalid_option`, `aborted`, `worker_failed`, `closed`
   */
  embedImage(image: ImageData, options?: { signal?: AbortSignal }): Promise<Float32Array>;

  /**
   * The vector of unit length of a text. Its dot product with that of a picture says how well they
   * belong together.
   *
   * @throws {RagError} `invalid_option`, `aborted`, `worker_failed`, `closed`
   */
  embedText(text: string, options?: { signal?: AbortSignal }): Promise<Float32Array>;

  /** Ends the worker and frees all memory. */
  close(): Promise<void>;
}

/** Writes text, in its own worker. */
export class Generator {
  private constructor();

  /** @throws {RagError} the errors of {@link Engine.open} about models and workers */
  static load(source: GeneratorSource, options?: LoadOptions): Promise<Generator>;

  /** Tokens of prompt and text together, 4096 at most. */
  readonly contextLength: number;
  /** SHA-256 of the model file. */
  readonly fingerprint: string;
  readonly backend: Backend;

  /**
   * Streams text while it is written. The last piece is empty and has `reason` and
   * `timings`. The work begins at the first `next()`; leaving the loop cancels it; an abort
   * throws `"aborted"`.
   *
   * @throws {RagError} while iterating: `empty_question` for an empty input,
   * `question_too_long`, `invalid_option`, `corrupt_model` (its chat template fails),
   * `already_read`, `aborted`, `worker_failed`, `closed`
   */
  generate(input: GeneratorInput, options?: GenerateOptions): AsyncIterableIterator<Piece>;

  /** Ends the worker and frees all memory. */
  close(): Promise<void>;
}

/** `messages` are formatted by the model's chat template; `prompt` is used as it is. */
export type GeneratorInput = { messages: Message[] } | { prompt: string };

export interface Message {
  role: "system" | "user" | "assistant";
  content: string;
}

export interface GenerateOptions extends Sampling {
  /** Tokens to write at most. Default 200. */
  maxTokens?: number;
  /** Texts that end the output. They are not part of it. Default: none. */
  stop?: string[];
  /**
   * Predicts tokens from repetitions in prompt and text, and checks several at once. Faster where a text repeats its
   * prompt; the text is the same. Default true.
   */
  promptLookup?: boolean;
  /**
   * The scale of each adapter of the generator, in their order, from -100 to 100: 0 is off. Another
   * choice than in the last text reads the whole prompt again. Default: the scales that the
   * generator was loaded with.
   */
  adapters?: number[];
  /** Cancels the output; the iterator then throws `"aborted"`. Default: none. */
  signal?: AbortSignal;
}

export interface Piece {
  /** Whole characters only; empty in the last piece. */
  text: string;
  /** In the last piece: the model ended the text, or a stop text appeared (`stop`); `maxTokens` or the context was reached (`length`). */
  reason?: "stop" | "length";
  /** In the last piece. */
  timings?: GenerateTimings;
}

export interface GenerateTimings {
  promptTokens: number;
  /** Milliseconds to read the prompt. Its common beginning with the previous prompt is not read again. */
  promptMs: number;
  tokens: number;
  /** Tokens that `promptLookup` predicted. */
  draftedTokens: number;
  /** How many of the predictions were right. */
  acceptedTokens: number;
  /** Milliseconds to write the tokens. */
  decodeMs: number;
}

// ---------------------------------------------------------------- failures

/** Every failure. `message` is a sentence that says what to do next. */
export class RagError extends Error {
  constructor(code: RagErrorCode, message: string, options?: { cause?: unknown });
  readonly name: "RagError";
  /** Stable across versions. */
  readonly code: RagErrorCode;
}

export type RagErrorCode =
  // documents
  | "empty_document"
  | "invalid_text"
  | "unsupported_format"
  | "too_large"
  /** The file is encrypted: add it again with its password. */
  | "password_required"
  | "wrong_password"
  | "damaged_file"
  /** The file took too long to read. */
  | "too_slow"
  /** The document was added without its file, or there was no space for it: add it again. */
  | "original_not_kept"
  /** There is no passage with this id: its document was removed or read again. */
  | "passage_not_found"
  /** The feedback names no passage. */
  | "empty_feedback"
  /** The file is not in the queue: it was added already, or another tab adds it. */
  | "queued_not_found"
  /** A local file could not be read: it was moved or changed, or may not be read. */
  | "unreadable_file"
  /** An export could not be written: no space is left, or the folder forbids it. */
  | "unwritable_file"
  | "document_not_found"
  /** No table has this name: `tables()` lists them. */
  | "table_not_found"
  /** It is no single SELECT over the tables, or not SQL of SQLite. */
  | "invalid_query"
  /** The worker that holds the tables was ended twice while the query waited. Run it again. */
  | "tables_lost"
  // models
  | "corrupt_model"
  | "out_of_memory"
  | "hash_mismatch"
  | "unsupported_architecture"
  | "unsupported_tokenizer"
  /** The adapter was trained for another generator. */
  | "adapter_mismatch"
  /** The adapter is more than pairs of matrices. */
  | "unsupported_adapter"
  | "download_failed"
  /** The hub does not give the model to everyone, or does not have it. */
  | "model_gated"
  | "embedder_mismatch"
  | "reader_mismatch"
  | "no_image_encoder"
  /** A generator of the page threw. */
  | "generator_failed"
  /** What belongs to {@link OpenOptions.source} or {@link OpenOptions.shipped} cannot be changed. */
  | "read_only"
  // questions
  | "empty_question"
  | "question_too_long"
  | "empty_knowledge_base"
  // storage
  | "quota_exceeded"
  | "storage_refused"
  | "storage_failed"
  | "storage_closed"
  /** Another tab or process has the knowledge base open. */
  | "storage_blocked"
  | "corrupt_storage"
  /** A newer version wrote the record: reload the page, or update the package. */
  | "record_too_new"
  /** This version cannot read the record any more: export the knowledge base with an older version. */
  | "record_too_old"
  /** Another tab writes now, because this one did not respond. Try again. */
  | "lease_lost"
  // export and import
  | "corrupt_export"
  | "already_exists"
  /** Another tab is importing this knowledge base. */
  | "import_in_progress"
  // calls
  | "invalid_option"
  | "aborted"
  | "already_read"
  | "closed"
  | "worker_failed"
  /** The browser starts no worker of this script: it is of another origin, or a policy forbids it. The message names the option or directive. */
  | "worker_refused"
  /** The page, its worker and the wasm modules are of different versions: one comes from a cache, or was not updated. */
  | "version_mismatch"
  | "unsupported_browser"
  | "internal";
