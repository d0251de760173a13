// Caches a copy of the page, so that it opens without its server.
//
// The network comes first and the copy is the fallback: a change on the server
// shows at the next load. The copy is complete or does not exist. It is made
// from precache.json, which names every file with its hash. What only some
// documents need (the readers of their formats, what draws a PDF) joins the
// copy afterwards, so that it delays nothing; the page is told once all of it
// is there. Model files are not in it: the engine caches them itself.

const PREFIX = "ask-your-files-page-";
const LIST = new URL("precache.json", self.registration.scope).href;
const MODELS = new URL("models/", self.registration.scope).href;

/** Where the browser sends what another app shares: manifest.webmanifest names it. */
const SHARE = new URL("share", self.registration.scope).href;
/** What was shared, until the page takes it. */
const SHARED = "ask-your-files-shared";

/** After this time without an answer the copy is used. */
const SERVER_TIMEOUT_MS = 4000;

/** Pages that came from the copy. Their other files come from it too, so that versions never mix. */
const fromCopy = new Set();

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("message", (event) => {
  if (event.data !== "keep") return;
  const answer = keepAll().catch(() => false);
  event.waitUntil(answer.then((kept) => event.ports[0].postMessage({ kept })));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "POST" && request.url === SHARE) return event.respondWith(receiveShared(request));
  if (request.method !== "GET" || request.headers.has("range")) return;
  if (!request.url.startsWith(self.registration.scope) || request.url.startsWith(MODELS)) return;
  event.respondWith(answer(event).then(isolated));
});

/**
 * Adds the headers with which the page and its workers may share memory, so that the engine uses several threads: a
 * static host does not send them. They take effect from the second visit on, which is answered from here.
 */
function isolated(response) {
  // The browser follows redirects itself, and responses of other origins cannot be changed.
  if (response.type === "opaqueredirect" || response.type === "opaque" || response.type === "error") return response;
  const headers = new Headers(response.headers);
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("cross-origin-embedder-policy", "require-corp");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

/** Keeps what was shared, and opens the page, which takes it. */
async function receiveShared(request) {
  const form = await request.formData();
  const files = form.getAll("files").filter((file) => file instanceof File && file.size > 0);
  const text = ["title", "text", "url"].map((name) => form.get(name)).filter(Boolean).join("\n\n");
  if (files.length === 0 && text) files.push(new File([text], "shared.txt", { type: "text/plain" }));
  const cache = await caches.open(SHARED);
  for (const file of files) {
    const headers = { "content-type": file.type, "x-name": encodeURIComponent(file.name) };
    await cache.put(new URL(`shared/${crypto.randomUUID()}`, self.registration.scope), new Response(file, { headers }));
  }
  return Response.redirect(new URL("./?shared", self.registration.scope), 303);
}

async function answer(event) {
  const kept = await find(event.request);
  // There is no copy.
  if (!kept) return fetch(event.request);
  if (fromCopy.has(event.clientId)) return kept;
  const isPage = event.request.mode === "navigate";
  const attempt = fetch(event.request).catch(() => null);
  const response = await (isPage ? Promise.race([attempt, timeout(SERVER_TIMEOUT_MS)]) : attempt);
  if (response?.ok || response?.type === "opaqueredirect") return response;
  if (isPage) fromCopy.add(event.resultingClientId);
  return kept;
}

/** Resolves to null after `ms`. */
function timeout(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms, null));
}

async function find(request) {
  const url = new URL(request.url);
  url.search = "";
  url.hash = "";
  if (url.href === self.registration.scope) url.pathname += "index.html";
  for (const name of await copies()) {
    const response = await (await caches.open(name)).match(url.href);
    if (response) return response;
  }
  return undefined;
}

/** Names of the copies, the newest first. There is more than one only if deleting the old one was interrupted. */
async function copies() {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX)).reverse();
}

/** Completes the copy. Resolves to whether the page now opens without its server, and has every file then. */
async function keepAll() {
  // Where the server cannot be reached, an older copy is still a copy.
  const copy = await keep().catch(lastCopy);
  if (!copy || !(await keepLater(copy))) return false;
  // A page that was loaded past this worker, or before it was there, is answered by it from now on.
  await self.clients.claim();
  return true;
}

/** The newest copy; undefined where there is none. */
async function lastCopy() {
  const [name] = await copies();
  const list = name && (await (await caches.open(name)).match(LIST));
  return list && { name, files: await list.json() };
}

/** Makes the copy that of the server's current files, and deletes older copies. Resolves to its name and its files. */
async function keep() {
  const response = await fetch(LIST, { cache: "no-store" });
  if (!response.ok) throw new Error(`${LIST}: ${response.status}`);
  const text = await response.text();
  const name = PREFIX + (await sha256(text));
  const have = await copies();
  const files = JSON.parse(text);
  if (!have.includes(name)) await copy(name, files.filter(({ later }) => !later), text);
  await Promise.all(have.filter((other) => other !== name).map((other) => caches.delete(other)));
  return { name, files };
}

/** Adds to the copy what it does not have yet, one file after the other. Resolves to whether it has all then. */
async function keepLater({ name, files }) {
  const cache = await caches.open(name);
  const have = new Set((await cache.keys()).map(({ url }) => url));
  for (const request of files.filter(({ later }) => later).map(requestOf)) {
    if (have.has(request.url)) continue;
    // What is missing in the end is fetched at the next visit, or when it is needed.
    const response = await fetch(request).catch(() => null);
    if (!response?.ok) return false;
    await cache.put(request.url, response);
  }
  return true;
}

/** A file with another hash, as in the middle of an update, makes the request fail. */
function requestOf({ url, sha256: hash }) {
  const integrity = `sha256-${btoa(String.fromCharCode(...fromHex(hash)))}`;
  return new Request(new URL(url, self.registration.scope), { cache: "no-cache", integrity });
}

/** Makes a copy of `files`, with the list that names them. */
async function copy(name, files, list) {
  const requests = files.map(requestOf);
  // All files are fetched before the cache is created, so that an existing cache is complete.
  const responses = await Promise.all(requests.map((request) => fetch(request)));
  const failed = responses.find((response) => !response.ok);
  if (failed) throw new Error(`${failed.url}: ${failed.status}`);
  const cache = await caches.open(name);
  try {
    await Promise.all(requests.map((request, index) => cache.put(request.url, responses[index])));
    await cache.put(LIST, new Response(list));
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
}

async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
