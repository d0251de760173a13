// The offscreen document: the one place of the extension with workers, and so with the engine.

import { Engine } from "./multimodal-rag/client.js";

let opening = null;

/** The engine, opened at the first call. A failure is tried again at the next one. */
function engine() {
  opening ??= Engine.open({ name: "notes" }).catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

const calls = {
  add: async ({ text, name }) => (await engine()).add(text, { name }),
  documents: async () => (await engine()).documents(),
};

chrome.runtime.onMessage.addListener(({ to, call, args }, sender, answer) => {
  if (to !== "engine") return false;
  calls[call](args).then((result) => answer({ result }), ({ code, message }) => answer({ error: { code, message } }));
  return true; // the answer comes later
});

// An answer comes in events, through a port. The popup that closes ends it.
chrome.runtime.onConnect.addListener((port) => {
  const leaving = new AbortController();
  port.onDisconnect.addListener(() => leaving.abort());
  port.onMessage.addListener(async ({ question }) => {
    try {
      for await (const event of (await engine()).ask(question, { signal: leaving.signal })) {
        if (!leaving.signal.aborted) port.postMessage({ event });
      }
    } catch ({ code, message }) {
      port.postMessage({ error: { code, message } });
    }
  });
});
