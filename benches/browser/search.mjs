// Search: the nearest of many vectors, words of many texts, and whole knowledge bases that are opened, asked and added to.
// Peers get the same vectors, texts and questions, each engine in a page of its own.

import { mkdir, rm } from "node:fs/promises";
import { basename } from "node:path";
import { launchVisitor } from "../../tests/page/browser.mjs";
import { check, nameOf, openPage } from "./contestants.mjs";
import { rowsOfSearch } from "./search-rows.mjs";

const VECTOR_PEERS = ["hnswlib-wasm", "edgevec", "@orama/orama"];
const TEXT_PEERS = ["@orama/orama"];
/** The build whose graphs, texts and knowledge bases are measured: what differs between the builds is how vectors are compared. */
const BUILD = "relaxed";
/** Less than this share of the nearest is no search. */
const LEAST_RECALL = 0.95;

/**
 * `settings`: `{ sizes, questions, nearest, limitMs, model, profile }`. A size is `{ count, graphs, withPeers, isStored }`; peers
 * that take longer than `limitMs` to build are given up; `profile` is a folder for the storage of a visitor. Gives `{ rows, search }`.
 */
export async function compareSearch(run, settings) {
  const search = { vectors: [], texts: [], stored: [] };
  for (const size of settings.sizes) {
    const peers = size.withPeers && run.withPeers;
    const ours = run.builds.map((build) => ({ engine: "ours", build }));
    const others = (names) => (peers ? names.map((engine) => ({ engine, build: BUILD })) : []);
    for (const each of [...ours, ...others(VECTOR_PEERS)]) search.vectors.push(await measureVectors(run, settings, size, each));
    if (!size.isStored) continue;
    const texts = [{ engine: "ours", build: BUILD }, ...others(TEXT_PEERS)];
    for (const each of texts) search.texts.push(await measureTexts(run, settings, size, each));
    search.stored.push(await measureStored(run, settings, size));
  }
  return { rows: rowsOfSearch(run, search), search };
}

async function measureVectors(run, { questions, nearest, limitMs }, { count, graphs }, { engine, build }) {
  const task = { engine, build, count, questions, nearest, graphs: graphs && build === BUILD, limitMs };
  const measured = await inPage(run.browser, run, "searchVectors", task);
  for (const { way, recall } of measured.searches) {
    const name = nameOf({ engine, build });
    check(engine !== "ours" || recall >= LEAST_RECALL, `${name} finds ${recall} of the nearest of ${count}, by ${way}`);
  }
  const facts = { count, engine, build: engine === "ours" ? build : null, ...measured };
  run.say(`vectors: ${JSON.stringify(facts)}`);
  return facts;
}

async function measureTexts(run, { questions, nearest, limitMs }, { count }, { engine, build }) {
  const measured = await inPage(run.browser, run, "searchTexts", { engine, build, count, questions, nearest, limitMs });
  check(engine !== "ours" || measured.first === 1, `of ${questions} questions, ${measured.first} find their chunk first by its words`);
  const facts = { count, engine, build: engine === "ours" ? build : null, ...measured };
  run.say(`words: ${JSON.stringify(facts)}`);
  return facts;
}

/** With a visitor whose storage is on disk, as a user's is. */
async function measureStored(run, { questions, nearest, model, profile }, { count }) {
  await rm(profile, { recursive: true, force: true });
  await mkdir(profile, { recursive: true });
  const visitor = await launchVisitor(profile);
  try {
    const served = Object.entries(model).map(([name, path]) => [name, typeof path === "string" ? `/models/${basename(path)}` : path]);
    const task = { build: BUILD, count, questions, nearest, rounds: run.rounds, model: Object.fromEntries(served) };
    const facts = { count, engine: "ours", build: BUILD, ...(await inPage(visitor, run, "searchStored", task)) };
    run.say(`knowledge base: ${JSON.stringify(facts)}`);
    return facts;
  } finally {
    await visitor.close();
    await rm(profile, { recursive: true, force: true });
  }
}

async function inPage(browser, run, call, task) {
  const page = await openPage(browser, run.site.isolated);
  try {
    return await page.evaluate(([call, task]) => bench.search(call, task), [call, task]);
  } finally {
    await page.close();
  }
}
