// Adding text on a page that is not isolated, where no memory can be shared: several workers against one.

import { basename } from "node:path";
import { check, inTurns, nameOf, withContestants } from "./contestants.mjs";
import { isSupported } from "./page/our-options.js";
import { rowsOf } from "./rows.mjs";
import { document } from "./texts.mjs";

const WORKERS = 2;

/** `model`: `{ path, bytes }`: the packed embedder, and how much text is added each time. */
export async function compareAdding(run, { path, bytes }) {
  const rows = [];
  for (const build of run.builds.filter((build) => isSupported({ build }))) {
    const one = { engine: "ours", build, workers: 1, name: "ours, 1 worker" };
    const several = { engine: "ours", build, workers: WORKERS };
    const list = [several, one]
      .filter(isSupported)
      .map((settings) => ({ ...settings, kind: "openKnowledgeBase", model: `/models/${basename(path)}` }));
    const taken = await withContestants(run.browser, run.site.plain, list, (contestants) => measure(run, bytes, contestants));
    rows.push(
      ...rowsOf({
        what: `adding text, page not isolated, ${WORKERS} workers against 1`,
        threads: 1,
        unit: "kB/s",
        limit: null,
        ours: taken.filter(({ settings }) => settings.workers === WORKERS),
        peers: taken.filter(({ settings }) => settings.workers === 1),
      }),
    );
  }
  return rows;
}

async function measure(run, bytes, contestants) {
  const add = async (contestant, round) => {
    const text = document(round, bytes);
    const { ms, chunks } = await contestant.add({ text, name: `log-${round}.txt` });
    run.say(`adding, ${nameOf(contestant.settings)}: ${(text.length / ms).toFixed(1)} kB/s`);
    return { rate: text.length / ms, chunks };
  };
  for (const contestant of contestants) await add(contestant, run.rounds);
  const taken = await inTurns(contestants, run.rounds, add);
  for (let round = 0; round < run.rounds; round += 1) {
    const counts = new Set(taken.map((results) => results[round].chunks));
    check(counts.size === 1 && !counts.has(0), `the same text became ${[...counts].join(" and ")} chunks`);
  }
  return contestants.map(({ settings }, index) => ({ settings, rates: taken[index].map(({ rate }) => rate) }));
}
