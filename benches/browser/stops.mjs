// How soon a call of ours that reads a prompt, or writes after it, ends when it is stopped.

import { median, nameOf } from "./contestants.mjs";
import { promptFor } from "./texts.mjs";

/** The last stop comes at this share of what the whole call took before. */
const LAST_STOP = 0.8;
/** A stop that comes too late is tried again at half the time, so often. */
const TRIES = 6;
/** Enough that writing is not over by then. */
const TOKENS = 256;

/** Stops that are spread over reading and writing: `{ settings, stopsMs }` for each contestant of ours. */
export async function measureStops(run, model, contestants, taken) {
  const measured = [];
  for (const [index, contestant] of contestants.entries()) {
    if (contestant.settings.engine !== "ours") continue;
    const wholeMs = median(taken[index].map(({ wallMs }) => wallMs));
    const stopsMs = [];
    for (let stop = 0; stop < run.stops; stop += 1) {
      const afterMs = (LAST_STOP * wholeMs * (stop + 0.5)) / run.stops;
      stopsMs.push(await stopInTime(contestant, promptFor(model, stop), afterMs));
    }
    const told = stopsMs.map((ms) => ms.toFixed(0)).join(", ");
    run.say(`${model.title}, ${nameOf(contestant.settings)}: stopped within ${told} ms`);
    measured.push({ settings: contestant.settings, stopsMs });
  }
  return measured;
}

async function stopInTime(contestant, prompt, firstAfterMs) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const stopMs = await contestant.stop({ prompt, tokens: TOKENS, afterMs: firstAfterMs / 2 ** attempt });
    if (stopMs !== null) return stopMs;
  }
  throw new Error(`all was written before each of ${TRIES} stops, the first after ${firstAfterMs} ms`);
}
