// This machine's limits, as a page meets them: how fast int8 products and memory can go on one and on two threads.

const SAMPLES = 5;
const KERNELS = ["relaxed", "paired", "widened", "stream"];

/** What each kernel does a second on all threads, operations or bytes (`stream`); the best of several samples. */
export async function measureLimits(threads, milliseconds) {
  const limits = {};
  for (const kernel of KERNELS) limits[kernel] = await best(kernel, threads, milliseconds);
  return limits;
}

async function best(kernel, threads, milliseconds) {
  const script = new URL("./limits-worker.js", import.meta.url);
  const workers = Array.from({ length: threads }, () => new Worker(script, { type: "module" }));
  await Promise.all(workers.map((worker) => answerOf(worker, { kernel })));
  const rates = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const answers = await Promise.all(workers.map((worker) => answerOf(worker, { milliseconds })));
    rates.push(answers.reduce((sum, { rate }) => sum + rate, 0));
  }
  workers.forEach((worker) => worker.terminate());
  return Math.max(...rates);
}

function answerOf(worker, message) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(`limits: ${event.message}`));
    worker.postMessage(message);
  });
}
