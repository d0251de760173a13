// wllama (llama.cpp as wasm), with the settings that are best for it on a CPU.

import { LoggerWithoutDebug, Wllama } from "../peers/wllama/index.js";

const WASM = { default: new URL("../peers/wllama/wllama.wasm", import.meta.url).href };
const CONTEXT = 1024;
const BATCH = 512;

export async function openGenerator(file, { threads }) {
  const wllama = new Wllama(WASM, { suppressNativeLog: true, logger: LoggerWithoutDebug });
  const options = { n_threads: threads, n_ctx: CONTEXT, n_batch: BATCH, n_ubatch: BATCH, n_parallel: 1, n_gpu_layers: 0 };
  await wllama.loadModel([file], options);
  if (wllama.getNumThreads() !== threads) throw new Error(`wllama runs on ${wllama.getNumThreads()} threads`);
  return {
    /** With `candidates`, each token is told, and as many of the likeliest ones in its place; that takes time. */
    async generate({ prompt, tokens, candidates }) {
      const greedy = { temperature: 0, top_k: 1, ignore_eos: true, cache_prompt: false };
      const asked = { prompt, max_tokens: tokens, ...greedy, ...(candidates && { logprobs: candidates }) };
      const { choices, timings } = await wllama.createCompletion(asked);
      return {
        text: choices[0].text,
        steps: candidates && choices[0].logprobs.content.map(stepOf),
        promptTokens: timings.prompt_n,
        promptMs: timings.prompt_ms,
        tokens: timings.predicted_n,
        decodeMs: timings.predicted_ms,
      };
    },
    close: () => wllama.exit(),
  };
}

const stepOf = ({ token, top_logprobs }) => ({ token, candidates: top_logprobs.map(({ token }) => token) });
