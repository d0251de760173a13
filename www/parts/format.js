import { language, t } from "./texts/texts.js";

const NUMBER = new Intl.NumberFormat(language);
const withDigits = (digits) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
const [WHOLE, ONE_DIGIT, TWO_DIGITS] = [0, 1, 2].map(withDigits);

/** 6463 as "6,463". */
export const count = (value) => NUMBER.format(value);

/** 0.5 as "0.50". */
export const hundredths = (value) => TWO_DIGITS.format(value);

/** Bytes in the unit that a person would use, decimal as disks and downloads are. */
export function bytes(value) {
  const units = [t("bytes.unit"), "kB", "MB", "GB", "TB"];
  let unit = 0;
  let amount = value;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 10 ? WHOLE : ONE_DIGIT;
  return `${digits.format(amount)} ${units[unit]}`;
}

/** A measured time: "3 ms", "840 ms", "2.4 s", "1 min 20 s". */
export function duration(ms) {
  if (ms < 1) return t("duration.short");
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${ONE_DIGIT.format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** An estimate, no more exact than it can be: "a few seconds left", "about 40 s left". */
export function timeLeft(ms) {
  const seconds = ms / 1000;
  if (seconds < 5) return t("time.soon");
  if (seconds < 90) return t("time.seconds", { seconds: Math.ceil(seconds / 5) * 5 });
  return t("time.minutes", { minutes: Math.round(seconds / 60) });
}

/** A sentence without the mark of the list item that it begins with: "- Tea" and "2. Tea" as "Tea". */
export const withoutMarker = (text) => text.replace(/^\s*(?:[-*+•]|\d{1,3}[.)])\s+/, "");
