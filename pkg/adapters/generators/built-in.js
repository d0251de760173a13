// The model that a browser brings: Chrome's Prompt API.

import { RagError, aborted, throwIfAborted } from "../../errors.js";

/** Characters that a token has about: the API counts none, so the limit is about right only. */
const CHARACTERS_PER_TOKEN = 4;

export function builtInGenerator({ onProgress, ...options } = {}) {
  return {
    async *generate(messages, { signal, maxTokens = Infinity, temperature = 0 } = {}) {
      throwIfAborted(signal);
      const session = await createSession({ ...samplingOf(temperature), ...options }, messages.slice(0, -1), onProgress, signal);
      let left = maxTokens * CHARACTERS_PER_TOKEN;
      try {
        const reader = session.promptStreaming(messages.slice(-1), { signal }).getReader();
        for (let { value, done } = await reader.read(); !done && left > 0; { value, done } = await reader.read()) {
          yield value;
          left -= value.length;
        }
      } catch (error) {
        throwIfAborted(signal);
        throw error;
      } finally {
        session.destroy(); // ends what is being written too
      }
    },
  };
}

function samplingOf(temperature) {
  return { samplingMode: temperature > 0 ? "balanced" : "most-predictable" };
}

/** A session that knows the messages before the last one. */
async function createSession(options, initialPrompts, onProgress, signal) {
  const LanguageModel = globalThis.LanguageModel;
  if (!LanguageModel) throw noModel("This browser brings no language model.");
  const availability = await LanguageModel.availability(options);
  if (availability === "unavailable") throw noModel("This device, or this page, cannot run the browser's language model.");
  const monitor = (monitor) => monitor.addEventListener("downloadprogress", ({ loaded, total }) => onProgress?.({ loaded, total }));
  try {
    return await LanguageModel.create({ ...options, initialPrompts, signal, monitor });
  } catch (error) {
    if (signal?.aborted) throw aborted(signal);
    if (availability !== "available") throw notDownloaded(error);
    throw error;
  }
}

function noModel(why) {
  return new RagError("unsupported_browser", `${why} Choose another generator.`);
}

function notDownloaded(error) {
  return new RagError(
    "download_failed",
    "The browser did not download its language model. It does so only after a click or a key: ask again after one.",
    { cause: error },
  );
}
