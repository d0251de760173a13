// A trap, for stand-ins of reader modules.

/** Runs a module whose start function is `unreachable`. */
export function trap() {
  const [type, functions, start] = [[1, 4, 1, 96, 0, 0], [3, 2, 1, 0], [8, 1, 0]];
  const code = [10, 5, 1, 3, 0, 0, 11];
  const module = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, ...type, ...functions, ...start, ...code]);
  new WebAssembly.Instance(new WebAssembly.Module(module));
}
