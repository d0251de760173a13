// Answers of a model hub, none of them trusted: bounded, and JSON or a failure.

/** The largest answer that is read. */
const MAX_BYTES = 4 << 20;

/** How long an answer may take. */
const TIMEOUT_SECONDS = 30;

/** A failure, of which the wasm module makes an error. */
export class HubFailure {
  constructor(code, detail, url) {
    Object.assign(this, { code, detail, url });
  }
}

/** What the hub answers at this address, and the query of the next page's address where there is one. */
export async function askHub(url, signal) {
  const request = new AbortController();
  const cancel = () => request.abort();
  signal.addEventListener("abort", cancel);
  const late = () => request.abort(new Error(`no answer came within ${TIMEOUT_SECONDS} seconds`));
  const timer = setTimeout(late, TIMEOUT_SECONDS * 1000);
  try {
    return await answerAt(url, request.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
  }
}

async function answerAt(url, signal) {
  const response = await fetch(url, { signal }).catch((error) => {
    throw failed(url, `${error.message}. The first use of a model needs its hub`);
  });
  const { status } = response;
  if (status === 401 || status === 403) throw new HubFailure("model_gated", `the server answered ${status}`);
  if (status === 404) throw failed(url, "there is no such model, revision or folder (the server answered 404)");
  if (!response.ok) throw failed(url, `the server answered ${status}`);
  try {
    return { answer: JSON.parse(await boundedText(response)), next: nextPage(response) };
  } catch (error) {
    throw failed(url, `the answer is not that of a model hub (${error.message})`);
  }
}

export function failed(url, detail) {
  return new HubFailure("download_failed", detail, url);
}

async function boundedText(response) {
  const reader = response.body.getReader();
  const pieces = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(pieces).text();
    bytes += value.length;
    if (bytes > MAX_BYTES) {
      await reader.cancel();
      throw new Error(`it has more than ${MAX_BYTES} bytes`);
    }
    pieces.push(value);
  }
}

/** The query alone: a mirror may pass on the addresses of another hub. */
function nextPage(response) {
  const [, next] = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get("link") ?? "") ?? [];
  return next && new URL(next, response.url).search;
}
