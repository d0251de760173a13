// A turn for everything that waits.

const { port1, port2 } = new MessageChannel();
const waiting = [];

port1.addEventListener("message", () => waiting.shift()());
port1.start();

/**
 * Resolves in a new task, so that the messages that arrived in the meantime
 * (a stop above all) are heard first. A microtask would not let them in, and a
 * timer is held back by some milliseconds. Calls that overlap go on in turn.
 */
export function pause() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(null);
  });
}
