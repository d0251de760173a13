import { make } from "./dom.js";
import { duration } from "./format.js";
import { t } from "./texts/texts.js";

const STAGES = ["embedMs", "searchMs", "readMs", "quoteMs", "loadMs"];

function tokenStage(text, tokens, ms) {
  return [t(text, { count: tokens }), t("timing.rate", { duration: duration(ms), rate: Math.round((tokens * 1000) / ms) })];
}

/** The stages of one answer with the time each took, as far as they were measured. */
export function timingsOf(timings = {}) {
  const rows = STAGES.filter((stage) => timings[stage] !== undefined).map((stage) => [t(`timing.${stage}`), duration(timings[stage])]);
  if (timings.promptTokens && timings.promptMs) rows.push(tokenStage("timing.tokensRead", timings.promptTokens, timings.promptMs));
  if (timings.tokens && timings.decodeMs) rows.push(tokenStage("timing.tokensWritten", timings.tokens, timings.decodeMs));
  return rows;
}

/** The same as a line to show, or null when nothing was measured. */
export function timingsLine(timings) {
  const rows = timingsOf(timings);
  if (rows.length === 0) return null;
  return make("p", { class: "timings" }, ...rows.map(([label, value]) => make("span", {}, `${label} `, make("b", {}, value))));
}
