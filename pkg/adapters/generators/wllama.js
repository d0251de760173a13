// wllama: llama.cpp as WebAssembly.

import { throwIfAborted } from "../../errors.js";

export function wllamaGenerator(wllama) {
  return {
    async *generate(messages, { signal, maxTokens, temperature } = {}) {
      throwIfAborted(signal);
      // wllama is told of an abort only, not of a loop that is left.
      const leave = new AbortController();
      const abort = () => leave.abort(signal.reason);
      signal?.addEventListener("abort", abort, { once: true });
      try {
        const call = { messages, stream: true, max_tokens: maxTokens, temperature, abortSignal: leave.signal };
        for await (const { choices } of await wllama.createChatCompletion(call)) {
          const text = choices[0]?.delta.content;
          if (text) yield text;
        }
      } catch (error) {
        throwIfAborted(signal);
        throw error;
      } finally {
        signal?.removeEventListener("abort", abort);
        leave.abort();
      }
      throwIfAborted(signal);
    },
  };
}
