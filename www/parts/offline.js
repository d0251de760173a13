import { byId } from "./dom.js";
import { t } from "./texts/texts.js";

/** Has the service worker cache a copy of the page. Resolves, once all of it is there, to whether the page works without its server. */
export async function keepPage() {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("service-worker.js");
    const { active } = await navigator.serviceWorker.ready;
    const isKept = await updateCopy(active);
    if (isKept) await controlled();
    return isKept;
  } catch {
    // The page works without a copy while its server can be reached.
    return false;
  }
}

/** Shows what works without a network, once the page and the search model are cached. @param {boolean} answers whether answers do */
export function showOffline(answers) {
  const note = byId("offline");
  note.textContent = t(answers ? "offline.all" : "offline.quotes");
  note.hidden = false;
}

/** Resolves once the service worker answers for this page: until then its files come from the server alone. */
async function controlled() {
  const container = navigator.serviceWorker;
  if (!container.controller) await new Promise((resolve) => container.addEventListener("controllerchange", resolve, { once: true }));
}

/** Asks the service worker to update its copy. Resolves to whether it is complete. */
function updateCopy(worker) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data.kept);
    worker.postMessage("keep", [port2]);
  });
}
