// useChat's way to an engine in the page.

import { answerParts } from "./answer-parts.js";
import { finishReasonOf } from "./language-model.js";
import { partStream } from "./part-stream.js";
import { questionIn } from "./prompt.js";

export function chatTransport(engine, options = {}) {
  return {
    async sendMessages({ messages, abortSignal }) {
      return partStream((signal) => answer(engine, messages, { ...options, signal }), abortSignal);
    },
    // An answer ends with the page that asked.
    async reconnectToStream() {
      return null;
    },
  };
}

async function* answer(engine, messages, options) {
  yield { type: "start" };
  yield { type: "start-step" };
  const { reason } = yield* chunksOf(answerParts(engine, questionIn(messages.map(promptMessage)), options));
  if (reason === "aborted") return yield { type: "abort" };
  yield { type: "finish-step" };
  yield { type: "finish", finishReason: finishReasonOf(reason).unified };
}

/** The chunks of parts. Resolves to what the parts resolve to. */
async function* chunksOf(parts) {
  try {
    for (;;) {
      const { value, done } = await parts.next();
      if (done) return value;
      yield chunkOf(value);
    }
  } finally {
    await parts.return();
  }
}

/** A message of the chat as one of a prompt. What its parts are is in their metadata. */
function promptMessage({ role, parts }) {
  const texts = parts.filter(({ type }) => type === "text");
  return { role, content: texts.map(({ text, providerMetadata }) => ({ type: "text", text, providerOptions: providerMetadata })) };
}

function chunkOf(part) {
  if (part.type === "source") {
    const { id: sourceId, mediaType, title, filename } = part;
    return { type: "source-document", sourceId, mediaType, title, filename };
  }
  if (part.type === "file") return { type: "file", mediaType: part.mediaType, url: dataUrl(part), providerMetadata: part.providerMetadata };
  return part;
}

function dataUrl({ mediaType, data: { data } }) {
  const bytes = Array.from(data, (byte) => String.fromCharCode(byte));
  return `data:${mediaType};base64,${btoa(bytes.join(""))}`;
}
