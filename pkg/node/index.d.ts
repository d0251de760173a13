// The package in programs of Node.js, Bun and Deno: threads as workers, a folder as store.

import type {
  Embedder as PageEmbedder,
  EmbedderSource,
  Engine as PageEngine,
  Generator as PageGenerator,
  GeneratorSource,
  ImageEmbedder as PageImageEmbedder,
  MessageGenerator,
  LoadOptions as PageLoadOptions,
  ModelSource,
  Models,
  OcrSource,
  OpenOptions as PageOpenOptions,
  OriginalFiles,
} from "../index.js";

export * from "../index.js";

/** A model file of this machine, by its path or its address (`file:`), or another source of the package. */
export type FileSource = string | URL | ModelSource;

/** An encoder as it was published, whose files are here. */
export interface LocalOriginals extends Pick<OriginalFiles, "options"> {
  weights: FileSource;
  config: FileSource;
  tokenizer: FileSource;
}

/** The models: as in a page, but files of this machine have paths. Paths are relative to the working directory. */
export interface ProgramModels extends Omit<Models, "embedder" | "generator" | "answerReader" | "image" | "ocr"> {
  embedder: FileSource | EmbedderSource | LocalOriginals;
  generator?: FileSource | GeneratorSource | MessageGenerator;
  answerReader?: FileSource;
  image?: FileSource;
  ocr?: { [Part in keyof OcrSource]: FileSource };
}

type Browser = "workerUrl" | "wasmUrl" | "spawn" | "crossOrigin";

export interface LoadOptions extends Omit<PageLoadOptions, Browser> {
  /**
   * A folder that keeps model files which are fetched, by their SHA-256. It is made where it is missing. Default: none;
   * they are fetched each time.
   */
  modelFolder?: string;
}

export interface OpenOptions extends Omit<PageOpenOptions, Browser | "name" | "models" | "modelsUrl" | "storage" | "source" | "shipped">, LoadOptions {
  /**
   * The folder that keeps the knowledge base. It is made where it is missing. The command line's `--store` takes the
   * same folder. One program at a time can have it open: another one rejects with `"storage_blocked"`. To delete a
   * knowledge base, remove its folder.
   */
  folder?: string;
  /** `"memory"`: the documents are lost when the engine is closed. Without a folder it must be given. */
  storage?: "memory";
  /** The models, or the path of a `models.json`; paths in it are relative to it. */
  models: ProgramModels | string | URL;
  /** The file of a knowledge base to read, as in a page; or its path. */
  source?: FileSource;
  /** Knowledge bases that are searched beside it, as in a page; or paths of their files. */
  shipped?: { name: string; source: FileSource }[];
}

/**
 * An engine has a thread of its own, and others for reading files and for queries. The program does not end before
 * {@link PageEngine.close} was called.
 */
export type Engine = PageEngine;
export declare const Engine: {
  /**
   * Opens a knowledge base, as in a page.
   *
   * @throws {RagError} as in a page; `invalid_option` without a folder or models; `storage_blocked`, `storage_refused`;
   * `download_failed` for a model file that cannot be read
   */
  open(options: OpenOptions): Promise<PageEngine>;
  /** Makes a knowledge base of a file that {@link PageEngine.export} or the command line wrote, as in a page. */
  import(file: Blob, options: OpenOptions): Promise<PageEngine>;
};

export type Embedder = PageEmbedder;
export declare const Embedder: {
  load(source: ProgramModels["embedder"], options?: LoadOptions): Promise<PageEmbedder>;
};

export type ImageEmbedder = PageImageEmbedder;
export declare const ImageEmbedder: {
  load(source: FileSource, options?: LoadOptions): Promise<PageImageEmbedder>;
};

export type Generator = PageGenerator;
export declare const Generator: {
  load(source: FileSource | GeneratorSource, options?: LoadOptions): Promise<PageGenerator>;
};
