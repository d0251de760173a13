// The header of a GGUF file: read far enough to know what a model computes, and written again around other weights.

import { open } from "node:fs/promises";

const MAGIC = 0x46554747;
const VERSION = 3;
const ALIGNMENT = 32;
/** More than the header of any model here takes. */
const HEADER_BYTES = 32 * 1024 * 1024;

const STRING = 8;
const ARRAY = 9;
const UINT32 = 4;
const FLOAT32 = 6;
/** Bytes of each kind of value, but for strings and arrays. */
const BYTES_OF = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

/** Numbers to a block, bytes to a block, and how files name the type. */
export const TYPES = {
  f32: { id: 0, numbers: 1, bytes: 4 },
  q8_0: { id: 8, numbers: 32, bytes: 34 },
  q4_k: { id: 12, numbers: 256, bytes: 144 },
};

/** `{ entries, tensors }`: each entry's bytes as they stand, by its key; each tensor's name and dimensions. */
export async function readHeader(path) {
  const file = await open(path);
  const buffer = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await file.read(buffer, 0, HEADER_BYTES, 0);
  await file.close();
  const cursor = new Cursor(buffer.subarray(0, bytesRead));
  if (cursor.u32() !== MAGIC || cursor.u32() !== VERSION) throw new Error(`${path} is no GGUF file of version ${VERSION}`);
  const tensorCount = cursor.u64();
  const entryCount = cursor.u64();
  const entries = new Map();
  for (let index = 0; index < entryCount; index += 1) {
    const start = cursor.at;
    const key = cursor.string();
    cursor.skipValue(cursor.u32());
    entries.set(key, buffer.subarray(start, cursor.at));
  }
  const tensors = [];
  for (let index = 0; index < tensorCount; index += 1) tensors.push(cursor.tensor());
  return { entries, tensors };
}

/** The texts of an entry that is a list of them, such as a tokenizer's tokens. */
export function textsOf(entry) {
  const cursor = new Cursor(entry);
  cursor.string(); // its key
  cursor.at += 4 + 4; // an array, and of texts
  return Array.from({ length: cursor.u64() }, () => cursor.string());
}

class Cursor {
  constructor(buffer) {
    this.buffer = buffer;
    this.at = 0;
  }

  u32() {
    this.at += 4;
    return this.buffer.readUInt32LE(this.at - 4);
  }

  u64() {
    this.at += 8;
    return Number(this.buffer.readBigUInt64LE(this.at - 8));
  }

  string() {
    const length = this.u64();
    this.at += length;
    return this.buffer.toString("utf8", this.at - length, this.at);
  }

  skipValue(kind) {
    if (kind === STRING) this.string();
    else if (kind === ARRAY) this.skipArray();
    else this.at += BYTES_OF[kind];
  }

  skipArray() {
    const kind = this.u32();
    const length = this.u64();
    if (kind === STRING || kind === ARRAY) for (let index = 0; index < length; index += 1) this.skipValue(kind);
    else this.at += length * BYTES_OF[kind];
  }

  tensor() {
    const name = this.string();
    const dimensions = Array.from({ length: this.u32() }, () => this.u64());
    this.at += 4 + 8; // type and place
    return { name, dimensions };
  }
}

/** An entry of one whole number, as `writeHeader` takes it. */
export const numberEntry = (key, value) => entry(key, UINT32, u32(value));
export const floatEntry = (key, value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return entry(key, FLOAT32, bytes);
};
export const textEntry = (key, value) => entry(key, STRING, text(value));

/** The header's bytes, up to where the first tensor lies. `tensors` have `name`, `dimensions` and `type`. */
export function writeHeader(entries, tensors) {
  let place = 0;
  const described = tensors.map(({ name, dimensions, type }) => {
    const bytes = [text(name), u32(dimensions.length), ...dimensions.map(u64), u32(TYPES[type].id), u64(place)];
    place += aligned(bytesOf({ dimensions, type }));
    return Buffer.concat(bytes);
  });
  const start = [u32(MAGIC), u32(VERSION), u64(tensors.length), u64(entries.length)];
  const header = Buffer.concat([...start, ...entries, ...described]);
  return Buffer.concat([header, Buffer.alloc(aligned(header.length) - header.length)]);
}

/** How many bytes a tensor takes. */
export function bytesOf({ dimensions, type }) {
  const { numbers, bytes } = TYPES[type];
  return (dimensions.reduce((product, length) => product * length, 1) / numbers) * bytes;
}

/** Where the next tensor may begin. */
export const aligned = (bytes) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const entry = (key, kind, value) => Buffer.concat([text(key), u32(kind), value]);

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}
