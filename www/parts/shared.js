// Files and texts that another app shared with this one, where it is installed. The service worker keeps them until the
// page takes them.

/** As the service worker names it. */
const CACHE = "ask-your-files-shared";

/** The files that were shared; none where nothing was. They are given once. */
export async function takeShared() {
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
