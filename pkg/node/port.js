// The port to the thread that started this one. It is listened to at once: Deno loses what comes earlier.

import { parentPort } from "node:worker_threads";

const early = [];
let receiver = (message) => early.push(message);

parentPort.on("message", (message) => receiver(message));

/** Calls `receive` with each message, those that have come among them. */
export function receiveWith(receive) {
  receiver = receive;
  early.splice(0).forEach(receive);
}

export const send = (message, transfer) => parentPort.postMessage(message, transfer);
