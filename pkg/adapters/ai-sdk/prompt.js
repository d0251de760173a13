// The question and the earlier ones in the messages of a chat.

import { METADATA_KEY, unsupported } from "./provider.js";

/**
 * The last user message is the question. Earlier ones are the history, each with the quotes and the written text of
 * the answers that follow it.
 *
 * @param {{ role: string, content: string | object[] }[]} prompt
 */
export function questionIn(prompt) {
  const warnings = [];
  const turns = [];
  for (const { role, content } of prompt) {
    if (role === "user") turns.push({ question: textOf(content, warnings), quotes: [], answer: [] });
    else if (role === "assistant" && turns.length > 0) addAnswer(turns.at(-1), content);
    else if (role === "system") warnings.push(unsupported("system messages", "The engine has its own instructions."));
    else if (role === "tool") warnings.push(unsupported("tool messages"));
  }
  const question = turns.pop()?.question ?? "";
  const history = turns.filter((turn) => turn.question !== "").map(({ answer, ...turn }) => ({ ...turn, answer: answer.join("\n") }));
  return { question, history, warnings };
}

/** The text of a message; other parts are named in the warnings. */
export function textOf(content, warnings) {
  if (typeof content === "string") return content;
  for (const { type } of content) if (type !== "text") warnings.push(unsupported(`${type} parts of messages`));
  return textParts(content).map(({ text }) => text).join("\n");
}

/** Adds an assistant's message to a turn: of an engine's answer only what was quoted and written. */
function addAnswer({ quotes, answer }, content) {
  for (const { text, providerOptions } of textParts(content)) {
    const kind = providerOptions?.[METADATA_KEY]?.kind ?? "text";
    if (kind === "quote") quotes.push(text);
    else if (kind === "text") answer.push(text);
  }
}

function textParts(content) {
  return typeof content === "string" ? [{ type: "text", text: content }] : content.filter(({ type }) => type === "text");
}
