// Models by their name on a hub. The hub is asked once for the commit that the revision is now, and for the file's size
// and SHA-256. These are pinned beside the model files, and used ever after.

import { FILE_CACHE } from "./file-cache.js";
import { askHub, failed, HubFailure } from "./hub-answer.js";
import { encodePath, parseName } from "./hub-name.js";

/** Pages of one folder's list that are read; a page has about 1,000 files. */
const MAX_PAGES = 20;

const COMMIT = /^[0-9a-f]{40}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** A source as the wasm module takes it: it has a name looked up when the model is loaded. */
export function withHubModel(source) {
  return source?.hub === undefined ? source : { hub: new HubModel(source.hub) };
}

class HubModel {
  #parts;
  #repositoryUrl;
  #apiUrl;
  #pinAddress;

  constructor({ name, hubUrl }) {
    this.name = name;
    const { owner, repository, path, revision } = (this.#parts = parseName(name));
    const hub = hubUrl.replace(/\/+$/, "");
    this.#repositoryUrl = `${hub}/${owner}/${repository}`;
    this.#apiUrl = `${hub}/api/models/${owner}/${repository}`;
    const pinned = [this.#repositoryUrl, path, revision];
    this.#pinAddress = `/${FILE_CACHE}/hub/${pinned.map(encodeURIComponent).join("/")}`;
  }

  /** The file that is pinned: `{ url, sha256, size }`, or `undefined`. */
  async pinned() {
    try {
      const stored = await (await caches.open(FILE_CACHE)).match(this.#pinAddress);
      return stored && this.#fileOf(await stored.json());
    } catch {
      return undefined; // no cache here, or not what was put there
    }
  }

  /** The file that is pinned, by now or by this call, which asks the hub. */
  async resolve(signal) {
    return (await this.pinned()) ?? (await this.#pin(signal));
  }

  async #pin(signal) {
    const commit = await this.#commit(signal);
    const { lfs } = await this.#entry(commit, signal);
    const file = this.#fileOf({ commit, sha256: lfs?.oid, size: lfs?.size });
    if (!file) throw new HubFailure("invalid_option", "a small file of which the hub tells no SHA-256");
    await this.#keep({ commit, sha256: file.sha256, size: file.size });
    return file;
  }

  /** A page that may not store anything asks the hub each time. */
  async #keep(pin) {
    try {
      await (await caches.open(FILE_CACHE)).put(this.#pinAddress, new Response(JSON.stringify(pin)));
    } catch {}
  }

  #fileOf({ commit, sha256, size }) {
    if (!COMMIT.test(commit) || !SHA256.test(sha256)) return undefined;
    return { url: `${this.#repositoryUrl}/resolve/${commit}/${encodePath(this.#parts.path)}`, sha256, size };
  }

  /** The commit that the revision is now. */
  async #commit(signal) {
    const { revision } = this.#parts;
    if (COMMIT.test(revision)) return revision;
    const url = `${this.#apiUrl}/revision/${encodeURIComponent(revision)}?expand=sha`;
    const { answer } = await askHub(url, signal);
    if (!COMMIT.test(answer?.sha)) throw failed(url, "the answer names no commit");
    return answer.sha;
  }

  /** The file in the list of its folder. */
  async #entry(commit, signal) {
    const { path } = this.#parts;
    const folder = path.split("/").slice(0, -1);
    const url = [`${this.#apiUrl}/tree/${commit}`, ...folder.map(encodeURIComponent)].join("/");
    let query = "";
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const { answer, next } = await askHub(url + query, signal);
      if (!Array.isArray(answer)) throw failed(url, "the answer is no list of files");
      const entry = answer.find((file) => file?.path === path);
      if (entry) return entry;
      if (!next) throw failed(url, `there is no file "${path}"`);
      query = next;
    }
    throw failed(url, `"${path}" is not among the first files of its folder`);
  }
}
