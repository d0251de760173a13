// Projects built by webpack.

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { writePage } from "./project.mjs";

/** Builds the project in `root`; resolves to the folder of what it made. `publicPath` is where that will be served. */
export async function buildWithWebpack(webpack, root, { publicPath = "auto" } = {}) {
  const path = join(root, "dist");
  await cp(join(root, "public"), path, { recursive: true });
  await writePage(path, `${publicPath === "auto" ? "/" : publicPath}main.js`);
  const config = { context: root, mode: "production", entry: "./app.js", output: { path, publicPath }, performance: false };
  await new Promise((resolve, reject) => {
    webpack(config, (error, stats) => {
      if (error ?? stats.hasErrors()) reject(error ?? new Error(stats.toString("errors-only")));
      else resolve();
    });
  });
  return path;
}
