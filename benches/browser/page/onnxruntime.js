// onnxruntime-web's wasm build, on a graph that pools and normalizes as well.

import * as ort from "../peers/onnxruntime-web/ort.wasm.min.mjs";

export async function openEmbedder(file, { threads }) {
  // It would run on one thread without a word.
  if (threads > 1 && !crossOriginIsolated) throw new Error("onnxruntime-web has no threads here");
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = new URL("../peers/onnxruntime-web/", import.meta.url).href;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
  return {
    /** Texts of the same length go through together, others one by one: so nothing is padded. */
    async embed({ ids }) {
      const together = ids.every((row) => row.length === ids[0].length);
      const vectors = [];
      for (const batch of together ? [ids] : ids.map((row) => [row])) vectors.push(...(await run(session, batch)));
      return vectors;
    },
    close: () => session.release(),
  };
}

async function run(session, batch) {
  const shape = [batch.length, batch[0].length];
  const numbers = BigInt64Array.from(batch.flat(), BigInt);
  const feeds = {
    input_ids: new ort.Tensor("int64", numbers, shape),
    attention_mask: new ort.Tensor("int64", new BigInt64Array(numbers.length).fill(1n), shape),
  };
  const { vectors } = await session.run(feeds);
  const width = vectors.dims[1];
  return batch.map((_, row) => vectors.data.slice(row * width, (row + 1) * width));
}
