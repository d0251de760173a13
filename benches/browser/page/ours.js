// Our contestant, through the package as its users have it.

export { openReader } from "./our-reader.js";
import { checkBackend, optionsFor, packageFor } from "./our-options.js";

export async function openGenerator(file, settings) {
  const { Generator } = await packageFor(settings);
  const generator = await Generator.load({ file }, optionsFor(settings));
  checkBackend(generator.backend, settings);
  return {
    async generate({ prompt, tokens }) {
      const pieces = [];
      let timings;
      // Peers read each token by itself.
      for await (const piece of generator.generate({ prompt }, { maxTokens: tokens, promptLookup: false })) {
        if (piece.text) pieces.push(piece.text);
        timings ??= piece.timings;
      }
      return { text: pieces.join(""), pieces, ...timings };
    },
    /** Milliseconds from a stop, `afterMs` after the beginning, until the call has ended. */
    async stop({ prompt, tokens, afterMs }) {
      const controller = new AbortController();
      const { signal } = controller;
      let stoppedAt;
      const stop = () => {
        stoppedAt = performance.now();
        controller.abort();
      };
      setTimeout(stop, afterMs);
      try {
        for await (const _ of generator.generate({ prompt }, { maxTokens: tokens, promptLookup: false, signal }));
      } catch (error) {
        if (error.code === "aborted") return performance.now() - stoppedAt;
        throw error;
      }
      throw new Error(`all was written before it was stopped, after ${afterMs} ms`);
    },
    close: () => generator.close(),
  };
}

export async function openEmbedder(file, settings) {
  const { Embedder } = await packageFor(settings);
  const embedder = await Embedder.load(await embedderSource(file, settings), optionsFor(settings));
  checkBackend(embedder.backend, settings);
  return {
    embed: ({ texts }) => embedder.embed(texts),
    close: () => embedder.close(),
  };
}

/** One packed file, or an encoder's original files, of which `file` is the weights. */
export async function embedderSource(file, { config, tokenizer, options }) {
  if (!config) return { file };
  const blobOf = async (url) => ({ file: await (await fetch(url)).blob() });
  return { weights: { file }, config: await blobOf(config), tokenizer: await blobOf(tokenizer), options };
}

export async function openKnowledgeBase(file, settings) {
  const { Engine } = await packageFor(settings);
  const engine = await Engine.open({ storage: "memory", models: { embedder: { file } }, ...optionsFor(settings) });
  checkBackend((await engine.stats()).backend, settings);
  return {
    async add({ text, name }) {
      const { chunks } = await engine.add(text, { name });
      return chunks;
    },
    close: () => engine.close(),
  };
}
