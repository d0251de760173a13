// Words in pictures: our reader of pictures, and tesseract.js with its English data. What was read is compared with the
// lines that were drawn.

import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { launchBrowser } from "../../tests/page/browser.mjs";
import { check, inTurns, nameOf, withContestants } from "./contestants.mjs";
import { isSupported } from "./page/our-options.js";
import { rowsOf } from "./rows.mjs";

/** More errors than this are a wrong answer: characters to change for each one that was drawn. */
const MOST_ERRORS = 0.05;

/** `pictures`: `{ title, path, lines }`; `models`: paths of `{ detection, recognition, characters }`. */
export async function compareOcr(run, { pictures, models }) {
  const rows = [];
  for (const picture of pictures) rows.push(...(await comparePicture(run, picture, models)));
  return rows;
}

async function comparePicture(run, { title, path, lines }, models) {
  const addresses = Object.fromEntries(Object.entries(models).map(([name, path]) => [name, `/models/${basename(path)}`]));
  const common = { kind: "openReader", model: `/models/${basename(path)}` };
  const ours = run.builds
    .filter((build) => isSupported({ build }))
    .map((build) => ({ ...common, engine: "ours", build, module: "image", ocr: addresses }));
  const peers = run.withPeers ? [{ ...common, engine: "tesseract", name: "tesseract.js" }] : [];
  const taken = await withContestants(run.browser, run.site.plain, [...ours, ...peers], async (contestants) => {
    const errors = new Map();
    const read = async (contestant) => {
      const { ms, text } = await contestant.read();
      errors.set(contestant, errorRate(text, lines.join(" ")));
      run.say(`${title}, ${nameOf(contestant.settings)}: ${ms.toFixed(0)} ms, ${errors.get(contestant).toFixed(4)} errors`);
      return 1000 / ms;
    };
    for (let warmUp = 0; warmUp < run.warmUps; warmUp += 1) for (const contestant of contestants) await read(contestant);
    const rates = await inTurns(contestants, run.rounds, read);
    const ofPeers = contestants.slice(ours.length).map((contestant) => errors.get(contestant));
    for (const contestant of contestants.slice(0, ours.length)) {
      const mine = errors.get(contestant);
      check(mine <= MOST_ERRORS, `${mine.toFixed(3)} of the characters of ${title} are wrong`);
      for (const other of ofPeers) check(mine <= other, `${title} is read with ${mine} errors, and by the peer with ${other}`);
    }
    return contestants.map(({ settings }, index) => ({ settings, rates: rates[index] }));
  });
  const [mine, others] = [taken.slice(0, ours.length), taken.slice(ours.length)];
  return rowsOf({ what: `reading the words of ${title}`, threads: 1, unit: "pictures/s", limit: null, ours: mine, peers: others });
}

/** Changes of characters that make `found` of `expected`, for each character of it. White space counts as one space. */
function errorRate(found, expected) {
  const [a, b] = [found, expected].map((text) => [...text.replace(/\s+/g, " ").trim()]);
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [place, character] of a.entries()) {
    const next = [place + 1];
    for (const [at, other] of b.entries()) {
      next.push(Math.min(row[at] + (character === other ? 0 : 1), row[at + 1] + 1, next[at] + 1));
    }
    row = next;
  }
  return row[b.length] / b.length;
}

const SENTENCES = [
  "The harbour office opens at seven, and at nine on Sundays.",
  "Crane 3 lifts 12 tonnes; crane 4 waits for a spare part.",
  "Mr. Ole Brandt signed the contract on 14 March 1931.",
  "The ferry to Anholt leaves from berth 2 at 18:40.",
  "Repairs of the sluice cost 1,240 crowns in that year.",
  "Visitors pay at the gate: 4 for adults, 2 for children.",
  "Water stood 35 cm above the mark on the old quay wall.",
  "Please report damage to the keeper before the evening.",
];

/** The next lines of a document, of so many sentences each. */
function linesOf(count, sentences) {
  let next = 0;
  const line = () => Array.from({ length: sentences }, () => SENTENCES[next++ % SENTENCES.length]).join(" ");
  return Array.from({ length: count }, (_, number) => `${number + 1}. ${line()}`);
}

/** A page of A4 at 300 dots an inch with letters of 11 points, and a window of a program. */
export function ocrPictures(pathOf) {
  const page = { title: "an A4 page at 300 dpi", path: pathOf("page-300-dpi.png"), width: 2480, height: 3508, lines: linesOf(38, 1) };
  const screen = { title: "a screenshot of 1,000 x 700", path: pathOf("screenshot.png"), width: 1000, height: 700, lines: linesOf(12, 1) };
  return [
    { ...page, style: "margin: 250px 240px; font: 46px/72px serif" },
    { ...screen, style: "margin: 40px 48px; font: 20px/50px sans-serif; color: #dde1e6; background: #20242c" },
  ];
}

/** Draws the pictures in a browser, each time anew. */
export async function drawPictures(pictures) {
  const browser = await launchBrowser();
  try {
    for (const { path, width, height, lines, style } of pictures) {
      const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: 1 });
      await page.setContent(`<body style="${style}">${lines.map((line) => `<div>${line}</div>`).join("")}</body>`);
      await writeFile(path, await page.screenshot());
      await page.close();
    }
  } finally {
    await browser.close();
  }
}
