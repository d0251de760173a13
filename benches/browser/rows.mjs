// Rows of results: what was measured, ours beside a peer's, and how near ours comes to what this machine can do.

import { check, median } from "./contestants.mjs";

/**
 * The rows of one comparison: each of ours with each peer. `ours` and `peers` hold `{ settings, rates }`; where ours
 * cannot run with so many threads, peers stand alone; a peer that could not do it has no rates. `limit` is in the same
 * unit as the rates.
 */
export function rowsOf({ what, threads, unit, limit, ours, peers }) {
  const rows = [];
  for (const mine of ours.length > 0 ? ours : [null]) {
    for (const peer of peers.length > 0 ? peers : [null]) {
      const mineRate = mine && rateOf(mine.rates, what);
      const peerRate = peer?.rates && rateOf(peer.rates, what);
      rows.push({
        what,
        threads,
        build: mine && mine.settings.build,
        ours: mineRate && rounded(mineRate),
        peer: peerRate ? rounded(peerRate) : null,
        peer_name: peer && peer.settings.name,
        unit,
        ratio: mineRate && peerRate ? rounded(mineRate / peerRate) : null,
        limit_percent: mineRate && limit && rounded((100 * mineRate) / limit),
      });
    }
  }
  return rows;
}

function rateOf(rates, what) {
  const rate = median(rates);
  check(Number.isFinite(rate) && rate > 0, `"${what}" has the rate ${rate}`);
  return rate;
}

/** Three digits that count. */
export const rounded = (number) => Number(number.toPrecision(3));
