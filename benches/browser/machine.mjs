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

/** For each number of threads `{ operations, bytes, relaxed, paired, widened }` a second. `operations` is of the fastest. */
export async function measureLimits(run) {
  const page = await openPage(run.browser, run.site.isolated);
  const limits = {};
  for (const threads of run.threads) {
    const measured = await page.evaluate(
      ([threads, milliseconds]) => bench.measureLimits(threads, milliseconds),
      [threads, run.limitMs],
    );
    const { stream, ...operations } = measured;
    limits[threads] = { operations: Math.max(...Object.values(operations)), bytes: stream, ...operations };
  }
  await page.close();
  return limits;
}

/** How much quicker sums of four products are than products of 16 bits where a processor has an instruction for them. */
const LEAST_GAIN = 1.5;

/** Whether this processor has, for browsers, an instruction that adds four products. */
export function addsFour(limits) {
  return Object.values(limits).some(({ relaxed, widened }) => relaxed > LEAST_GAIN * widened);
}
