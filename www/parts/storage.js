import { byId, make } from "./dom.js";
import { bytes, count, plural } from "./format.js";

/** Shows where the documents are stored, their size, and what the engine runs on. */
export async function showStorage(engine) {
  const line = byId("storage");
  let stats;
  try {
    stats = await engine.stats();
  } catch {
    line.textContent = "";
    return;
  }
  const { storage } = stats;
  if (storage.kind === "memory") {
    const reason = storage.reason ? ` (${storage.reason.replace(/\.$/, "")})` : "";
    line.className = "caution";
    line.textContent = `In memory only: this browser refuses storage${reason}. Documents will be gone when the tab closes.`;
  } else {
    line.className = "";
    line.textContent = persistentLine(storage);
  }
  showAbout(stats);
}

function persistentLine({ persisted, usedBytes, quotaBytes }) {
  const kept = persisted
    ? "Kept in this browser until you remove it."
    : "Kept in this browser, which may clear it when the disk runs full.";
  if (usedBytes === undefined) return kept;
  const quota = quotaBytes ? ` of ${bytes(quotaBytes)}` : "";
  return `${bytes(usedBytes)}${quota} used, models included. ${kept}`;
}

function showAbout({ backend = {}, heapBytes, models = {}, documents, chunks }) {
  const rows = [];
  const row = (term, value) => rows.push(make("dt", {}, term), make("dd", {}, value));
  const instructions = backend.relaxed ? "relaxed SIMD" : backend.simd ? "SIMD" : "no SIMD";
  row("Runs on", `WebAssembly, ${instructions}, ${plural(backend.threads ?? 1, "thread")}`);
  if (backend.workers > 1) row("Adds with", `${plural(backend.workers, "worker")} at most`);
  if (heapBytes) row("Memory", bytes(heapBytes));
  if (chunks !== undefined) row("Holds", `${plural(documents ?? 0, "document")}, ${plural(chunks, "chunk")}`);
  if (models.embedder) {
    const { fingerprint, dimensions, tokenLimit } = models.embedder;
    row("Search model", `${short(fingerprint)}, ${count(dimensions)} dimensions, ${count(tokenLimit)} tokens`);
  }
  if (models.generator) {
    const { fingerprint, contextLength, loaded } = models.generator;
    const state = loaded ? `${short(fingerprint)}, ${count(contextLength)} tokens` : "not loaded yet";
    row("Answer model", state);
  }
  byId("about-list").replaceChildren(...rows);
  byId("about").hidden = false;
}

const short = (fingerprint = "") => fingerprint.slice(0, 12);
