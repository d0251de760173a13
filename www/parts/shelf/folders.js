/** What systems and programs leave in folders: hidden files, thumbnails, locks of open documents. */
const HIDDEN = /^(?:\.|~\$|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i;

/** Whether a file, or a folder that it is in, is hidden from people. */
export const isHidden = (path) => path.split("/").some((name) => HIDDEN.test(name));

/**
 * The files of dropped folders and of the folders in them, in the order of their names, without hidden ones.
 *
 * @param {FileSystemEntry[]} entries
 * @returns {Promise<{ path: string, file: File }[]>}
 */
export async function filesOfEntries(entries) {
  const files = [];
  const waiting = [...entries];
  while (waiting.length > 0) {
    const entry = waiting.shift();
    if (HIDDEN.test(entry.name)) continue;
    if (entry.isDirectory) waiting.unshift(...(await childrenOf(entry)));
    else files.push({ path: entry.fullPath.replace(/^\//, ""), file: await new Promise((resolve, reject) => entry.file(resolve, reject)) });
  }
  return files;
}

/** A reader of a folder gives some entries at a time, and none at the end. */
async function childrenOf(folder) {
  const reader = folder.createReader();
  const children = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    children.push(...some);
  }
  return children.sort((a, b) => (a.name < b.name ? -1 : 1));
}
