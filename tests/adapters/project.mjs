// A project of a user: the package and the frameworks are installed, and its scripts are bundled.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** React 18 stands beside React 19 under these names. */
export const REACT_18 = { react: "react-18", "react-dom": "react-dom-18" };

/** A folder with these files, gone when the test `t` ends. */
export async function makeProject(t, files) {
  const project = await mkdtemp(join(tmpdir(), "rag-adapters-"));
  t.after(() => rm(project, { recursive: true }));
  await mkdir(join(project, "node_modules"));
  for (const name of await readdir(pathOf("./node_modules"))) {
    if (!name.startsWith(".")) await symlink(pathOf(`./node_modules/${name}`), join(project, "node_modules", name));
  }
  await symlink(pathOf("../../pkg"), join(project, "node_modules/multimodal-rag"));
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  return project;
}

/** The script as one module. What it imports is found as a bundler finds it for a user. */
export async function bundle(t, script, { alias, platform = "browser" } = {}) {
  const project = await makeProject(t, { "script.jsx": script });
  const { outputFiles } = await build({
    absWorkingDir: project,
    entryPoints: ["script.jsx"],
    bundle: true,
    write: false,
    format: "esm",
    platform,
    jsx: "automatic",
    preserveSymlinks: true,
    alias,
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "error",
  });
  return outputFiles[0].text;
}

/** The exports of a script that is bundled for Node.js. */
export async function importScript(t, script, options) {
  const text = await bundle(t, script, { platform: "node", ...options });
  return import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}

/** What a script that is bundled for Node.js prints, in a process of its own. */
export async function runScript(t, script, options) {
  const project = await makeProject(t, { "main.mjs": await bundle(t, script, { platform: "node", ...options }) });
  return (await promisify(execFile)(process.execPath, [join(project, "main.mjs")])).stdout;
}
