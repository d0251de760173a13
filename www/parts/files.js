import { byId } from "./dom.js";

/**
 * Files come by the chooser or dropped anywhere on the window.
 *
 * @param {{ add: (files: File[]) => void, problem: (text: string) => void }} callbacks
 */
export function receiveFiles({ add, problem }) {
  const input = byId("file-input");
  for (const id of ["choose", "choose-more"]) byId(id).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const files = [...input.files];
    // Emptied so that choosing the same file again is a change again.
    input.value = "";
    problem("");
    add(files);
  });
  receiveDrops(byId("drop"), { add, problem });
}

function receiveDrops(overlay, { add, problem }) {
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
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(-depth);
    const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
    const folders = items.filter((item) => item.webkitGetAsEntry?.()?.isDirectory);
    problem(folders.length ? "Folders cannot be added. Open the folder and drop the files in it." : "");
    const files = items.filter((item) => !folders.includes(item)).map((item) => item.getAsFile());
    add(files.filter(Boolean));
  });
}
