const NUMBER = new Intl.NumberFormat("en");

/** 6463 as "6,463". */
export const count = (value) => NUMBER.format(value);

/** "1 chunk", "31 chunks". */
export const plural = (value, noun) => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** Bytes in the unit that a person would use, decimal as disks and downloads are. */
export function bytes(value) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let amount = value;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 10 ? 0 : 1;
  return `${amount.toFixed(digits)} ${units[unit]}`;
}

/** A measured time: "3 ms", "840 ms", "2.4 s", "1 min 20 s". */
export function duration(ms) {
  if (ms < 1) return "under 1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** An estimate, no more exact than it can be: "a few seconds left", "about 40 s left". */
export function timeLeft(ms) {
  const seconds = ms / 1000;
  if (seconds < 5) return "a few seconds left";
  if (seconds < 90) return `about ${Math.ceil(seconds / 5) * 5} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}

/** A sentence without the mark of the list item that it begins with: "- Tea" and "2. Tea" as "Tea". */
export const withoutMarker = (text) => text.replace(/^\s*(?:[-*+•]|\d{1,3}[.)])\s+/, "");
