// The vectors of an embedder.

import { describe, unsupported } from "./provider.js";

export function embeddingModel(embedder, { modelId = "embedder", as = "passage" } = {}) {
  return {
    ...describe(modelId),
    maxEmbeddingsPerCall: Infinity, // it makes batches itself
    supportsParallelCalls: false,
    async doEmbed({ values, dimensions, abortSignal }) {
      const vectors = await embedder.embed(values, { as, signal: abortSignal });
      const embeddings = vectors.map((vector) => Array.from(vector));
      return { embeddings, warnings: warningsOf(dimensions, vectors[0]?.length) };
    },
  };
}

function warningsOf(asked, given) {
  if (asked === undefined || given === undefined || asked === given) return [];
  return [unsupported("dimensions", `Its vectors have ${given} dimensions.`)];
}
