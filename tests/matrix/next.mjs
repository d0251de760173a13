// Projects built by Next.js, as static pages. The page imports the package on the server, too.

import { execFile } from "node:child_process";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const cli = createRequire(import.meta.url).resolve("next/dist/bin/next");

const FILES = {
  "next.config.js": `export default { output: "export", turbopack: { root: ${JSON.stringify(here)} } };\n`,
  "app/layout.js": `export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n`,
  "app/page.js": `"use client";
import * as rag from "multimodal-rag";
import { useEffect } from "react";
import { trial } from "./trial.js";

export default function Page() {
  useEffect(() => {
    window.rag = rag;
    window.trial = (options) => trial(rag.Engine, options);
  }, []);
  return <h1>trial</h1>;
}
`,
};

/** Builds the project in `root` by "webpack" or "turbopack"; resolves to the folder of what it made. */
export async function buildWithNext(root, bundler) {
  await mkdir(join(root, "app"), { recursive: true });
  await rename(join(root, "trial.js"), join(root, "app/trial.js"));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(root, name), text);
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
  await promisify(execFile)(process.execPath, [cli, "build", `--${bundler}`], { cwd: root, env });
  return join(root, "out");
}
