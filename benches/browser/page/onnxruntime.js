// onnxruntime-web's wasm build, on graphs that pool and normalize as well.

import * as ort from "../peers/onnxruntime-web/ort.wasm.min.mjs";
import { drawPicture } from "./pictures.js";

/** CLIP's colours, of 0 to 1: what is subtracted from them, and what the rest is divided by. */
const MEAN = [0.48145466, 0.4578275, 0.40821073];
const DEVIATION = [0.26862954, 0.26130258, 0.27577711];
const SIDE = 224;

async function openSession(file, threads) {
  // It would run on one thread without a word.
  if (threads > 1 && !crossOriginIsolated) throw new Error("onnxruntime-web has no threads here");
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = new URL("../peers/onnxruntime-web/", import.meta.url).href;
  const bytes = new Uint8Array(await file.arrayBuffer());
  return ort.InferenceSession.create(bytes, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
}

export async function openImageEmbedder(file, { threads }) {
  const session = await openSession(file, threads);
  return {
    /** The texts are the numbers of pictures. */
    async embed({ texts }) {
      const vectors = [];
      for (const number of texts) {
        const pixels = new ort.Tensor("float32", planes(drawPicture(number, SIDE).data), [1, 3, SIDE, SIDE]);
        vectors.push((await session.run({ pixel_values: pixels })).vectors.data);
      }
      return vectors;
    },
    close: () => session.release(),
  };
}

/** The pixels as numbers, colour by colour. */
function planes(rgba) {
  const size = SIDE * SIDE;
  const numbers = new Float32Array(3 * size);
  for (let colour = 0; colour < 3; colour += 1) {
    for (let at = 0; at < size; at += 1) {
      numbers[colour * size + at] = (rgba[4 * at + colour] / 255 - MEAN[colour]) / DEVIATION[colour];
    }
  }
  return numbers;
}

export async function openEmbedder(file, { threads }) {
  const session = await openSession(file, threads);
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
