// Our reader modules, as the package's engine uses them: in a worker of their own.

/** `module` is the name of a reader module; `ocr` has the addresses of the models that read words in pictures. */
export async function openReader(file, { build, module, model, ocr }) {
  const folder = build === "simd128" ? "/pkg-simd128" : "/pkg";
  const { WorkerLink } = await import(`${folder}/worker-link.js`);
  const spawn = () => new Worker(`${folder}/reader-worker.js`, { type: "module" });
  const link = new WorkerLink(spawn, () => {});
  await link.request("load", { module });
  const models = ocr && Object.fromEntries(await Promise.all(Object.entries(ocr).map(async ([name, url]) => [name, await (await fetch(url)).blob()])));
  const name = model.slice(model.lastIndexOf("/") + 1);
  const read = async () => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const request = { name, mediaType: undefined, password: undefined, limits: new Uint8Array(), bytes, ocr: models };
    return link.request("read", request, { transfer: [bytes.buffer] });
  };
  return {
    async read() {
      return textOf(await read());
    },
    async thumbnail() {
      return jpegIn(await read());
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

/** The JPEG in what a module returns: its size in bytes and in pixels. */
function jpegIn(read) {
  const start = read.findIndex((byte, at) => byte === 0xff && read[at + 1] === 0xd8 && read[at + 2] === 0xff);
  if (start < 0) throw new Error("the module returned no JPEG");
  let at = start + 2;
  // Segments, up to the one that begins the picture.
  while (read[at + 1] !== 0xc0 && read[at + 1] !== 0xc2) at += 2 + read[at + 2] * 256 + read[at + 3];
  let end = at;
  while (!(read[end] === 0xff && read[end + 1] === 0xd9)) end += 1;
  const number = (place) => read[place] * 256 + read[place + 1];
  return { bytes: end + 2 - start, height: number(at + 5), width: number(at + 7) };
}
