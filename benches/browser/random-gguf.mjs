#!/usr/bin/env node
// Decoders of the Llama family with random weights: what they write means nothing, but computing it takes as long as
// if it did. Tokenizer and chat template are copied from a real file. The same bytes every time.
//
//   node benches/browser/random-gguf.mjs SOURCE_GGUF FOLDER NAME…      NAME is a key of SHAPES

import { realpathSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { aligned, bytesOf, floatEntry, numberEntry, readHeader, textEntry, textsOf, TYPES, writeHeader } from "./gguf.mjs";

const SEED = 0x9e3779b9;
/** Standard deviation of a weight times the root of its row's length: at 1, activations neither grow nor fade. */
const GAIN = 1;

/** As SmolLM2 has it; what is copied goes with it. */
const VOCABULARY = 49_152;
const CONTEXT = 2048;
const ROPE_BASE = 100_000;
const EMBEDDINGS = "token_embd.weight";
/** Letters and digits, perhaps after a space, which byte-level tokenizers write this way. */
const PLAIN_TOKEN = /^\u0120?[A-Za-z0-9]+$/;

const SMOLLM2 = { width: 576, layers: 30, heads: 9, keyHeads: 3, inner: 1536, vocabulary: VOCABULARY };
const LARGER = { width: 1024, layers: 24, heads: 16, keyHeads: 8, inner: 3840, vocabulary: VOCABULARY };
/** For the tokenizer of the tests' own small decoder. */
const TINY = { width: 256, layers: 2, heads: 4, keyHeads: 2, inner: 512, vocabulary: 400 };

/** The models made here, by the name of their file. */
export const SHAPES = {
  "random-135m.Q8_0.gguf": { type: "q8_0", ...SMOLLM2 },
  "random-400m.Q4_K.gguf": { type: "q4_k", ...LARGER },
  "random-tiny.Q8_0.gguf": { type: "q8_0", ...TINY },
  "random-tiny.Q4_K.gguf": { type: "q4_k", ...TINY },
};

/** Writes the model `name` into `folder`, with the tokenizer of the file `source`. */
export async function writeRandomModel(source, folder, name) {
  const shape = SHAPES[name];
  const { entries } = await readHeader(source);
  const tokenizer = [...entries].filter(([key]) => key.startsWith("tokenizer.")).map(([, bytes]) => bytes);
  const tensors = tensorsOf(shape);
  const file = await open(join(folder, name), "w");
  try {
    await file.write(writeHeader([...metadata(name, shape), ...tokenizer], tensors));
    const chance = new Chance(SEED);
    for (const tensor of tensors) {
      const bytes = Buffer.alloc(aligned(bytesOf(tensor)));
      FILL[tensor.type](bytes.subarray(0, bytesOf(tensor)), tensor.dimensions[0], chance);
      if (tensor.name === EMBEDDINGS) silence(bytes, tensor, textsOf(entries.get("tokenizer.ggml.tokens")));
      await file.write(bytes);
    }
  } finally {
    await file.close();
  }
}

function metadata(name, { width, layers, heads, keyHeads, inner, vocabulary }) {
  return [
    textEntry("general.architecture", "llama"),
    textEntry("general.name", name),
    numberEntry("llama.block_count", layers),
    numberEntry("llama.context_length", CONTEXT),
    numberEntry("llama.embedding_length", width),
    numberEntry("llama.feed_forward_length", inner),
    numberEntry("llama.attention.head_count", heads),
    numberEntry("llama.attention.head_count_kv", keyHeads),
    floatEntry("llama.attention.layer_norm_rms_epsilon", 1e-5),
    numberEntry("llama.rope.dimension_count", width / heads),
    floatEntry("llama.rope.freq_base", ROPE_BASE),
    numberEntry("llama.vocab_size", vocabulary),
  ];
}

/**
 * Rows of zeros for tokens that are no plain words: they are then never the likeliest, so that whatever is written is
 * text, and does not end before it should.
 */
function silence(bytes, { dimensions: [columns, rows], type }, tokens) {
  const rowBytes = bytesOf({ dimensions: [columns], type });
  for (let row = 0; row < rows; row += 1) {
    if (!PLAIN_TOKEN.test(tokens[row])) bytes.fill(0, row * rowBytes, (row + 1) * rowBytes);
  }
}

/** As llama.cpp names them; without a head of its own, which is then the token embeddings. */
function tensorsOf({ type, width, layers, heads, keyHeads, inner, vocabulary }) {
  const keys = (width / heads) * keyHeads;
  const matrix = (name, columns, rows) => ({ name: `${name}.weight`, dimensions: [columns, rows], type });
  const norm = (name) => ({ name: `${name}.weight`, dimensions: [width], type: "f32" });
  const layer = (block) => [
    norm(`${block}.attn_norm`),
    matrix(`${block}.attn_q`, width, width),
    matrix(`${block}.attn_k`, width, keys),
    matrix(`${block}.attn_v`, width, keys),
    matrix(`${block}.attn_output`, width, width),
    norm(`${block}.ffn_norm`),
    matrix(`${block}.ffn_gate`, width, inner),
    matrix(`${block}.ffn_up`, width, inner),
    matrix(`${block}.ffn_down`, inner, width),
  ];
  const blocks = Array.from({ length: layers }, (_, index) => layer(`blk.${index}`)).flat();
  return [matrix("token_embd", width, vocabulary), ...blocks, norm("output_norm")];
}

/** How each type's blocks are filled, for rows of `columns` numbers. */
const FILL = {
  f32(bytes) {
    new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4).fill(1);
  },

  // A scale (f16) and 32 numbers of 8 bits, all values equally likely.
  q8_0(bytes, columns, chance) {
    chance.fill(bytes);
    const scale = halfOf(GAIN / Math.sqrt(columns) / (256 / Math.sqrt(12)));
    for (let block = 0; block < bytes.length; block += TYPES.q8_0.bytes) bytes.writeUInt16LE(scale, block);
  },

  // Two scales (f16), 8 scales and 8 least values of 6 bits, and 256 numbers of 4 bits. With the least value's scale
  // 7.5 times the other's, and each of the 8 pairs equal, numbers are as often above zero as below.
  q4_k(bytes, columns, chance) {
    chance.fill(bytes);
    const spread = 47.5 * Math.sqrt(255 / 12); // of a mean 6-bit scale times a number of 4 bits
    const step = GAIN / Math.sqrt(columns) / spread;
    const [scale, least] = [halfOf(step), halfOf(7.5 * step)];
    for (let block = 0; block < bytes.length; block += TYPES.q4_k.bytes) {
      bytes.writeUInt16LE(scale, block);
      bytes.writeUInt16LE(least, block + 2);
      packPairs(bytes, block + 4);
    }
  },
};

/** Makes 12 random bytes hold 8 scales from 32 to 63, and the same 8 again as least values. */
function packPairs(bytes, at) {
  const scales = Array.from({ length: 8 }, (_, index) => 32 | (bytes[at + index] & 31));
  for (let index = 0; index < 4; index += 1) {
    const high = (scales[index + 4] >> 4) << 6;
    bytes[at + index] = scales[index] | high;
    bytes[at + 4 + index] = scales[index] | high;
    bytes[at + 8 + index] = (scales[index + 4] & 15) | ((scales[index + 4] & 15) << 4);
  }
}

/** The bits of a positive number as f16, cut off; large enough not to be subnormal. */
function halfOf(value) {
  const exponent = Math.floor(Math.log2(value));
  if (exponent < -14 || exponent > 15) throw new Error(`${value} is no normal f16`);
  return ((exponent + 15) << 10) | Math.floor((value / 2 ** exponent - 1) * 1024);
}

/** xorshift32, four bytes at a time. */
class Chance {
  constructor(seed) {
    this.state = seed;
  }

  fill(bytes) {
    const numbers = new Uint32Array(Math.ceil(bytes.length / 4));
    let state = this.state;
    for (let index = 0; index < numbers.length; index += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      numbers[index] = state;
    }
    this.state = state;
    bytes.set(new Uint8Array(numbers.buffer, 0, bytes.length));
  }
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [source, folder, ...names] = process.argv.slice(2);
  for (const name of names) await writeRandomModel(source, folder, name);
}
