// The machine a run was made on, and what it can do at most.

import { cpus, loadavg, totalmem } from "node:os";
import { openPage } from "./contestants.mjs";

export function describeMachine(browser) {
  const processors = cpus();
  return {
    processor: processors[0].model.trim(),
    cores: processors.length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    browser: `Chromium ${browser.version()}, headless`,
    node: process.version,
    // Other work on the machine makes every number here smaller.
    load: Number(loadavg()[0].toFixed(2)),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** For each number of threads `{ operations, bytes, relaxed, widened }` a second. `operations` is of the faster kernel. */
export async function measureLimits(run) {
  const page = await openPage(run.browser, run.site.isolated);
  const limits = {};
  for (const threads of run.threads) {
    const measured = await page.evaluate(
      ([threads, milliseconds]) => bench.measureLimits(threads, milliseconds),
      [threads, run.limitMs],
    );
    const { relaxed, widened, stream } = measured;
    limits[threads] = { operations: Math.max(relaxed, widened), bytes: stream, relaxed, widened };
  }
  await page.close();
  return limits;
}
