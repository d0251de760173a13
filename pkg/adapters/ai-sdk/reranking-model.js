// Documents in the order of their likeness to a question.

import { rankTexts } from "../similarity.js";
import { describe } from "./provider.js";

export function rerankingModel(embedder, { modelId = "embedder" } = {}) {
  return {
    ...describe(modelId),
    async doRerank({ documents, query, topN, abortSignal }) {
      const isText = documents.type === "text";
      const texts = isText ? documents.values : documents.values.map((value) => JSON.stringify(value));
      const ranked = await rankTexts(embedder, query, texts, abortSignal);
      const ranking = ranked.slice(0, topN).map(({ index, score }) => ({ index, relevanceScore: score }));
      const details = "Objects are compared as JSON text.";
      return { ranking, warnings: isText ? [] : [{ type: "compatibility", feature: "object documents", details }] };
    },
  };
}
