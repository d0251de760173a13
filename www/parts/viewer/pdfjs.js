// pdf.js, fetched when a PDF is opened for the first time. Scripts in a PDF are never run: their interpreter is not shipped.

const FOLDER = new URL("../../vendor/pdfjs/", import.meta.url);
/** Pixels of an image that is drawn at most: more is a mistake or an attack. */
const IMAGE_PIXELS = 1 << 26;

let loading = null;

/** The library. */
export function pdfjs() {
  loading ??= import(new URL("pdf.min.mjs", FOLDER)).then((library) => {
    library.GlobalWorkerOptions.workerSrc = new URL("pdf.worker.min.mjs", FOLDER).href;
    return library;
  });
  // Without a network it may fail now and not the next time.
  loading.catch(() => (loading = null));
  return loading;
}

/**
 * Opens a PDF.
 *
 * @param {File} file
 * @param {(isWrong: boolean) => Promise<string>} askPassword called for a protected file, and again after a wrong password
 * @returns {Promise<object>} the task of pdf.js: its `promise` is the document, its `destroy()` ends the worker
 */
export async function openPdf(file, askPassword) {
  const { getDocument, PasswordResponses, VerbosityLevel } = await pdfjs();
  const folder = (name) => new URL(`${name}/`, FOLDER).href;
  const task = getDocument({
    data: new Uint8Array(await file.arrayBuffer()),
    cMapUrl: folder("cmaps"),
    standardFontDataUrl: folder("standard_fonts"),
    wasmUrl: folder("wasm"),
    iccUrl: folder("iccs"),
    // The system's fonts would be named in a style sheet, and the shipped ones beside them, which the page's policy refuses.
    useSystemFonts: false,
    maxImageSize: IMAGE_PIXELS,
    verbosity: VerbosityLevel.ERRORS,
  });
  task.onPassword = async (answer, reason) => answer(await askPassword(reason === PasswordResponses.INCORRECT_PASSWORD));
  return task;
}
