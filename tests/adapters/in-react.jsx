// What react.test.mjs finds in the page: components with the hooks, over an engine that the test controls.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Engine, RagError } from "multimodal-rag";
import { useAsk, useEngine } from "multimodal-rag/react";

/** The engines that were opened, each with its options; `settle` ends the opening. */
window.openings = [];

Engine.open = (options) => {
  const opening = { options, isClosed: false, asked: [] };
  window.openings.push(opening);
  opening.promise = new Promise((resolve, reject) => {
    opening.ready = () => resolve(engineOf(opening));
    opening.fail = (code) => reject(new RagError(code, "It failed. Try again."));
    options.signal.addEventListener("abort", () => opening.fail("aborted"));
  });
  return opening.promise;
};

/** Its answers have the events that are pushed to them. */
function engineOf(opening) {
  const ask = async function* (question, options) {
    const answer = { question, options, events: [], wake: () => {} };
    opening.asked.push(answer);
    options.signal.addEventListener("abort", () => answer.push({ type: "end", reason: "aborted", timings: {} }));
    answer.push = (event) => (answer.events.push(event), answer.wake());
    for (;;) {
      while (answer.events.length === 0) await new Promise((resolve) => (answer.wake = resolve));
      const event = answer.events.shift();
      if (event.code) throw new RagError(event.code, "It failed. Try again.");
      yield event;
      if (event.type === "end") return;
    }
  };
  return { ask, close: async () => (opening.isClosed = true), opening };
}

/** What the hooks gave at the last rendering. */
window.seen = {};

function Questions({ options }) {
  const engine = useEngine(options);
  const answer = useAsk(engine.engine);
  window.seen = { engine, answer };
  return <p>{engine.status}</p>;
}

let root;

window.render = (options) => {
  root ??= createRoot(document.body.appendChild(document.createElement("main")));
  root.render(
    <StrictMode>
      <Questions options={options} />
    </StrictMode>,
  );
};

window.unmount = () => root.unmount();

window.shownStatus = () => document.querySelector("main").textContent;
