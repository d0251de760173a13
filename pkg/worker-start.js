// How workers are started: as bundlers and browsers find their scripts, or as the page chose with the options
// `workerUrl`, `spawn` and `crossOrigin`.

import {
  checkWorkers,
  policyForbidsBlob,
  policyForbidsScript,
  spawnFailed,
  workerFailed,
  workerNotStarted,
  workerOfOtherOrigin,
} from "./errors.js";

/** What the page chose, where this is a worker of the package: it starts others in the same way. */
let inherited = {};

export const inheritedStart = () => inherited;

/** Takes what the page chose, from the first message. */
export function inheritStart(start) {
  inherited = start;
}

/** What a worker is told of it, and passes on. The other options are of the page's side. */
export const passedOn = ({ wasmUrl, crossOrigin }) => ({ wasmUrl, crossOrigin });

/**
 * Starts a worker. `create` makes it with `new Worker(new URL(…), …)`, in the one expression that bundlers search for.
 * Throws "worker_refused" where the browser would refuse it.
 */
export function startWorker(create, start = inherited) {
  checkWorkers(start);
  const worker = makeWorker(create, start);
  // What a worker does not catch would be an uncaught error of the worker that started it, and end it too.
  if (!globalThis.document) worker.addEventListener("error", (event) => event.preventDefault());
  return worker;
}

function makeWorker(create, { workerUrl, spawn, crossOrigin }) {
  if (!workerUrl && !spawn && crossOrigin !== "blob") return unlessRefused(create, () => argumentsOf(create)[0]);
  const [url, options] = workerUrl ? [workerUrl, { type: "module" }] : argumentsOf(create);
  if (spawn) return spawnedBy(spawn, url, options);
  const isFromBlob = crossOrigin === "blob" && isOfOtherOrigin(url);
  if (isFromBlob) return unlessRefused(() => bootstrap(url, options), () => url, policyForbidsBlob);
  return unlessRefused(() => new Worker(url, options), () => url);
}

/** Why a worker that was started so failed with this `error` event. */
export function failureOf(event, create, { workerUrl }) {
  if (event.message) return workerFailed(event.message);
  // A bootstrap that runs tells itself what fails.
  if (bootstrapped.has(event.target)) return policyForbidsBlob();
  return workerFailed(`its script ${workerUrl ?? argumentsOf(create)[0]} could not be loaded`);
}

/** Why a worker's script could not be loaded, as its bootstrap tells. */
export function unloadedFailure({ url, isForbidden, message }) {
  return isForbidden ? policyForbidsScript(url) : workerFailed(message);
}

function unlessRefused(create, addressOf, refusalOf = refusal) {
  try {
    return create();
  } catch (error) {
    const address = addressOf();
    throw error.name === "SecurityError" ? refusalOf(address) : workerNotStarted(address, error.message);
  }
}

/** Why a browser refuses a worker at once. Newer ones tell of a policy later, by an event. */
function refusal(address) {
  return isOfOtherOrigin(address) ? workerOfOtherOrigin(address) : policyForbidsScript(address);
}

function spawnedBy(spawn, url, options) {
  let worker;
  try {
    worker = spawn(new URL(url), options);
  } catch (error) {
    throw spawnFailed(error.message);
  }
  const isWorker = ["postMessage", "addEventListener", "terminate"].every((name) => typeof worker?.[name] === "function");
  if (isWorker) return worker;
  throw spawnFailed("it returned no worker");
}

/**
 * The address of a worker's script and the worker's options, as a bundler has them: it knows the expression in `create`
 * as a whole only. So the expression runs without the browser's `Worker`, which is put back at once.
 */
function argumentsOf(create) {
  const { Worker } = globalThis;
  let given;
  globalThis.Worker = function (...taken) {
    given = taken;
  };
  try {
    create();
  } finally {
    globalThis.Worker = Worker;
  }
  const [url, options] = given;
  return [new URL(url, globalThis.location?.href).href, options];
}

/** `origin` is also that of the page in a worker from a blob. */
function isOfOtherOrigin(url) {
  return new URL(url).origin !== globalThis.origin;
}

const bootstraps = new Map(); // by the address of the script that they load
const bootstrapped = new WeakSet(); // workers

function bootstrap(url, options) {
  const worker = new Worker(bootstrapAt(url, options), options);
  bootstrapped.add(worker);
  return worker;
}

/** The address of a script of this origin that loads the script at `url`. */
function bootstrapAt(url, options) {
  if (!bootstraps.has(url)) {
    const load = options?.type === "module" ? loadModule(url) : loadClassic(url);
    bootstraps.set(url, URL.createObjectURL(new Blob([load, tellUnloaded(url)], { type: "text/javascript" })));
  }
  return bootstraps.get(url);
}

/** Messages that come before the script listens are kept for it. */
const loadModule = (url) => `
const early = [];
const keep = ({ data }) => early.push(data);
const pass = () => {
  removeEventListener("message", keep);
  for (const data of early) dispatchEvent(new MessageEvent("message", { data }));
};
addEventListener("message", keep);
import(${JSON.stringify(url)}).then(pass, tellUnloaded);
`;

/** Bundlers may make worker scripts that are no modules. */
const loadClassic = (url) => `
try {
  importScripts(${JSON.stringify(url)});
} catch (error) {
  tellUnloaded(error);
}
`;

const tellUnloaded = (url) => `
var isForbidden = false;
addEventListener("securitypolicyviolation", () => (isForbidden = true));
function tellUnloaded({ message }) {
  setTimeout(() => postMessage({ unloaded: { url: ${JSON.stringify(url)}, isForbidden, message } }));
}
`;
