// Our tables: an engine with an embedder, whose `add` also makes a file searchable.

import { checkBackend, optionsFor, packageFor } from "./our-options.js";
import { embedderSource } from "./ours.js";

export async function openTables(file, settings) {
  const { Engine } = await packageFor(settings);
  const embedder = await embedderSource(file, settings);
  const engine = await Engine.open({ storage: "memory", models: { embedder }, ...optionsFor(settings) });
  checkBackend((await engine.stats()).backend, settings);

  /** The milliseconds of adding a file: all, and those until it was read, which is the last that is told of the stage "parse". */
  async function add(bytes, name) {
    const started = performance.now();
    let readMs = 0;
    const onProgress = ({ stage }) => {
      if (stage === "parse") readMs = performance.now() - started;
    };
    await engine.add(bytes, { name, onProgress });
    return { addMs: performance.now() - started, readMs };
  }

  return {
    /** `ms` is what the peers do too: reading the file, and all that the first query needs. */
    async load(bytes, name, sql) {
      const { addMs, readMs } = await add(bytes, name);
      const started = performance.now();
      const { rows } = await engine.query(sql);
      const queryMs = performance.now() - started;
      return { rows, ms: readMs + queryMs, addMs, readMs, queryMs };
    },
    query: (sql) => engine.query(sql),
    close: () => engine.close(),
  };
}
