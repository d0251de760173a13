// Reading documents: our reader modules, and pdf.js, which takes the text out of each page. Their texts are compared
// with the words that were put in.

import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { check, inTurns, nameOf, withContestants } from "./contestants.mjs";
import { rowsOf } from "./rows.mjs";

const SAMPLE_MS = 10;
const MEBI = 2 ** 20;
/** Of the words of a document, the share that its text must have. */
const LEAST_SHARE = 0.99;

/** `documents`: `{ title, path, module, parts, unit, text, peer }`, where `unit` names the `parts`: pages or slides. */
export async function compareDocuments(run, documents) {
  const rows = [];
  for (const document of documents) rows.push(...(await compareDocument(run, document)));
  return rows;
}

async function compareDocument(run, { title, path, module, parts, unit, text, peer }) {
  const common = { kind: "openReader", model: `/models/${basename(path)}` };
  const ours = { ...common, engine: "ours", build: "readers", module };
  const peers = run.withPeers && peer ? [{ ...common, engine: peer, name: peer }] : [];
  const taken = await withContestants(run.browser, run.site.plain, [ours, ...peers], async (contestants) => {
    const read = async (contestant) => {
      const { ms, text: found } = await contestant.read();
      const share = shareOfWords(found, text);
      check(share >= LEAST_SHARE, `${nameOf(contestant.settings)} has ${share.toFixed(3)} of the words of ${title}`);
      run.say(`${title}, ${nameOf(contestant.settings)}: ${ms.toFixed(0)} ms`);
      return parts / (ms / 1000);
    };
    const peaks = [];
    for (const contestant of contestants) peaks.push(await peakBytes(run.browser, () => read(contestant)));
    for (let warmUp = 1; warmUp < run.warmUps; warmUp += 1) for (const contestant of contestants) await read(contestant);
    const rates = await inTurns(contestants, run.rounds, read);
    return contestants.map(({ settings }, index) => ({ settings, rates: rates[index], peak: peaks[index] }));
  });
  const row = (what, unit, rates) => {
    const with_ = (one) => ({ settings: one.settings, rates: rates(one) });
    const [mine, ...others] = taken.map(with_);
    return rowsOf({ what, threads: 1, unit, limit: null, ours: [mine], peers: others });
  };
  const rows = row(`reading ${title}`, `${unit}/s`, ({ rates }) => rates);
  const areKnown = taken.every(({ peak }) => peak > 0);
  if (!areKnown) return rows;
  return [...rows, ...row(`${unit} of ${title} in a MiB of memory, at the peak`, unit, ({ peak }) => [(parts * MEBI) / peak])];
}

/** The share of the words of `expected` that `text` has, each as often as it is there. */
function shareOfWords(text, expected) {
  const left = new Map();
  for (const word of wordsOf(text)) left.set(word, (left.get(word) ?? 0) + 1);
  const wanted = wordsOf(expected);
  const found = wanted.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count > 0;
  });
  return found.length / wanted.length;
}

const wordsOf = (text) => text.split(/\s+/).filter((word) => word !== "");

/** By how many bytes the memory of all pages grew at most during `work`; 0 where the system does not tell. */
async function peakBytes(browser, work) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const pages = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  const before = await bytesOf(pages);
  let most = before;
  let isDone = false;
  const sampling = (async () => {
    while (!isDone) {
      most = Math.max(most, await bytesOf(pages));
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  })();
  try {
    await work();
  } finally {
    isDone = true;
    await sampling;
    await session.detach();
  }
  return most - before;
}

/** What processes hold of memory of their own, as Linux tells it. */
async function bytesOf(processes) {
  const known = await readdir("/proc").then((names) => new Set(names), () => new Set());
  const sizes = processes
    .filter((id) => known.has(String(id)))
    .map(async (id) => {
      const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
      const kibibytes = [...status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)].map(([, number]) => Number(number));
      return kibibytes.reduce((sum, number) => sum + number, 0) * 1024;
    });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}
