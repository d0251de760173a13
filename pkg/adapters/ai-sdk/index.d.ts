/**
 * An engine, an embedder and a generator as models of the AI SDK 7 (specification v4), and as the other end of
 * `useChat`. Everything runs in the page: there is no route and no key.
 */

import type { ChatTransport, EmbeddingModel, LanguageModel, RerankingModel, UIMessage } from "ai";
import type { AskOptions, Engine, Generator } from "../../index.js";
import type { TextEmbedder } from "../embedder.js";

type V4<Model> = Extract<Model, { specificationVersion: "v4" }>;

export interface ModelOptions {
  /** The model's name in logs and telemetry. Default: `"embedder"`, `"engine"` or `"generator"`. */
  modelId?: string;
}

/**
 * The vectors of an embedder, for `embed` and `embedMany`: of passages, or of questions to them with
 * `as: "question"`. They differ for an embedder that has a prefix for each (e5).
 * Another number of dimensions than the embedder's is not possible: the call then has a warning.
 */
export function embeddingModel(
  embedder: TextEmbedder,
  options?: ModelOptions & { /** Default: `"passage"`. */ as?: "passage" | "question" },
): V4<EmbeddingModel>;

/**
 * Ranks documents, for `rerank`, by the cosine of their vectors and that of the query. No cross-encoder reads
 * query and document together: an order that an engine's search gave is not improved by it. Objects are compared as
 * JSON text, with a warning.
 */
export function rerankingModel(embedder: TextEmbedder, options?: ModelOptions): V4<RerankingModel>;

/** Which texts of an answer there are: all those of {@link AskEvent} that have one, each in a block of its own. */
export type AnswerText = "table" | "answer" | "quote" | "text";

export interface AnswerOptions extends Omit<AskOptions, "history" | "signal" | "onProgress"> {
  /**
   * The texts to emit: the sentence that was computed from a table, the answer in a few words, the quotes, the written
   * text. Default: all, in this order.
   */
  texts?: AnswerText[];
  /** The text where the documents do not answer. Empty: none. Default: a sentence in English that says so. */
  noAnswer?: string;
}

/**
 * An engine's answers, for `generateText`, `streamText` and agents. The last user message is the question, earlier
 * ones are the history. Each text is a block; blank lines are between them. `citations` of a block say which part of it rests
 * on which words of which document, and a source part comes before the first citation of each document. Pictures are
 * file parts. `providerMetadata.multimodalRag` has the `kind` of a block, and in `source.providerMetadata` the
 * place of what is cited: `start`, `end`, `placeText`.
 *
 * Settings of the call (`maxOutputTokens`, `temperature`, `topP`, `topK`, `seed`) come before the options. What
 * the engine cannot do has a warning: system messages, tools, JSON, penalties, stop sequences, files. A question that the
 * documents do not answer ends with the reason `other`.
 *
 * @throws {RagError} the errors of {@link Engine.ask}
 */
export function languageModel(engine: Engine, options?: AnswerOptions & ModelOptions): V4<LanguageModel>;

/**
 * A generator alone, without documents and citations. Tools, JSON and penalties have a warning.
 *
 * @throws {RagError} the errors of {@link Generator.generate}
 */
export function generatorModel(generator: Generator, options?: ModelOptions): V4<LanguageModel>;

/**
 * Lets `useChat` ask an engine in the page: `useChat({ transport: chatTransport(engine) })`. The parts of a
 * message are as in {@link languageModel}, without the blank lines: `source-document`, `text` with `citations`, `file`.
 * `stop()` cancels the answer. `error` of `useChat` is the {@link RagError} itself. Nothing is resumed after a reload.
 */
export function chatTransport<Message extends UIMessage = UIMessage>(engine: Engine, options?: AnswerOptions): ChatTransport<Message>;
