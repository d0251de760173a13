// Our reader modules, as the package's engine uses them: in a worker of their own.

/** `module` is the name of a reader module. */
export async function openReader(file, { module, model }) {
  const { WorkerLink } = await import("/pkg/worker-link.js");
  const spawn = () => new Worker("/pkg/reader-worker.js", { type: "module" });
  const link = new WorkerLink(spawn, () => {});
  await link.request("load", { module });
  const name = model.slice(model.lastIndexOf("/") + 1);
  return {
    async read() {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const request = { name, mediaType: undefined, password: undefined, limits: new Uint8Array(), bytes };
      return textOf(await link.request("read", request, { transfer: [bytes.buffer] }));
    },
    close: () => link.end(new Error("the benchmark has ended")),
  };
}

/** The text in what a module returns: after the byte of the kind, its length as a number of 7 bits a byte, and UTF-8. */
function textOf(read) {
  let [length, at, shift] = [0, 1, 0];
  do {
    length += (read[at] & 0x7f) * 2 ** shift;
    shift += 7;
  } while (read[at++] & 0x80);
  return new TextDecoder().decode(read.subarray(at, at + length));
}
