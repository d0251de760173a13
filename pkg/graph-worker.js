// A worker that builds one graph. Building cannot be interrupted, so it is cancelled by terminating the worker.

import { wasm } from "./module.js";
import { serve } from "./serve.js";

serve({
  async build({ vectors }) {
    return wasm.buildGraph(vectors);
  },
});
