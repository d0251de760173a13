// The answers of an engine as those of a language model.

import { answerParts } from "./answer-parts.js";
import { questionIn } from "./prompt.js";
import { METADATA_KEY, given, unsupported, usageOf } from "./provider.js";
import { streamedModel } from "./streamed-model.js";

export function languageModel(engine, { modelId = "engine", ...options } = {}) {
  return streamedModel(modelId, (call, signal) => answer(engine, options, call, signal));
}

async function* answer(engine, options, call, signal) {
  const { warnings, ...asked } = questionIn(call.prompt);
  yield { type: "stream-start", warnings: [...warnings, ...warningsOf(call)] };
  const end = yield* answerParts(engine, asked, { ...options, ...settingsOf(call), signal }, "\n\n");
  if (end.reason === "aborted") throw signal.reason;
  yield {
    type: "finish",
    finishReason: finishReasonOf(end.reason),
    usage: usageOf(end.timings),
    providerMetadata: { [METADATA_KEY]: { timings: end.timings } },
  };
}

/** Why an answer ended, in the words of the AI SDK. */
export function finishReasonOf(reason) {
  const unified = { length: "length", no_answer: "other" }[reason] ?? "stop";
  return { unified, raw: reason };
}

/** The settings that were given; the engine has defaults of its own for the others. */
function settingsOf({ maxOutputTokens: maxTokens, temperature, topK, topP, seed }) {
  return given({ maxTokens, temperature, topK, topP, seed });
}

const UNSUPPORTED = ["stopSequences", "presencePenalty", "frequencyPenalty", "tools"];

/** What an answer takes no notice of. */
function warningsOf(call) {
  const features = UNSUPPORTED.filter((setting) => call[setting] !== undefined && call[setting].length !== 0);
  if (call.responseFormat?.type === "json") features.push("responseFormat");
  return features.map((feature) => unsupported(feature));
}
