// The module that makes vectors, texts and knowledge bases, the same each time (benches/search/).

/** Its builds, as the package's are named here. */
const MODULES = { relaxed: "relaxed-simd", simd128: "simd" };

export async function loadModule(build) {
  const module = await import(`../../search/${MODULES[build]}/search.js`);
  await module.default();
  return module;
}

/** What comes of each number below `count`. */
export const each = (count, make) => Array.from({ length: count }, (_, number) => make(number));
