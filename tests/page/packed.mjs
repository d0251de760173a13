// The package as npm publishes it: a tarball, and what is in it. The wasm files are empty in the tarball, which makes it
// seconds quicker to pack, and put in place where it is installed.

import { execFile } from "node:child_process";
import { copyFile, cp, link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const pkg = fileURLToPath(new URL("../../pkg", import.meta.url));
const isWasm = (path) => path.endsWith(".wasm");

/** Packs the package. `paths` are the files in it; `close` removes the tarball. */
export async function packPackage() {
  const folder = await mkdtemp(join(tmpdir(), "rag-packed-"));
  const source = join(folder, "pkg");
  const emptied = [];
  const filter = (path) => !isWasm(path) || emptied.push(path) < 0;
  await cp(pkg, source, { recursive: true, filter });
  for (const path of emptied) await writeFile(join(source, path.slice(pkg.length)), "");
  const { stdout } = await run("npm", ["pack", "--json", "--offline", "--pack-destination", folder], { cwd: source });
  const [{ filename, files }] = JSON.parse(stdout);
  const paths = files.map(({ path }) => path);
  const tarball = join(folder, filename);
  return { tarball, paths, install: (project) => install(tarball, paths, project), close: () => rm(folder, { recursive: true }) };
}

/** Installs the package into the project in this folder. */
async function install(tarball, paths, project) {
  const target = join(project, "node_modules/multimodal-rag");
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  for (const path of paths.filter(isWasm)) {
    const [from, to] = [join(pkg, path), join(target, path)];
    await rm(to);
    await link(from, to).catch(() => copyFile(from, to)); // on another disk
  }
}
