// A worker that builds one graph. Building cannot be interrupted, so it is cancelled by terminating the worker.

import { wasm, withModule } from "./module.js";
import { serve } from "./serve.js";

const handlers = {
  async build({ vectors }) {
    return wasm.buildGraph(vectors);
  },
};

serve(withModule(handlers));
