import { make } from "./dom.js";
import { count, duration } from "./format.js";

const STAGES = [
  ["embedMs", "question understood in"],
  ["searchMs", "searched in"],
  ["readMs", "passages read in"],
  ["quoteMs", "quotes chosen in"],
  ["loadMs", "answer model loaded in"],
];

function tokenStage(verb, tokens, ms) {
  const rate = ms > 0 ? ` (${count(Math.round((tokens * 1000) / ms))} a second)` : "";
  return [`${count(tokens)} tokens ${verb} in`, `${duration(ms)}${rate}`];
}

/** The stages of one answer with the time each took, as far as they were measured. */
export function timingsOf(timings = {}) {
  const rows = STAGES.filter(([key]) => timings[key] !== undefined).map(([key, label]) => [label, duration(timings[key])]);
  if (timings.promptTokens && timings.promptMs) rows.push(tokenStage("read", timings.promptTokens, timings.promptMs));
  if (timings.tokens && timings.decodeMs) rows.push(tokenStage("written", timings.tokens, timings.decodeMs));
  return rows;
}

/** The same as a line to show, or null when nothing was measured. */
export function timingsLine(timings) {
  const rows = timingsOf(timings);
  if (rows.length === 0) return null;
  return make("p", { class: "timings" }, ...rows.map(([label, value]) => make("span", {}, `${label} `, make("b", {}, value))));
}
