/** What turns texts into vectors: an `Embedder`. */
export interface TextEmbedder {
  /** One vector of unit length for each text, in order: of passages, or of questions to them. Default: of passages. */
  embed(texts: string[], options?: { as?: "passage" | "question"; signal?: AbortSignal }): Promise<Float32Array[]>;
}
