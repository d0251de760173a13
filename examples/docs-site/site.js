// The answering box: it is loaded when it is first opened.

const dialog = document.querySelector("dialog.answers");

async function open() {
  if (!dialog.open) dialog.showModal();
  await import("./pkg/element/index.js");
  dialog.querySelector("multimodal-rag").focus();
}

document.querySelector("button.ask").addEventListener("click", open);

// "/" opens it, where nobody types.
addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable], multimodal-rag");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  void open();
});

// A link to this page closes the box, so that the place can be seen.
dialog.querySelector("multimodal-rag").addEventListener("cite", ({ detail: { href } }) => {
  if (href !== null) dialog.close();
});

// The list of pages is open beside the text, and closed above it.
const wide = matchMedia("(min-width: 60rem)");
const menu = document.querySelector("details.menu");
const fit = () => (menu.open = wide.matches);
wide.addEventListener("change", fit);
fit();
