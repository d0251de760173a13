/**
 * Models of others as generators. They run where they run, on the page's side; retrieval, quotes, checks and citations
 * stay those of the engine.
 */

import type { Message, MessageGenerator } from "../index.js";

export type { MessageGenerator, MessageOptions } from "../index.js";

export interface BuiltInOptions {
  /** The languages of the messages and of the text, as the Prompt API has them. Default: the browser's. */
  expectedInputs?: { type: "text"; languages?: string[] }[];
  expectedOutputs?: { type: "text"; languages?: string[] }[];
  /** How tokens are chosen. Default: `"most-predictable"`, and `"balanced"` with a temperature above 0. */
  samplingMode?: "most-predictable" | "predictable" | "balanced" | "creative" | "most-creative";
  /** Called while the browser downloads its model. Default: none. */
  onProgress?: (progress: { loaded: number; total: number }) => void;
}

/**
 * The language model that the browser brings (Chrome's Prompt API, `LanguageModel`). `maxTokens` is kept only about: a
 * token is taken for 4 characters.
 *
 * @throws {RagError} while iterating: `unsupported_browser` where there is no such model or the device cannot run it;
 * `download_failed` where the browser has yet to download it, and wants a click or a key before it does
 */
export function builtInGenerator(options?: BuiltInOptions): MessageGenerator;

/** A `Wllama` of `@wllama/wllama` 3 with a model loaded. */
export function wllamaGenerator(wllama: WllamaLike): MessageGenerator;

/** An `MLCEngine` of `@mlc-ai/web-llm`, also one in a worker, with a model loaded. */
export function webLlmGenerator(engine: WebLlmLike): MessageGenerator;

/**
 * A language model of the AI SDK 5 to 7: the object that a provider makes, not a name.
 *
 * @throws {RagError} `invalid_option` for anything else
 */
export function aiSdkGenerator(model: LanguageModelLike): MessageGenerator;

/** A chunk of a streamed chat completion. */
export interface CompletionChunk {
  choices: { delta: { content?: string | null } }[];
}

/** What is used of a `Wllama`. */
export interface WllamaLike {
  createChatCompletion(options: {
    messages: Message[];
    stream: true;
    max_tokens?: number;
    temperature?: number;
    abortSignal?: AbortSignal;
  }): Promise<AsyncIterable<CompletionChunk>>;
}

/** What is used of an `MLCEngine`. */
export interface WebLlmLike {
  chat: {
    completions: {
      create(request: {
        messages: Message[];
        stream: true;
        max_tokens?: number;
        temperature?: number;
      }): Promise<AsyncIterable<CompletionChunk>>;
    };
  };
  interruptGenerate(): void;
}

/** What is used of a language model of the AI SDK. */
export interface LanguageModelLike {
  doStream(options: {
    prompt: (
      | { role: "system"; content: string }
      | { role: "user" | "assistant"; content: { type: "text"; text: string }[] }
    )[];
    maxOutputTokens?: number;
    temperature?: number;
    abortSignal?: AbortSignal;
  }): PromiseLike<{ stream: ReadableStream<{ type: string }> }>;
}
