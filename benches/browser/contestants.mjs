// Pages that each hold one engine with one model, and how they take turns.

/** What `page/bench.js` can do. */
const CALLS = ["generate", "stop", "embed", "add", "ask", "read", "thumbnails", "loadTable", "query"];

/** Opens a page at `site` with the contestant that `settings` describe; what a page's script does wrong ends the run. */
export async function enter(browser, site, settings) {
  const page = await openPage(browser, site);
  await page.evaluate((settings) => bench.open(settings), settings);
  const contestant = { settings };
  for (const call of CALLS) {
    contestant[call] = (task) => page.evaluate(([call, task]) => bench[call](task), [call, task]);
  }
  contestant.leave = async () => {
    await page.evaluate(() => bench.close());
    await page.close();
  };
  return contestant;
}

export async function openPage(browser, site) {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  page.on("pageerror", (error) => console.error(`in the page: ${error.message}`));
  await page.goto(`${site}/page/index.html`);
  await page.waitForFunction(() => window.bench !== undefined);
  return page;
}

/** `work` with the contestants that these settings describe, none of which stays. */
export async function withContestants(browser, site, list, work) {
  const contestants = [];
  try {
    for (const settings of list) contestants.push(await enter(browser, site, settings));
    return await work(contestants);
  } finally {
    for (const contestant of contestants) await contestant.leave().catch(() => {});
  }
}

/** What `measure(contestant, round)` gives, a list of rounds for each contestant: in every round, one after the other. */
export async function inTurns(contestants, rounds, measure) {
  const taken = contestants.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) taken[index].push(await measure(contestant, round));
  }
  return taken;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A wrong answer ends the run: however fast it was, it is no measurement. */
export function check(holds, what) {
  if (!holds) throw new Error(`Wrong answer, so no measurement: ${what}.`);
}

/** Who a contestant is, in messages. */
export function nameOf({ engine, build, precision, threads, workers }) {
  const counted = (count, what) => count && `${count} ${what}${count === 1 ? "" : "s"}`;
  return [engine, build ?? precision, counted(threads, "thread"), counted(workers, "worker")].filter(Boolean).join(" ");
}
