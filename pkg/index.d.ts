/**
 * Ask your own files, in the page. Nothing leaves the browser: documents, index
 * and models stay on this device, and all computing is done in a Web Worker.
 *
 * Every failure is a {@link RagError}. A call that fails leaves the knowledge
 * base as it was.
 */

// ---------------------------------------------------------------- knowledge base

/**
 * One knowledge base. Calls may overlap, and other tabs may have it open as well:
 * each writes when no other does, and no change is lost.
 */
export class Engine {
  private constructor();

  /**
   * Opens a knowledge base, or makes it. Fetches the embedder the first time
   * (about 25 MB for the default one) and takes it from the browser's cache
   * after that. What was added before is there again, with nothing embedded anew.
   *
   * When the worker dies (out of memory, a defect), pending calls reject with
   * `"worker_failed"` and the next call starts a new worker and opens the
   * knowledge base again. In `"memory"` storage its documents are gone then.
   *
   * @throws {RagError} `storage_refused`, `storage_blocked`, `storage_failed`,
   * `corrupt_storage`, `embedder_mismatch`, `download_failed`, `hash_mismatch`,
   * `corrupt_model`, `unsupported_architecture`, `unsupported_tokenizer`,
   * `too_large`, `out_of_memory`, `unsupported_browser`, `invalid_option`,
   * `aborted`, `worker_failed`
   */
  static open(options?: OpenOptions): Promise<Engine>;

  /**
   * Makes a knowledge base of a file that {@link Engine.export} made, and opens it.
   * Every record is checked; a file that is damaged anywhere leaves nothing. The
   * vectors are taken over, so nothing is embedded.
   *
   * @throws {RagError} `corrupt_export`; `already_exists` where there is a knowledge
   * base of this name; `embedder_mismatch` where another embedder made the vectors
   * (`embedAgain` embeds the documents again); and what {@link Engine.open} throws
   */
  static import(file: Blob, options?: OpenOptions): Promise<Engine>;

  /**
   * Deletes a knowledge base with all that is in it. Where it is open, in this tab
   * or another, calls reject with `storage_closed` from then on.
   *
   * @param name Default `"default"`.
   * @throws {RagError} `storage_blocked`, `storage_refused`, `worker_failed`
   */
  static delete(name?: string): Promise<void>;

  /**
   * Adds a file: plain text (UTF-8 or UTF-16), Markdown or HTML, at most 16 MiB.
   * Resolves when it is stored and can be found; until then nothing of it can.
   * The same bytes again change nothing, and resolve with `alreadyAdded`.
   *
   * What is added first in a page makes it ask the browser to keep what is stored
   * (`navigator.storage.persist()`); some browsers then ask the user.
   *
   * @param source A `File` or `Blob` is read in the worker; bytes and strings
   * are copied once. A string is plain text unless `type` says otherwise.
   * @throws {RagError} `empty_document`, `invalid_text`, `unsupported_format`,
   * `too_large`, `unreadable_file`, `quota_exceeded`, `storage_failed`,
   * `storage_closed`, `overtaken`, `invalid_option`, `aborted`, `worker_failed`,
   * `closed`
   */
  add(source: File | Blob | ArrayBuffer | Uint8Array | string, options?: AddOptions): Promise<DocumentInfo>;

  /** All documents, in the order they were added. */
  documents(): Promise<DocumentInfo[]>;

  /**
   * A document's text, without markup: what `start` and `end` of passages and
   * citations point into.
   *
   * @throws {RagError} `document_not_found`, `corrupt_storage`
   */
  text(id: string): Promise<string>;

  /**
   * Takes a document out of storage and out of search. Questions that are being
   * answered end with what they began with. Takes a damaged document's id as well.
   *
   * @throws {RagError} `document_not_found`, `storage_failed`, `storage_closed`,
   * `overtaken`
   */
  remove(id: string): Promise<void>;

  /**
   * The passages nearest to the question, best first, found by meaning (vectors)
   * and by words (BM25) together. Needs no generator, and gives the best there
   * are, near or not: only `ask` decides whether they are near enough.
   *
   * Words are found whatever their case and accents, and in their inflected forms
   * where a document is in one of sixteen languages. `photosynth*` stands for all
   * words that begin so.
   *
   * @throws {RagError} `empty_question`, `question_too_long`, `too_large`,
   * `empty_knowledge_base`, `invalid_option`, `aborted`
   */
  search(question: string, options?: SearchOptions): Promise<Passage[]>;

  /**
   * Answers from the documents alone. Events come in this order: `passages`
   * once; `quote` for each sentence that answers best, 3 at most; `text` as it is
   * written, with `citation` or `unsupported` for each finished sentence; `end`
   * once, last. The generator is loaded at the first answer that needs it.
   *
   * Work begins at the first `next()`. Leaving the loop stops it. An abort ends
   * the answer with an `end` event of reason `"aborted"` and throws nothing.
   *
   * @throws {RagError} while iterating: `empty_question`, `question_too_long`,
   * `too_large`, `empty_knowledge_base`, `invalid_option`, `already_read`,
   * `worker_failed`, `closed`, and what loading the generator can throw
   */
  ask(question: string, options?: AskOptions): AsyncIterableIterator<AskEvent>;

  /**
   * Fetches and loads the generator now, rather than at the first answer
   * (about 100 MB for the default one). Does nothing where none was given.
   *
   * @throws {RagError} as {@link Engine.open} does for the embedder
   */
  loadGenerator(options?: TaskOptions): Promise<void>;

  /**
   * The whole knowledge base as one file: documents with their metadata, vectors
   * and terms, but no models. About 600 bytes for each part, and the texts.
   *
   * @throws {RagError} `corrupt_storage` where a document cannot be read, `aborted`
   */
  export(options?: TaskOptions): Promise<Blob>;

  /** What is in use: instructions, memory, storage, models. */
  stats(): Promise<Stats>;

  /**
   * Stops what is running (it rejects with `"closed"`), ends the worker and gives
   * all memory back. Any call after this rejects with `"closed"`.
   */
  close(): Promise<void>;
}

/** What every call that can take long accepts. */
export interface TaskOptions {
  /** Called after each step of the work. Default: nobody is told. */
  onProgress?: (progress: Progress) => void;
  /**
   * Stops the work at its next step; the call then rejects with `"aborted"`,
   * and nothing was changed. A stop that comes after the last step is too late:
   * the call resolves. Default: cannot be stopped.
   */
  signal?: AbortSignal;
}

/** What loading a model accepts. */
export interface LoadOptions extends TaskOptions {
  /**
   * How many cores may be used. `"auto"`: as many as the browser reports, 4 at most;
   * one where it reports none. Or a whole number from 1 to 16. Default `"auto"`. What
   * is computed is the same to the bit with any number.
   *
   * On a page that is cross-origin isolated these are threads, and all of them share
   * every computation. On any other page they are workers that embed while a file is
   * added, or in `Embedder.embed`: the one that is there anyway, and helpers. These
   * start once there is enough to embed (16 texts each), load the same embedder without
   * fetching it again, and end after half a minute without work. Until then each takes
   * as much memory as the first one with its embedder: some 75 MB with the default one.
   * Answers are written on one core there.
   */
  threads?: "auto" | number;
}

export interface OpenOptions extends LoadOptions {
  /**
   * Name of the knowledge base: one name, one IndexedDB database. Default
   * `"default"`. At least one character.
   */
  name?: string;
  /** The models to use. Default: those of the `models.json` beside the page. */
  models?: Models;
  /**
   * Where documents are kept. `"persistent"`: in IndexedDB, or reject with
   * `"storage_refused"`. `"memory"`: nowhere; they are gone when the page, or
   * the worker, ends. `"auto"` (the default): in IndexedDB, or in memory when
   * the browser refuses that; {@link Stats.storage} says which, and why.
   */
  storage?: "auto" | "persistent" | "memory";
  /**
   * What to do where another embedder made the vectors. `true`: embed all documents
   * again with this one, which takes as long as adding them did; stopped, everything is
   * as it was. Default `false`: reject with `"embedder_mismatch"`.
   */
  embedAgain?: boolean;
}

export interface Models {
  /**
   * Makes vectors of texts. A knowledge base can be opened only with the
   * embedder it was made with.
   */
  embedder: EmbedderSource;
  /** Writes answers. Default: none; `ask` then gives passages and quotes only. */
  generator?: ModelSource;
}

/** One file that holds a whole model: weights, configuration and tokenizer. */
export type ModelSource = ModelAddress | ModelFile | ModelBytes;

/**
 * A model that is fetched once, checked, and kept in the browser's cache: there it
 * is `/multimodal-rag-models/` and its hash in small letters, so that
 * `caches.match` tells whether it is here.
 */
export interface ModelAddress {
  /** Where it is, relative to the page (in `models.json`: to that file). */
  url: string;
  /** Tried in turn when `url` fails. Default: none. */
  mirrors?: string[];
  /** SHA-256 of the file, in 64 hexadecimal digits. Other bytes are refused. */
  sha256: string;
  /** Size of the file in bytes. */
  size: number;
}

/**
 * A model that the user chose, or that the page has as a Blob. Read in the worker,
 * piece by piece: it is never in memory as a whole.
 */
export interface ModelFile {
  file: Blob;
}

/** A model in memory. Copied once, on the page's thread: prefer `file` for large ones. */
export interface ModelBytes {
  data: Uint8Array;
}

/** An embedder: one packed file, or the files that its publishers ship. */
export type EmbedderSource = ModelSource | OriginalFiles;

/**
 * An encoder of the BERT family as it was published. It is packed into 8 bits
 * while it is loaded, and then the same embedder, fingerprint included, as the
 * file that `multimodal-rag quantize` makes of it with the same options: quicker
 * to try, but four times the bytes to fetch, and packed anew each time, which
 * takes a second or two.
 */
export interface OriginalFiles {
  /** `model.safetensors` */
  weights: ModelSource;
  /** `config.json` */
  config: ModelSource;
  /** `tokenizer.json` */
  tokenizer: ModelSource;
  /** How the model is to be used, which these files do not say. */
  options?: EmbedderOptions;
}

export interface EmbedderOptions {
  /**
   * How the states of a text's tokens become one vector: their mean (MiniLM, e5,
   * gte), or the state of the first (bge). Default `"mean"`.
   */
  pooling?: "mean" | "cls";
  /** Put before each question, such as `"query: "` for e5. Default: nothing. */
  queryPrefix?: string;
  /** Put before each passage, such as `"passage: "` for e5. Default: nothing. */
  passagePrefix?: string;
  /** Tokens read of one text; at most what the model was made for. Default 256. */
  maxTokens?: number;
}

export interface AddOptions extends TaskOptions {
  /**
   * Name shown in lists and citations; its ending tells the kind of file where
   * `type` does not. Default: the file's own name, else `"untitled.txt"`, or
   * `"untitled"` when a type is known.
   */
  name?: string;
  /** MIME type, such as `"text/markdown"`. Default: the Blob's own, else told from the name. */
  type?: string;
  /** Kept with the document and given back by `documents()`; `where` chooses by it. Default: none. */
  metadata?: Metadata;
  /**
   * The id of a document that this one takes the place of, in one step. Only those
   * parts are embedded whose text is not in the old one. Default: none.
   */
  replaces?: string;
}

/** Whatever the page wants to remember about a document: what JSON can hold. */
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
 * A name with dots (`"author.name"`) that is no entry itself names an entry of an
 * entry. Of a list, one element that fits is enough. `null` is what is null or
 * missing. At most 1,000 conditions.
 */
export type Where = { and: Where[] } | { or: Where[] } | { not: Where } | { [name: string]: Condition };

/** A value that is equal, one of several, or a range of numbers or of texts. */
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

export interface SearchOptions {
  /** How many passages at most. Default 5, range 1 to 100. */
  limit?: number;
  /** Which documents to search. `limit` passages come back if there are so many in them. Default: all. */
  where?: Where;
  /** Stops the search, which then rejects with `"aborted"`. Default: cannot be stopped. */
  signal?: AbortSignal;
}

export interface AskOptions extends Sampling {
  /** Tokens written at most. Default 200; 0 gives passages and quotes only. */
  maxTokens?: number;
  /** How many passages the answer may rest on. Default 3, range 1 to 20. */
  limit?: number;
  /** Which documents to answer from. Default: all. */
  where?: Where;
  /** Called while the generator is fetched and loaded, and while it reads. Default: nobody is told. */
  onProgress?: (progress: Progress) => void;
  /** Ends the answer at its next step, with an `end` event. Default: cannot be stopped. */
  signal?: AbortSignal;
}

/** How tokens are chosen. */
export interface Sampling {
  /**
   * 0 takes the likeliest token each time; the higher, the more even the odds.
   * Default 0, range 0 to 10.
   */
  temperature?: number;
  /** Chooses among this many likeliest tokens. Default: all, at least 1. No effect at temperature 0. */
  topK?: number;
  /**
   * Chooses among the likeliest tokens that together have this probability.
   * Default: all, above 0 and at most 1. No effect at temperature 0.
   */
  topP?: number;
  /**
   * Where chance begins: the same seed and input give the same text. Default 0,
   * a whole number from 0 to 2^53 - 1. No effect at temperature 0.
   */
  seed?: number;
}

// ---------------------------------------------------------------- results

export interface Progress {
  /**
   * `download` and `load` concern models: `download` counts bytes from the
   * network; `load` counts the bytes of a file, or of the browser's cache, that
   * were checked, and then the model's layers. `load` and `index` also concern what is opened
   * from storage: its segments are read while the model is made ready. `parse`, `embed` and
   * `index` concern a document. `read` is the generator reading passages and question, before
   * it writes.
   */
  stage: "download" | "load" | "parse" | "embed" | "index" | "read";
  /** How much of the stage is done, in `unit`. */
  done: number;
  /** How much the stage holds, in `unit`. */
  total: number;
  unit: "bytes" | "layers" | "documents" | "segments" | "chunks" | "tokens";
  /** Estimated milliseconds until this stage ends; absent before its first step. */
  etaMs?: number;
}

export interface DocumentInfo {
  /** Follows from kind and bytes: the same file has the same id everywhere. */
  id: string;
  name: string;
  /** MIME type it was read as. */
  type: string;
  /** Size of the file. */
  bytes: number;
  /** In how many parts it is searched. */
  chunks: number;
  /** Milliseconds since 1970. */
  addedAt: number;
  metadata: Metadata;
  /** True when the same bytes were there before this `add`. */
  alreadyAdded: boolean;
}

/**
 * A part of a document that was found: one chunk, or up to three that follow each
 * other. Of passages that say the same, only the best comes back. `start` and `end`
 * are UTF-16 offsets into `Engine.text(documentId)`.
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
  /** The fused score that passages are ordered by; to be compared within one question only. */
  score: number;
  /** What it was fused from: the cosine of passage and question, and BM25. */
  scores: { dense: number; lexical: number };
}

/** Where a statement comes from. `start` and `end` are UTF-16 offsets into `Engine.text(documentId)`. */
export interface Citation {
  /** The place of its passage among the `passages` of this answer, from 1. */
  number: number;
  documentId: string;
  documentName: string;
  chunkId: string;
  start: number;
  end: number;
  /** `(await engine.text(documentId)).slice(start, end)` */
  text: string;
}

export type AskEvent =
  | PassagesEvent
  | QuoteEvent
  | TextEvent
  | CitationEvent
  | UnsupportedEvent
  | EndEvent;

/** What was found, first of all. */
export interface PassagesEvent {
  type: "passages";
  passages: Passage[];
}

/** A sentence of a document that answers the question well. */
export interface QuoteEvent {
  type: "quote";
  text: string;
  citation: Citation;
}

/** The next piece of the written answer. The answer is all pieces joined. */
export interface TextEvent {
  type: "text";
  text: string;
}

/** The answer from `textStart` to `textEnd` (UTF-16 offsets) rests on this span. */
export interface CitationEvent {
  type: "citation";
  citation: Citation;
  textStart: number;
  textEnd: number;
}

/** No passage supports the answer from `textStart` to `textEnd` (UTF-16 offsets). */
export interface UnsupportedEvent {
  type: "unsupported";
  textStart: number;
  textEnd: number;
}

/** The last event. */
export interface EndEvent {
  type: "end";
  /**
   * `stop`: the answer is complete. `length`: `maxTokens` was reached, or the
   * model's context is full. `aborted`: stopped by the caller. `no_answer`:
   * nothing near enough was found, so nothing was quoted or written.
   * `no_generator`: quotes only, because no generator was given or `maxTokens`
   * is 0.
   */
  reason: "stop" | "length" | "aborted" | "no_answer" | "no_generator";
  /** Stages that were not reached are absent. */
  timings: AskTimings;
}

/** What each stage took; a stage that was not reached is absent. */
export interface AskTimings {
  /** Milliseconds to embed the question. */
  embedMs?: number;
  /** Milliseconds to search. */
  searchMs?: number;
  /** Milliseconds to choose the quotes. */
  quoteMs?: number;
  /** Milliseconds until the generator was there; next to none once it is loaded. */
  loadMs?: number;
  /** Tokens of the prompt: instructions, passages and question. */
  promptTokens?: number;
  /** Milliseconds to read the prompt, but for what the last one began with alike: that is known. */
  promptMs?: number;
  /** Tokens written. */
  tokens?: number;
  /** Milliseconds to write them. */
  decodeMs?: number;
}

export interface Stats {
  backend: Backend;
  /** Memory of the WebAssembly module; it grows, and shrinks only by `close`. Workers that help have their own. */
  heapBytes: number;
  /** How much of it the index takes. */
  indexBytes: number;
  storage: StorageStats;
  models: { embedder: EmbedderStats; generator?: GeneratorStats };
  documents: number;
  chunks: number;
  /** Documents in storage whose records cannot be read: remove them, and add their files again. */
  damaged: DamagedDocument[];
}

/** What computes. */
export interface Backend {
  /** Whether the module uses SIMD instructions. */
  simd: boolean;
  /** Whether it uses relaxed SIMD as well. */
  relaxed: boolean;
  /** Threads that share the module's memory; more than one only on a cross-origin isolated page. */
  threads: number;
  /** Workers that embed, at most, the first one included; those that failed are not counted. One where there are threads. */
  workers: number;
}

export interface DamagedDocument {
  /** What `Engine.remove` takes. */
  id: string;
  /** What is wrong, and what to do. */
  message: string;
}

export interface StorageStats {
  kind: "persistent" | "memory";
  /** Why it is in memory although it was opened with `"auto"`. */
  reason?: string;
  /** Whether the browser promised not to clear this origin's storage by itself, as far as it tells. */
  persisted?: boolean;
  /** Used by this origin, as far as the browser tells. */
  usedBytes?: number;
  /** Allowed for this origin, as far as the browser tells. */
  quotaBytes?: number;
}

export interface EmbedderStats {
  /** SHA-256 of the packed file, also where it was given as original files. */
  fingerprint: string;
  /** Length of each vector. */
  dimensions: number;
  /** Tokens of one text that are read; more are cut off. */
  tokenLimit: number;
  /** Size of the model file. */
  bytes: number;
}

export interface GeneratorStats {
  /** SHA-256 of the model file; absent while it is neither promised nor loaded. */
  fingerprint?: string;
  /** Tokens of prompt and answer together, 4096 at most; absent until it is loaded. */
  contextLength?: number;
  loaded: boolean;
}

// ---------------------------------------------------------------- models alone

/** Turns texts into vectors, in a worker of its own. */
export class Embedder {
  private constructor();

  /** @throws {RagError} as {@link Engine.open} does for its embedder */
  static load(source: EmbedderSource, options?: LoadOptions): Promise<Embedder>;

  /** Length of each vector. */
  readonly dimensions: number;
  /** Tokens of one text that are read; more are cut off. */
  readonly tokenLimit: number;
  /** SHA-256 of the packed file: vectors of the same fingerprint can be compared. */
  readonly fingerprint: string;
  readonly backend: Backend;

  /**
   * One vector of unit length per text, in order, made as passages are: with the
   * passage prefix, if the model has one. The dot product of two is their similarity.
   */
  embed(texts: string[], options?: { signal?: AbortSignal }): Promise<Float32Array[]>;

  /** Ends the worker and gives all memory back. */
  close(): Promise<void>;
}

/** Writes text, in a worker of its own. */
export class Generator {
  private constructor();

  /** @throws {RagError} as {@link Engine.open} does for its models */
  static load(source: ModelSource, options?: LoadOptions): Promise<Generator>;

  /** Tokens of prompt and text together, 4096 at most. */
  readonly contextLength: number;
  /** SHA-256 of the model file. */
  readonly fingerprint: string;
  readonly backend: Backend;

  /**
   * Streams text as it is written. The last piece is empty and carries `reason`
   * and `timings`. Work begins at the first `next()`; leaving the loop stops it;
   * an abort throws `"aborted"`.
   */
  generate(input: GeneratorInput, options?: GenerateOptions): AsyncIterableIterator<Piece>;

  /** Ends the worker and gives all memory back. */
  close(): Promise<void>;
}

/** `messages` go through the model's own chat template; `prompt` goes in as it is. */
export type GeneratorInput = { messages: Message[] } | { prompt: string };

export interface Message {
  role: "system" | "user" | "assistant";
  content: string;
}

export interface GenerateOptions extends Sampling {
  /** Tokens written at most. Default 200. */
  maxTokens?: number;
  /** Texts that end the writing, themselves left out. Default: none. */
  stop?: string[];
  /**
   * Guesses tokens from what stands in prompt and text already, and reads several at once to see which hold: quicker
   * where a text repeats its prompt, and the same text in any case. Default true.
   */
  promptLookup?: boolean;
  /** Stops the writing, which then throws `"aborted"`. Default: cannot be stopped. */
  signal?: AbortSignal;
}

export interface Piece {
  /** Whole characters only; empty in the last piece. */
  text: string;
  /** In the last piece: the model ended (or met a stop text), or `maxTokens` or its context was reached. */
  reason?: "stop" | "length";
  /** In the last piece. */
  timings?: GenerateTimings;
}

export interface GenerateTimings {
  promptTokens: number;
  /** To read the prompt, but for what the last one began with alike: that is known. */
  promptMs: number;
  tokens: number;
  /** Tokens that `promptLookup` guessed. */
  draftedTokens: number;
  /** How many of them held. */
  acceptedTokens: number;
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
  | "unreadable_file"
  | "document_not_found"
  // models
  | "corrupt_model"
  | "out_of_memory"
  | "hash_mismatch"
  | "unsupported_architecture"
  | "unsupported_tokenizer"
  | "download_failed"
  | "embedder_mismatch"
  // questions
  | "empty_question"
  | "question_too_long"
  | "empty_knowledge_base"
  // storage
  | "quota_exceeded"
  | "storage_refused"
  | "storage_failed"
  | "storage_closed"
  | "storage_blocked"
  | "corrupt_storage"
  | "overtaken"
  | "corrupt_export"
  | "already_exists"
  // calls
  | "invalid_option"
  | "aborted"
  | "already_read"
  | "closed"
  | "worker_failed"
  | "unsupported_browser"
  | "internal";
