// A worker that only embeds, for the worker whose pool started it.

import { throwIfAborted } from "./errors.js";
import { wasm } from "./module.js";
import { pause } from "./pause.js";
import { serve } from "./serve.js";

let embedder = null;

const calls = {
  async load({ source }, { stop }) {
    embedder = await wasm.EmbedderHandle.load(source, pause, undefined, stop);
    return embedder.info();
  },

  async embed({ tokens, lengths }, { signal }) {
    // Let in what takes the batch back: computing it would keep others waiting.
    await pause();
    throwIfAborted(signal);
    return embedder.embedTokens(tokens, lengths);
  },
};

serve(calls);
