// Model files that were fetched, in a folder: the part of a browser's `caches` that the package uses.

import { createWriteStream, openAsBlob } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** How the name of a file ends that is being written. */
const PARTIAL = ".partial";

export class ModelCaches {
  #folder;

  constructor(folder) {
    this.#folder = folder;
  }

  async open() {
    await mkdir(this.#folder, { recursive: true });
    return new ModelCache(this.#folder);
  }
}

export class ModelCache {
  #folder;

  constructor(folder) {
    this.#folder = folder;
  }

  async match(address) {
    try {
      return new Response(await openAsBlob(this.#at(address)));
    } catch {
      return undefined;
    }
  }

  /** A file has its name once it is whole. */
  async put(address, response) {
    const partial = `${this.#at(address)}.${process.pid}${PARTIAL}`;
    await pipeline(Readable.fromWeb(response.body), createWriteStream(partial));
    await rename(partial, this.#at(address));
  }

  /** The files that are whole, by the addresses that a browser's cache would have them at. */
  async keys() {
    const names = (await readdir(this.#folder)).filter((name) => !name.endsWith(PARTIAL));
    return names.map((name) => ({ url: new URL(`file:///${decodeURIComponent(name)}`).href }));
  }

  async delete(address) {
    await rm(this.#at(address), { force: true });
    return true;
  }

  #at(address) {
    return join(this.#folder, encodeURIComponent(String(address).replace(/^\//, "")));
  }
}
