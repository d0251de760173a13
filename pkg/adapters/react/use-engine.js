import { useEffect, useState } from "react";
import { Engine } from "../../client.js";

const OPENING = { status: "opening", progress: null, error: null, engine: null };

export function useEngine(options = {}) {
  const [state, setState] = useState(OPENING);
  const { name } = options;
  useEffect(() => {
    setState(OPENING);
    return openLater(options, setState);
  }, [name]); // the other options are those of the moment at which it is opened
  return state;
}

/** Opens an engine unless the returned function is called at once, as StrictMode does with each first effect. */
function openLater(options, setState) {
  const leave = new AbortController();
  const set = (change) => leave.signal.aborted || setState((state) => ({ ...state, ...change }));
  let opened = null;
  queueMicrotask(async () => {
    if (leave.signal.aborted) return;
    const onProgress = (progress) => {
      set({ progress });
      options.onProgress?.(progress);
    };
    opened = Engine.open({ ...options, onProgress, signal: leave.signal });
    await opened.then(
      (engine) => set({ status: "ready", engine }),
      (error) => set({ status: "failed", error }),
    );
  });
  return () => {
    leave.abort();
    opened?.then((engine) => engine.close()).catch(() => {}); // it was not opened
  };
}
