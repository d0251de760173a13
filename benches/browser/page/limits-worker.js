// One thread of the measuring of limits: it makes a kernel ready, checks what it computes, and at "go" runs it over and
// over for a while.

import { COLUMNS, DEPTH, PLACES, ROWS, STREAM_BYTES } from "./limits-shape.js";

/** How the GEMM kernels take their operands; kernels.mjs says why. */
const BYTES = { depth: 4, Activations: Int8Array };
const TAKES = { relaxed: BYTES, paired: BYTES, widened: { depth: 2, Activations: Int16Array } };
const TILE_COLUMNS = 8;
const CHECKED_RESULTS = 500;

let work = null;

self.onmessage = async ({ data }) => {
  if (data.kernel) {
    work = data.kernel === "stream" ? await prepareStream() : await prepareGemm(data.kernel);
    self.postMessage({ ready: true });
  } else {
    self.postMessage({ rate: rateOf(work, data.milliseconds) });
  }
};

/** Units a second, after as long a time again to warm up. */
function rateOf({ run, units }, milliseconds) {
  let runs;
  let spent;
  for (const _ of ["to warm up", "to be timed"]) {
    const started = performance.now();
    runs = 0;
    do {
      run();
      runs += 1;
      spent = performance.now() - started;
    } while (spent < milliseconds);
  }
  return (runs * units) / (spent / 1000);
}

async function instantiate(name) {
  const { instance } = await WebAssembly.instantiateStreaming(fetch(`../kernels/${name}.wasm`));
  return instance.exports;
}

async function prepareStream() {
  const { memory, sum } = await instantiate("stream");
  new Int32Array(memory.buffer).fill(3);
  const expected = (STREAM_BYTES / 4) * 3;
  const run = () => {
    if (sum() !== expected) throw new Error("the sum over the memory is wrong");
  };
  return { run, units: STREAM_BYTES };
}

async function prepareGemm(name) {
  const { memory, run } = await instantiate(name);
  const { depth, Activations } = TAKES[name];
  // Within the ranges for which every engine's relaxed dot gives the same.
  const activation = (row, k) => ((row * 31 + k * 7) % 255) - 127;
  const weight = (column, k) => (column * 13 + k * 5) % 127;

  const activations = new Activations(memory.buffer, PLACES.activations, ROWS * DEPTH);
  for (let row = 0; row < ROWS; row += 1) {
    for (let k = 0; k < DEPTH; k += 1) activations[row * DEPTH + k] = activation(row, k);
  }
  const weights = new Int8Array(memory.buffer, PLACES.weights, COLUMNS * DEPTH);
  for (let column = 0; column < COLUMNS; column += 1) {
    for (let k = 0; k < DEPTH; k += 1) weights[placeOfWeight(column, k, depth)] = weight(column, k);
  }
  run();
  checkResult(new Int32Array(memory.buffer, PLACES.result, ROWS * COLUMNS), activation, weight);
  return { run, units: 2 * ROWS * COLUMNS * DEPTH };
}

/** Panels of columns; in each, steps of the depth; in each, columns; in each, the step's depth. */
function placeOfWeight(column, k, depth) {
  const panel = Math.floor(column / TILE_COLUMNS);
  const step = Math.floor(k / depth);
  return panel * TILE_COLUMNS * DEPTH + step * TILE_COLUMNS * depth + (column % TILE_COLUMNS) * depth + (k % depth);
}

function checkResult(result, activation, weight) {
  for (let check = 0; check < CHECKED_RESULTS; check += 1) {
    const row = (check * 37) % ROWS;
    const column = (check * 101) % COLUMNS;
    let expected = 0;
    for (let k = 0; k < DEPTH; k += 1) expected += activation(row, k) * weight(column, k);
    if (result[row * COLUMNS + column] !== expected) throw new Error(`the product is wrong at ${row}, ${column}`);
  }
}
