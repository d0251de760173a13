// Yielding to the event loop between the steps of long work.

const { port1, port2 } = new MessageChannel();
const waiting = [];

port1.addEventListener("message", () => waiting.shift()());
port1.start();

/**
 * Resolves in a new task, so that messages which arrived in the meantime, such as a cancellation, are handled first.
 * A microtask would not let them in, and browsers delay timers by some milliseconds. Overlapping calls resolve in
 * order.
 */
export function yieldNow() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(null);
  });
}
