// Projects built and served by Vite.

import { join } from "node:path";
import { importFrom, writePage } from "./project.mjs";

/** Builds the project in `root`; resolves to the folder of what it made. */
export async function buildWithVite(vite, root, { withPlugin }) {
  await vite.build(await configOf(root, withPlugin));
  return join(root, "dist");
}

/** Starts the development server. */
export async function serveWithVite(vite, root, { withPlugin }) {
  const server = await vite.createServer({ ...(await configOf(root, withPlugin)), server: { host: "127.0.0.1", port: 0 } });
  await server.listen();
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}

async function configOf(root, withPlugin) {
  await writePage(root, "/app.js");
  const plugins = withPlugin ? [(await importFrom(root, "multimodal-rag/vite")).default()] : [];
  return { root, configFile: false, logLevel: "error", plugins, build: { reportCompressedSize: false } };
}
