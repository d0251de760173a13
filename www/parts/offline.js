import { byId } from "./dom.js";

/**
 * Has the service worker keep a copy of the page, and says when there is one.
 * Resolves to whether the page will open without its server.
 */
export async function keepPage() {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("service-worker.js");
    const { active } = await navigator.serviceWorker.ready;
    return await ask(active);
  } catch {
    // No copy, no note: the page works all the same while it is served.
    return false;
  }
}

/** Says what works without a network, once the page and the search model are kept. @param {boolean} answers whether answers do */
export function showOffline(answers) {
  const note = byId("offline");
  note.textContent = answers ? "Ready to work offline" : "Quotes work offline; answers will once the answer model is here";
  note.hidden = false;
}

/** Asks the worker to bring its copy up to date. */
function ask(worker) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data.kept);
    worker.postMessage("keep", [port2]);
  });
}
