// What search.mjs finds in a page.

export { searchStored } from "./stored.js";
export { searchTexts } from "./texts.js";
export { searchVectors } from "./vectors.js";
