// Reading a prompt and writing on, against wllama. A run of one prompt gives both rates.

import { basename } from "node:path";
import { check, inTurns, nameOf, withContestants } from "./contestants.mjs";
import { readHeader } from "./gguf.mjs";
import { isSupported } from "./page/our-options.js";
import { rowsOf } from "./rows.mjs";
import { measureStops } from "./stops.mjs";
import { promptFor, PROMPT_TOKENS } from "./texts.mjs";

const WRITTEN_TOKENS = 64;
const WARM_UP_TOKENS = 16;
/** Each token of ours must be among this many that the peer finds likeliest, of 49,152, while both write the same. */
const CANDIDATES = 5;
/** What the engines say they took must be at least this much of what the page's clock says, but for the messages. */
const TIMED_SHARE = 0.8;
const MESSAGES_MS = 200;
/** What the browser's clock cannot tell from nothing. */
const CLOCK_MS = 0.1;

/**
 * `model`: `{ title, path, agreed, promptDays, promptTokens }`; `agreed` is how many characters after the prompt must be the
 * same everywhere, `promptDays` shortens the prompt, and `promptTokens` is how many
 * tokens it has then, where that is known. `promptEnd` is a beginning of its next line.
 */
export async function compareGenerators(run, model) {
  const flop = await flopOfToken(model.path);
  const rows = [];
  for (const threads of run.threads) {
    const list = [
      ...run.builds.map((build) => ({ engine: "ours", build })).filter(({ build }) => isSupported({ build, threads })),
      ...(run.withPeers ? [{ engine: "wllama", name: "wllama" }] : []),
    ].map((settings) => ({ ...settings, threads, kind: "openGenerator", model: `/models/${basename(model.path)}` }));
    if (list.length === 0) continue;
    const work = (contestants) => measure(run, model, contestants);
    const { taken, stops } = await withContestants(run.browser, run.site.isolated, list, work);
    rows.push(...rowsOfRuns(run, model, threads, flop, taken), ...rowsOfStops(model, threads, stops));
  }
  return rows;
}

async function measure(run, model, contestants) {
  await warmUp(run, model, contestants);
  const taken = await inTurns(contestants, run.rounds, async (contestant, round) => {
    const result = await contestant.generate({ prompt: promptFor(model, round + 1), tokens: WRITTEN_TOKENS });
    checkRun(contestant, model, result, WRITTEN_TOKENS);
    run.say(`${model.title}, ${nameOf(contestant.settings)}: ${describe(result)}`);
    return result;
  });
  for (let round = 0; round < run.rounds; round += 1) checkAgreement(model, taken.map((results) => results[round].text));
  return {
    taken: contestants.map(({ settings }, index) => ({ settings, results: taken[index] })),
    stops: await measureStops(run, model, contestants, taken),
  };
}

/**
 * Each engine reads and writes before it is timed, more than once: a browser compiles a module's functions while they
 * run, one by one. What they write first is compared.
 */
async function warmUp(run, model, contestants) {
  await compareFirstWords(model, contestants);
  for (let more = 1; more < run.warmUps; more += 1) {
    const task = { prompt: promptFor(model, run.rounds + more), tokens: WARM_UP_TOKENS };
    for (const contestant of contestants) await contestant.generate(task);
  }
}

async function compareFirstWords(model, contestants) {
  const written = [];
  for (const contestant of contestants) {
    const isPeer = contestant.settings.engine !== "ours";
    const task = { prompt: promptFor(model, 0), tokens: WARM_UP_TOKENS, ...(isPeer && { candidates: CANDIDATES }) };
    const result = await contestant.generate(task);
    checkRun(contestant, model, result, WARM_UP_TOKENS);
    written.push({ isPeer, ...result });
  }
  const [peers, ours] = [written.filter(({ isPeer }) => isPeer), written.filter(({ isPeer }) => !isPeer)];
  for (const { steps } of peers) {
    for (const { pieces } of ours) compareSteps(model, pieces, steps);
  }
}

/** What stands for a token that is no whole character: such ones cannot be told apart. */
const isBroken = (text) => text === "" || text.includes("\uFFFD");

/** Goes along what the peer wrote for as long as ours is the same, and over the first token that is not. */
function compareSteps({ title }, pieces, steps) {
  for (const [step, { token, candidates }] of steps.entries()) {
    const piece = pieces[step];
    if (!candidates.includes(piece) && candidates.some(isBroken)) return;
    const likely = JSON.stringify(candidates);
    check(candidates.includes(piece), `${title}: at step ${step} we write ${JSON.stringify(piece)}, the peer one of ${likely}`);
    if (piece !== token) return;
  }
}

function checkRun({ settings }, model, { promptTokens, promptMs, tokens, decodeMs, wallMs }, asked) {
  const name = `${model.title}, ${nameOf(settings)}`;
  check(tokens === asked, `${name} wrote ${tokens} tokens of ${asked}`);
  const expected = promptTokensOf(model);
  check(!expected || promptTokens === expected, `${name} read ${promptTokens} tokens of ${expected}`);
  const timed = promptMs + decodeMs;
  check(timed >= TIMED_SHARE * (wallMs - MESSAGES_MS) && timed <= wallMs, `${name} accounts for ${timed} ms of ${wallMs}`);
}

function checkAgreement({ title, agreed }, texts) {
  if (!agreed) return;
  const beginnings = texts.map((text) => text.slice(0, agreed));
  check(new Set(beginnings).size === 1, `${title}: the engines write ${JSON.stringify(beginnings)}`);
}

const prefillRate = ({ promptTokens, promptMs }) => promptTokens / (promptMs / 1000);
/** The first token comes with the prompt. */
const decodeRate = ({ tokens, decodeMs }) => (tokens - 1) / (decodeMs / 1000);

/** The tokens of a model's prompts; undefined where they are not counted beforehand. */
const promptTokensOf = ({ promptDays, promptTokens }) => promptTokens ?? (promptDays === undefined ? PROMPT_TOKENS : undefined);

function promptOf(model) {
  const tokens = promptTokensOf(model);
  return tokens ? `${tokens} tokens` : "a short prompt";
}

function rowsOfStops(model, threads, stops) {
  const ours = stops.map(({ settings, stopsMs }) => ({ settings, rates: [1000 / Math.max(CLOCK_MS, ...stopsMs)] }));
  const what = `stopping amid ${promptOf(model)}, the slowest of ${stops[0].stopsMs.length}: ${model.title}`;
  return rowsOf({ what, threads, unit: "stops/s", limit: null, ours, peers: [] });
}

function rowsOfRuns(run, model, threads, flop, taken) {
  const { title, path } = model;
  const tokens = promptOf(model);
  const { operations, bytes } = run.limits[threads];
  const measures = [
    { what: `prefill, ${tokens}: ${title}`, rate: prefillRate, limit: operations / flop },
    { what: `decode after ${tokens}: ${title}`, rate: decodeRate, limit: bytes / run.sizes[path] },
  ];
  return measures.flatMap(({ what, rate, limit }) => {
    const rated = taken.map(({ settings, results }) => ({ settings, rates: results.map(rate) }));
    const ours = rated.filter(({ settings }) => settings.engine === "ours");
    const peers = rated.filter(({ settings }) => settings.engine !== "ours");
    return rowsOf({ what, threads, unit: "tokens/s", limit, ours, peers });
  });
}

/** Operations to read one token: two for every weight of the layers. The head is needed for the last token only. */
async function flopOfToken(path) {
  const { tensors } = await readHeader(path);
  const matrices = tensors.filter(({ name, dimensions }) => name.startsWith("blk.") && dimensions.length === 2);
  return 2 * matrices.reduce((sum, { dimensions: [columns, rows] }) => sum + columns * rows, 0);
}

function describe(result) {
  return `prefill ${prefillRate(result).toFixed(1)}, decode ${decodeRate(result).toFixed(1)} tokens/s`;
}
