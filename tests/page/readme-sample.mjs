// What the package's README says to write: the first JavaScript block, the page around it, the policy to send.

import { readFile } from "node:fs/promises";

const find = async (pattern) => {
  const [, found] = pattern.exec(await readFile(new URL("../../pkg/README.md", import.meta.url), "utf8"));
  return found.trimEnd();
};

export const readmeSample = () => find(/^```js\n(.*?)^```$/ms);

export const readmePage = () => find(/^```html\n(.*?)^```$/ms);

export const readmePolicy = () => find(/Content-Security-Policy: `([^`]+)`/);
