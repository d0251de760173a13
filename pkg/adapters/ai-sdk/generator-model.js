// A generator as a language model: without documents.

import { textOf } from "./prompt.js";
import { given, unsupported, usageOf } from "./provider.js";
import { streamedModel } from "./streamed-model.js";

export function generatorModel(generator, { modelId = "generator" } = {}) {
  return streamedModel(modelId, (call, signal) => write(generator, call, signal));
}

async function* write(generator, call, signal) {
  const { messages, warnings } = messagesIn(call.prompt);
  yield { type: "stream-start", warnings: [...warnings, ...warningsOf(call)] };
  yield { type: "text-start", id: "1" };
  let last = {};
  try {
    for await (const piece of generator.generate({ messages }, { ...settingsOf(call), signal })) {
      if (piece.text) yield { type: "text-delta", id: "1", delta: piece.text };
      last = piece;
    }
  } catch (error) {
    throw error.code === "aborted" ? signal.reason : error;
  }
  yield { type: "text-end", id: "1" };
  yield { type: "finish", finishReason: { unified: last.reason ?? "stop", raw: last.reason }, usage: usageOf(last.timings) };
}

function messagesIn(prompt) {
  const warnings = [];
  const messages = [];
  for (const { role, content } of prompt) {
    if (role === "tool") warnings.push(unsupported("tool messages"));
    else messages.push({ role, content: textOf(content, warnings) });
  }
  return { messages, warnings };
}

function settingsOf({ maxOutputTokens: maxTokens, temperature, topK, topP, seed, stopSequences: stop }) {
  return given({ maxTokens, temperature, topK, topP, seed, stop });
}

function warningsOf({ presencePenalty, frequencyPenalty, tools, responseFormat }) {
  const others = given({ presencePenalty, frequencyPenalty, tools: tools?.length ? tools : undefined });
  const features = Object.keys(others);
  if (responseFormat?.type === "json") features.push("responseFormat");
  return features.map((feature) => unsupported(feature));
}
