/** The browser's cache of files that are fetched once. `src/browser/remote_file.rs` keeps model files in it by their hash. */
export const FILE_CACHE = "multimodal-rag-models";
