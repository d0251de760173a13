// The models of these tests: of random weights, small, and real in every other way.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
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
  const program = resolve(repository, process.env.CARGO_TARGET_DIR ?? "target", "ci/multimodal-rag");
  const packed = join(await mkdtemp(join(tmpdir(), "tiny-models-")), "embedder.safetensors");
  await promisify(execFile)(program, ["quantize", join(fixtures, "tiny-bert"), packed, ...options]);
  return readFile(packed);
}

/** What a `ModelSource` says of a file that is served at `url`. */
export function sourceOf(url, bytes) {
  return { url, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}
