import { byId } from "./dom.js";

/** Has the service worker cache a copy of the page. Resolves to whether the page opens without its server. */
export async function keepPage() {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("service-worker.js");
    const { active } = await navigator.serviceWorker.ready;
    return await updateCopy(active);
  } catch {
    // The page works without a copy while its server can be reached.
    return false;
  }
}

/** Shows what works without a network, once the page and the search model are cached. @param {boolean} answers whether answers do */
export function showOffline(answers) {
  const note = byId("offline");
  note.textContent = answers ? "Ready to work offline" : "Quotes work offline; answers will once the answer model is here";
  note.hidden = false;
}

/** Asks the service worker to update its copy. */
function updateCopy(worker) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data.kept);
    worker.postMessage("keep", [port2]);
  });
}
