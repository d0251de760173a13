import { byId } from "../dom.js";
import { errorText, t } from "../texts/texts.js";
import { filesOfEntries, isHidden } from "./folders.js";

/**
 * Files and folders come by the choosers or dropped anywhere on the window.
 *
 * @param {{ add: (files: { path: string, file: File }[]) => void, problem: (text: string) => void }} callbacks
 *   a path has the names of the folders in it: "letters/2024/may.eml"
 */
export function receiveFiles({ add, problem }) {
  const receive = (files) => {
    problem("");
    if (files.length > 0) add(files);
  };
  bindChooser(byId("file-input"), ["choose", "choose-more"], receive);
  bindChooser(byId("folder-input"), ["choose-folder", "choose-more-folder"], (files) => {
    receive(files);
    if (files.length === 0) problem(t("folder.empty"));
  });
  receiveDrops(byId("drop"), { receive, problem });
}

function bindChooser(input, buttons, receive) {
  // Phones have no folders to choose.
  const isThere = !input.matches("#folder-input") || "webkitdirectory" in input;
  for (const id of buttons) {
    byId(id).hidden ||= !isThere;
    byId(id).addEventListener("click", () => input.click());
  }
  input.addEventListener("change", () => {
    const files = [...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    // Emptied so that choosing the same file again is a change again.
    input.value = "";
    receive(files.filter(({ path }) => !path.includes("/") || !isHidden(path)));
  });
}

function receiveDrops(overlay, { receive, problem }) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  // dragleave comes for every element passed; only leaving the outermost counts.
  let depth = 0;
  const show = (change) => {
    depth = Math.max(0, depth + change);
    overlay.hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) show(1);
  });
  addEventListener("dragleave", (event) => {
    if (carriesFiles(event)) show(-1);
  });
  addEventListener("dragover", (event) => {
    // Without this the browser would leave the page and open the file.
    if (carriesFiles(event)) event.preventDefault();
  });
  addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(-depth);
    try {
      receive(await droppedFiles(event.dataTransfer));
    } catch (error) {
      problem(t("folder.unreadable", { problem: errorText(error) }));
    }
  });
}

/** The files that were dropped, those in folders too. What a drop carries can be asked for only during its event. */
function droppedFiles({ items }) {
  const files = [];
  const folders = [];
  for (const item of [...items].filter(({ kind }) => kind === "file")) {
    const entry = item.webkitGetAsEntry?.();
    if (entry?.isDirectory) folders.push(entry);
    else files.push(item.getAsFile());
  }
  const single = files.filter(Boolean).map((file) => ({ path: file.name, file }));
  return folders.length === 0 ? single : filesOfEntries(folders).then((more) => [...single, ...more]);
}
