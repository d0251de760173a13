// Files and texts that another app shared with this one, where it is installed. The service worker keeps them until the
// page takes them. Any site can send a form to where apps share to: nothing is added that the visitor does not agree to.

import { t } from "./texts/texts.js";

/** As the service worker names it. */
const CACHE = "ask-your-files-shared";
/** The visitor is told so many names, of so many characters. */
const TOLD_NAMES = 5;
const TOLD_LENGTH = 60;

/** The files that were shared, once the visitor agrees to add them; none where nothing was. They are given once. */
export async function takeShared() {
  const files = await takeKept();
  return files.length > 0 && confirm(t("shared.confirm", { count: files.length, names: namesOf(files) })) ? files : [];
}

function namesOf(files) {
  const names = files.slice(0, TOLD_NAMES).map(({ path }) => (path.length > TOLD_LENGTH ? `${path.slice(0, TOLD_LENGTH)}…` : path));
  return [...names, ...(files.length > TOLD_NAMES ? ["…"] : [])].join("\n");
}

async function takeKept() {
  const address = new URL(location.href);
  if (!address.searchParams.has("shared")) return [];
  address.searchParams.delete("shared");
  history.replaceState(null, "", address);
  if (!globalThis.caches) return [];
  const cache = await caches.open(CACHE);
  const files = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    const name = decodeURIComponent(response.headers.get("x-name"));
    files.push({ path: name, file: new File([await response.blob()], name, { type: response.headers.get("content-type") ?? "" }) });
    await cache.delete(request);
  }
  return files;
}

/** Shows a button where the browser can install the page as an app. @param {HTMLButtonElement} button */
export function offerInstall(button) {
  let offer = null;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event;
    button.hidden = false;
  });
  button.addEventListener("click", async () => {
    button.hidden = true;
    await offer?.prompt();
  });
  addEventListener("appinstalled", () => (button.hidden = true));
}
