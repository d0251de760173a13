// The engine's wasm module, in the fastest build that this browser runs. `wasm` has its exports while a handler runs.

import { BUILDS } from "./builds.js";
import { moduleNotFetched } from "./errors.js";
import { canShareMemory, startThreads } from "./shared-memory.js";
import { fastestSimd } from "./simd.js";
import { compileWasm, wasmAddress } from "./wasm-file.js";

export let wasm = null;

let ready; // the module, once the first call has said how many threads it may have

/** These handlers, run with the module loaded, and each with a token of the module that its signal cancels. */
export function withModule(handlers) {
  const wrapped = Object.entries(handlers).map(([name, handler]) => {
    const run = async (args, context) => {
      ready ??= loadModule(args.threads ?? 1);
      await ready;
      const cancel = cancelTokenOf(context.signal);
      return handler(args, { ...context, cancel }).finally(() => cancel.free());
    };
    return [name, run];
  });
  return Object.fromEntries(wrapped);
}

/** The wasm module's token that `signal` cancels. */
function cancelTokenOf(signal) {
  const token = new wasm.CancelToken();
  if (signal.aborted) token.cancel();
  else signal.addEventListener("abort", () => token.cancel(), { once: true });
  return token;
}

/** Loads the module; on several threads where they can share memory. */
async function loadModule(threads) {
  const simd = fastestSimd();
  const several = threads > 1 && canShareMemory();
  wasm = (several && (await loadForThreads(`${simd}-threads`, threads))) || (await load(simd));
}

async function load(build) {
  const { bindings } = BUILDS[build];
  await bindings.default({ module_or_path: await compiled(build) });
  return bindings;
}

/** The bindings of a build for threads; null where it cannot be loaded, most often for lack of address space. */
async function loadForThreads(build, count) {
  const { bindings } = BUILDS[build];
  let module;
  let memory;
  try {
    module = await compiled(build);
    ({ memory } = await bindings.default({ module_or_path: module }));
  } catch {
    return null;
  }
  await startThreads({ build, bindings, module, memory }, count);
  return bindings;
}

function compiled(build) {
  return compileWasm(wasmAddress(build, BUILDS[build].file), moduleNotFetched);
}
