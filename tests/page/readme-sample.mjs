// The first JavaScript block of the package's README.

import { readFile } from "node:fs/promises";

export async function readmeSample() {
  const readme = await readFile(new URL("../../pkg/README.md", import.meta.url), "utf8");
  const [, sample] = /^```js\n(.*?)^```$/ms.exec(readme);
  return sample.trimEnd();
}
