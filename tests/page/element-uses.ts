// Read by types.test.mjs: compiles exactly when each marked line is an error.

import type { Citation, Engine } from "multimodal-rag";
import { define, type ElementAnswer, MultimodalRagElement } from "multimodal-rag/element";

define();
define("site-answers");

export async function rightUses(engine: Engine, parent: HTMLElement): Promise<string> {
  const element = document.createElement("multimodal-rag");
  const isOne: boolean = element instanceof MultimodalRagElement;
  Object.assign(element, { name: "docs", src: "docs.rag", integrity: "sha256-", generator: "on" });
  element.limit = isOne ? 5 : null;
  element.engine = engine;
  element.openOptions = { threads: 2, storage: "memory" };
  element.askOptions = { where: { part: "guide" }, maxTokens: 100 };
  element.texts = { label: "Ask us", errors: { out_of_memory: "Too little memory." } };
  element.addEventListener("answer", ({ detail }) => detail.quotes.map((quote: Citation) => quote.documentName));
  element.addEventListener("error", (event) => event.detail.error.code?.trim());
  element.addEventListener("click", (event) => event.clientX);
  element.addEventListener("cite", (event) => {
    if (event.detail.href === null) event.preventDefault();
  });
  parent.append(element);
  parent.querySelector("multimodal-rag")?.stop();
  const answer: ElementAnswer | null = await element.ask("q");
  element.clear();
  return answer?.short?.text ?? answer?.table?.text ?? "";
}

export function wrongUses(element: MultimodalRagElement): void {
  // @ts-expect-error: "off" or "on"
  element.generator = "maybe";
  // @ts-expect-error: the element's own attribute
  element.openOptions = { name: "docs" };
  // @ts-expect-error: no such text
  element.texts = { hello: "Hello" };
  // @ts-expect-error: a tag's name
  define(3);
}
