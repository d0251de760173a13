// The service worker. It cannot start workers and may end at any time, so the engine runs in the offscreen document. There
// is one at most, for all windows.

const OFFSCREEN = "offscreen.html";

let starting = null;

async function startEngine() {
  const contextTypes = [chrome.runtime.ContextType.OFFSCREEN_DOCUMENT];
  if ((await chrome.runtime.getContexts({ contextTypes })).length > 0) return;
  const justification = "Search and answers are computed in WebAssembly workers.";
  await chrome.offscreen.createDocument({ url: OFFSCREEN, reasons: [chrome.offscreen.Reason.WORKERS], justification });
}

chrome.runtime.onMessage.addListener(({ to }, sender, answer) => {
  if (to !== "background") return false;
  starting ??= startEngine().finally(() => (starting = null));
  starting.then(() => answer({}), ({ message }) => answer({ message }));
  return true; // the answer comes later
});
