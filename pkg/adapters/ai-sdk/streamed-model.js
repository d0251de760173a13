// A language model that is made of what it streams.

import { partStream } from "./part-stream.js";
import { describe } from "./provider.js";

/** @param {(options: object, signal: AbortSignal) => AsyncGenerator} partsOf its stream, from `stream-start` to `finish` */
export function streamedModel(modelId, partsOf) {
  return {
    ...describe(modelId),
    supportedUrls: {},
    async doStream(options) {
      return { stream: partStream((signal) => withErrorParts(partsOf(options, signal)), options.abortSignal) };
    },
    async doGenerate(options) {
      const signal = options.abortSignal ?? new AbortController().signal;
      return collect(partsOf(options, signal));
    },
  };
}

/** A failure as a part, as the specification has it. */
async function* withErrorParts(parts) {
  try {
    yield* parts;
  } catch (error) {
    yield { type: "error", error };
  }
}

/** What the last part of a text, or of all, says of it. */
function endOf({ type, id, ...end }) {
  return end;
}

function opened(open, id) {
  const text = { type: "text", text: "" };
  open.set(id, text);
  return text;
}

/** The result of a call that does not stream. */
async function collect(parts) {
  const content = [];
  const open = new Map();
  let result = {};
  for await (const part of parts) {
    const { type, id } = part;
    if (type === "stream-start") result.warnings = part.warnings;
    else if (type === "text-start") content.push(opened(open, id));
    else if (type === "text-delta") open.get(id).text += part.delta;
    else if (type === "text-end") Object.assign(open.get(id), endOf(part));
    else if (type === "finish") result = { ...result, ...endOf(part) };
    else content.push(part);
  }
  return { content, ...result };
}
