// pdf.js: the text of each page, in its own worker.

import { getDocument, GlobalWorkerOptions } from "/peers/pdfjs-dist/pdf.min.mjs";

GlobalWorkerOptions.workerSrc = "/peers/pdfjs-dist/pdf.worker.min.mjs";

export async function openReader(file) {
  return {
    async read() {
      const task = getDocument({ data: new Uint8Array(await file.arrayBuffer()) });
      const pdf = await task.promise;
      const texts = [];
      for (let number = 1; number <= pdf.numPages; number += 1) {
        const page = await pdf.getPage(number);
        const { items } = await page.getTextContent();
        texts.push(items.map(({ str, hasEOL }) => (hasEOL ? `${str}\n` : str)).join(""));
        page.cleanup();
      }
      await task.destroy();
      return texts.join("\n");
    },
    close() {},
  };
}
