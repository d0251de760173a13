// The folder that keeps a knowledge base, where the program has folders: node/worker-scope.js says how one is opened.

import { invalidOption } from "./errors.js";

let open = (path) => {
  throw invalidOption("folder", JSON.stringify(path), "none in a page: a knowledge base has a name there. Programs import multimodal-rag/node");
};
let folder;

/** `opener` opens the folder at a path, and locks it. */
export function openFoldersWith(opener) {
  open = opener;
}

/** The folder at this path; none without one. */
export function openFolder(path) {
  folder = path === undefined ? undefined : open(path);
  return folder;
}

/** Gives the folder back. */
export function releaseFolder() {
  folder?.release();
  folder = undefined;
}
