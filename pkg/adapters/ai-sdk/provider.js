// What all models say of themselves.

/** The key of what is ours in `providerMetadata` and `providerOptions`. */
export const METADATA_KEY = "multimodalRag";

export function describe(modelId) {
  return { specificationVersion: "v4", provider: "multimodal-rag", modelId };
}

export function unsupported(feature, details) {
  return { type: "unsupported", feature, details };
}

/** The tokens that a call took, as far as they are known. */
export function usageOf({ promptTokens, tokens } = {}) {
  return {
    inputTokens: { total: promptTokens, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: tokens, text: tokens, reasoning: undefined },
  };
}

/** The settings that were given. */
export function given(settings) {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
