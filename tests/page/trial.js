// What a page tries that has the package: every kind of worker starts, and what they do comes out right.

/** Resolves to what was found, and to what the engine uses. */
export async function trial(Engine, options = {}) {
  const engine = await Engine.open({ name: "trial", storage: "memory", threads: 2, ...options });
  try {
    // Long enough for an embed worker, where there are no threads.
    const lines = Array.from({ length: 300 }, (_, i) => `In year ${1000 + i} the harbour had ${i} lamps.`);
    await engine.add(lines.join("\n\n"), { name: "harbour.txt" });
    await engine.add("port,crates\nRome,3\nOslo,4\n", { name: "crates.csv", type: "text/csv" });
    const [{ name }] = await engine.tables();
    const { rows } = await engine.query(`SELECT SUM(crates) FROM "${name}"`);
    const [passage] = await engine.search("how many lamps had the harbour in 1200");
    const { backend } = await engine.stats();
    return { sum: rows[0][0], found: passage.documentName, backend };
  } finally {
    await engine.close();
  }
}

/** What `trial` resolves to, without what depends on the page. */
export const EXPECTED = { sum: 7, found: "harbour.txt" };
