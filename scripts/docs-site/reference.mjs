// The API reference, made of the package's type declarations and what is written there.

import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true, // adapters name types of frameworks that are not installed here
  target: "es2022",
  lib: ["es2022", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
  module: "preserve",
  moduleResolution: "bundler",
  types: [],
};
const FORMAT = ["--parametersFormat", "table", "--interfacePropertiesFormat", "table", "--typeDeclarationFormat", "table"];

/** The reference of an entry point as Markdown. `types` is the file of its declarations, `scratch` a folder for files. */
export async function reference(name, types, scratch) {
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  const config = join(scratch, "tsconfig.json");
  await writeFile(config, JSON.stringify({ compilerOptions: OPTIONS, files: [types] }));
  const typedoc = join(here, "node_modules/typedoc/bin/typedoc");
  const plugin = join(here, "node_modules/typedoc-plugin-markdown/dist/index.js");
  const out = join(scratch, "out");
  const args = ["--plugin", plugin, "--tsconfig", config, "--entryPoints", types, "--out", out, "--name", name, "--readme", "none"];
  const quiet = ["--router", "module", "--hidePageHeader", "--hideBreadcrumbs", "--disableSources", "--excludeExternals", "--skipErrorChecking", "--logLevel", "Error"];
  await promisify(execFile)(process.execPath, [typedoc, ...args, ...quiet, ...FORMAT], { cwd: here });
  const text = await readFile(join(out, "README.md"), "utf8");
  return text.replaceAll("README.md#", "#");
}
