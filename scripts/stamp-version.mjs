#!/usr/bin/env node
// Writes the version of the package into wasm files: pkg/wasm-file.js compares it before it runs one.
//
//   node scripts/stamp-version.mjs FILE…

import { readFile, writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { VERSION } from "../pkg/version.js";

/** The name of the custom section, as pkg/wasm-file.js has it. */
const NAME = "multimodal-rag-version";
const HEADER_BYTES = 8;
const CUSTOM = 0;

/** The file with this version in place of any that it has. */
export function stamp(bytes, version) {
  const kept = sections(bytes).filter((section) => !isCustom(section, NAME));
  const body = Buffer.concat([length(NAME.length), Buffer.from(NAME), Buffer.from(version)]);
  const added = Buffer.concat([Buffer.of(CUSTOM), length(body.length), body]);
  return Buffer.concat([bytes.subarray(0, HEADER_BYTES), ...kept.map(({ whole }) => whole), added]);
}

/** Whether the file has a custom section of this name. */
export function hasSection(bytes, name) {
  return sections(bytes).some((section) => isCustom(section, name));
}

function isCustom({ id, body }, name) {
  return id === CUSTOM && nameOf(body) === name;
}

function sections(bytes) {
  const found = [];
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const { value, end } = readLength(bytes, at + 1);
    const stop = end + value;
    found.push({ id: bytes[at], body: bytes.subarray(end, stop), whole: bytes.subarray(at, stop) });
    at = stop;
  }
  return found;
}

function nameOf(body) {
  const { value, end } = readLength(body, 0);
  return body.toString("utf8", end, end + value);
}

/** A number in LEB128. */
function readLength(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, end: at };
  }
}

function length(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const file of process.argv.slice(2)) await writeFile(file, stamp(await readFile(file), VERSION));
}
