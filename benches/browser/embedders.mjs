// Texts, or pictures, to vectors, against onnxruntime-web.

import { basename } from "node:path";
import { check, inTurns, nameOf, withContestants } from "./contestants.mjs";
import { isSupported } from "./page/our-options.js";
import { rowsOf } from "./rows.mjs";

/** The least cosine of a peer's vectors with those of the reference. */
const LEAST_COSINE_OF_PEERS = 0.98;
const TOKENS = "tokens/s";
/** The peer in whose arithmetic nothing is rounded. */
const REFERENCE = "onnxruntime-web f32";

/**
 * `model`: `{ title, ours, peers, flopOfToken, leastCosine, cases }`, a case being `{ title, texts, ids }` and, where
 * there are no peers, the vectors to be expected. Of an image encoder (`kind` is "openImageEmbedder") the texts are the
 * numbers of pictures, each with one id, and `unit` is not tokens. Our vectors have at least `leastCosine` with those of the reference.
 * Gives `{ rows, accuracy }`: the latter is the least cosine of each engine, `{ model, engine, least_cosine }`.
 */
export async function compareEmbedders(run, model) {
  const rows = [];
  const cosines = new Map();
  for (const threads of run.threads) {
    const list = contestantsOf(run, model, threads);
    if (list.length === 0) continue;
    await withContestants(run.browser, run.site.isolated, list, async (contestants) => {
      for (const each of model.cases) {
        const taken = await measure(run, each, contestants, model.unit ?? TOKENS);
        noteCosines(cosines, each, taken, model.leastCosine);
        rows.push(...rowsOfCase(run, model, each, threads, taken));
      }
    });
  }
  const accuracy = [...cosines].map(([engine, least_cosine]) => ({ model: model.title, engine, least_cosine }));
  return { rows, accuracy };
}

function contestantsOf(run, { ours, peers, kind = "openEmbedder" }, threads) {
  const builds = run.builds.filter((build) => isSupported({ build, threads }));
  const mine = builds.map((build) => ({ engine: "ours", build, ...ours }));
  const others = peers.map(({ precision, path }) => ({
    engine: "onnxruntime",
    precision,
    name: `onnxruntime-web ${precision}`,
    model: `/models/${basename(path)}`,
  }));
  return [...mine, ...others].map((settings) => ({ ...settings, threads, kind }));
}

async function measure(run, { title, texts, ids }, contestants, unit) {
  const tokens = ids.flat().length;
  for (const contestant of contestants) await contestant.embed({ texts, ids, leastMs: run.leastMs });
  const taken = await inTurns(contestants, run.rounds, async (contestant) => {
    const { ms, vectors } = await contestant.embed({ texts, ids, leastMs: run.leastMs });
    const rate = tokens / (ms / 1000);
    run.say(`${title}, ${nameOf(contestant.settings)}: ${rate.toPrecision(3)} ${unit}`);
    return { rate, vectors };
  });
  return contestants.map(({ settings }, index) => ({
    settings,
    rates: taken[index].map(({ rate }) => rate),
    vectors: taken[index][0].vectors,
  }));
}

/** Every engine is held to the reference, ours more closely than peers. */
function noteCosines(cosines, { title, vectors: expected }, taken, leastCosine) {
  const reference = expected ?? taken.find(({ settings }) => settings.name === REFERENCE)?.vectors;
  check(reference !== undefined, `"${title}" has nothing to be compared with`);
  for (const { settings, vectors } of taken) {
    check(vectors.length === reference.length, `${nameOf(settings)} gave ${vectors.length} vectors`);
    const least = Math.min(...vectors.map((vector, index) => dot(vector, reference[index])));
    const isOurs = settings.engine === "ours";
    const bound = isOurs ? leastCosine : LEAST_COSINE_OF_PEERS;
    check(least >= bound, `"${title}", ${nameOf(settings)}: a vector has the cosine ${least}`);
    const name = isOurs ? `ours, ${settings.build}` : settings.name;
    cosines.set(name, Math.min(cosines.get(name) ?? 1, Number(least.toFixed(4))));
  }
}

function rowsOfCase(run, { title, flopOfToken, unit = TOKENS }, each, threads, taken) {
  return rowsOf({
    what: `${title}, ${each.title}`,
    threads,
    unit,
    limit: flopOfToken && run.limits[threads].operations / flopOfToken,
    ours: taken.filter(({ settings }) => settings.engine === "ours"),
    peers: taken.filter(({ settings }) => settings.engine !== "ours"),
  });
}

const dot = (a, b) => a.reduce((sum, value, index) => sum + value * b[index], 0);
