// Our contestant, through the package as its users have it.

export { openReader } from "./our-reader.js";
export { openTables } from "./our-tables.js";
import { checkBackend, optionsFor, packageFor } from "./our-options.js";
import { drawPicture } from "./pictures.js";

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
    /** Milliseconds from a stop, `afterMs` after the beginning, until the call has ended. Null where all was written before. */
    async stop({ prompt, tokens, afterMs }) {
      const controller = new AbortController();
      const { signal } = controller;
      let stoppedAt;
      const stop = () => {
        stoppedAt = performance.now();
        controller.abort();
      };
      const timer = setTimeout(stop, afterMs);
      try {
        for await (const _ of generator.generate({ prompt }, { maxTokens: tokens, promptLookup: false, signal }));
      } catch (error) {
        if (error.code === "aborted") return performance.now() - stoppedAt;
        throw error;
      }
      clearTimeout(timer);
      return null;
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

export async function openImageEmbedder(file, settings) {
  const { ImageEmbedder } = await packageFor(settings);
  const embedder = await ImageEmbedder.load({ file }, optionsFor(settings));
  checkBackend(embedder.backend, settings);
  return {
    /** The texts are the numbers of pictures. */
    async embed({ texts }) {
      const vectors = [];
      for (const number of texts) vectors.push(await embedder.embedImage(drawPicture(number, embedder.side)));
      return vectors;
    },
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

/** An engine that answers, with the default reader of answers. */
export async function openAnswers(file, settings) {
  const { Engine } = await packageFor(settings);
  const answerReader = { file: await (await fetch(settings.answerReader)).blob() };
  const models = { embedder: { file }, answerReader };
  const engine = await Engine.open({ storage: "memory", models, ...optionsFor(settings) });
  checkBackend((await engine.stats()).backend, settings);
  return {
    /** Each text becomes a document. Returns how many chunks they have. */
    async add({ texts }) {
      let chunks = 0;
      for (const [number, text] of texts.entries()) chunks += (await engine.add(text, { name: `paragraph-${number}.txt` })).chunks;
      return chunks;
    },
    /** Milliseconds until the first quote, null without one, until the end, and of each stage; and the quotes. */
    async ask({ question }) {
      const started = performance.now();
      const quotes = [];
      let quoteMs = null;
      let stages = {};
      for await (const event of engine.ask(question, { maxTokens: 0 })) {
        if (event.type === "end") stages = event.timings;
        if (event.type !== "quote") continue;
        quoteMs ??= performance.now() - started;
        quotes.push(event.citation.text);
      }
      return { ms: performance.now() - started, quoteMs, quotes, stages };
    },
    close: () => engine.close(),
  };
}
