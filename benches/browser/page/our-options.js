// The seam to what the package can be asked for. When it learns to take an option, this file is all that changes.

/** The builds of the module, each with the package that runs it: which one runs is the browser's affair, not a page's. */
const PACKAGES = { relaxed: "/pkg/client.js", simd128: "/pkg-simd128/client.js" };
export const BUILDS = Object.keys(PACKAGES);
/** The numbers of threads that one model can run on. */
export const THREADS = [1, 2];
/** The numbers of workers that a knowledge base can embed with on a page that is not isolated. */
export const WORKERS = [1, 2];

export function isSupported({ build, threads = 1, workers = 1 }) {
  return BUILDS.includes(build) && THREADS.includes(threads) && WORKERS.includes(workers);
}

/** The package that runs this build. */
export const packageFor = ({ build }) => import(PACKAGES[build]);

/** The options of a load or an open that mean these: `threads` are workers where no memory can be shared. */
export function optionsFor({ threads = 1, workers = 1 }) {
  return { threads: threads * workers };
}

/** Fails when what was loaded says that it is something else than was asked for. */
export function checkBackend(backend, { build, threads = 1, workers = 1 }) {
  if (!backend) return;
  const wanted = { relaxed: build === "relaxed", threads, workers };
  for (const [name, value] of Object.entries(wanted)) {
    if (backend[name] !== value) throw new Error(`asked for ${name} ${value}, got ${backend[name]}`);
  }
}
