import { byId, make } from "./dom.js";
import { bytes } from "./format.js";
import { t } from "./texts/texts.js";

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
    const reason = storage.reason?.replace(/\.$/, "");
    line.className = "caution";
    line.textContent = reason ? t("storage.memoryBecause", { reason }) : t("storage.memory");
  } else {
    line.className = "";
    line.textContent = persistentLine(storage);
  }
  showAbout(stats);
}

function persistentLine({ persisted, usedBytes, quotaBytes }) {
  const kept = t(persisted ? "storage.kept" : "storage.mayGo");
  if (usedBytes === undefined) return kept;
  const used = bytes(usedBytes);
  return `${quotaBytes ? t("storage.usedOf", { used, quota: bytes(quotaBytes) }) : t("storage.used", { used })} ${kept}`;
}

function showAbout({ backend = {}, heapBytes, models = {}, documents, chunks }) {
  const rows = [];
  const row = (term, value) => rows.push(make("dt", {}, term), make("dd", {}, value));
  const instructions = t(backend.relaxed ? "engine.relaxed" : backend.simd ? "engine.simd" : "engine.noSimd");
  row(t("engine.runsOn"), t("engine.webAssembly", { instructions, threads: t("count.threads", { count: backend.threads ?? 1 }) }));
  if (backend.workers > 1) row(t("engine.addsWith"), t("engine.workers", { count: backend.workers }));
  if (heapBytes) row(t("engine.memory"), bytes(heapBytes));
  if (chunks !== undefined) row(t("engine.holds"), `${t("count.documents", { count: documents ?? 0 })}, ${t("count.chunks", { count: chunks })}`);
  if (models.embedder) {
    const { fingerprint, dimensions, tokenLimit } = models.embedder;
    row(t("engine.searchModel"), t("engine.searchModelIs", { fingerprint: short(fingerprint), dimensions, tokens: tokenLimit }));
  }
  if (models.generator) {
    const { fingerprint, contextLength, loaded } = models.generator;
    const state = loaded ? t("engine.answerModelIs", { fingerprint: short(fingerprint), tokens: contextLength }) : t("engine.notLoaded");
    row(t("engine.answerModel"), state);
  }
  byId("about-list").replaceChildren(...rows);
  byId("about").hidden = false;
}

const short = (fingerprint = "") => fingerprint.slice(0, 12);
