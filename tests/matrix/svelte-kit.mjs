// Projects built by SvelteKit, as static pages. The page imports the package on the server, too.

import { execFile } from "node:child_process";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const cli = fileURLToPath(new URL("node_modules/vite/bin/vite.js", import.meta.url));

const FILES = {
  "svelte.config.js": `import adapter from "@sveltejs/adapter-static";
export default { kit: { adapter: adapter() } };
`,
  "vite.config.js": `import { sveltekit } from "@sveltejs/kit/vite";
export default { plugins: [sveltekit()] };
`,
  "src/app.html": `<!doctype html><html lang="en"><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>\n`,
  "src/routes/+layout.js": "export const prerender = true;\n",
  "src/routes/+page.svelte": `<script>
  import * as rag from "multimodal-rag";
  import { onMount } from "svelte";
  import { trial } from "../trial.js";

  onMount(() => {
    window.rag = rag;
    window.trial = (options) => trial(rag.Engine, options);
  });
</script>
<h1>trial</h1>
`,
};

/** Builds the project in `root`; resolves to the folder of what it made. */
export async function buildWithSvelteKit(root) {
  await mkdir(join(root, "src/routes"), { recursive: true });
  await rename(join(root, "trial.js"), join(root, "src/trial.js"));
  await rename(join(root, "public"), join(root, "static"));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(root, name), text);
  await promisify(execFile)(process.execPath, [cli, "build"], { cwd: root });
  return join(root, "build");
}
