// Thumbnails of photos, as adding a photo makes them where no words are read.

import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { launchBrowser } from "../../tests/page/browser.mjs";
import { check, nameOf, withContestants } from "./contestants.mjs";
import { rowsOf } from "./rows.mjs";

/** A photo of 12 megapixels. */
const [WIDTH, HEIGHT] = [4000, 3000];
/** The longer side of its thumbnail, and the most bytes. */
const SIDE = 320;
const MOST_BYTES = 40_000;

/** Reads the photo `count` times a round. */
export async function compareThumbnails(run, { path, count }) {
  const ours = { engine: "ours", build: "readers", kind: "openReader", module: "image", model: `/models/${basename(path)}` };
  const rates = await withContestants(run.browser, run.site.plain, [ours], async ([contestant]) => {
    const rates = [];
    for (let round = 0; round < run.rounds + 1; round += 1) {
      const { ms, bytes, width, height } = await contestant.thumbnails({ count });
      check(width === SIDE && height === (SIDE * HEIGHT) / WIDTH, `a thumbnail of ${width} x ${height}`);
      check(bytes <= MOST_BYTES, `a thumbnail of ${bytes} bytes`);
      run.say(`thumbnails, ${nameOf(ours)}: ${(ms / count).toFixed(0)} ms a photo`);
      // The first round compiles the module.
      if (round > 0) rates.push((1000 * count) / ms);
    }
    return rates;
  });
  const what = `thumbnails of ${count} photos of 12 megapixels`;
  return rowsOf({ what, threads: 1, unit: "photos/s", limit: null, ours: [{ settings: ours, rates }], peers: [] });
}

/** Draws a photo: a sky, hills and grain. */
export async function drawPhoto(path) {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const data = await page.evaluate(async ([width, height]) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      const sky = context.createLinearGradient(0, 0, 0, height);
      sky.addColorStop(0, "#5a8fd0");
      sky.addColorStop(1, "#e8d8b8");
      context.fillStyle = sky;
      context.fillRect(0, 0, width, height);
      for (let hill = 0; hill < 40; hill += 1) {
        context.fillStyle = `hsl(${90 + 3 * hill} 30% ${60 - hill}%)`;
        context.beginPath();
        context.ellipse((hill * 997) % width, height * 0.6 + hill * 30, 900, 260, 0, 0, 7);
        context.fill();
      }
      const pixels = context.getImageData(0, 0, width, height);
      let state = 1;
      for (let at = 0; at < pixels.data.length; at += 1) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        if (at % 4 < 3) pixels.data[at] += (state >>> 28) - 8;
      }
      context.putImageData(pixels, 0, 0);
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
      const url = await new Promise((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.readAsDataURL(blob);
      });
      return url.slice(url.indexOf(",") + 1);
    }, [WIDTH, HEIGHT]);
    await writeFile(path, Buffer.from(data, "base64"));
  } finally {
    await browser.close();
  }
}
