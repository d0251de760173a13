// A worker that only embeds. The pool of another worker starts it.

import { throwIfAborted } from "./errors.js";
import { wasm, withModule } from "./module.js";
import { serve } from "./serve.js";
import { yieldNow } from "./yield.js";

let embedder = null;

const handlers = {
  async load({ source }, { cancel }) {
    embedder = await wasm.EmbedderHandle.load(source, yieldNow, undefined, cancel);
    return embedder.info();
  },

  async embed({ tokens, lengths }, { signal }) {
    // Receives a cancellation of this batch before it is computed: others wait behind it.
    await yieldNow();
    throwIfAborted(signal);
    return embedder.embedTokens(tokens, lengths);
  },
};

serve(withModule(handlers));
