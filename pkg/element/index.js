// The element: importing this defines <multimodal-rag>. index.d.ts has its documentation.

import { MultimodalRagElement } from "./element.js";

export { MultimodalRagElement };

/** Defines the element under a name, once. Does nothing where there are no elements, as on a server. */
export function define(name = "multimodal-rag") {
  const registry = globalThis.customElements;
  if (!registry || registry.get(name)) return;
  // A class has one name only.
  registry.define(name, class extends MultimodalRagElement {});
}

define();
