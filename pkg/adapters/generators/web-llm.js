// WebLLM: models compiled for WebGPU.

import { throwIfAborted } from "../../errors.js";

export function webLlmGenerator(engine) {
  return {
    async *generate(messages, { signal, maxTokens, temperature } = {}) {
      throwIfAborted(signal);
      const call = { messages, stream: true, max_tokens: maxTokens, temperature };
      const chunks = (await engine.chat.completions.create(call))[Symbol.asyncIterator]();
      const interrupt = () => engine.interruptGenerate();
      signal?.addEventListener("abort", interrupt, { once: true });
      let isDone = false;
      const next = async () => {
        const { value, done } = await chunks.next();
        isDone = done;
        return value?.choices[0]?.delta.content;
      };
      try {
        if (signal?.aborted) interrupt(); // while the call was made
        for (let text = await next(); !isDone; text = await next()) if (text) yield text;
      } finally {
        signal?.removeEventListener("abort", interrupt);
        // It serves the next call only when the stream of this one was read to its end.
        if (!isDone) await readToEnd(interrupt, next, () => isDone);
      }
      throwIfAborted(signal);
    },
  };
}

async function readToEnd(interrupt, next, isDone) {
  interrupt();
  while (!isDone()) await next();
}
