// What the tests of one file need, such as a site and a browser.

import { after } from "node:test";

/**
 * Starts things, all at once, for the tests of a file, and closes them after the tests, the last one first. Resolves to
 * them by their names.
 *
 * @param {Record<string, Promise<{ close: () => Promise<void> }>>} starting
 */
export async function setUp(starting) {
  const outcomes = await Promise.allSettled(Object.values(starting));
  const close = async () => {
    for (const { value } of outcomes.toReversed()) await value?.close();
  };
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }
  after(close);
  return Object.fromEntries(Object.keys(starting).map((name, at) => [name, outcomes[at].value]));
}
