// Whether a file on disk is the expected one, without hashing it each time.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256Of(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** A description of what is wrong with the file, or null if its length and hash are as expected. */
export async function faultOf(file, { bytes, sha256 }) {
  const { size } = await stat(file);
  if (size !== bytes) return `it has ${size} bytes, not ${bytes}`;
  const got = await sha256Of(file);
  return got === sha256 ? null : `its SHA-256 is ${got}, not ${sha256}`;
}

/** Remembers which files were verified, by length and time of change; a file that changed since is hashed again. */
export class Stamps {
  #file;
  #stamps;

  static async open(folder) {
    const stamps = new Stamps();
    stamps.#file = join(folder, ".verified.json");
    stamps.#stamps = await readFile(stamps.#file, "utf8").then(JSON.parse).catch(() => ({}));
    return stamps;
  }

  /** Whether `file` exists and is the expected one. */
  async isVerified(file, expected) {
    const now = await stat(file).catch(() => null);
    if (!now) return false;
    const stamp = this.#stamps[expected.path];
    const same = stamp?.sha256 === expected.sha256 && stamp.size === now.size && stamp.mtimeMs === now.mtimeMs;
    if (same && now.size === expected.bytes) return true;
    if (await faultOf(file, expected)) return false;
    await this.set(file, expected);
    return true;
  }

  async set(file, { path, sha256 }) {
    const { size, mtimeMs } = await stat(file);
    this.#stamps[path] = { sha256, size, mtimeMs };
    await writeFile(`${this.#file}.new`, `${JSON.stringify(this.#stamps, null, 2)}\n`);
    await rename(`${this.#file}.new`, this.#file);
  }
}
