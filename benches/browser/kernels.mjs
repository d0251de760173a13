// The wasm by which this machine's limits are measured: a register-blocked int8 GEMM, over relaxed dots of four, over
// those of two, and over i16 dots; and a sum over more memory than any cache holds. Written as text and assembled by
// binaryen.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { COLUMNS, DEPTH, PLACES, ROWS, STREAM_BYTES } from "./page/limits-shape.js";

const ASSEMBLER = fileURLToPath(new URL("../../tests/page/node_modules/binaryen/bin/wasm-as", import.meta.url));
const PAGE_BYTES = 65536;

/** Of the result, held in registers while all of the depth runs past: 4 rows of 2 vectors of 4 columns. */
const TILE_ROWS = 4;
const TILE_VECTORS = 2;
const TILE_COLUMNS = TILE_VECTORS * 4;
const UNROLLED = 4;

/** What tells the kernels apart: how much of the depth one dot takes, and how operands reach the registers. */
const RELAXED = {
  depth: 4,
  bytesOfActivation: 1,
  bytesOfVector: 16,
  load: "v128.load",
  dot: (sum, activations, weights) => `(i32x4.relaxed_dot_i8x16_i7x16_add_s ${activations} ${weights} ${sum})`,
};
/** For processors that lack the instruction for sums of four; `$ones` adds up the two sums of each column. */
const PAIRED = {
  ...RELAXED,
  dot: (sum, activations, weights) =>
    `(i32x4.add ${sum} (i32x4.dot_i16x8_s (i16x8.relaxed_dot_i8x16_i7x16_s ${activations} ${weights}) (local.get $ones)))`,
};
const WIDENED = {
  depth: 2,
  bytesOfActivation: 2,
  bytesOfVector: 8,
  load: "v128.load8x8_s",
  dot: (sum, activations, weights) => `(i32x4.add ${sum} (i32x4.dot_i16x8_s ${activations} ${weights}))`,
};

/** Writes a module for each kernel into `folder`. */
export async function assembleKernels(folder) {
  await assemble(folder, "relaxed", gemmText(RELAXED), ["--enable-relaxed-simd"]);
  await assemble(folder, "paired", gemmText(PAIRED), ["--enable-relaxed-simd"]);
  await assemble(folder, "widened", gemmText(WIDENED), []);
  await assemble(folder, "stream", streamText(), []);
}

async function assemble(folder, name, text, features) {
  const source = join(folder, `${name}.wat`);
  await writeFile(source, text);
  const output = join(folder, `${name}.wasm`);
  await promisify(execFile)(process.execPath, [ASSEMBLER, source, "--enable-simd", ...features, "-o", output]);
}

const range = (count) => Array.from({ length: count }, (_, index) => index);

/**
 * `run()` multiplies what lies at PLACES once. Weights lie in panels of TILE_COLUMNS columns, in the order in which
 * they are read.
 */
function gemmText(kind) {
  const panelBytes = (DEPTH / kind.depth) * TILE_VECTORS * kind.bytesOfVector;
  const rowBytes = DEPTH * kind.bytesOfActivation;
  const sums = range(TILE_ROWS).flatMap((row) => range(TILE_VECTORS).map((vector) => ({ row, vector })));
  const clear = sums.map((place) => `(local.set ${sumOf(place)} (v128.const i32x4 0 0 0 0))`);
  const store = sums.map((place) => {
    const offset = (place.row * COLUMNS + place.vector * 4) * 4;
    return `(v128.store offset=${offset} (local.get $c) (local.get ${sumOf(place)}))`;
  });
  return `(module
  (memory (export "memory") ${Math.ceil(PLACES.end / PAGE_BYTES)})
  (func (export "run")
    (local $a i32) (local $b i32) (local $c i32) (local $panel i32) (local $tile i32) (local $k i32) (local $x v128) (local $ones v128)
    ${[...sums.map(sumOf), ...range(TILE_VECTORS).map(weightsOf)].map((name) => `(local ${name} v128)`).join(" ")}
    (local.set $ones (i16x8.splat (i32.const 1)))
    (loop $panels
      (local.set $a (i32.const ${PLACES.activations}))
      (local.set $c ${placed(PLACES.result, "$panel", TILE_COLUMNS * 4)})
      (local.set $tile (i32.const 0))
      (loop $tiles
        (local.set $b ${placed(PLACES.weights, "$panel", panelBytes)})
        ${clear.join("\n        ")}
        (local.set $k (i32.const 0))
        (loop $depth
          ${range(UNROLLED).flatMap((step) => stepText(kind, step)).join("\n          ")}
          ${advance("$a", UNROLLED * kind.depth * kind.bytesOfActivation)}
          ${advance("$b", UNROLLED * TILE_VECTORS * kind.bytesOfVector)}
          ${again("$depth", "$k", DEPTH / kind.depth / UNROLLED)})
        ${store.join("\n        ")}
        ${advance("$a", (TILE_ROWS - 1) * rowBytes)}
        ${advance("$c", TILE_ROWS * COLUMNS * 4)}
        ${again("$tiles", "$tile", ROWS / TILE_ROWS)})
      ${again("$panels", "$panel", COLUMNS / TILE_COLUMNS)})))
`;
}

const sumOf = ({ row, vector }) => `$sum${row}_${vector}`;
const weightsOf = (vector) => `$w${vector}`;
const placed = (start, index, bytes) => `(i32.add (i32.const ${start}) (i32.mul (local.get ${index}) (i32.const ${bytes})))`;
const advance = (name, by) => `(local.set ${name} (i32.add (local.get ${name}) (i32.const ${by})))`;
/** Counts `name` up, and goes round `loop` again until it is `count`. */
const again = (loop, name, count) =>
  `(br_if ${loop} (i32.lt_u (local.tee ${name} (i32.add (local.get ${name}) (i32.const 1))) (i32.const ${count})))`;

/** One dot's worth of depth: each row's activations, splat, with each vector of weights. */
function stepText(kind, step) {
  const weights = range(TILE_VECTORS).map((vector) => {
    const offset = (step * TILE_VECTORS + vector) * kind.bytesOfVector;
    return `(local.set ${weightsOf(vector)} (${kind.load} offset=${offset} (local.get $b)))`;
  });
  const rows = range(TILE_ROWS).flatMap((row) => {
    const offset = (row * DEPTH + step * kind.depth) * kind.bytesOfActivation;
    const splat = `(local.set $x (v128.load32_splat offset=${offset} (local.get $a)))`;
    const dots = range(TILE_VECTORS).map((vector) => {
      const sum = sumOf({ row, vector });
      return `(local.set ${sum} ${kind.dot(`(local.get ${sum})`, "(local.get $x)", `(local.get ${weightsOf(vector)})`)})`;
    });
    return [splat, ...dots];
  });
  return [...weights, ...rows];
}

/** `sum()` adds up STREAM_BYTES as 32-bit numbers, in eight sums that do not wait for each other. */
function streamText() {
  const sums = range(8).map((index) => `$s${index}`);
  const add = (sum, value) => `(local.set ${sum} (i32x4.add (local.get ${sum}) ${value}))`;
  const lane = (index) => `(i32x4.extract_lane ${index} (local.get ${sums[0]}))`;
  return `(module
  (memory (export "memory") ${STREAM_BYTES / PAGE_BYTES})
  (func (export "sum") (result i32)
    (local $p i32) ${sums.map((sum) => `(local ${sum} v128)`).join(" ")}
    (loop $next
      ${sums.map((sum, index) => add(sum, `(v128.load offset=${index * 16} (local.get $p))`)).join("\n      ")}
      ${advance("$p", sums.length * 16)}
      (br_if $next (i32.lt_u (local.get $p) (i32.const ${STREAM_BYTES}))))
    ${sums.slice(1).map((sum) => add(sums[0], `(local.get ${sum})`)).join("\n    ")}
    (i32.add (i32.add ${lane(0)} ${lane(1)}) (i32.add ${lane(2)} ${lane(3)}))))
`;
}
