// A worker that reads files with one reader module. Reading cannot be interrupted, so it is cancelled by terminating
// the worker.

import { decodePicture } from "./decode-picture.js";
import { loadReaderModule } from "./reader-modules.js";
import { serve } from "./serve.js";

let reader = null;
let hasOcr = false;

const handlers = {
  async load({ module }) {
    reader = await loadReaderModule(module);
  },

  async read({ name, mediaType, password, limits, bytes, ocr }, { onEvent }) {
    const tell = (step) => onEvent({ step, memoryBytes: reader.memory.buffer.byteLength });
    try {
      // The models serve all pictures that this worker reads.
      if (ocr && !hasOcr) {
        const files = [ocr.detection, ocr.recognition, ocr.characters].map((file) => file.arrayBuffer());
        reader.loadOcr(...(await Promise.all(files)).map((file) => new Uint8Array(file)));
        hasOcr = true;
      }
      const decoded = reader.needsBrowser?.(name, bytes) ? await decodePicture(name, bytes) : undefined;
      return reader.readFile(name, mediaType, bytes, password, limits, decoded, (...step) => tell(step));
    } finally {
      // Also after a trap: it may be one for lack of memory.
      tell();
    }
  },
};

serve(handlers);
