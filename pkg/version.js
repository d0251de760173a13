// The version of the package. Its scripts and wasm modules may come from caches and servers of different age: they
// compare it. A test compares it with package.json.

export const VERSION = "0.1.0";
