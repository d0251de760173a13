// Why an answer is what it is: what was compared, how near it was, what was read in it, and how long each step took.

import { make, makeButton } from "./dom.js";
import { hundredths, withoutMarker } from "./format.js";
import { t } from "./texts/texts.js";
import { timingsLine } from "./timings.js";

/** Characters of a passage that tell which one it is. */
const EXCERPT_CHARS = 140;

/**
 * @param {{ passages: object[], short: { text: string, confidence: number } | null, timings: object, reason: string | undefined }} answer
 * @param {{ places: import("./places.js").Places, open: (span: object) => void }} options
 */
export function why({ passages, short, timings, reason }, { places, open }) {
  const title = t(reason === "no_answer" ? "why.nearest" : "why.title");
  const parts = [make("summary", {}, title)];
  const line = explanation(passages, short);
  if (line) parts.push(make("p", {}, line));
  const items = passages.map((passage) => make("li", {}, makeButton(
    { class: "plain", onclick: () => open(passage) },
    make("span", {}, excerptOf(passage.text)),
    make("span", { class: "scores" }, `${places.line(passage)}${scoresOf(passage)}`),
  )));
  if (items.length > 0) parts.push(make("ol", {}, ...items));
  const times = timingsLine(timings);
  if (times) parts.push(times);
  return make("details", { class: "retrieved" }, ...parts);
}

function explanation(passages, short) {
  const sentences = [];
  const count = new Set(passages.map(({ documentId }) => documentId)).size;
  if (passages.length === 1) sentences.push(t("why.onePassage"));
  if (passages.length > 1) sentences.push(t("why.passages", { passages: passages.length, count }));
  if (short) sentences.push(t("why.sure", { text: short.text, percent: Math.round(short.confidence * 100) }));
  return sentences.join(" ");
}

function scoresOf({ score, scores }) {
  const told = [["why.score", score], ["why.meaning", scores?.dense], ["why.words", scores?.lexical]];
  return told.filter(([, value]) => value !== undefined).map(([text, value]) => `, ${t(text, { value: hundredths(value) })}`).join("");
}

/** The beginning of a passage on a line, up to the end of a word. */
function excerptOf(passage) {
  const text = withoutMarker(passage).replace(/\s+/g, " ").trim();
  if (text.length <= EXCERPT_CHARS) return text;
  return `${text.slice(0, EXCERPT_CHARS).replace(/\s\S*$/, "")}…`;
}
