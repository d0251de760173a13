// An answer to take along: as Markdown, as plain text and as HTML. Texts of documents are escaped, so that markup in them
// does nothing.

import { withoutMarker } from "./format.js";
import { t } from "./texts/texts.js";

/** What is taken along of a turn: its question, its parts, and its sources, each with a number and where it is. */
function partsOf({ question, events }, places) {
  const sources = new Map();
  const numberOf = (citation) => {
    const key = [citation.documentId, citation.start, citation.end].join();
    if (!sources.has(key)) sources.set(key, { number: sources.size + 1, line: places.line(citation), text: citation.text });
    return sources.get(key).number;
  };
  const [computed] = events.filter(({ type }) => type === "table");
  const quotes = events
    .filter(({ type }) => type === "quote")
    .map(({ citation }) => ({ text: withoutMarker(citation.text), number: numberOf(citation) }));
  const answer = answerOf(events, numberOf);
  const told = computed && { text: computed.text, sql: computed.sql, document: computed.table.documentName };
  return { question, computed: told, quotes, answer, sources: [...sources.values()] };
}

/** The written text in pieces, each with the numbers of the sources after it. */
function answerOf(events, numberOf) {
  const text = events.filter(({ type }) => type === "text").map(({ text }) => text).join("");
  const pieces = [];
  let start = 0;
  for (const { citation, textEnd } of events.filter(({ type }) => type === "citation")) {
    if (textEnd > start) pieces.push({ text: text.slice(start, textEnd), numbers: [] });
    pieces.at(-1)?.numbers.push(numberOf(citation));
    start = Math.max(start, textEnd);
  }
  if (text.slice(start).trim()) pieces.push({ text: text.slice(start), numbers: [] });
  return pieces;
}

/** The turn as Markdown, its sources as footnotes. */
export function markdownOf(turn, places) {
  const { question, computed, quotes, answer, sources } = partsOf(turn, places);
  const note = (number) => `[^${number}]`;
  const blocks = [`# ${escaped(question)}`];
  if (computed) blocks.push(...markdownOfComputed(computed));
  for (const { text, number } of quotes) blocks.push(`${quoted(text)}${note(number)}`);
  if (answer.length > 0) blocks.push(answer.map(({ text, numbers }) => `${escaped(text.trimEnd())}${numbers.map(note).join("")}`).join(""));
  if (blocks.length === 1) blocks.push(t("export.nothing"));
  for (const { number, line, text } of sources) blocks.push(`${note(number)}: ${escaped(line)}: “${escaped(oneLine(text))}”`);
  return `${blocks.join("\n\n")}\n`;
}

function markdownOfComputed({ text, document, sql }) {
  return [escaped(text), t("export.computedFrom", { name: escaped(document) }), `\`\`\`sql\n${sql.replaceAll("```", "")}\n\`\`\``];
}

/** The turn as plain text. */
export function textOf(turn, places) {
  const { question, computed, quotes, answer, sources } = partsOf(turn, places);
  const note = (number) => ` [${number}]`;
  const blocks = [question];
  if (computed) blocks.push(`${computed.text} ${t("export.computedFromShort", { name: computed.document })}`);
  for (const { text, number } of quotes) blocks.push(`“${text}”${note(number)}`);
  if (answer.length > 0) blocks.push(answer.map(({ text, numbers }) => text.trimEnd() + numbers.map(note).join("")).join(""));
  blocks.push(sources.map(({ number, line }) => `[${number}] ${line}`).join("\n"));
  return blocks.filter(Boolean).join("\n\n");
}

/** The same as HTML, for editors that take it. */
export function htmlOf(turn, places) {
  const { question, computed, quotes, answer, sources } = partsOf(turn, places);
  const note = (number) => `<sup>[${number}]</sup>`;
  const blocks = [`<p><strong>${entities(question)}</strong></p>`];
  if (computed) blocks.push(`<p>${entities(computed.text)} ${t("export.computedFromShort", { name: entities(computed.document) })}</p>`);
  for (const { text, number } of quotes) blocks.push(`<blockquote>${entities(text)}${note(number)}</blockquote>`);
  if (answer.length > 0) blocks.push(`<p>${answer.map(({ text, numbers }) => entities(text.trimEnd()) + numbers.map(note).join("")).join("")}</p>`);
  if (sources.length > 0) blocks.push(`<p>${sources.map(({ number, line }) => `[${number}] ${entities(line)}`).join("<br>")}</p>`);
  return blocks.join("");
}

/** A name for a file, made of a question. */
export function fileNameOf(question) {
  const words = question.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return `${words.join("-").slice(0, 60).replace(/-+$/, "") || t("export.fileName")}.md`;
}

const oneLine = (text) => text.replace(/\s+/g, " ").trim();
/** Characters that mean something in Markdown, at least at the beginning of a line. */
const escaped = (text) => text.replace(/[\\`*_{}[\]()<>#+\-.!|~]/g, "\\$&");
const quoted = (text) => text.split("\n").map((line) => `> ${escaped(line)}`).join("\n");
const entities = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
