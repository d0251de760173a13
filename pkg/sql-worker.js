// A worker that runs queries over tables, which it holds in the memory of the reader module with SQLite. A query cannot
// be interrupted from outside, so it is cancelled by terminating the worker.

import { sqlNotFetched } from "./errors.js";
import { loadReaderModule } from "./reader-modules.js";
import { serve } from "./serve.js";

let sql = null;

const handlers = {
  async load({ module }) {
    sql = await loadReaderModule(module, sqlNotFetched);
  },

  async query({ request }, { onEvent }) {
    try {
      return sql.runQuery(request);
    } finally {
      // First, and also after a trap: it may be one for lack of memory.
      onEvent({ memoryBytes: sql.memory.buffer.byteLength });
      onEvent({ held: sql.heldTables() });
    }
  },
};

serve(handlers);
