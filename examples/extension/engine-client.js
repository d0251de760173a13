// The engine as the popup sees it: calls and answers by messages to the offscreen document.

/** Starts the engine's document, if there is none. */
async function start() {
  const { message } = await chrome.runtime.sendMessage({ to: "background" });
  if (message) throw new Error(message);
}

async function call(name, args = {}) {
  await start();
  const { result, error } = await chrome.runtime.sendMessage({ to: "engine", call: name, args });
  if (error) throw Object.assign(new Error(error.message), { code: error.code });
  return result;
}

export const add = (text, name) => call("add", { text, name });

export const documents = () => call("documents");

/** Calls `onEvent` with each event of the answer; resolves after the last one. */
export async function ask(question, onEvent) {
  await start();
  const port = chrome.runtime.connect();
  await new Promise((resolve, reject) => {
    port.onDisconnect.addListener(() => reject(new Error("The engine ended. Ask again.")));
    port.onMessage.addListener(({ event, error }) => {
      if (error) return reject(Object.assign(new Error(error.message), { code: error.code }));
      onEvent(event);
      if (event.type === "end") resolve();
    });
    port.postMessage({ question });
  });
  port.disconnect();
}
