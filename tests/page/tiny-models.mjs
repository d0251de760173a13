// The models of these tests: of random weights, small, and real in every other way.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const fixtures = join(repository, "tests/fixtures/models");

/** The files' bytes. The embedder is packed by the command line, as a user would. */
export async function tinyModelFiles() {
  return { embedder: await tinyEmbedder(), generator: await readFile(join(fixtures, "tiny-llama.gguf")) };
}

/** The bytes of the packed encoder. Each of the options gives another embedder. */
export async function tinyEmbedder(...options) {
  return packed(join(fixtures, "tiny-bert"), ...options);
}

/** The bytes of a packed image encoder: "clip" or "siglip". */
export async function tinyImageEncoder(name) {
  const reference = join(repository, "tests/fixtures/reference/image_encoders.json");
  const { config, tokenizer, preprocessor, tensors } = JSON.parse(await readFile(reference, "utf8"))[name];
  const folder = await mkdtemp(join(tmpdir(), "tiny-image-encoder-"));
  const files = {
    "config.json": config,
    "tokenizer.json": tokenizer,
    "preprocessor_config.json": preprocessor,
    "model.safetensors": randomWeights(tensors),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return packed(folder);
}

async function packed(folder, ...options) {
  const program = resolve(repository, process.env.CARGO_TARGET_DIR ?? "target", "ci/multimodal-rag");
  const file = join(await mkdtemp(join(tmpdir(), "tiny-models-")), "packed.safetensors");
  await promisify(execFile)(program, ["quantize", folder, file, ...options]);
  return readFile(file);
}

/** The safetensors file of these tensors: the numbers of scripts/reference/image_encoders.py. */
function randomWeights(tensors) {
  const header = {};
  const parts = [];
  let start = 0;
  for (const [name, shape, offset, scale] of tensors) {
    const count = shape.reduce((product, length) => product * length, 1);
    const numbers = new Float32Array(count);
    const unit = randomUnits(name);
    for (let at = 0; at < count; at++) numbers[at] = Math.fround(offset + Math.fround(Math.fround(scale) * unit()));
    header[name] = { dtype: "F32", shape, data_offsets: [start, start + 4 * count] };
    start += 4 * count;
    parts.push(Buffer.from(numbers.buffer));
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}

/** Numbers from -1 to 1, by splitmix64 from the hash FNV-1a of a name. */
function randomUnits(name) {
  const narrow = (number) => BigInt.asUintN(64, number);
  const step = (hash, byte) => narrow((hash ^ BigInt(byte)) * 0x100000001b3n);
  let state = [...Buffer.from(name)].reduce(step, 0xcbf29ce484222325n);
  return () => {
    state = narrow(state + 0x9e3779b97f4a7c15n);
    let bits = narrow((state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    bits = narrow((bits ^ (bits >> 27n)) * 0x94d049bb133111ebn);
    bits ^= bits >> 31n;
    return Number(bits >> 40n) / (1 << 23) - 1;
  };
}

/** What a `ModelSource` says of a file that is served at `url`. */
export function sourceOf(url, bytes) {
  return { url, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}
