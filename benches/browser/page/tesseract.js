// tesseract.js with its English data, in its own worker: the build that it chooses for this browser.

import tesseract from "/peers/tesseract.js/tesseract.esm.min.js";

const FILES = {
  workerPath: "/peers/tesseract.js/worker.min.js",
  corePath: "/peers/tesseract.js-core",
  langPath: "/peers/tesseract-data",
};

export async function openReader(file) {
  const { OEM, createWorker } = tesseract;
  const worker = await createWorker("eng", OEM.LSTM_ONLY, { ...FILES, workerBlobURL: false, cacheMethod: "none" });
  return {
    async read() {
      const { data } = await worker.recognize(file);
      return data.text;
    },
    close: () => worker.terminate(),
  };
}
