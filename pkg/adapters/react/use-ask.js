import { useCallback, useEffect, useRef, useState } from "react";
import { RagError } from "../../errors.js";
import { NOTHING_ASKED, withEvent } from "./answer-state.js";

export function useAsk(engine) {
  const [state, setState] = useState(NOTHING_ASKED);
  const running = useRef(null); // the AbortController of the answer that is shown

  const stop = useCallback(() => running.current?.abort(), []);

  const ask = useCallback(
    async (question, options = {}) => {
      running.current?.abort();
      const own = new AbortController();
      running.current = own;
      // An earlier answer may still end after a later one began.
      const set = (change) => running.current === own && setState(change);
      set({ ...NOTHING_ASKED, question, isRunning: true });
      try {
        if (!engine) throw new RagError("closed", "The engine is not open yet. Ask again once it is.");
        for await (const event of engine.ask(question, { ...options, signal: own.signal })) set((state) => withEvent(state, event));
      } catch (error) {
        set((state) => ({ ...state, error }));
      }
      set((state) => ({ ...state, isRunning: false }));
    },
    [engine],
  );

  // Another engine, or none: the answer ends, and nothing of it comes any more.
  useEffect(
    () => () => {
      running.current?.abort();
      running.current = null;
      setState(NOTHING_ASKED);
    },
    [engine],
  );

  return { ...state, ask, stop };
}
